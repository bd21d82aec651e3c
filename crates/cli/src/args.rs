//! The command line: flags as upstream names them, each also as `SEALED_SECRETS_<FLAG>`.

mod cluster;
mod environment;
mod klog;
mod loosely;
mod usage;
mod value;

use clap::Parser;
use sealwright_api::Scope;

use crate::error::say;
pub(crate) use cluster::ClusterArgs;
pub(crate) use environment::{Parsed, parse};
pub(crate) use loosely::{Line, read_loosely};
pub(crate) use usage::{whole, whole_as_parsed};
pub(crate) use value::{Given, GivenScope};

const ABOUT: &str = "Seals Kubernetes Secrets so that they can be committed to Git.

Reads Secrets (YAML or JSON) from standard input or -f and writes SealedSecrets. Only the
controller in the cluster can open them.";

const EXAMPLES: &str = "Examples:
  kubeseal --fetch-cert > cert.pem
  kubeseal --cert cert.pem -f secret.yaml -w sealed.yaml
  kubectl create secret generic db --from-literal=a=b --dry-run=client -o yaml | kubeseal -o yaml
  printf %s \"$PASSWORD\" | kubeseal --cert cert.pem --raw --name db -n shop

Verbs, see kubeseal help: inspect, verify, diff, create, reencrypt, set, edit, unset, render, keys, doctor, scan, completion, man.

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
    next_help_heading = "Sealing",
)]
pub(crate) struct Args {
    /// Certificate to seal with: a file, a file:// or an http(s):// URL. No cluster is needed then
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) cert: Given,

    /// For whom to seal: strict, namespace-wide or cluster-wide. The wider two override annotations
    #[arg(long, default_value = "", hide_default_value = true)]
    scope: GivenScope,

    /// Seal for this name instead of the Secret's own
    #[arg(long)]
    pub(crate) name: Given,

    /// Namespace of a Secret that names none
    #[arg(short, long)]
    pub(crate) namespace: Given,

    /// Seal a Secret without data instead of taking it for a mistake
    #[arg(long)]
    pub(crate) allow_empty_data: bool,

    /// Read from this file instead of standard input
    #[arg(short = 'f', long, value_name = "FILE", help_heading = "Input and output")]
    pub(crate) secret_file: Given,

    /// Write to this file instead of standard output; .yaml and .yml choose YAML
    #[arg(short = 'w', long, value_name = "FILE", help_heading = "Input and output")]
    pub(crate) sealed_secret_file: Given,

    /// Output format: json or yaml
    #[arg(short = 'o', long, default_value = "json", help_heading = "Input and output")]
    pub(crate) format: String,

    /// Print the controller's certificate
    #[arg(long, help_heading = "Other modes")]
    pub(crate) fetch_cert: bool,

    /// Ask the controller whether it can open the SealedSecrets of the input
    #[arg(long, help_heading = "Other modes")]
    pub(crate) validate: bool,

    /// Seal the input into this SealedSecret, which keeps its name, scope and everything else
    #[arg(long, value_name = "FILE", help_heading = "Other modes")]
    pub(crate) merge_into: Given,

    /// Seal one value, given by --from-file or on standard input, and print it
    #[arg(long, help_heading = "Other modes")]
    pub(crate) raw: bool,

    /// File that holds the value for --raw; what stands before a = is ignored
    #[arg(long, value_name = "[KEY=]FILE", value_delimiter = ',', help_heading = "Other modes")]
    pub(crate) from_file: Vec<String>,

    /// Seal the values of the input anew with the newest key, in place when the input is a file.
    /// Through the controller, or with --recovery-private-key and --cert without a cluster
    #[arg(long, help_heading = "Other modes")]
    pub(crate) re_encrypt: bool,

    /// Deprecated name of --re-encrypt
    #[arg(long, hide = true)]
    pub(crate) rotate: bool,

    /// Open the SealedSecrets of the input with --recovery-private-key, without a cluster
    #[arg(long, help_heading = "Other modes")]
    pub(crate) recovery_unseal: bool,

    /// Private keys to open with: PEM, or the key Secrets of a backup. Comma-separated or repeated
    #[arg(long, value_name = "FILE,…", value_delimiter = ',', help_heading = "Other modes")]
    pub(crate) recovery_private_key: Vec<String>,

    #[command(flatten)]
    pub(crate) cluster: ClusterArgs,

    #[command(flatten)]
    log: klog::Ignored,

    /// Print the version
    #[arg(long, help_heading = "Other modes")]
    pub(crate) version: bool,
}

impl Args {
    /// The scope that was asked for.
    pub(crate) fn scope(&self) -> Option<Scope> {
        self.scope.0
    }

    /// A wider scope that was asked for: it overrides annotations, strict does not.
    pub(crate) fn wider_scope(&self) -> Option<Scope> {
        self.scope().filter(|scope| *scope != Scope::Strict)
    }

    /// Says so, where strict was asked for in vain.
    pub(crate) fn say_if_wider(&self, place: &str, scope: Scope) {
        if self.scope() == Some(Scope::Strict) && scope != Scope::Strict {
            say(format_args!(
                "note: {place} is sealed {scope}, as its annotations say: --scope strict does not \
                 override them"
            ));
        }
    }

    /// Whether values are to be sealed anew, under the new name of the flag or the old one.
    pub(crate) fn seals_anew(&self) -> bool {
        self.re_encrypt || self.rotate
    }
}

#[cfg(test)]
mod tests;
