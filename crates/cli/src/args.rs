//! The command line: flags as upstream names them, each also as `SEALED_SECRETS_<FLAG>`.

use std::convert::Infallible;
use std::path::Path;
use std::str::FromStr;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};
use sealwright_api::{Scope, UnknownScope};

const ABOUT: &str = "Seals Kubernetes Secrets so that they can be committed to Git.

Reads Secrets (YAML or JSON) from standard input or -f and writes SealedSecrets. Only the
controller in the cluster can open them.";

const EXAMPLES: &str = "Examples:
  kubeseal --fetch-cert > cert.pem
  kubeseal --cert cert.pem -f secret.yaml -w sealed.yaml
  kubectl create secret generic db --from-literal=a=b --dry-run=client -o yaml | kubeseal -o yaml

Every flag can also be set by the environment: --controller-name is SEALED_SECRETS_CONTROLLER_NAME.";

/// What was asked for.
#[derive(Debug, Parser)]
#[command(
    name = "kubeseal",
    about = ABOUT,
    after_help = EXAMPLES,
    version = concat!("v", env!("CARGO_PKG_VERSION")),
    disable_version_flag = true,
    args_override_self = true,
    max_term_width = 100,
)]
pub(crate) struct Args {
    /// Certificate to seal with: a file, a file:// or an http(s):// URL. No cluster is needed then
    #[arg(
        long,
        env = "SEALED_SECRETS_CERT",
        value_name = "FILE|URL",
        help_heading = "Sealing",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) cert: Given,

    /// For whom to seal: strict, namespace-wide or cluster-wide. The wider two override annotations
    #[arg(long, env = "SEALED_SECRETS_SCOPE", value_parser = scope, value_name = "SCOPE", help_heading = "Sealing")]
    pub(crate) scope: Option<Scope>,

    /// Seal for this name instead of the Secret's own
    #[arg(
        long,
        env = "SEALED_SECRETS_NAME",
        help_heading = "Sealing",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) name: Given,

    /// Namespace of a Secret that names none
    #[arg(
        short,
        long,
        env = "SEALED_SECRETS_NAMESPACE",
        help_heading = "Sealing",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) namespace: Given,

    /// Seal a Secret without data instead of taking it for a mistake
    #[arg(long, env = "SEALED_SECRETS_ALLOW_EMPTY_DATA", help_heading = "Sealing",
          num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, hide_possible_values = true,
          value_name = "BOOL", value_parser = go_bool, action = clap::ArgAction::Set)]
    pub(crate) allow_empty_data: bool,

    /// Read from this file instead of standard input
    #[arg(
        short = 'f',
        long,
        env = "SEALED_SECRETS_SECRET_FILE",
        value_name = "FILE",
        help_heading = "Input and output",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) secret_file: Given,

    /// Write to this file instead of standard output; .yaml and .yml choose YAML
    #[arg(
        short = 'w',
        long,
        env = "SEALED_SECRETS_SEALED_SECRET_FILE",
        value_name = "FILE",
        help_heading = "Input and output",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) sealed_secret_file: Given,

    /// Output format: json or yaml
    #[arg(
        short = 'o',
        long,
        env = "SEALED_SECRETS_FORMAT",
        default_value = "json",
        help_heading = "Input and output"
    )]
    pub(crate) format: String,

    /// Print the controller's certificate
    #[arg(long, env = "SEALED_SECRETS_FETCH_CERT", help_heading = "Other modes",
          num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, hide_possible_values = true,
          value_name = "BOOL", value_parser = go_bool, action = clap::ArgAction::Set)]
    pub(crate) fetch_cert: bool,

    /// Ask the controller whether it can open the SealedSecrets of the input
    #[arg(long, env = "SEALED_SECRETS_VALIDATE", help_heading = "Other modes",
          num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, hide_possible_values = true,
          value_name = "BOOL", value_parser = go_bool, action = clap::ArgAction::Set)]
    pub(crate) validate: bool,

    /// Open the SealedSecrets of the input with --recovery-private-key, without a cluster
    #[arg(long, env = "SEALED_SECRETS_RECOVERY_UNSEAL", help_heading = "Other modes",
          num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, hide_possible_values = true,
          value_name = "BOOL", value_parser = go_bool, action = clap::ArgAction::Set)]
    pub(crate) recovery_unseal: bool,

    /// Private keys to open with: PEM, or the key Secrets of a backup. Comma-separated or repeated
    #[arg(
        long,
        env = "SEALED_SECRETS_RECOVERY_PRIVATE_KEY",
        value_name = "FILE,…",
        value_delimiter = ',',
        help_heading = "Other modes"
    )]
    pub(crate) recovery_private_key: Vec<String>,

    /// Name of the controller's Service
    #[arg(
        long,
        env = "SEALED_SECRETS_CONTROLLER_NAME",
        default_value = "sealed-secrets-controller",
        help_heading = "Cluster"
    )]
    pub(crate) controller_name: String,

    /// Namespace of the controller
    #[arg(
        long,
        env = "SEALED_SECRETS_CONTROLLER_NAMESPACE",
        default_value = "kube-system",
        help_heading = "Cluster"
    )]
    pub(crate) controller_namespace: String,

    /// Believe the certificate in the controller's ConfigMap on first use
    #[arg(long, env = "SEALED_SECRETS_TRUST_CONFIGMAP", help_heading = "Cluster",
          num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, hide_possible_values = true,
          value_name = "BOOL", value_parser = go_bool, action = clap::ArgAction::Set)]
    pub(crate) trust_configmap: bool,

    /// kubeconfig to use instead of $KUBECONFIG and ~/.kube/config
    #[arg(
        long,
        env = "SEALED_SECRETS_KUBECONFIG",
        value_name = "FILE",
        help_heading = "Cluster",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) kubeconfig: Given,

    /// Context of the kubeconfig to use instead of the current one
    #[arg(
        long,
        env = "SEALED_SECRETS_CONTEXT",
        help_heading = "Cluster",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) context: Given,

    /// Print the version
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, hide_possible_values = true,
          value_name = "BOOL", value_parser = go_bool, action = clap::ArgAction::Set)]
    pub(crate) version: bool,
}

