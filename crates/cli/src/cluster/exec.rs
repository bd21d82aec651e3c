//! Credential plugins: a program of the kubeconfig that prints an ExecCredential.
//!
//! kube would run it too, but three times for one client, and with standard input, which here holds
//! the manifest.

use std::io::IsTerminal;
use std::process::{Command, ExitStatus, Stdio};

use kube::config::{Cluster, ExecAuthCluster, ExecConfig, ExecInteractiveMode};
use serde_json::{Value, json};

use crate::error::{Error, Result, io_reason};
use crate::yaml;

const GROUP: &str = "client.authentication.k8s.io/";

/// What the plugin said: a token, a certificate with its key, or both.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Credential {
    pub(super) token: Option<String>,
    /// Certificate and key, in PEM.
    pub(super) identity: Option<(String, String)>,
}

/// Runs the plugin. What it says on standard error goes to the user as it is.
///
/// # Errors
/// When it cannot be run, fails, or prints something else.
pub(super) fn ask(plugin: &ExecConfig, cluster: &Cluster) -> Result<Credential> {
    let name = plugin.command.as_deref().filter(|name| !name.is_empty()).ok_or_else(|| {
        Error::new("the credential plugin of the kubeconfig has no command")
            .hint("see `kubectl config view`")
    })?;
    let version = version(plugin).map_err(|why| about(name, &why))?;
    let is_interactive = is_interactive(plugin.interactive_mode.as_ref(), stdin_is_terminal())
        .map_err(|why| about(name, why).hint("run it in a terminal, without a pipe into it"))?;
    let question = question(version, is_interactive, plugin, cluster)?;
    let output = command(plugin, name, is_interactive, &question).output();
    let output = output.map_err(|error| not_run(name, plugin, &error))?;
    if !output.status.success() {
        return Err(about(name, &failed(output.status))
            .hint("see what it says above; perhaps its own login has to be renewed"));
    }
    answer(&output.stdout, version).map_err(|why| {
        about(name, why).hint("see the plugin's documentation, and its arguments in the kubeconfig")
    })
}

fn command(plugin: &ExecConfig, name: &str, is_interactive: bool, question: &str) -> Command {
    let mut command = Command::new(name);
    command.args(plugin.args.iter().flatten());
    for variable in plugin.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            command.env(name, value);
        }
    }
    let input = if is_interactive { Stdio::inherit() } else { Stdio::null() };
    command.env("KUBERNETES_EXEC_INFO", question).stdin(input).stderr(Stdio::inherit());
    command
}

fn stdin_is_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// Whether the plugin gets the terminal.
fn is_interactive(
    mode: Option<&ExecInteractiveMode>,
    is_terminal: bool,
) -> Result<bool, &'static str> {
    match mode {
        Some(ExecInteractiveMode::Never) => Ok(false),
        Some(ExecInteractiveMode::IfAvailable) | None => Ok(is_terminal),
        Some(ExecInteractiveMode::Always) if is_terminal => Ok(true),
        Some(ExecInteractiveMode::Always) => {
            Err("it has to ask something, and standard input is no terminal")
        }
    }
}

fn version(plugin: &ExecConfig) -> Result<&str, String> {
    let version = plugin.api_version.as_deref().unwrap_or_default();
    if version.starts_with(GROUP) {
        return Ok(version);
    }
    Err(format!("its apiVersion in the kubeconfig is {version:?}, which is none of {GROUP}"))
}

/// The ExecCredential that the plugin reads.
fn question(
    version: &str,
    is_interactive: bool,
    plugin: &ExecConfig,
    cluster: &Cluster,
) -> Result<String> {
    let mut spec = json!({ "interactive": is_interactive });
    if plugin.provide_cluster_info {
        let cluster = ExecAuthCluster::try_from(cluster).map_err(|error| {
            Error::new(format!("cannot tell the credential plugin of the cluster: {error}"))
                .hint("check the cluster's certificate authority in the kubeconfig")
        })?;
        spec["cluster"] = serde_json::to_value(cluster).expect("a cluster is JSON");
    }
    let question = json!({ "kind": "ExecCredential", "apiVersion": version, "spec": spec });
    Ok(question.to_string())
}

/// The ExecCredential that the plugin printed, as JSON or YAML. It is never shown.
fn answer(printed: &[u8], version: &str) -> Result<Credential, &'static str> {
    let text = std::str::from_utf8(printed).map_err(|_| "what it prints is no text")?;
    let stream = yaml::read(text).map_err(|_| "what it prints is neither JSON nor YAML")?;
    let [printed] = &stream.documents[..] else { return Err("it prints no ExecCredential") };
    if printed["kind"] != "ExecCredential" {
        return Err("it prints no ExecCredential");
    }
    if printed["apiVersion"] != version {
        return Err("it answers in another apiVersion than the kubeconfig has for it");
    }
    let status = &printed["status"];
    let field = |name: &str| match &status[name] {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    let token = field("token");
    let identity = match (field("clientCertificateData"), field("clientKeyData")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) if token.is_none() => return Err("it gives neither token nor certificate"),
        (None, None) => None,
        _ => return Err("it gives a certificate without its key, or a key alone"),
    };
    Ok(Credential { token, identity })
}

fn about(plugin: &str, why: &str) -> Error {
    Error::new(format!("the credential plugin {plugin} of the kubeconfig failed: {why}"))
}

