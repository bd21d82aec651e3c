//! kubeseal reaches the cluster as kubectl does: kubectl's flags, plugins, proxies; and what it says
//! when it does not get there.

#[path = "kubeseal_stand_ins.rs"]
#[allow(dead_code, reason = "shared with the tests of the Service")]
mod stand_ins;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::kubeseal::{Run, run, run_in};
use harness::{Cluster, Context, Installation, Result, controller, eventually};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::DeleteParams;
use serde_json::{Value, json};
use stand_ins::{answer, http_proxy, server, silent, socks_proxy};

/// There is no kubeconfig; flags have to say everything.
const NO_KUBECONFIG: &str = "/no/such/kubeconfig";
/// What stands in no message.
const MARKER: &str = "hunter2";

#[tokio::test]
async fn an_admin_who_acts_as_somebody_else_has_the_others_rights() -> Result<()> {
    let place = Installation::new("act-as").await?;
    place.controller.proxied().await?;
    let as_nobody = ["--fetch-cert", "--as=nobody"];
    // What everyone who is logged in may do would be enough.
    let everyone = format!("{}-service-proxier", controller::NAME);
    let bindings = place.namespace.api::<RoleBinding>();
    let deleted = bindings.delete(&everyone, &DeleteParams::default()).await;
    deleted.context(|| "cannot take everyone's rights")?;
    eventually("nobody is refused", Duration::from_secs(30), async || {
        let run = place.kubeseal(&as_nobody, "").await.ok()?;
        run.stderr.contains("no permission").then_some(())
    })
    .await?;
    for groups in [&[][..], &["--as-group=none"], &["--as-uid=1", "--as-group=a,b"]] {
        let args = [&as_nobody, groups].concat();
        let run = place.kubeseal(&args, "").await?;
        let service = format!("{}/sealed-secrets-controller", place.namespace.name());
        assert_fails(&run, &format!("no permission to reach {service}: "));
        assert!(run.stderr.contains("User \"nobody\""), "{}", run.stderr);
    }
    let as_admin = ["--as-group=x,system:masters", "--as-uid=1"];
    let run = place.kubeseal(&[&as_nobody[..], &as_admin].concat(), "").await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), place.key.certificate_pem()));
    Ok(())
}

#[tokio::test]
async fn who_may_not_act_as_somebody_else_is_told_so() -> Result<()> {
    let place = Installation::new("act-not").await?;
    place.controller.proxied().await?;
    let user = user(&place).await?;
    let namespace = format!("--controller-namespace={}", place.namespace.name());
    let found = run(&user, ["--fetch-cert", &namespace, "--as=admin"], "").await?;
    assert_fails(&found, "no permission to act as somebody else: ");
    assert!(found.stderr.contains("\nhint: leave --as out"), "{}", found.stderr);
    let found = run(&user, ["--fetch-cert", &namespace, "--as-group=system:masters"], "").await?;
    assert_fails(&found, "a uid or groups to act as, but no user\nhint: give --as");
    Ok(())
}