/// A text that may be left empty, which means the same as leaving the flag out: Go's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given(String);

impl Given {
    pub(crate) fn text(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        self.text().map(Path::new)
    }
}

impl FromStr for Given {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// Reads the command line and the environment; prints help or a mistake and exits with 0 or 2.
pub(crate) fn parse() -> Args {
    Args::try_parse().unwrap_or_else(|error| {
        if let Some(variable) = variable_at_fault(&error) {
            Args::command().error(error.kind(), format!("{variable}: {}", cause(&error))).exit();
        }
        error.exit()
    })
}

/// The environment variable that holds a bad value, when it was not the command line.
fn variable_at_fault(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(shown)) = error.get(ContextKind::InvalidArg) else { return None };
    let flag: String = shown.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
    let on_command_line = std::env::args().any(|arg| arg.split('=').next() == Some(&flag));
    let variable = flag.trim_start_matches('-').to_uppercase().replace('-', "_");
    let variable = format!("SEALED_SECRETS_{variable}");
    (!on_command_line && std::env::var_os(&variable).is_some()).then_some(variable)
}

fn cause(error: &clap::Error) -> String {
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => value.as_str(),
        _ => "",
    };
    let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    format!("invalid value '{value}': {source}")
}

/// A scope; empty for the default, as upstream takes it.
fn scope(text: &str) -> Result<Scope, UnknownScope> {
    if text.is_empty() { Ok(Scope::Strict) } else { text.parse() }
}

/// A boolean as Go's `strconv.ParseBool` takes it.
fn go_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("a boolean is true or false".to_owned()),
    }
}
