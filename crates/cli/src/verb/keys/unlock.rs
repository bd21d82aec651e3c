//! A backup, and what opens it: the flags of all verbs that read one.

use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use clap::Args;
use sealwright_crypto::Plaintext;

use super::age_file::{self, Unlock};
use crate::error::{Error, Result, say};
use crate::manifest::{self, is_standard_input};
use crate::prompt::ask;

/// The flags.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The backup: of `kubeseal keys backup`, or key Secrets as kubectl prints them; - is standard input
    #[arg(value_name = "BACKUP")]
    file: PathBuf,

    /// File with age identities that open the backup; repeated for several
    #[arg(short, long, value_name = "FILE")]
    identity: Vec<PathBuf>,

    /// File with the passphrase that opens the backup; without it the terminal asks
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Backup {
    /// What stands in the backup, in memory.
    ///
    /// # Errors
    /// When it cannot be read or opened.
    pub(super) fn open(&self) -> Result<Plaintext> {
        let files = self.identity.iter().chain(&self.passphrase_file).chain([&self.file]);
        if files.filter(|path| is_standard_input(path)).count() > 1 {
            return Err(Error::usage("standard input can be one of the files only"));
        }
        let bytes = manifest::read_bytes(Some(&self.file))?;
        if !age_file::is_encrypted(&bytes) {
            say("note: the backup is not encrypted: whoever has the file has the keys");
            return Ok(Plaintext::new(bytes));
        }
        age_file::decrypt(
            &bytes,
            |by_passphrase| {
                if by_passphrase { self.passphrase() } else { self.identities() }
            },
        )
    }

    fn passphrase(&self) -> Result<Unlock> {
        let passphrase = match &self.passphrase_file {
            Some(path) => passphrase_in(path)?,
            None => asked("passphrase of the backup: ")?,
        };
        Ok(Unlock::Passphrase(passphrase))
    }

    fn identities(&self) -> Result<Unlock> {
        let mut identities = Vec::new();
        for path in &self.identity {
            let text = manifest::read_file(path)?;
            let lines = text.lines().map(str::trim);
            for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
                let identity = age_file::identity(line);
                identities.push(identity.ok_or_else(|| unusable(path))?);
            }
        }
        if identities.is_empty() {
            return Err(Error::usage("the backup is encrypted to recipients")
                .hint("give the file with the identity of one of them: --identity FILE"));
        }
        Ok(Unlock::Identities(identities))
    }
}

/// Asks for a passphrase on the terminal.
///
/// # Errors
/// When there is none, or whoever sits there gives up.
pub(super) fn asked(prompt: &str) -> Result<SecretString> {
    let typed = ask(prompt);
    secret(&typed.map_err(|error| error.hint("--passphrase-file FILE asks nobody"))?)
}

/// The first line of a file, as age takes passphrases: without what ends it.
///
/// # Errors
/// When it cannot be read, or is empty.
pub(super) fn passphrase_in(path: &Path) -> Result<SecretString> {
    let bytes = Plaintext::new(manifest::read_bytes(Some(path))?);
    let line = bytes.expose().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    secret(&Plaintext::new(line.to_vec()))
}

/// A passphrase as age wants it.
///
/// # Errors
/// When it is empty, or no text.
fn secret(typed: &Plaintext) -> Result<SecretString> {
    let text = std::str::from_utf8(typed.expose())
        .map_err(|_| Error::new("the passphrase is not UTF-8 text"))?;
    if text.is_empty() {
        return Err(Error::new("the passphrase is empty"));
    }
    Ok(SecretString::from(text.to_owned()))
}

fn unusable(path: &Path) -> Error {
    Error::new(format!("{}: a line is no age identity", path.display())).hint(
        "one begins with AGE-SECRET-KEY-1; for those of plugins, of SSH keys or under a passphrase, \
         let the age tool open the backup: age -d -i FILE BACKUP | kubeseal keys restore -",
    )
}
