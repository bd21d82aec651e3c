//! The command line and its environment: upstream's flags, each with its variable.

mod environment;
pub(crate) mod value;

use std::time::Duration;

use clap::{ArgAction, Parser, ValueEnum};
use sealwright_crypto::KeySize;
use tracing::Level;

use crate::go_duration;
pub(crate) use environment::parse;
pub(crate) use value::{ListenAddr, Pairs};

const ABOUT: &str = "Opens SealedSecrets into Secrets.

Finds the cluster by the current context of $KUBECONFIG or ~/.kube/config; without these, by the
service account of its pod. Its keys are in the namespace that $POD_NAMESPACE names; without it, in
the pod's own, and outside a pod in default.

Every flag is also read from the environment: --key-prefix from SEALED_SECRETS_KEY_PREFIX. The flag
wins; a variable that makes no sense is told in the log and ignored, but for that of
--key-cutoff-time, which ends the start.";

/// What was asked for.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "controller",
    about = ABOUT,
    disable_version_flag = true,
    args_override_self = true,
    max_term_width = 100
)]
pub(crate) struct Args {
    /// Beginning of the names of key Secrets, and the name of the legacy one
    #[arg(long, default_value = "sealed-secrets-key", value_parser = value::key_prefix,
          help_heading = "Keys")]
    pub(crate) key_prefix: String,

    /// Bits of a new key: 2048, 3072, 4096 or 8192
    #[arg(long, default_value = "4096", value_parser = value::key_size, help_heading = "Keys")]
    pub(crate) key_size: KeySize,

    /// How long a new certificate holds, such as 720h30m
    #[arg(long, default_value = "87600h", value_parser = go_duration::parse,
          help_heading = "Keys")]
    pub(crate) key_ttl: Duration,

    /// Common name of a new certificate
    #[arg(long, default_value = "", hide_default_value = true, help_heading = "Keys")]
    pub(crate) my_cn: String,

    /// Age of the newest key at which another is made; 0: never
    #[arg(long, alias = "rotate-period", default_value = "720h",
          value_parser = go_duration::parse, value_name = "DURATION", help_heading = "Keys")]
    pub(crate) key_renew_period: Duration,

    /// Make a key if the newest is older than this time, as `date -R` writes it
    #[arg(long, value_parser = value::date, value_name = "DATE", help_heading = "Keys")]
    pub(crate) key_cutoff_time: Option<value::Cutoff>,

    /// What "newest" is judged by: CertNotBefore or SecretCreationTimestamp
    #[arg(
        long,
        default_value = "CertNotBefore",
        hide_possible_values = true,
        help_heading = "Keys"
    )]
    pub(crate) key_order_priority: String,

    /// Annotations of new key Secrets: k=v,k2=v2
    #[arg(long, default_value = "", hide_default_value = true, value_parser = value::annotations,
          value_name = "K=V,…", help_heading = "Keys")]
    pub(crate) privatekey_annotations: Pairs,

    /// Labels of new key Secrets: k=v,k2=v2
    #[arg(long, default_value = "", hide_default_value = true, value_parser = value::labels,
          value_name = "K=V,…", help_heading = "Keys")]
    pub(crate) privatekey_labels: Pairs,

    /// Superseded: key Secrets are always watched
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, action = ArgAction::Set,
          value_parser = value::boolean, value_name = "BOOL", help_heading = "Keys")]
    pub(crate) watch_for_secrets: bool,

    /// Watch every namespace; false: the controller's own and the additional ones
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "true", action = ArgAction::Set, value_parser = value::boolean,
          value_name = "BOOL", help_heading = "What is watched")]
    pub(crate) all_namespaces: bool,

    /// Further namespaces to watch, comma-separated; then the own one and these only
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NAMESPACE,…",
        help_heading = "What is watched"
    )]
    pub(crate) additional_namespaces: Vec<String>,

    /// Only SealedSecrets with these labels, as kubectl takes them
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "SELECTOR",
        help_heading = "What is watched"
    )]
    pub(crate) label_selector: String,

    /// Let one replica write at a time, the one that holds a Lease
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "true", action = ArgAction::Set, value_parser = value::boolean,
          value_name = "BOOL", help_heading = "What is done")]
    pub(crate) leader_election: bool,

    /// Name of that Lease, for controllers that are not each other's replicas
    #[arg(
        long,
        default_value = "sealed-secrets-controller",
        value_name = "NAME",
        help_heading = "What is done"
    )]
    pub(crate) lease_name: String,

    /// Open the deprecated field spec.data
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "true", action = ArgAction::Set, value_parser = value::boolean,
          value_name = "BOOL", help_heading = "What is done")]
    pub(crate) accept_deprecated_v1_data: bool,

    /// Report to the status of SealedSecrets
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "true", action = ArgAction::Set, value_parser = value::boolean,
          value_name = "BOOL", help_heading = "What is done")]
    pub(crate) update_status: bool,

    /// Leave deleted and edited Secrets as they are until their SealedSecret changes
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, action = ArgAction::Set,
          value_parser = value::boolean, value_name = "BOOL", help_heading = "What is done")]
    pub(crate) skip_recreate: bool,

    /// Delete the Secret of a deleted SealedSecret here, not only by Kubernetes' garbage collector
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, action = ArgAction::Set,
          value_parser = value::boolean, value_name = "BOOL", help_heading = "What is done")]
    pub(crate) old_gc_behavior: bool,

    /// Superseded: what can heal is tried again for as long as it takes
    #[arg(
        long,
        default_value = "5",
        hide_default_value = true,
        value_name = "N",
        allow_negative_numbers = true,
        help_heading = "What is done"
    )]
    pub(crate) max_unseal_retries: i64,

    /// Address of the HTTP server; without a host, all of IPv6 and IPv4
    #[arg(long, default_value = ":8080", value_parser = value::listen_addr,
          help_heading = "Servers")]
    pub(crate) listen_addr: ListenAddr,

    /// Address of the metrics server
    #[arg(long, default_value = ":8081", value_parser = value::listen_addr,
          help_heading = "Servers")]
    pub(crate) listen_metrics_addr: ListenAddr,

    /// How long a request may take to arrive
    #[arg(long, default_value = "2m", value_parser = go_duration::parse,
          value_name = "DURATION", help_heading = "Servers")]
    pub(crate) read_timeout: Duration,

    /// How long an answer may take
    #[arg(long, default_value = "2m", value_parser = go_duration::parse,
          value_name = "DURATION", help_heading = "Servers")]
    pub(crate) write_timeout: Duration,

    /// Requests a second that one client may make to /v1/verify, and to /v1/rotate
    #[arg(long, default_value = "2", value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..), help_heading = "Servers")]
    pub(crate) rate_limit: u32,

    /// Requests beyond the limit that are let through at once
    #[arg(long, default_value = "2", value_name = "N", help_heading = "Servers")]
    pub(crate) rate_limit_burst: u32,

    /// Leave the metric condition_info out
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, action = ArgAction::Set,
          value_parser = value::boolean, value_name = "BOOL", help_heading = "Servers")]
    pub(crate) metrics_omit_secret_labels: bool,

    /// Requests a second to the API server; negative: no limit [default: no limit]
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "API server")]
    pub(crate) kubeclient_qps: Option<f64>,

    /// Requests to the API server that may be made at once when there is a limit
    #[arg(
        long,
        default_value = "10",
        value_name = "N",
        allow_negative_numbers = true,
        help_heading = "API server"
    )]
    pub(crate) kubeclient_burst: i64,

    /// Least severity that is logged: DEBUG, INFO, WARN or ERROR
    #[arg(long, default_value = "INFO", value_name = "LEVEL", help_heading = "Log")]
    pub(crate) log_level: String,

    /// Form of the log lines: text or json
    #[arg(
        long,
        default_value = "text",
        value_enum,
        ignore_case = true,
        hide_possible_values = true,
        help_heading = "Log"
    )]
    pub(crate) log_format: LogFormat,

    /// Write what is no warning or error to standard output
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "true", action = ArgAction::Set, value_parser = value::boolean,
          value_name = "BOOL", help_heading = "Log")]
    pub(crate) log_info_stdout: bool,

    /// Print the version
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "false", hide_default_value = true, action = ArgAction::Set,
          value_parser = value::boolean, value_name = "BOOL")]
    pub(crate) version: bool,
}

