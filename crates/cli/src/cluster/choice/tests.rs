use std::ffi::OsString;

use serde_json::{Value, json};

use super::*;
use crate::args::{Parsed, parse};

const KUBECONFIG: &str = r#"
current-context: dev
contexts:
- name: dev
  context: {cluster: dev, user: dev, namespace: shop}
- name: stripped
  context: {cluster: gone, user: gone}
- name: empty
  context: {cluster: "", user: ""}
clusters:
- name: dev
  cluster:
    server: https://dev.example:6443
    certificate-authority-data: AAAA
    tls-server-name: kubernetes
    proxy-url: http://proxy:3128
- name: open
  cluster: {server: https://open.example, insecure-skip-tls-verify: true, certificate-authority: ""}
- name: nowhere
  cluster: {server: ""}
- name: torn
  cluster: {server: https://torn.example, insecure-skip-tls-verify: true, certificate-authority-data: AAAA}
- name: local
  cluster: {server: http://127.0.0.1:8001}
users:
- name: dev
  user: {client-certificate-data: Y2VydA==, client-key-data: a2V5, as: boss, as-groups: [a, b]}
- name: plugin
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: login}}
- name: oidc
  user: {auth-provider: {name: oidc, config: {}}}
- name: file
  user: {tokenFile: /run/token}
- name: named
  user: {username: me, password: hunter2, token: ""}
- name: torn
  user: {exec: {command: login}, auth-provider: {name: oidc, config: {}}}
"#;

fn flags(words: &[&str]) -> ClusterArgs {
    let words = ["kubeseal"].iter().chain(words).map(OsString::from);
    match parse(words, |_| None) {
        Ok(Parsed::Args(args)) => args.cluster,
        other => panic!("{other:?}"),
    }
}

fn chosen(words: &[&str]) -> Result<Option<Choice>> {
    choose(&Kubeconfig::from_yaml(KUBECONFIG).unwrap(), &flags(words))
}

/// The choice as a kubeconfig would say it.
fn told(words: &[&str]) -> Value {
    let choice = chosen(words).unwrap().unwrap();
    json!({
        "context": choice.context,
        "at": choice.server.to_string(),
        "cluster": serde_json::to_value(choice.cluster).unwrap(),
        "user": serde_json::to_value(choice.user).unwrap(),
    })
}

#[test]
fn flags_are_laid_over_the_kubeconfig() {
    let dev = json!({
        "context": "dev",
        "at": "https://dev.example:6443/",
        "cluster": {
            "server": "https://dev.example:6443",
            "certificate-authority-data": "AAAA",
            "tls-server-name": "kubernetes",
            "proxy-url": "http://proxy:3128",
        },
        "user": {
            "client-certificate-data": "Y2VydA==",
            "client-key-data": "a2V5",
            "as": "boss",
            "as-groups": ["a", "b"],
        },
    });
    // Flags, and what they change: a null takes away.
    let table = [
        (&[][..], json!({})),
        (&["--context=dev", "--user=", "--server="], json!({})),
        (
            &["--certificate-authority=ca.pem"],
            json!({"cluster": {
                "certificate-authority": "ca.pem",
                "certificate-authority-data": null,
                "insecure-skip-tls-verify": false,
            }}),
        ),
        (
            &["--insecure-skip-tls-verify"],
            json!({"cluster": {
                "insecure-skip-tls-verify": true,
                "certificate-authority-data": null,
            }}),
        ),
        (
            &["--server=https://other.example"],
            json!({"at": "https://other.example/", "cluster": {
                "server": "https://other.example",
                "tls-server-name": null,
            }}),
        ),
        (&["--tls-server-name=api"], json!({"cluster": {"tls-server-name": "api"}})),
        (&["--proxy-url=socks5://p"], json!({"cluster": {"proxy-url": "socks5://p"}})),
        (&["--disable-compression"], json!({"cluster": {"disable-compression": true}})),
        (
            &["--cluster=open"],
            json!({"at": "https://open.example/", "cluster": {
                "server": "https://open.example",
                "insecure-skip-tls-verify": true,
                "certificate-authority-data": null,
                "tls-server-name": null,
                "proxy-url": null,
            }}),
        ),
        (
            &["--client-certificate=c.pem", "--client-key=k.pem"],
            json!({"user": {
                "client-certificate": "c.pem",
                "client-certificate-data": null,
                "client-key": "k.pem",
                "client-key-data": null,
            }}),
        ),
        // As with kubectl, the certificate is shown as well: the API server looks at it first.
        (&["--token=t"], json!({"user": {"token": "t"}})),
        (&["--username=u", "--password=p"], json!({"user": {"username": "u", "password": "p"}})),
        (&["--as=me"], json!({"user": {"as": "me"}})),
        (
            &["--as=me", "--as-uid=1", "--as-group=x", "--as-group=y,z"],
            json!({"user": {"as": "me", "as-uid": "1", "as-groups": ["x", "y", "z"]}}),
        ),
    ];
    for (words, changes) in table {
        let mut expected = dev.clone();
        json_merge(&mut expected, &changes);
        assert_eq!(told(words), expected, "{words:?}");
    }
}

/// RFC 7396.
fn json_merge(target: &mut Value, patch: &Value) {
    for (key, change) in patch.as_object().unwrap() {
        match change {
            Value::Null => drop(target.as_object_mut().unwrap().remove(key)),
            Value::Object(_) => json_merge(&mut target[key], change),
            other => target[key] = other.clone(),
        }
    }
}

#[test]
fn whoever_says_who_he_is_needs_no_plugin() {
    let certificate = &["--client-certificate=c", "--client-key=k"][..];
    for (user, words, keeps) in [
        ("plugin", &[][..], "exec"),
        ("plugin", &["--as=me"], "exec"),
        ("plugin", &["--token=t"], ""),
        ("plugin", &["--username=u"], ""),
        ("plugin", certificate, ""),
        ("oidc", &[], "auth-provider"),
        ("oidc", &["--token=t"], ""),
        ("oidc", &["--password=p"], ""),
        ("oidc", certificate, "auth-provider"),
    ] {
        let user = format!("--user={user}");
        let words: Vec<_> = [user.as_str()].into_iter().chain(words.iter().copied()).collect();
        let found = &told(&words)["user"];
        for way in ["exec", "auth-provider"] {
            assert_eq!(found.get(way).is_some(), way == keeps, "{words:?}: {found}");
        }
    }
}

#[test]
fn the_flags_token_takes_the_place_of_the_kubeconfigs_file() {
    assert_eq!(told(&["--user=file"])["user"], json!({"tokenFile": "/run/token"}));
    assert_eq!(told(&["--user=file", "--token=t"])["user"], json!({"token": "t"}));
}

#[test]
fn in_the_open_no_credentials_are_sent() {
    for words in [&["--cluster=local"][..], &["--server=http://10.0.0.1"], &["--server=api:6443"]] {
        let credentials = ["--token=t", "--as=me"];
        let words: Vec<_> = words.iter().copied().chain(credentials).collect();
        let told = told(&words);
        assert_eq!(told["user"], json!({"as": "me", "as-groups": ["a", "b"]}), "{words:?}");
        assert!(told["at"].as_str().unwrap().starts_with("http://"), "{words:?}");
    }
}

#[test]
fn with_a_server_no_kubeconfig_is_needed() {
    let words = ["--server=https://10.0.0.1:6443", "--token=t", "--certificate-authority=ca.pem"];
    let choice = choose(&Kubeconfig::default(), &flags(&words)).unwrap().unwrap();
    assert_eq!(choice.context, None);
    assert_eq!(choice.server, "https://10.0.0.1:6443/");
    assert_eq!(choice.user.token.as_ref().map(exposed), Some("t"));
    // A user who is missing is not missed by whoever says who he is, nor where nobody asks.
    for words in [["--cluster=dev", "--token=t"], ["--cluster=local", "--as=me"]] {
        assert!(chosen(&[&["--context=stripped"][..], &words].concat()).unwrap().is_some());
    }
    // Nor does it help when nothing says where.
    assert!(choose(&Kubeconfig::default(), &flags(&["--token=t"])).unwrap().is_none());
}

#[test]
fn what_does_not_exist_is_named() {
    for (words, expected) in [
        (&["--context=no"][..], "the kubeconfig has no context \"no\""),
        (&["--cluster=no"], "the kubeconfig has no cluster \"no\""),
        (&["--user=no"], "the kubeconfig has no user \"no\""),
        (&["--context=stripped"], "no server for the cluster \"gone\" of the context \"stripped\""),
        (&["--context=empty"], "no server for the cluster \"\" of the context \"empty\""),
        (
            &["--context=stripped", "--cluster=dev"],
            "the kubeconfig has no user \"gone\", whom its context names",
        ),
        (&["--cluster=nowhere"], "no server for the cluster \"nowhere\" of the context \"dev\""),
    ] {
        let error = chosen(words).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("\nhint: "), "{words:?}: {error}");
    }
    let torn = Kubeconfig::from_yaml("current-context: gone").unwrap();
    let error = choose(&torn, &flags(&["--server=https://a"])).unwrap_err().to_string();
    assert!(error.contains("no context \"gone\""), "{error}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let table = [
        (&["--insecure-skip-tls-verify", "--certificate-authority=ca.pem"][..], "not both"),
        (&["--cluster=torn"], "not both"),
        (&["--user=named", "--token=t"], "two ways to log in"),
        (&["--user=torn"], "two ways to log in"),
        (&["--user=plugin", "--client-certificate=c.pem"], "has no key"),
        (&["--user=plugin", "--client-key=k.pem"], "has no certificate"),
        (&["--user=plugin", "--as-group=g"], "but no user"),
        (&["--user=plugin", "--as-uid=1"], "but no user"),
        (&["--server=ftp://api"], "no address of an API server"),
        (&["--server=https://"], "no address of an API server"),
        (&["--server=https://me:hunter2@a b"], "no address of an API server"),
    ];
    for (words, expected) in table {
        let error = chosen(words).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("\nhint: "), "{words:?}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
