//! `create`: a Secret of files and answers, sealed in the same step, so that its plaintext is never
//! on disk. Nouns and flags are kubectl's; which are not is docs/decisions/0011-create-and-its-flags.md.

mod basic_auth;
mod certificates;
mod content;
mod docker_config;
mod docker_registry;
mod env_file;
mod file_source;
mod flags;
mod generic;
mod list;
mod openssh_key;
mod orders;
mod pem;
mod private_key;
mod rules;
mod ssh_auth;
mod ssh_der;
mod ssh_key;
mod tls;
mod values;

use clap::Subcommand;

use super::Ending;
use crate::error::Result;

/// Heading of the flags that say what is in a Secret. They have no variables: `SEALED_SECRETS_CERT`
/// and its like say how all Secrets are sealed, not what is in one.
pub(crate) const CONTENT: &str = "What is in the Secret";

/// Which type of Secret.
#[derive(Debug, Subcommand)]
pub(crate) enum Create {
    /// Seal a Secret of files, answers and literal values
    Generic(generic::Generic),
    /// Seal a certificate and its private key
    Tls(tls::Tls),
    /// Seal what logs in to a container registry
    DockerRegistry(docker_registry::DockerRegistry),
    /// Seal a user name and a password
    BasicAuth(basic_auth::BasicAuth),
    /// Seal a private key for SSH
    SshAuth(ssh_auth::SshAuth),
}

impl Create {
    pub(super) fn run(&self) -> Result<Ending> {
        match self {
            Self::Generic(generic) => generic.run(),
            Self::Tls(tls) => tls.run(),
            Self::DockerRegistry(registry) => registry.run(),
            Self::BasicAuth(basic_auth) => basic_auth.run(),
            Self::SshAuth(ssh_auth) => ssh_auth.run(),
        }
    }
}