#[tokio::test]
async fn flags_alone_lead_to_the_cluster() -> Result<()> {
    let place = Installation::new("flags").await?;
    place.controller.proxied().await?;
    let folder = tempfile::tempdir().context(|| "cannot make a folder")?;
    let admin = Said::by(&place.namespace.cluster().kubeconfig())?;
    let user = Said::by(&user(&place).await?)?;
    let ca = admin.file(folder.path(), "/clusters/0/cluster/certificate-authority-data")?;
    let certificate = admin.file(folder.path(), "/users/0/user/client-certificate-data")?;
    let key = admin.file(folder.path(), "/users/0/user/client-key-data")?;
    let server = admin.text("/clusters/0/cluster/server");
    let by_token = format!("--token={}", user.text("/users/0/user/token"));
    let by_certificate =
        [format!("--client-certificate={certificate}"), format!("--client-key={key}")];
    let namespace = format!("--controller-namespace={}", place.namespace.name());
    let there = [format!("--server={server}"), format!("--certificate-authority={ca}")];
    let [to_server, with_ca] = [there[0].as_str(), there[1].as_str()];
    let by_certificate = [by_certificate[0].as_str(), by_certificate[1].as_str()];

    for args in [
        &[to_server, with_ca, &by_token][..],
        &[to_server, with_ca, by_certificate[0], by_certificate[1]],
        &[to_server, "--insecure-skip-tls-verify", &by_token],
        &[to_server, with_ca, &by_token, "--tls-server-name=kubernetes.default.svc"],
        &[to_server, with_ca, &by_token, "--disable-compression", "--request-timeout=1m"],
        &[to_server, with_ca, &by_token, "--request-timeout=0"],
    ] {
        let run = fetch(NO_KUBECONFIG, &[&[namespace.as_str()], args].concat()).await?;
        assert_eq!(run.code, Some(0), "{args:?}: {}", run.stderr);
        assert_eq!(run.stdout, place.key.certificate_pem());
    }

    let wrong_token = format!("--token={MARKER}");
    let missing_file = format!("{}/none.pem", folder.path().display());
    let foreign_certificate = format!("--client-certificate={ca}");
    let missing_ca = format!("--certificate-authority={missing_file}");
    let missing_key = format!("--client-key={missing_file}");
    let reach = format!("cannot reach {server}: ");
    for (args, expected) in [
        (&[with_ca, &by_token][..], "no cluster: KUBECONFIG names /no/such/kubeconfig".to_owned()),
        (&[to_server, with_ca, &wrong_token], format!("{server} does not accept the credentials")),
        (&[to_server, with_ca], "no permission to reach ".to_owned()),
        (
            &[to_server, &by_token],
            format!("{reach}its certificate comes from an unknown authority"),
        ),
        (
            &[to_server, with_ca, &by_token, "--tls-server-name=other.example"],
            format!("{reach}its certificate is for 10.99.0.1, "),
        ),
        (
            &[to_server, with_ca, "--insecure-skip-tls-verify"],
            "the server's certificate cannot both be checked".to_owned(),
        ),
        (
            &[to_server, &missing_ca],
            format!("cannot read the certificate authority {missing_file}: no such file"),
        ),
        (&[to_server, with_ca, by_certificate[0]], "the client certificate has no key".to_owned()),
        (
            &[to_server, with_ca, by_certificate[0], &missing_key],
            format!("cannot read the client key {missing_file}: no such file"),
        ),
        // The certificate of an authority has no business with this key.
        (
            &[to_server, with_ca, &foreign_certificate, by_certificate[1]],
            format!("cannot prepare a connection to {server}: "),
        ),
        (&[to_server, with_ca, &by_token, "--password=x"], "two ways to log in".to_owned()),
        (&[to_server, "--request-timeout=soon"], "cannot wait for --request-timeout".to_owned()),
        (
            &["--server=https://10.99.0.1:1", with_ca],
            "cannot reach https://10.99.0.1:1: connection refused".to_owned(),
        ),
        (
            &["--server=http://10.99.0.1:6443", with_ca, &by_token],
            "http://10.99.0.1:6443 speaks TLS\nhint: write https://".to_owned(),
        ),
        (
            &["--server=https://no-such-host.invalid"],
            "cannot reach https://no-such-host.invalid: its name cannot be resolved".to_owned(),
        ),
    ] {
        let run = fetch(NO_KUBECONFIG, &[&[namespace.as_str()], args].concat()).await?;
        assert_fails(&run, &expected);
    }
    Ok(())
}

