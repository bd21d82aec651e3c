//! `create basic-auth`: a user name, and a password that is no argument.

use clap::Args;
use sealwright_crypto::Plaintext;

use super::CONTENT;
use super::flags::Flags;
use super::values::Values;
use crate::args::Given;
use crate::error::Result;
use crate::verb::item::Item;
use crate::verb::{Ending, secret_type};

/// Who logs in.
#[derive(Debug, Args)]
#[command(
    mut_arg("username", |flag| flag.long("cluster-username")),
    mut_arg("password", |flag| flag.long("cluster-password")),
    after_help = "Examples:
  kubeseal create basic-auth db --username=shop              asks for the password
  kubeseal create basic-auth db --username=shop --password=@password.txt"
)]
pub(crate) struct BasicAuth {
    #[command(flatten)]
    flags: Flags,

    /// Name of the user; without it the Secret has a password only
    #[arg(long = "username", value_name = "NAME", help_heading = CONTENT)]
    name_of_user: Given,

    /// Password: @FILE reads a file, - standard input; asked for, if it is not given
    #[arg(long = "password", value_name = "@FILE|-", help_heading = CONTENT)]
    password_from: Given,
}

impl BasicAuth {
    pub(super) fn run(&self) -> Result<Ending> {
        let password = Item::of_flag("password", "password", self.password_from.text())?;
        self.flags.create(Some(secret_type::BASIC_AUTH), || {
            let mut values = Values::default();
            if let Some(name) = self.name_of_user.text() {
                values.add("username", Plaintext::new(name.as_bytes().to_vec()))?;
            }
            values.add("password", password.value()?)?;
            Ok(values)
        })
    }
}
