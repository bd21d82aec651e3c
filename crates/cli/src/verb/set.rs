//! `set`: values sealed into a file that is there. Everything else in it stays, byte for byte.

use std::path::PathBuf;

use clap::Args;

use super::Ending;
use super::item::Item;
use super::recipient::{Recipient, put};
use super::target::in_place;
use crate::error::Result;

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

    #[command(flatten)]
    recipient: Recipient,
}

impl Set {
    pub(super) fn run(&self) -> Result<Ending> {
        let items = Item::parse_all(&self.items)?;
        let mut file = in_place(&self.file)?;
        let (place, document) = self.recipient.target(&file, &self.file)?;
        let destination = self.recipient.destination(&self.file)?;
        let mut secret = self.recipient.addressee(&document, &destination.cluster)?;
        let key = destination.key()?;
        for item in &items {
            secret.data.insert(item.key.clone(), item.value()?);
        }
        put(&secret, &key, &mut file, (place, &document))?;
        file.save()?;
        Ok(Ending::Clean)
    }
}