#[tokio::test]
async fn the_kubeconfigs_names_are_chosen_from_and_missing_ones_are_named() -> Result<()> {
    let place = Installation::new("names").await?;
    place.controller.proxied().await?;
    let folder = tempfile::tempdir().context(|| "cannot make a folder")?;
    let mut said = Said::by(&place.namespace.cluster().kubeconfig())?.0;
    said["current-context"] = Value::Null;
    said["contexts"] = json!([
        { "name": "good", "context": { "cluster": "sealwright", "user": "sealwright" } },
        { "name": "stray", "context": { "cluster": "gone", "user": "gone" } },
    ]);
    let whole = written(folder.path(), "whole", &said)?;
    // A file that says only what is current, before the rest, with one missing in between.
    let current = written(folder.path(), "current", &json!({ "current-context": "good" }))?;
    let several = std::env::join_paths([&current, Path::new(NO_KUBECONFIG), &whole]);
    let several = PathBuf::from(several.context(|| "a folder has a strange name")?);
    let several = several.to_str().unwrap_or_default();
    let whole = whole.to_str().unwrap_or_default();
    let flag = format!("--kubeconfig={whole}");
    let namespace = format!("--controller-namespace={}", place.namespace.name());
    for (kubeconfig, args) in [
        (whole, &["--context=good"][..]),
        (whole, &["--cluster=sealwright", "--user=sealwright"]),
        (whole, &["--context=stray", "--cluster=sealwright", "--user=sealwright"]),
        (several, &[]),
        (NO_KUBECONFIG, &[&flag, "--context=good"]),
    ] {
        let run = fetch(kubeconfig, &[&[namespace.as_str()], args].concat()).await?;
        assert_eq!(run.code, Some(0), "{kubeconfig} {args:?}: {}", run.stderr);
    }
    for (kubeconfig, args, expected) in [
        (whole, &[][..], "no cluster: the kubeconfig has no current context"),
        (whole, &["--context=none"], "the kubeconfig has no context \"none\""),
        (whole, &["--context=good", "--user=none"], "the kubeconfig has no user \"none\""),
        (several, &["--cluster=none"], "the kubeconfig has no cluster \"none\""),
        (whole, &["--context=stray"], "the kubeconfig has no server for the cluster \"gone\""),
        (whole, &["--kubeconfig=/none"], "cannot use kubeconfig /none: no such file or directory"),
        (
            NO_KUBECONFIG,
            &[],
            "no cluster: KUBECONFIG names /no/such/kubeconfig, which is not there",
        ),
    ] {
        let run = fetch(kubeconfig, &[&[namespace.as_str()], args].concat()).await?;
        assert_fails(&run, expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_plugin_says_who_the_user_is_and_is_asked_once() -> Result<()> {
    let place = Installation::new("plugin").await?;
    place.controller.proxied().await?;
    let folder = tempfile::tempdir().context(|| "cannot make a folder")?;
    let admin = Said::by(&place.namespace.cluster().kubeconfig())?;
    let token = Said::by(&user(&place).await?)?.text("/users/0/user/token").to_owned();
    let pem = |pointer: &str| admin.decoded(pointer);
    let by_token = json!({ "token": token });
    let by_certificate = json!({
        "clientCertificateData": pem("/users/0/user/client-certificate-data")?,
        "clientKeyData": pem("/users/0/user/client-key-data")?,
    });
    let namespace = format!("--controller-namespace={}", place.namespace.name());
    for status in [by_token, by_certificate] {
        let credential = json!({ "apiVersion": V1, "kind": "ExecCredential", "status": status });
        let script = format!(
            "echo asked >> asked; echo told >&2; cat > stdin; echo \"$KUBERNETES_EXEC_INFO\" > info; cat <<'END'\n{credential}\nEND\n"
        );
        let kubeconfig = with_plugin(&folder.path().join("p"), &admin, &script, json!({}))?;
        let run = run(&kubeconfig, [namespace.as_str()], &secret()).await?;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), "told\n"));
        let read = |name: &str| std::fs::read_to_string(folder.path().join("p").join(name));
        assert_eq!(read("asked").context(|| "it was not asked")?, "asked\n");
        // The manifest is not for it.
        assert_eq!(read("stdin").context(|| "it did not read")?, "");
        let info: Value = serde_json::from_str(&read("info").context(|| "it was told nothing")?)
            .context(|| "it was told rubbish")?;
        let expected = json!({ "apiVersion": V1, "kind": "ExecCredential", "spec": {
            "interactive": false,
            "cluster": {
                "server": admin.text("/clusters/0/cluster/server"),
                "certificate-authority-data":
                    admin.text("/clusters/0/cluster/certificate-authority-data"),
            },
        } });
        assert_eq!(info, expected);
        std::fs::remove_dir_all(folder.path().join("p")).context(|| "cannot tidy up")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_plugin_that_fails_is_named_and_speaks_for_itself() -> Result<()> {
    let place = Installation::new("no-plugin").await?;
    place.controller.proxied().await?;
    let folder = tempfile::tempdir().context(|| "cannot make a folder")?;
    let admin = Said::by(&place.namespace.cluster().kubeconfig())?;
    let token = Said::by(&user(&place).await?)?.text("/users/0/user/token").to_owned();
    let namespace = format!("--controller-namespace={}", place.namespace.name());
    let missing = json!({ "command": "no-such-plugin", "installHint": "brew install it" });
    let always = json!({ "interactiveMode": "Always" });
    for (name, script, changes, expected) in [
        (
            "a",
            "",
            missing,
            "the credential plugin no-such-plugin of the kubeconfig failed: there is no such program\nhint: brew install it",
        ),
        (
            "b",
            "echo please log in >&2; exit 3",
            json!({}),
            "failed: it ended with exit code 3\nhint: see what it says above",
        ),
        ("c", "echo hunter2", json!({}), "failed: it prints no ExecCredential\nhint: "),
        (
            "d",
            "exit 0",
            always,
            "failed: it has to ask something, and standard input is no terminal\nhint: ",
        ),
    ] {
        let kubeconfig = with_plugin(&folder.path().join(name), &admin, script, changes)?;
        let found = run(&kubeconfig, ["--fetch-cert", &namespace], "").await?;
        let own = if name == "b" { "please log in\n" } else { "" };
        let rest = found.stderr.strip_prefix(own).unwrap_or_default();
        assert!(
            rest.starts_with("error: the credential plugin ") && rest.contains(expected),
            "{rest}"
        );
        assert_eq!((found.code, rest.lines().count()), (Some(1), 2), "{rest}");
        assert!(!found.stderr.contains(MARKER), "{}", found.stderr);
        // Whoever says who he is does not need it.
        let by_token = format!("--token={token}");
        let found = run(&kubeconfig, ["--fetch-cert", &namespace, &by_token], "").await?;
        assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    }
    Ok(())
}

#[tokio::test]
async fn proxies_lead_to_the_cluster() -> Result<()> {
    let place = Installation::new("proxies").await?;
    place.controller.proxied().await?;
    let admin = place.namespace.cluster().kubeconfig();
    let (http, socks) = (http_proxy(None).await?, socks_proxy().await?);
    let (http_url, socks_url) =
        (format!("http://{}", http.address), format!("socks5://{}", socks.address));
    let closed = "http://127.0.0.1:1";
    let by_flag = |url: &str| format!("--proxy-url={url}");
    let (by_http, by_socks) = (by_flag(&http_url), by_flag(&socks_url));
    let namespace = format!("--controller-namespace={}", place.namespace.name());
    let fetch = ["--fetch-cert", namespace.as_str()];
    for (variables, args, proxy) in [
        (&[][..], &[by_http.as_str()][..], Some(&http)),
        (&[("NO_PROXY", "*"), ("HTTPS_PROXY", closed)], &[&by_http], Some(&http)),
        (&[], &[&by_socks], Some(&socks)),
        (&[("HTTPS_PROXY", &http_url)], &[], Some(&http)),
        (&[("https_proxy", &socks_url), ("NO_PROXY", "10.98.0.0/16")], &[], Some(&socks)),
        (&[("HTTPS_PROXY", closed), ("NO_PROXY", "example.com,10.99.0.0/16")], &[], None),
        (&[("HTTP_PROXY", closed), ("ALL_PROXY", closed)], &[], None),
    ] {
        let before = proxy.map_or(0, |proxy| proxy.asked().len());
        let found = run_in(&admin, variables, fetch.iter().chain(args), "").await?;
        assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""), "{variables:?} {args:?}");
        let asked = proxy.map_or_else(Vec::new, |proxy| proxy.asked().split_off(before));
        assert_eq!(asked, vec!["10.99.0.1:6443"; usize::from(proxy.is_some())]);
    }
    Ok(())
}

