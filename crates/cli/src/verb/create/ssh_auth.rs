//! `create ssh-auth`: a private key for SSH.

use std::path::Path;

use clap::Args;

use super::CONTENT;
use super::flags::Flags;
use super::values::Values;
use crate::error::{Error, Result};
use crate::manifest;
use crate::verb::{Ending, secret_type, value};

/// Which key.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  kubeseal create ssh-auth deploy --ssh-privatekey=deploy_ed25519 -n ci -w deploy.yaml")]
pub(crate) struct SshAuth {
    #[command(flatten)]
    flags: Flags,

    /// File with the private key; a @ in front of it is no part of its name
    #[arg(long, required = true, value_name = "[@]FILE", help_heading = CONTENT)]
    ssh_privatekey: String,
}

impl SshAuth {
    pub(super) fn run(&self) -> Result<Ending> {
        let path = self.ssh_privatekey.strip_prefix('@').unwrap_or(&self.ssh_privatekey);
        if path.is_empty() {
            return Err(Error::usage("--ssh-privatekey: the path is missing"));
        }
        manifest::check_path("--ssh-privatekey", path)?;
        self.flags.create(Some(secret_type::SSH_AUTH), || {
            let mut values = Values::default();
            values.add("ssh-privatekey", value::read(Path::new(path))?)?;
            Ok(values)
        })
    }
}
