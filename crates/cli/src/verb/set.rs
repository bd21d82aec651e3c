//! `set`: values sealed into a file that is there. Everything else in it stays, byte for byte.

use std::path::PathBuf;

use clap::Args;
use sealwright_sealing::seal;

use super::Ending;
use super::addressee::addressee;
use super::item::Item;
use super::target::{in_place, target};
use crate::args::{ClusterArgs, Given};
use crate::certificate;
use crate::error::{Error, Result};
use crate::object::path;

/// What to seal, and into which file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kubeseal set sealed.yaml password                asks on the terminal
  kubeseal set sealed.yaml tls.key=@server.key     reads a file
  pwgen -s 32 1 | tr -d '\\n' | kubeseal set sealed.yaml password=-")]
pub(crate) struct Set {
    /// The file to change
    file: PathBuf,

    /// What to seal: KEY asks on the terminal, KEY=@FILE reads a file, KEY=- standard input
    #[arg(required = true, value_name = "KEY[=@FILE|=-]")]
    items: Vec<String>,

    /// Which of several SealedSecrets in the file
    #[arg(long)]
    name: Given,

    /// Namespace of a SealedSecret that names none
    #[arg(short, long)]
    namespace: Given,

    /// Certificate to seal with: a file, a file:// or an http(s):// URL. No cluster is needed then
    #[arg(long, value_name = "FILE|URL")]
    cert: Given,

    #[command(flatten)]
    cluster: ClusterArgs,
}

impl Set {
    pub(super) fn run(&self) -> Result<Ending> {
        let items = Item::parse_all(&self.items)?;
        let mut file = in_place(&self.file)?;
        let (place, document) = target(&file, &self.file, &self.name, &self.namespace)?;
        let mut secret = addressee(&document, &self.namespace, &self.cluster)?;
        let key = certificate::to_seal_with(&self.cert, &self.cluster)?;
        for item in &items {
            secret.data.insert(item.key.clone(), item.value()?);
        }
        let sealed = seal(&secret, &key)
            .map_err(|error| Error::new(format!("{}: {error}", document.place)))?;
        for (item, value) in sealed.spec.encrypted_data {
            file.set(place, path(["spec", "encryptedData", &item]), value.into());
        }
        file.save()?;
        Ok(Ending::Clean)
    }
}
