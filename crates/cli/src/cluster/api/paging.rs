//! Reading a list page by page, from servers that may be none, or never come to an end.

use serde_json::Value;

/// Objects in a page.
const PAGE: usize = 100;
/// Pages of a list that is not taken for an endless one.
const MAX_PAGES: usize = 10_000;

/// How far it is read.
#[derive(Debug, Default)]
pub(super) struct Paging {
    /// What leads to the next page; empty for the first.
    token: String,
    read: usize,
}

impl Paging {
    /// Where the next page is, with `query` in front of what pages need.
    pub(super) fn uri(&self, path: &str, query: &str) -> String {
        let token = escaped(&self.token);
        let next = if token.is_empty() { token } else { format!("&continue={token}") };
        format!("{path}?{query}&limit={PAGE}{next}")
    }

    /// What stands in the next page, and whether another follows; `None` when it is none, leads back to
    /// itself, or is one too many.
    pub(super) fn take(&mut self, mut page: Value) -> Option<(Vec<Value>, bool)> {
        let items = items(&mut page)?;
        let token = page["metadata"]["continue"].as_str().unwrap_or_default();
        let has_more = !token.is_empty();
        self.read += 1;
        if has_more && (token == self.token || self.read >= MAX_PAGES) {
            return None;
        }
        token.clone_into(&mut self.token);
        Some((items, has_more))
    }
}

/// What stands in a page of a list; `None` when it is none. Some servers write an empty list as null.
fn items(page: &mut Value) -> Option<Vec<Value>> {
    let is_list = page["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
    match page.get_mut("items").filter(|_| is_list)?.take() {
        Value::Array(items) => Some(items),
        Value::Null => Some(Vec::new()),
        _ => None,
    }
}

/// A text as it stands in a query (RFC 3986).
fn escaped(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escape = |byte: u8| match kept(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_list_is_a_list() {
        use serde_json::json;
        for (page, count) in [
            (json!({ "kind": "SecretList", "items": [1, 2] }), Some(2)),
            (json!({ "kind": "SecretList", "items": null }), Some(0)),
            (json!({ "kind": "SecretList" }), None),
            (json!({ "kind": "Secret", "items": [] }), None),
            (json!({ "status": "ok" }), None),
            (json!({ "kind": "SecretList", "items": {} }), None),
            (json!([]), None),
            (json!("x"), None),
            (Value::Null, None),
        ] {
            assert_eq!(items(&mut page.clone()).map(|items| items.len()), count, "{page}");
        }
    }

    #[test]
    fn a_token_stays_within_its_place_in_a_query() {
        assert_eq!(escaped("aZ9-._~"), "aZ9-._~");
        assert_eq!(escaped("a=b&c ü/"), "a%3Db%26c%20%C3%BC%2F");
    }

    fn page(token: &str) -> Value {
        serde_json::json!({ "kind": "SecretList", "items": [1], "metadata": { "continue": token } })
    }

    #[test]
    fn a_list_is_read_to_its_end() {
        let mut paging = Paging::default();
        assert_eq!(paging.uri("/p", "q=1"), "/p?q=1&limit=100");
        assert_eq!(paging.take(page("a=")), Some((vec![1.into()], true)));
        assert_eq!(paging.uri("/p", ""), "/p?&limit=100&continue=a%3D");
        assert_eq!(paging.take(page("b")), Some((vec![1.into()], true)));
        assert_eq!(paging.take(page("")), Some((vec![1.into()], false)));
    }

    #[test]
    fn a_list_without_an_end_is_none() {
        let mut paging = Paging::default();
        assert!(paging.take(page("a")).is_some());
        assert_eq!(paging.take(page("a")), None);
        let mut paging = Paging::default();
        let read = (0..2 * MAX_PAGES).take_while(|at| paging.take(page(&at.to_string())).is_some());
        assert_eq!(read.count(), MAX_PAGES - 1);
        // The last one that is read may be the last there is.
        let mut paging = Paging { token: "a".to_owned(), read: MAX_PAGES - 1 };
        assert!(paging.take(page("")).is_some());
    }
}
