//! Content given where a path is wanted, as by `--key="$(cat key)"`. It may be a private key, and what
//! is said of it goes into logs: it is never repeated.

use std::path::Path;

use crate::error::{Cause, Error, Result};

/// Whether it is what a file holds rather than the name of one.
pub(crate) fn is_content(text: &str) -> bool {
    // What a shell would make several names of begins with a brace too.
    let is_json = text.trim_start().strip_prefix('{').map(str::trim_start);
    let is_json = is_json.is_some_and(|text| text.starts_with(['"', '}']));
    text.contains(['\n', '\r']) || text.contains("-----BEGIN") || is_json
}

/// Refuses content in the place of a path, before anything is done for it. A file may be called so.
///
/// # Errors
/// For content, without repeating it.
pub(crate) fn check_path(of: &str, path: &str) -> Result<()> {
    match is_content(path) && !Path::new(path).exists() {
        true => Err(no_path(path).about(of)),
        false => Ok(()),
    }
}

/// What is said of content in the place of a path.
pub(crate) fn no_path(content: &str) -> Error {
    let error = Error::new("a path is wanted, and this looks like the content of a file");
    // Anything else is a secret, or may be one.
    let is_certificate = content.trim_start().starts_with("-----BEGIN CERTIFICATE-----");
    if is_certificate && !content.contains("PRIVATE KEY") {
        return error.hint("give the name of the file");
    }
    error
        .hint(
            "give the name of the file: an argument stays in the shell's history, and everybody on this \
             machine can list it",
        )
        .of(Cause::Policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_told_from_names() {
        for text in ["a\nb", "a\r", "-----BEGIN X-----", "x -----BEGIN", "{\"a\":1}", " { }"] {
            assert!(is_content(text), "{text:?}");
        }
        for text in
            ["", "a b", "/x/y.pem", "a{b}", "-----", "C:\\x", "{dev,prod}/x", "{cluster}.yaml"]
        {
            assert!(!is_content(text), "{text:?}");
        }
    }

    #[test]
    fn a_file_may_be_called_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a\nb");
        let path = path.to_str().unwrap();
        assert!(check_path("--key", path).is_err());
        std::fs::write(path, "").unwrap();
        assert!(check_path("--key", path).is_ok());
    }

    #[test]
    fn only_a_certificate_is_no_secret() {
        for (content, cause) in [
            ("-----BEGIN CERTIFICATE-----\nx", Cause::Local),
            ("-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----", Cause::Policy),
            ("-----BEGIN RSA PRIVATE KEY-----", Cause::Policy),
            ("{}", Cause::Policy),
        ] {
            assert_eq!(no_path(content).cause(), cause, "{content}");
        }
    }
}
