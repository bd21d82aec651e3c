//! `keys backup`: all key Secrets in one file, encrypted before it is written.

use std::path::{Path, PathBuf};

use age::secrecy::{ExposeSecret, SecretString};
use clap::Args;

use super::age_file::{self, Lock, encrypt};
use super::stored::{Home, Stored};
use super::{copies, unlock};
use crate::cluster::Api;
use crate::error::{Cause, Error, Result, say};
use crate::verb::Ending;
use crate::{manifest, output};

/// A passphrase protects all that was ever sealed.
const SHORTEST: usize = 12;

/// What to copy, and for whom.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kubeseal keys backup -r age1… -w keys.age               for the holder of an age identity
  kubeseal keys backup --passphrase -w keys.age           asks for a passphrase
  kubeseal keys verify-backup keys.age -i identity.txt    tries it on what is live

The file opens with the age tool too: age -d -i identity.txt keys.age")]
pub(crate) struct Backup {
    /// Who can open it: an age recipient; repeated for several
    #[arg(short, long, value_name = "AGE1…")]
    recipient: Vec<String>,

    /// File with an age recipient on each line; repeated for several
    #[arg(short = 'R', long, value_name = "FILE")]
    recipients_file: Vec<PathBuf>,

    /// Whoever knows a passphrase can open it: the terminal asks for it
    #[arg(long)]
    passphrase: bool,

    /// File with that passphrase
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,

    /// Write to this file instead of standard output
    #[arg(short = 'w', long, value_name = "FILE")]
    write: Option<PathBuf>,

    /// Write the file though one is there, which may be the last copy of other keys
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    home: Home,
}

impl Backup {
    pub(super) fn run(&self) -> Result<Ending> {
        self.check_file()?;
        let recipients = self.recipients()?;
        let api = self.home.connect()?;
        let stored = self.home.usable_keys(&api)?;
        for stored in &stored {
            if let Err(reason) = &stored.key {
                say(format_args!(
                    "warning: {} cannot be used as a key, and is in the backup as it is: {reason}",
                    stored.name()
                ));
            }
        }
        let lock = self.lock(recipients)?;
        let text = encrypt(copies::text(&stored, &self.heading(&api)).expose(), &lock)?;
        match &self.write {
            Some(path) if self.force || is_device(path) => output::replace(path, &text)?,
            Some(path) => output::create(path, &text)?,
            None => output::print(text.as_bytes())?,
        }
        say(told(&stored, &lock, self.write.as_deref()));
        Ok(Ending::Clean)
    }

    fn check_file(&self) -> Result<()> {
        let Some(path) = &self.write else { return Ok(()) };
        if path.is_dir() {
            return Err(Error::new(format!("cannot write {}: is a directory", path.display()))
                .hint("name a file in it"));
        }
        if output::is_file(path) && !self.force {
            return Err(Error::new(format!("{} is there already", path.display()))
                .hint("it may be the last copy of other keys: name another file, or give --force")
                .of(Cause::Policy));
        }
        Ok(())
    }

    /// Before the cluster is asked, so that a mistake costs nothing.
    fn recipients(&self) -> Result<Vec<Box<dyn age::Recipient + Send + Sync>>> {
        let mut recipients = Vec::new();
        for word in &self.recipient {
            recipients.push(age_file::recipient(word)?);
        }
        for path in &self.recipients_file {
            let text = manifest::read_file(path)?;
            let lines = text.lines().map(str::trim);
            for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
                let read = age_file::recipient(line);
                recipients.push(read.map_err(|error| error.about(&path.display().to_string()))?);
            }
        }
        let by_passphrase = self.passphrase || self.passphrase_file.is_some();
        match (recipients.is_empty(), by_passphrase) {
            (false, true) => Err(Error::usage("a passphrase cannot stand beside recipients")
                .hint("age has the one or the other; make two backups")),
            (true, false) => Err(Error::usage("who is to open the backup?").hint(
                "give --recipient with the output of `age-keygen -y`, or --passphrase: sealing keys \
                 are not written unencrypted",
            )),
            _ => Ok(recipients),
        }
    }

    fn lock(&self, recipients: Vec<Box<dyn age::Recipient + Send + Sync>>) -> Result<Lock> {
        if !recipients.is_empty() {
            return Ok(Lock::Recipients(recipients));
        }
        let passphrase = match &self.passphrase_file {
            Some(path) => unlock::passphrase_in(path)?,
            None => chosen()?,
        };
        if passphrase.expose_secret().chars().count() < SHORTEST {
            return Err(Error::new(format!("the passphrase has less than {SHORTEST} characters"))
                .hint("it protects everything that was ever sealed: take several words")
                .of(Cause::Policy));
        }
        Ok(Lock::Passphrase(passphrase))
    }

    fn heading(&self, api: &Api) -> String {
        let (namespace, server) = (self.home.namespace(), api.server());
        let today = jiff::Timestamp::now().strftime("%Y-%m-%d");
        format!(
            "Sealing keys of {namespace} at {server}, {today}: whoever has them opens all that was sealed.\n\
             kubeseal keys restore puts them into a cluster."
        )
    }
}

/// Whether it is there, and something to write into: a pipe, standard output.
fn is_device(path: &Path) -> bool {
    manifest::is_standard_input(path) || std::fs::metadata(path).is_ok_and(|there| !there.is_file())
}

/// Asks twice: nobody sees what they type.
fn chosen() -> Result<SecretString> {
    let first = unlock::asked("passphrase for the backup: ")?;
    let again = unlock::asked("once more: ")?;
    if first.expose_secret() != again.expose_secret() {
        return Err(Error::new("the two are not the same: nothing was written").hint("try again"));
    }
    Ok(first)
}

fn told(stored: &[Stored], lock: &Lock, file: Option<&Path>) -> String {
    let retired = stored.iter().filter(|stored| !stored.is_active()).count();
    let keys = match stored.len() {
        1 => "1 key".to_owned(),
        count => format!("{count} keys"),
    };
    let retired = if retired > 0 { format!(", {retired} of them retired,") } else { String::new() };
    let whom = match lock {
        Lock::Recipients(all) if all.len() == 1 => "for 1 recipient".to_owned(),
        Lock::Recipients(all) => format!("for {} recipients", all.len()),
        Lock::Passphrase(_) => "under the passphrase".to_owned(),
    };
    let place = file.map(|file| format!(" in {}", file.display())).unwrap_or_default();
    format!("{keys}{retired} encrypted {whom}{place}; try it with kubeseal keys verify-backup")
}
