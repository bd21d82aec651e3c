//! `render`: the Secret that a SealedSecret and its template give, without a cluster. Values that were
//! opened are shown only to those who say that they want to see them.

mod values;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sealwright_api::SealedSecret;
use sealwright_crypto::{Keyring, Plaintext, PrivateKey};
use sealwright_sealing::{
    ItemError, OpenSecret, UnsealError, UnsealOptions, Unsealed, diagnose, render, unseal,
};
use serde_json::{Map, Value};

use super::Ending;
use super::target::target;
use crate::args::Given;
use crate::error::{Cause, Error, Result, say};
use crate::sealed_file::SealedFile;
use crate::{clock, json, keys, output, yaml};
use values::{dummies, from_file};

/// Hexadecimal digits that tell two values apart.
const DIGITS: usize = 12;

/// What to show.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kubeseal render sealed.yaml                                        <KEY> stands for each value
  kubeseal render sealed.yaml --values values.yaml
  kubeseal render sealed.yaml --recovery-private-key backup.yaml     sizes and digests
  kubeseal render sealed.yaml --recovery-private-key backup.yaml --reveal

A digest is made with the private key: two of one key tell whether values are the same, and who does
not have the key cannot try what a value is.")]
pub(crate) struct Render {
    /// File with the SealedSecret; - is standard input
    file: PathBuf,

    /// Which of several SealedSecrets in the file
    #[arg(long)]
    name: Given,

    /// Which of several that have the same name
    #[arg(short, long)]
    namespace: Given,

    /// Open the values with these private keys: PEM, or the key Secrets of a backup
    #[arg(long, value_name = "FILE,…", value_delimiter = ',')]
    recovery_private_key: Vec<String>,

    /// Take the values from this file: a map of KEY: value, in YAML or JSON
    #[arg(long, value_name = "FILE", conflicts_with = "recovery_private_key")]
    values: Given,

    /// Show values that were opened, instead of the size and a digest of each
    #[arg(long, requires = "recovery_private_key")]
    reveal: bool,

    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Yaml,
    Json,
}

/// Where the values come from.
enum Source {
    Keys(Keyring),
    File(PathBuf),
    Dummies,
}

impl Render {
    pub(super) fn run(&self) -> Result<Ending> {
        let source = self.source()?;
        let file = SealedFile::read(&self.file)?;
        let (_, document) = target(&file, &self.file, &self.name, &self.namespace)?;
        let place = document.place;
        let sealed: SealedSecret = serde_json::from_value(document.value)
            .map_err(|_| Error::new(format!("{place}: metadata has a field of the wrong type")))?;
        let Unsealed { secret, unsteady, .. } = source.secret(&sealed, &place)?;
        for key in unsteady {
            say(format_args!("note: {key} is made at random, or of the time: the next is another"));
        }
        let manifest = manifest(secret, source.shown(self.reveal));
        let text = match self.output {
            Format::Yaml => yaml::write(&manifest),
            Format::Json => json::write(&manifest),
        };
        output::print(text.as_bytes())?;
        Ok(Ending::Clean)
    }

    fn source(&self) -> Result<Source> {
        Ok(match (self.recovery_private_key.as_slice(), self.values.path()) {
            ([], None) => Source::Dummies,
            ([], Some(file)) => Source::File(file.to_owned()),
            (files, _) => Source::Keys(keys::read(files)?),
        })
    }
}

impl Source {
    fn secret(&self, sealed: &SealedSecret, place: &str) -> Result<Unsealed> {
        let now = clock::now();
        let rendered = match self {
            Self::Keys(keyring) => {
                let options = UnsealOptions { now, ..UnsealOptions::default() };
                unseal(sealed, keyring, options).map_err(|error| diagnose(error, sealed, keyring))
            }
            Self::File(file) => render(sealed, from_file(file, sealed, place)?, now),
            Self::Dummies => render(sealed, dummies(sealed), now),
        };
        rendered.map_err(|error| self.failed(&error).about(place))
    }

    fn failed(&self, error: &UnsealError) -> Error {
        let failed = Error::new(error.to_string());
        match error {
            UnsealError::Items(items) if items.failed.iter().all(is_of_template) => {
                failed.hint(match self {
                    Self::Dummies => "<KEY> stands for each value: where a template needs a real one, give --values",
                    _ => "see spec.template.data in the file",
                })
            }
            UnsealError::Items(_) => failed.of(Cause::Sealed).hint(if error.wants_a_key() {
                "give the key that sealed it; name, namespace and scope must be as they were then"
            } else {
                WHOLE
            }),
            UnsealError::DeprecatedData => Error::new(
                "the deprecated field 'data' holds a whole Secret: there is nothing to render \
                 without its key",
            )
            .hint("give --recovery-private-key"),
            _ => failed.hint(WHOLE),
        }
    }

    /// How values are shown: what was opened only to who asked to see it.
    fn shown(&self, reveal: bool) -> Shown<'_> {
        match self {
            Self::Keys(keyring) if !reveal => {
                Shown::Digests(&keyring.newest().expect("a file of keys holds one").private)
            }
            _ => Shown::Clear,
        }
    }
}

/// How values are shown.
#[derive(Clone, Copy)]
enum Shown<'a> {
    Clear,
    /// As sizes, and digests that are made with this key.
    Digests(&'a PrivateKey),
}

const WHOLE: &str = "see whether the manifest is whole and as kubeseal wrote it";

fn is_of_template((_, error): &(String, ItemError)) -> bool {
    matches!(error, ItemError::Template(_))
}

/// The Secret with its values as text.
fn manifest(mut secret: OpenSecret, shown: Shown<'_>) -> Value {
    let (mut texts, mut rest) = (Map::new(), OpenSecret::default());
    for (name, value) in std::mem::take(&mut secret.data) {
        match (shown, str::from_utf8(value.expose())) {
            (Shown::Digests(key), _) => _ = texts.insert(name, digest(&value, key).into()),
            (Shown::Clear, Ok(text)) => _ = texts.insert(name, text.into()),
            (Shown::Clear, Err(_)) => _ = rest.data.insert(name, value),
        }
    }
    let mut manifest = secret.to_json();
    if !texts.is_empty() {
        manifest["stringData"] = texts.into();
    }
    // What is no text cannot stand there.
    if let Some(data) = rest.to_json().get_mut("data") {
        manifest["data"] = data.take();
    }
    manifest
}

/// Size, and the beginning of a tag ([`PrivateKey::tag`]). A hash that everybody can compute would let
/// everybody try what a short value is.
fn digest(value: &Plaintext, key: &PrivateKey) -> String {
    /// No word to oneself begins so.
    const PURPOSE: &[u8] = b"kubeseal render\0";
    let message = Plaintext::new([PURPOSE, value.expose()].concat());
    let tag = key.tag(message.expose());
    let hex = tag.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let bytes = value.expose().len();
    let unit = if bytes == 1 { "byte" } else { "bytes" };
    format!("<{bytes} {unit}, digest {}>", &hex[..DIGITS])
}
