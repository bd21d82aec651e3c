use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use super::*;

/// An identity provider that gives these answers in order, and returns what it was asked.
fn provider(answers: Vec<(u16, String)>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let discovery = format!("{{\"token_endpoint\": \"{url}/token\"}}");
    let answers = std::iter::once((200, discovery)).chain(answers).collect::<Vec<_>>();
    let asked = std::thread::spawn(move || {
        let answered = answers.into_iter().map(|(status, body)| {
            let (mut stream, _) = listener.accept().unwrap();
            let asked = request(&mut stream);
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close");
            stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
            asked
        });
        answered.collect()
    });
    (url, asked)
}

fn request(stream: &mut impl Read) -> String {
    let mut read = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).unwrap();
        read.extend_from_slice(&bytes[..count]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return String::from_utf8(read).unwrap();
        }
    }
}

fn token(expiry: &str) -> String {
    let claims = URL_SAFE_NO_PAD.encode(format!("{{\"exp\": {expiry}}}"));
    format!("e30.{claims}.c2ln")
}

fn config(fields: &[(&str, &str)]) -> HashMap<String, String> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_token_that_lasts_is_used() {
    for expiry in ["99999999999", "9.9999999999e10"] {
        let config = config(&[("id-token", &token(expiry))]);
        assert_eq!(id_token(&config, &[]).unwrap(), token(expiry));
    }
}

#[test]
fn a_token_that_has_ended_is_followed_by_a_new_one_which_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let old = token("1");
    let text = format!(
        "# mine\nusers: [{{id-token: {old}, refresh-token: old-refresh, a: old-refresh2}}]\n"
    );
    std::fs::write(&file, text).unwrap();
    let new = r#"{"id_token": "new-id", "refresh_token": "new-refresh"}"#.to_owned();
    // The first way of telling the secret is refused.
    let (url, asked) = provider(vec![(401, "{}".to_owned()), (200, new)]);
    let config = config(&[
        ("id-token", &old),
        ("refresh-token", "old-refresh"),
        ("idp-issuer-url", &url),
        ("client-id", "kube seal"),
        ("client-secret", "hunter2"),
    ]);
    assert_eq!(id_token(&config, &[folder.path().join("none"), file.clone()]).unwrap(), "new-id");
    let kept = std::fs::read_to_string(&file).unwrap();
    let expected =
        "# mine\nusers: [{id-token: new-id, refresh-token: new-refresh, a: old-refresh2}]\n";
    assert_eq!(kept, expected);
    let asked = asked.join().unwrap();
    assert!(asked[0].starts_with("GET /.well-known/openid-configuration "), "{}", asked[0]);
    let header = format!("Basic {}", STANDARD.encode("kube%20seal:hunter2"));
    assert!(asked[1].contains(&header) && !asked[1].contains("client_id"), "{}", asked[1]);
    let grant = "grant_type=refresh_token&refresh_token=old-refresh";
    assert!(asked[1].ends_with(grant), "{}", asked[1]);
    assert!(!asked[2].contains("Basic"), "{}", asked[2]);
    assert!(asked[2].contains(grant) && asked[2].contains("client_secret=hunter2"), "{}", asked[2]);
}

#[test]
fn a_client_without_a_secret_says_only_its_name() {
    let (url, asked) = provider(vec![(200, r#"{"id_token": "new-id"}"#.to_owned())]);
    let config = config(&[
        ("refresh-token", "old"),
        ("idp-issuer-url", &format!("{url}/")),
        ("client-id", "public"),
    ]);
    assert_eq!(id_token(&config, &[]).unwrap(), "new-id");
    let asked = asked.join().unwrap();
    assert!(asked[1].ends_with("refresh_token=old&client_id=public"), "{}", asked[1]);
}

#[test]
fn what_leads_to_no_token_is_told_without_any() {
    let serving = |answers| provider(answers).0;
    let refused = serving(vec![(400, "hunter2".to_owned()), (400, "hunter2".to_owned())]);
    let without = serving(vec![(200, "{\"access_token\": \"hunter2\"}".to_owned())]);
    let page = serving(vec![(200, "<html>hunter2".to_owned())]);
    let closed = "http://127.0.0.1:1";
    for (fields, expected) in [
        (&[("id-token", "hunter2")][..], "there is no refresh token"),
        (&[("refresh-token", "hunter2")], "idp-issuer-url is missing"),
        (&[("refresh-token", "hunter2"), ("idp-issuer-url", closed)], "client-id is missing"),
        (&[("idp-issuer-url", closed)], "cannot reach the identity provider at http://127.0.0.1:1"),
        (&[("idp-issuer-url", &refused)], "gives no new token: 400"),
        (&[("idp-issuer-url", &without)], "gives no ID token"),
        (&[("idp-issuer-url", &page)], "no identity provider's answer"),
        (&[("idp-certificate-authority", "/no/such")], "authority /no/such: no such file"),
    ] {
        let mut config = config(fields);
        if fields.len() == 1 && fields[0].0.starts_with("idp") {
            for (name, value) in [
                ("refresh-token", "hunter2"),
                ("client-id", "c"),
                ("client-secret", "hunter2"),
                ("idp-issuer-url", closed),
            ] {
                config.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
        let error = id_token(&config, &[]).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("\nhint: "), "{fields:?}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn what_cannot_be_put_in_place_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    for (text, old, new) in [
        ("token: abc", "abc", "needs: quotes"),
        ("token: abcd", "abc", "new"),
        ("token: a\n bc", "abc", "new"),
        ("", "abc", "new"),
    ] {
        std::fs::write(&file, text).unwrap();
        assert!(!keep(std::slice::from_ref(&file), old, new), "{text}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}