#[tokio::test]
async fn a_proxy_that_leads_nowhere_is_named_without_its_password() -> Result<()> {
    let place = Installation::new("no-proxies").await?;
    let admin = place.namespace.cluster().kubeconfig();
    let wanting = http_proxy(Some("Proxy-Authorization: Basic bWU6aHVudGVyMg==")).await?;
    let (open, socks, silent) = (http_proxy(None).await?, socks_proxy().await?, silent().await?);
    let (wanting_at, open_at) = (wanting.address, open.address);
    let through = |proxy: &str| format!(" through the proxy {proxy}: the proxy: ");
    let at = |address| format!("http://{address}");
    let server = "--server=https://127.0.0.1:1";
    for (proxy, args, expected) in [
        (
            "http://me:hunter2@127.0.0.1:1".to_owned(),
            &[][..],
            through("http://127.0.0.1:1") + "connection refused",
        ),
        (
            "socks5://127.0.0.1:1".to_owned(),
            &[],
            through("socks5://127.0.0.1:1") + "it cannot be reached",
        ),
        (at(wanting_at), &[], through(&at(wanting_at)) + "proxy authorization required"),
        (
            format!("http://me:wrong-hunter2@{wanting_at}"),
            &[],
            through(&at(wanting_at)) + "proxy authorization required",
        ),
        (at(open_at), &[server], through(&at(open_at)) + "it does not let this through"),
        (
            format!("socks5://{}", socks.address),
            &[server],
            through(&format!("socks5://{}", socks.address)) + "host unreachable",
        ),
        (
            at(silent.address),
            &["--request-timeout=1"],
            format!("through the proxy {}: no answer within 1s", at(silent.address)),
        ),
        ("ftp://me:hunter2@proxy".to_owned(), &[], "cannot use the proxy ftp://proxy: ".to_owned()),
    ] {
        let flag = format!("--proxy-url={proxy}");
        let found = run(&admin, ["--fetch-cert", &flag].iter().chain(args), "").await?;
        assert_fails(&found, "");
        assert!(found.stderr.contains(&expected), "{proxy}: {}", found.stderr);
    }
    // With the password it lets one through.
    place.controller.proxied().await?;
    let flag = format!("--proxy-url=http://me:hunter2@{wanting_at}");
    let found = place.kubeseal(&["--fetch-cert", &flag], "").await?;
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    Ok(())
}

