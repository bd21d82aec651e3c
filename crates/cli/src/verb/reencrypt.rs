//! `reencrypt`: values sealed anew with the newest key, in place, in as many files as there are. Without
//! a cluster only those are touched that another key sealed.

mod anew;

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use sealwright_crypto::Keyring;
use serde_json::{Value, json};

use super::Ending;
use super::format::Format;
use super::in_order::{cores, in_order};
use super::look::{Look, look};
use super::progress::Progress;
use super::walk::{self, Found};
use super::ways::Ways;
use crate::args::{ClusterArgs, Given};
use crate::error::{Cause, Error, Result, say};
use crate::object::place_in;
use crate::table::printable;
use crate::{keys, manifest, output};
use anew::Anew;

/// What to seal anew, and who does it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kubeseal reencrypt deploy/                                        the controller does it
  kubeseal reencrypt deploy/ --recovery-private-key keys.yaml --cert newest.pem
  kubeseal reencrypt deploy/ --dry-run --recovery-private-key keys.yaml --cert newest.pem

Values that the newest key sealed are left alone. Bitnami's controller seals them anew too.")]
pub(crate) struct Reencrypt {
    /// Files, or folders in which every .yaml, .yml and .json is looked at
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,

    /// Open with these private keys, without a cluster: PEM, or the key Secrets of a backup
    #[arg(long, value_name = "FILE,…", value_delimiter = ',')]
    recovery_private_key: Vec<String>,

    /// With private keys: the newest certificate, a file, a file:// or an http(s):// URL
    #[arg(long, value_name = "FILE|URL")]
    cert: Given,

    /// Say what would be sealed anew, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Files at a time; by default twice as many as there are cores, which work while files are written
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<NonZero<usize>>,

    /// Namespace of SealedSecrets that name none
    #[arg(short, long)]
    namespace: Given,

    /// How to tell it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,

    #[command(flatten)]
    cluster: ClusterArgs,
}

/// What became of a file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Done {
    /// Items that were sealed anew, by object.
    anew: Vec<(String, Vec<String>)>,
    /// Items that were sealed with the newest key already.
    kept: usize,
}

impl Done {
    fn count(&self) -> usize {
        self.anew.iter().map(|(_, items)| items.len()).sum()
    }
}

impl Reencrypt {
    pub(super) fn run(&self) -> Result<Ending> {
        if self.paths.iter().any(|path| manifest::is_standard_input(path)) {
            return Err(Error::usage("name files or folders: they are changed in place"));
        }
        let keyring = self.keyring()?;
        let files = walk::files(&self.paths)?;
        // The controller has a certificate of its own.
        let cert = keyring.as_ref().map(|_| self.cert.clone()).unwrap_or_default();
        let ways = Ways::of(&files, &cert, &self.cluster)?;
        // Nothing is written unless all that is needed is there.
        let anew = ways.destinations.iter().map(|way| Anew::choose(keyring.as_ref(), way));
        let anew: Vec<_> = anew.collect::<Result<_>>()?;
        let is_away: Vec<_> = anew.iter().map(|_| AtomicBool::new(false)).collect();
        let progress = Progress::begin(files.len(), "files");
        let outcomes =
            in_order(&files, self.jobs.map_or_else(|| 2 * cores(), NonZero::get), |file| {
                let way = ways.number(file);
                // A controller that does not answer would be waited for once for each file.
                if is_away[way].load(Ordering::Relaxed) {
                    return None;
                }
                let outcome = self.file(file, &anew[way]);
                if outcome.as_ref().is_err_and(|error| error.cause() == Cause::Remote) {
                    is_away[way].store(true, Ordering::Relaxed);
                }
                progress.step();
                Some(outcome)
            });
        progress.end();
        let untried = outcomes.iter().filter(|outcome| outcome.is_none()).count();
        let outcomes: Vec<_> = outcomes.into_iter().flatten().collect();
        if untried > 0 {
            say(format_args!("{} not looked at: see the error", counted(untried, "file")));
        }
        self.tell(&files, &outcomes)?;
        let mut errors: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
        match errors.len() {
            0 => Ok(Ending::Clean),
            1 => Err(errors.remove(0)),
            count => {
                errors.iter().for_each(say);
                let cause = errors.into_iter().reduce(worse).map_or(Cause::Local, |e| e.cause());
                Err(Error::new(format!("{count} files are as they were")).of(cause))
            }
        }
    }

