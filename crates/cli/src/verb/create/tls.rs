//! `create tls`: a certificate and its private key. `--cert` and `--key` are kubectl's here.

use std::path::PathBuf;

use clap::Args;

use super::CONTENT;
use super::flags::Flags;
use super::values::Values;
use crate::error::{Error, Result};
use crate::manifest;
use crate::verb::{Ending, secret_type, value};

/// Which certificate.
#[derive(Debug, Args)]
#[command(
    mut_arg("seal_with", |flag| flag.visible_alias(None::<&str>)),
    after_help = "Example:
  kubeseal create tls web --cert=fullchain.pem --key=privkey.pem --seal-with=cert.pem -w web.yaml"
)]
pub(crate) struct Tls {
    #[command(flatten)]
    flags: Flags,

    /// File with the server's certificate, and behind it those of its issuers, each before its own
    #[arg(long, required = true, value_name = "FILE", help_heading = CONTENT)]
    cert: PathBuf,

    /// File with the certificate's private key
    #[arg(long, required = true, value_name = "FILE", help_heading = CONTENT)]
    key: PathBuf,
}

impl Tls {
    pub(super) fn run(&self) -> Result<Ending> {
        let files = [("tls.crt", &self.cert), ("tls.key", &self.key)];
        if files.iter().all(|(_, file)| manifest::is_standard_input(file)) {
            return Err(Error::usage("standard input can be one file only"));
        }
        for (flag, file) in [("--key", &self.key), ("--cert", &self.cert)] {
            manifest::check_path(flag, &file.to_string_lossy())?;
        }
        let created = self.flags.create(Some(secret_type::TLS), || {
            let mut values = Values::default();
            for (key, file) in files {
                values.add(key, value::read(file)?)?;
            }
            Ok(values)
        });
        // `--cert` is the server's certificate here.
        created.map_err(|error| error.rehint("seal with --cert", "seal with --seal-with"))
    }
}