/// Form of the log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// `time=… level=… msg=…`
    Text,
    /// One JSON object a line.
    Json,
}

/// What makes a key newer than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyOrder {
    /// The beginning of its certificate.
    CertNotBefore,
    /// The time at which its Secret was made.
    SecretCreationTimestamp,
}

impl Args {
    /// The severity, or a warning and the default: upstream runs on, and an upgrade in place must
    /// not fail to start.
    pub(crate) fn level(&self) -> Result<Level, String> {
        self.log_level.to_uppercase().parse().map_err(|_| {
            format!(
                "--log-level {:?} is none of DEBUG, INFO, WARN and ERROR: INFO it is",
                self.log_level
            )
        })
    }

    /// The order of keys, or a warning and the default, for the same reason.
    pub(crate) fn key_order(&self) -> Result<KeyOrder, String> {
        match self.key_order_priority.as_str() {
            "CertNotBefore" => Ok(KeyOrder::CertNotBefore),
            "SecretCreationTimestamp" => Ok(KeyOrder::SecretCreationTimestamp),
            other => Err(format!(
                "--key-order-priority {other:?} is neither CertNotBefore nor \
                 SecretCreationTimestamp: CertNotBefore it is"
            )),
        }
    }
}

/// A mistake on the command line, for a log that is read line by line.
pub(crate) fn in_one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let said: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    let said = said.iter().filter(|line| !line.starts_with("For more information"));
    let said = said.copied().collect::<Vec<_>>().join("; ");
    format!("{said}; see controller --help")
}

#[cfg(test)]
mod tests;