    /// The private keys, if any were given.
    fn keyring(&self) -> Result<Option<Keyring>> {
        let files = self.recovery_private_key.iter().filter(|file| !file.is_empty());
        let files: Vec<_> = files.cloned().collect();
        if !files.is_empty() {
            return keys::read(&files).map(Some);
        }
        if self.cert.text().is_some() {
            say(
                "note: --cert goes with --recovery-private-key; the controller has its own newest key",
            );
        }
        Ok(None)
    }

    /// One file: all of it, or nothing.
    fn file(&self, found: &Found, anew: &Anew<'_>) -> Result<Done> {
        let (mut file, objects) = match look(found)? {
            Look::Sealed(file, objects) => (file, objects),
            Look::Other => return Ok(Done::default()),
            Look::Template(path) => {
                say(format_args!("note: {} is a template: it is left out", path.display()));
                return Ok(Done::default());
            }
            Look::Unreadable(error) => return Err(error),
        };
        let mut done = Done::default();
        for (place, mut document) in objects {
            place_in(&mut document.value, self.namespace.text());
            let changes = anew.values(&document)?;
            done.kept += changes.kept;
            let items: Vec<_> = changes.anew.iter().map(|(item, ..)| item.clone()).collect();
            for (_, path, value) in changes.anew {
                file.set(place, path, value);
            }
            if !items.is_empty() {
                done.anew.push((document.place, items));
            }
        }
        if done.count() > 0 {
            // A dry run fails where the other would.
            if self.dry_run { drop(file.text()?) } else { file.save()? }
        }
        Ok(done)
    }

    /// What was done goes to standard output, and the sum of it to standard error.
    fn tell(&self, files: &[Found], outcomes: &[Result<Done>]) -> Result<()> {
        let done: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        let objects = || done.iter().flat_map(|done| &done.anew);
        let told = objects().map(|(place, items)| json!({ "place": place, "items": items }));
        let text = self.output.text(&Value::Array(told.collect()), || {
            let line = |(place, items): &(String, Vec<String>)| {
                printable(format!("{place}: {}", items.join(", "))) + "\n"
            };
            objects().map(line).collect()
        });
        output::print(text.as_bytes())?;
        let (anew, kept): (usize, usize) =
            (done.iter().map(|done| done.count()).sum(), done.iter().map(|done| done.kept).sum());
        let failed = outcomes.len() - done.len();
        let would = if self.dry_run { "would be sealed anew" } else { "sealed anew" };
        let (files, values) = (counted(files.len(), "file"), counted(anew, "value"));
        let mut sum = format!("{files}: {values} {would}, {kept} with the newest key already");
        if failed > 0 {
            sum += &format!("; {} left as it was", counted(failed, "file"));
        }
        say(sum);
        Ok(())
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Of two errors the one that decides how the program ends: what does not open is worst.
fn worse(one: Error, other: Error) -> Error {
    let rank = |error: &Error| match error.cause() {
        Cause::Sealed => 2,
        Cause::Remote => 1,
        _ => 0,
    };
    if rank(&other) > rank(&one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_open_decides_how_it_ends() {
        let causes = [Cause::Local, Cause::Sealed, Cause::Remote, Cause::Local];
        let errors = causes.map(|cause| Error::new("x").of(cause));
        assert_eq!(errors.into_iter().reduce(worse).unwrap().cause(), Cause::Sealed);
    }
}
