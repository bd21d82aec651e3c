//! Secrets in, SealedSecrets out.

use std::num::NonZero;
use std::thread;

use sealwright_api::Scope;
use sealwright_crypto::PublicKey;
use sealwright_sealing::{OpenSecret, seal, set_scope};
use serde_json::Value;

use super::secret::{opened, seal_error};
use crate::args::Args;
use crate::certificate;
use crate::error::{Error, Result};
use crate::manifest::{self, Document};
use crate::namespace::Namespaces;
use crate::output::Output;

/// Fewer Secrets than this are sealed sooner than a thread starts.
const LEAST_SHARE: usize = 4;

pub(crate) fn run(args: &Args, output: &Output) -> Result<()> {
    let documents = manifest::read_secrets(args.secret_file.path())?;
    let mut namespaces = Namespaces::new(&args.namespace, &args.cluster);
    let mut secrets = Vec::with_capacity(documents.len());
    for document in documents {
        secrets.push(prepared(document, args, &mut namespaces)?);
    }
    let key = certificate::to_seal_with(&args.cert, &args.cluster)?;
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let sealed = all_sealed(&secrets, &key, cores)?;
    drop(secrets);
    output.write_objects(&sealed)
}

/// A Secret, and where it stands.
type Placed = (String, OpenSecret);

/// The Secret as it is to be sealed: named, placed in a namespace, scoped.
fn prepared(document: Document, args: &Args, namespaces: &mut Namespaces<'_>) -> Result<Placed> {
    let place = document.place.clone();
    let mut secret = opened(document, args)?;
    if let Some(name) = args.name.text() {
        secret.metadata.name = Some(name.to_owned());
    }
    if secret.metadata.name.as_deref().unwrap_or_default().is_empty() {
        return Err(Error::new(format!("{place}: missing metadata.name in input Secret"))
            .hint("name it in the manifest, or give --name"));
    }
    if let Some(scope) = args.wider_scope() {
        set_scope(&mut secret.metadata, scope);
    }
    args.say_if_wider(&place, Scope::of(secret.metadata.annotations.as_ref()));
    namespaces.place(&mut secret.metadata).map_err(|error| error.about(&place))?;
    Ok((place, secret))
}

/// Seals on all cores. The order stays, and of several errors the first in it is told.
fn all_sealed(secrets: &[Placed], key: &PublicKey, cores: usize) -> Result<Vec<Value>> {
    let share = secrets.len().div_ceil(cores).max(LEAST_SHARE);
    let share_sealed =
        |share: &[Placed]| share.iter().map(|placed| sealed(placed, key)).collect::<Result<_>>();
    let mut shares = secrets.chunks(share);
    let here = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let start = |share| {
            let thread = thread::Builder::new().spawn_scoped(scope, move || share_sealed(share));
            (share, thread)
        };
        let elsewhere: Vec<_> = shares.map(start).collect();
        let mut sealed: Vec<Value> = share_sealed(here)?;
        for (share, thread) in elsewhere {
            sealed.extend(match thread {
                Ok(thread) => thread.join().expect("sealing does not panic")?,
                // No more threads are to be had: a container may limit them.
                Err(_) => share_sealed(share)?,
            });
        }
        Ok(sealed)
    })
}

fn sealed((place, secret): &Placed, key: &PublicKey) -> Result<Value> {
    let sealed = seal(secret, key).map_err(|error| seal_error(place, &error))?;
    Ok(serde_json::to_value(sealed).expect("a SealedSecret is JSON"))
}

#[cfg(test)]
mod tests {
    use sealwright_crypto::{KeySize, PrivateKey};
    use serde_json::json;

    use super::*;

    fn secrets(items: impl IntoIterator<Item = (usize, &'static str)>) -> Vec<Placed> {
        let secret = |(number, key): (usize, &str)| {
            let secret = json!({
                "metadata": { "name": format!("s{number}"), "namespace": "n" },
                "stringData": { key: "value" },
            });
            (format!("document {number}"), OpenSecret::from_json(secret).unwrap())
        };
        items.into_iter().map(secret).collect()
    }

    #[test]
    fn the_order_stays_on_however_many_cores() {
        let key = PrivateKey::generate(KeySize::Rsa2048);
        for count in [0, 1, LEAST_SHARE, LEAST_SHARE + 1, 5 * LEAST_SHARE - 1] {
            for cores in [1, 2, 3, 64] {
                let secrets = secrets((0..count).map(|number| (number, "a")));
                let sealed = all_sealed(&secrets, key.public(), cores).unwrap();
                let names: Vec<_> =
                    sealed.iter().map(|object| object["metadata"]["name"].clone()).collect();
                let expected: Vec<_> =
                    (0..count).map(|number| Value::from(format!("s{number}"))).collect();
                assert_eq!(names, expected);
            }
        }
    }

    #[test]
    fn the_first_error_is_told_wherever_it_is_met() {
        let key = PrivateKey::generate(KeySize::Rsa2048);
        for first in 0..3 * LEAST_SHARE {
            let item = |number| (number, if number >= first { "not/a/key" } else { "a" });
            let secrets = secrets((0..3 * LEAST_SHARE).map(item));
            let error = all_sealed(&secrets, key.public(), 3).unwrap_err().to_string();
            assert!(error.starts_with(&format!("error: document {first}: ")), "{error}");
        }
    }
}