fn not_run(name: &str, plugin: &ExecConfig, error: &std::io::Error) -> Error {
    if error.kind() != std::io::ErrorKind::NotFound {
        return about(name, &format!("cannot run it: {}", io_reason(error)))
            .hint("check the file and its permissions");
    }
    let own = plugin.install_hint.as_deref().map(in_one_line).filter(|hint| !hint.is_empty());
    let hint = own.unwrap_or_else(|| {
        "install it, or add its folder to PATH; see users[].user.exec in the kubeconfig".to_owned()
    });
    about(name, "there is no such program").hint(hint)
}

/// The plugin's own words, without what would steer the terminal.
fn in_one_line(hint: &str) -> String {
    let words = hint.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_control()).collect()
}

fn failed(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("it ended with exit code {code}"),
        None => "it was killed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = "client.authentication.k8s.io/v1";

    fn printed(status: &str) -> Vec<u8> {
        format!("{{kind: ExecCredential, apiVersion: {V1}, status: {status}}}").into_bytes()
    }

    #[test]
    fn a_plugin_gives_a_token_or_a_certificate_or_both() {
        let pair = || Some(("c".to_owned(), "k".to_owned()));
        for (status, token, identity) in [
            ("{token: t}", Some("t"), None),
            ("{clientCertificateData: c, clientKeyData: k}", None, pair()),
            ("{token: t, clientCertificateData: c, clientKeyData: k}", Some("t"), pair()),
            ("{token: t, clientCertificateData: '', clientKeyData: ''}", Some("t"), None),
        ] {
            let expected = Credential { token: token.map(str::to_owned), identity };
            assert_eq!(answer(&printed(status), V1), Ok(expected), "{status}");
        }
        let json = format!(
            "{{\"kind\":\"ExecCredential\",\"apiVersion\":\"{V1}\",\"status\":{{\"token\":\"0755\"}}}}\n"
        );
        assert_eq!(answer(json.as_bytes(), V1).unwrap().token.as_deref(), Some("0755"));
    }

    #[test]
    fn what_is_no_credential_is_told_and_not_shown() {
        for (printed, expected) in [
            (b"hunter2".to_vec(), "no ExecCredential"),
            (b"".to_vec(), "no ExecCredential"),
            (b"[hunter2]".to_vec(), "no ExecCredential"),
            (b"{hunter2".to_vec(), "neither JSON nor YAML"),
            (b"\xff".to_vec(), "no text"),
            (b"{kind: ExecCredential}".to_vec(), "another apiVersion"),
            (printed("null"), "neither token nor certificate"),
            (printed("{token: 7}"), "neither token nor certificate"),
            (printed("{token: ''}"), "neither token nor certificate"),
            (printed("{token: t, clientKeyData: hunter2}"), "without its key"),
            (printed("{clientCertificateData: hunter2}"), "without its key"),
        ] {
            let why = answer(&printed, V1).unwrap_err();
            assert!(why.contains(expected), "{why}");
        }
    }

    #[test]
    fn a_plugin_gets_the_terminal_only_where_there_is_one() {
        use ExecInteractiveMode::{Always, IfAvailable, Never};
        for (mode, at_terminal, elsewhere) in [
            (Some(Never), Ok(false), Some(false)),
            (Some(IfAvailable), Ok(true), Some(false)),
            (None, Ok(true), Some(false)),
            (Some(Always), Ok(true), None),
        ] {
            assert_eq!(is_interactive(mode.as_ref(), true), at_terminal);
            assert_eq!(is_interactive(mode.as_ref(), false).ok(), elsewhere);
        }
    }

    #[test]
    fn a_plugin_is_told_of_the_cluster_when_it_wants() {
        let cluster = Cluster {
            server: Some("https://api".to_owned()),
            certificate_authority_data: Some("Y2E=".to_owned()),
            ..Cluster::default()
        };
        let asked = |provide_cluster_info| {
            let plugin = ExecConfig { provide_cluster_info, ..plugin("login") };
            let question = question(V1, false, &plugin, &cluster).unwrap();
            serde_json::from_str::<Value>(&question).unwrap()
        };
        let spec = json!({ "interactive": false });
        let expected = json!({ "kind": "ExecCredential", "apiVersion": V1, "spec": spec });
        assert_eq!(asked(false), expected);
        let told = json!({ "server": "https://api", "certificate-authority-data": "Y2EK" });
        assert_eq!(asked(true)["spec"]["cluster"], told);
    }

    #[test]
    fn a_plugin_that_does_not_run_is_named() {
        let cluster = Cluster::default();
        let missing = ExecConfig {
            install_hint: Some("run:\n\n  brew install \u{1b}[1mlogin\n".to_owned()),
            ..plugin("/no/such/login")
        };
        let elsewhere = ExecConfig { api_version: Some("v1".to_owned()), ..plugin("login") };
        for (plugin, expected) in [
            (
                missing,
                "error: the credential plugin /no/such/login of the kubeconfig failed: there is no such program\nhint: run: brew install [1mlogin",
            ),
            (plugin("/no/such/login"), "\nhint: install it"),
            (plugin("/"), "/ of the kubeconfig failed: cannot run it: permission denied"),
            (plugin("false"), "false of the kubeconfig failed: it ended with exit code 1\nhint: "),
            (plugin("true"), "true of the kubeconfig failed: it prints no ExecCredential\nhint: "),
            (elsewhere, "its apiVersion in the kubeconfig is \"v1\""),
            (plugin(""), "has no command"),
        ] {
            let error = ask(&plugin, &cluster).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    fn plugin(command: &str) -> ExecConfig {
        serde_json::from_value(json!({
            "apiVersion": V1,
            "command": command,
            "interactiveMode": "Never",
        }))
        .unwrap()
    }
}