#[tokio::test]
async fn whoever_never_answers_is_given_up() -> Result<()> {
    let silent = silent().await?;
    for scheme in ["http", "https"] {
        let server = format!("{scheme}://{}", silent.address);
        for (limit, shown) in [("1", "1s"), ("700ms", "700ms")] {
            let (at, limit) = (format!("--server={server}"), format!("--request-timeout={limit}"));
            let start = Instant::now();
            let run = fetch(NO_KUBECONFIG, &[&at, &limit]).await?;
            let expected = format!("cannot reach {server}: no answer within {shown}\nhint: ");
            assert_fails(&run, &expected);
            assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        }
    }
    Ok(())
}

#[tokio::test]
async fn in_the_open_it_is_said_who_to_act_as_and_no_credential() -> Result<()> {
    let pages = server("127.0.0.1:0", |_| {
        answer(200, "content-type: text/html\r\n", "<!doctype html>hunter2")
    })
    .await?;
    let at = format!("--server=http://{}", pages.address);
    let token = format!("--token={MARKER}");
    let as_me = ["--as=me", "--as-uid=7", "--as-group=a", "--as-group=b"];
    let run = fetch(NO_KUBECONFIG, &[&[at.as_str(), &token], &as_me[..]].concat()).await?;
    assert_fails(&run, &format!("http://{} is no Kubernetes API server", pages.address));
    let asked = pages.asked();
    let [request] = &asked[..] else { panic!("{asked:?}") };
    let path = "/api/v1/namespaces/kube-system/services/sealed-secrets-controller";
    assert!(request.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{request}");
    let request = request.to_lowercase();
    for header in [
        "impersonate-user: me",
        "impersonate-uid: 7",
        "impersonate-group: a",
        "impersonate-group: b",
    ] {
        assert!(request.contains(&format!("\r\n{header}\r\n")), "{header}: {request}");
    }
    assert!(!request.contains("authorization") && !request.contains(MARKER), "{request}");
    Ok(())
}

#[tokio::test]
async fn what_is_no_api_server_is_told() -> Result<()> {
    for (reply, expected) in [
        (answer(404, "", "404 page not found\n"), "it answers 404 Not Found with something else"),
        (
            answer(302, "location: /login\r\n", "<html>hunter2"),
            "it answers 302 Found with a web page",
        ),
        (answer(403, "", "<html>hunter2"), "it answers 403 Forbidden with a web page"),
        (answer(200, "", "{}"), "it answers 200 OK with something else"),
        (answer(401, "", "hunter2"), "does not accept the credentials"),
        (
            answer(500, "", "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"message\":\"etcd\"}"),
            "500 Internal Server Error: etcd",
        ),
        (
            answer(429, "retry-after: 300\r\n", ""),
            "is asked too often\nhint: try again in 300 seconds",
        ),
        ("SSH-2.0-OpenSSH\r\n".to_owned(), "cannot reach http://"),
        (String::new(), "it closed the connection"),
    ] {
        let stand_in = server("127.0.0.1:0", move |_| reply.clone()).await?;
        let at = format!("--server=http://{}", stand_in.address);
        let run = fetch(NO_KUBECONFIG, &[&at]).await?;
        assert_fails(&run, "");
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
    // Nor does TLS begin with what a plain server says.
    let plain = server("127.0.0.1:0", |_| answer(200, "", "")).await?;
    let at = format!("https://{}", plain.address);
    let run = fetch(NO_KUBECONFIG, &[&format!("--server={at}"), "--request-timeout=5"]).await?;
    assert_fails(&run, &format!("cannot reach {at}: "));
    Ok(())
}

#[tokio::test]
async fn a_certificate_from_the_web_is_no_page_and_comes_in_time() -> Result<()> {
    let certificate = harness::Key::a().certificate_pem().to_owned();
    let web = server("127.0.0.1:0", move |request| match request.split(' ').nth(1) {
        Some("/cert.pem?token=hunter2") => answer(200, "", &certificate),
        Some("/login") => answer(200, "content-type: text/html\r\n", "\n<!DOCTYPE html>hunter2"),
        Some("/text") => answer(200, "", "hunter2"),
        Some("/moved") => answer(302, "location: /login\r\n", ""),
        _ => answer(404, "", "hunter2"),
    })
    .await?;
    let url = |path: &str| format!("--cert=http://me:hunter2@{}{path}", web.address);
    let (file, input) = (url("/cert.pem?token=hunter2"), secret());
    let found = run(Path::new(NO_KUBECONFIG), [&file], &input).await?;
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    let at = |path: &str| format!("http://{}{path}", web.address);
    for (path, expected) in [
        (
            "/login",
            format!("{} is a web page, not a certificate\nhint: check the URL", at("/login")),
        ),
        (
            "/moved",
            format!("{} is a web page, not a certificate\nhint: check the URL", at("/moved")),
        ),
        (
            "/none",
            format!(
                "cannot download the certificate from {}: the server answered 404",
                at("/none")
            ),
        ),
        ("/text", format!("cannot seal with {}: ", at("/text"))),
    ] {
        let found = run(Path::new(NO_KUBECONFIG), [&url(path)], &input).await?;
        assert_fails(&found, &expected);
    }
    let closed = "--cert=http://me:hunter2@127.0.0.1:1/cert.pem?hunter2";
    let found = run(Path::new(NO_KUBECONFIG), [closed], &input).await?;
    assert_fails(
        &found,
        "cannot download the certificate from http://127.0.0.1:1/cert.pem: connection refused",
    );
    Ok(())
}

const V1: &str = "client.authentication.k8s.io/v1";

/// A kubeconfig whose user is what a plugin says, which runs in that folder.
fn with_plugin(folder: &Path, admin: &Said, script: &str, changes: Value) -> Result<PathBuf> {
    let step = || "cannot write a plugin";
    std::fs::create_dir(folder).context(step)?;
    let path = folder.join("plugin.sh");
    let script = format!("#!/bin/sh\ncd '{}'\n{script}", folder.display());
    std::fs::write(&path, script).context(step)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).context(step)?;
    let mut plugin = json!({
        "apiVersion": V1,
        // Beside the kubeconfig.
        "command": "./plugin.sh",
        "interactiveMode": "IfAvailable",
        "provideClusterInfo": true,
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        plugin[name] = value.clone();
    }
    let mut said = admin.0.clone();
    said["users"][0]["user"] = json!({ "exec": plugin });
    written(folder, "kubeconfig", &said)
}

fn written(folder: &Path, name: &str, kubeconfig: &Value) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, kubeconfig.to_string()).context(|| "cannot write a kubeconfig")?;
    Ok(path)
}

