//! `keys generate`: a new key, made here, with which everything is sealed from then on.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use sealwright_crypto::{KeySize, Keyring};
use sealwright_sealing::{succeed, write_key};
use serde_json::json;

use super::list;
use super::stored::{Home, Stored};
use crate::cluster::Api;
use crate::error::{Cause, Error, Result, say};
use crate::output;
use crate::verb::Ending;
use crate::verb::format::Format;

const DAY: i64 = 86_400;
/// Seconds by which clocks may differ without a word.
const CLOCKS_DIFFER: i64 = 60;

/// What the key is like.
#[derive(Debug, Args)]
#[command(
    after_help = "Older keys go on opening what was sealed with them. Take a new backup, and \
seal what stands in Git anew with kubeseal reencrypt."
)]
pub(crate) struct Generate {
    /// Bits of the modulus
    #[arg(long, value_enum, default_value_t)]
    key_size: Size,

    /// Days until the certificate expires; the key opens for ever
    #[arg(long, value_name = "DAYS", default_value_t = 3650, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    valid_days: u32,

    /// How to tell it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,

    #[command(flatten)]
    home: Home,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Size {
    #[value(name = "2048")]
    Bits2048,
    #[value(name = "3072")]
    Bits3072,
    #[default]
    #[value(name = "4096")]
    Bits4096,
    #[value(name = "8192")]
    Bits8192,
}

impl Generate {
    pub(super) fn run(&self) -> Result<Ending> {
        let api = self.home.connect()?;
        let stored = self.home.usable_keys(&api)?;
        let active = stored.iter().filter(|stored| stored.is_active());
        let keyring = Keyring::new(active.filter_map(|stored| stored.key.as_ref().ok().cloned()));
        let (now, ttl) = (time(&api)?, i64::from(self.valid_days) * DAY);
        let key = succeed(&keyring, self.key_size.into(), "", now, ttl)
            .map_err(|error| Error::new(format!("cannot make a key: {error}")))?;
        let mut secret = write_key(&key);
        secret.metadata.generate_name = Some(self.home.key_prefix.clone());
        let namespace = self.home.namespace();
        let to = format!("store the new key in {namespace}");
        let secret = serde_json::to_value(secret).expect("a Secret is JSON");
        let made = api.create(&self.home.path(), &secret, &to)?;
        let made = made.and_then(|made| serde_json::from_value(made).ok()).ok_or_else(|| {
            Error::new(format!("cannot {to}: its name is taken"))
                .hint("try again")
                .of(Cause::Remote)
        })?;
        let made = Stored::of(made);
        let lines = list::lines(std::slice::from_ref(&made), None);
        let told = json!({ "keys": lines.iter().map(list::Line::json).collect::<Vec<_>>() });
        output::print(self.output.text(&told, || list::table(&lines, now)).as_bytes())?;
        say(
            "the controller seals with it as soon as it sees it (Bitnami's: when it starts anew); take a \
             new backup of the keys",
        );
        Ok(Ending::Clean)
    }
}

/// The API server's time, in seconds since 1970 UTC: a certificate of the future would seem the newest for
/// as long, whichever key the controller made. This machine's where the server does not say it.
fn time(api: &Api) -> Result<i64> {
    let here = Timestamp::now().as_second();
    let date = api.greet()?.date;
    let there = date.and_then(|date| rfc2822::parse(&date).ok());
    let there = there.map_or(here, |date| date.timestamp().as_second());
    if (here - there).abs() > CLOCKS_DIFFER {
        say("note: this machine's clock is not the API server's, which counts here");
    }
    Ok(there)
}

impl From<Size> for KeySize {
    fn from(size: Size) -> Self {
        match size {
            Size::Bits2048 => Self::Rsa2048,
            Size::Bits3072 => Self::Rsa3072,
            Size::Bits4096 => Self::Rsa4096,
            Size::Bits8192 => Self::Rsa8192,
        }
    }
}