/// What a kubeconfig says.
struct Said(Value);

impl Said {
    fn by(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).context(|| "cannot read a kubeconfig")?;
        serde_saphyr::from_str(&text).map(Self).context(|| "a kubeconfig is YAML")
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn decoded(&self, pointer: &str) -> Result<String> {
        let bytes = STANDARD.decode(self.text(pointer)).context(|| "it is not base64")?;
        String::from_utf8(bytes).context(|| "it is no PEM")
    }

    /// The path of a file with what stands there in base64.
    fn file(&self, folder: &Path, pointer: &str) -> Result<String> {
        let path = folder.join(pointer.replace('/', "-"));
        std::fs::write(&path, self.decoded(pointer)?).context(|| "cannot write a PEM file")?;
        Ok(path.display().to_string())
    }
}

/// Somebody who is logged in and has no rights of his own.
async fn user(place: &Installation) -> Result<PathBuf> {
    let cluster: &Cluster = place.namespace.cluster();
    let namespace = cluster.namespace("user").await?;
    cluster.kubeconfig_for_token(namespace.name(), "default").await
}

async fn fetch(kubeconfig: &str, args: &[&str]) -> Result<Run> {
    run(Path::new(kubeconfig), ["--fetch-cert"].iter().chain(args), "").await
}

/// One line of what is wrong and one of what to do, which hold no secret.
fn assert_fails(run: &Run, expected: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
    assert!(run.stderr.starts_with(&format!("error: {expected}")), "{expected}: {}", run.stderr);
    let lines: Vec<_> = run.stderr.lines().collect();
    assert!(matches!(lines[..], [_, hint] if hint.starts_with("hint: ")), "{}", run.stderr);
    assert!(!run.stderr.contains(MARKER), "{}", run.stderr);
}

fn secret() -> String {
    let data = json!({ "password": "open sesame" });
    json!({ "kind": "Secret", "metadata": { "name": "db", "namespace": "n" }, "stringData": data })
        .to_string()
}
