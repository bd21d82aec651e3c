//! `keys list`: what keys there are, and what hangs on each.

use clap::Args;
use jiff::Timestamp;
use sealwright_crypto::{Fingerprint, Keyring};
use serde_json::{Value, json};

use super::live::{self, Need, Objects};
use super::stored::{self, Home, State, Stored};
use crate::cluster::Api;
use crate::error::{Cause, Result, say};
use crate::output;
use crate::table::Table;
use crate::verb::Ending;
use crate::verb::format::Format;

/// What to list.
#[derive(Debug, Args)]
#[command(
    after_help = "It reads the key Secrets, and opens every SealedSecret that it may list to \
see which key it needs: nothing of what is opened leaves the memory."
)]
pub(crate) struct List {
    /// How to tell it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,

    #[command(flatten)]
    objects: Objects,

    #[command(flatten)]
    home: Home,
}

/// A key, as it is told.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) secret: String,
    pub(super) fingerprint: Option<Fingerprint>,
    pub(super) state: State,
    /// When it was made and when its certificate expires, in seconds since 1970 UTC.
    pub(super) time: Option<(i64, i64)>,
    /// Objects that need it; `None` where they may not be listed.
    pub(super) objects: Option<usize>,
}

impl List {
    pub(super) fn run(&self) -> Result<Ending> {
        let api = self.home.connect()?;
        let stored = self.home.usable_keys(&api)?;
        let needs = self.needs(&api, &stored)?;
        let lines = lines(&stored, needs.as_deref());
        let is_closed = |need: &&Need| !need.unopened.is_empty();
        let unopened: Option<Vec<_>> =
            needs.as_ref().map(|needs| needs.iter().filter(is_closed).collect());
        let names =
            |all: &Vec<&Need>| all.iter().map(|need| need.object.clone()).collect::<Vec<_>>();
        let told = json!({
            "keys": lines.iter().map(Line::json).collect::<Vec<_>>(),
            "unopened": unopened.as_ref().map(names),
        });
        let now = Timestamp::now().as_second();
        output::print(self.output.text(&told, || table(&lines, now)).as_bytes())?;
        for need in unopened.iter().flatten() {
            say(format_args!("note: no key opens {} ({})", need.object, need.unopened.join(", ")));
        }
        say_what_is_wrong(&stored);
        Ok(Ending::Clean)
    }

    /// Who may see keys may not see objects everywhere: then they are not counted.
    fn needs(&self, api: &Api, stored: &[Stored]) -> Result<Option<Vec<Need>>> {
        let objects = match self.objects.list_if_known(api) {
            Ok(Some(objects)) => objects,
            Ok(None) => {
                say("note: no objects are counted: the cluster knows no SealedSecrets yet");
                return Ok(None);
            }
            Err(error) if error.cause() == Cause::Forbidden => {
                say(format_args!("note: the objects are not counted: {}", error.message()));
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let keyring = Keyring::new(stored::readable(stored).cloned());
        Ok(Some(live::needs(&objects, &keyring)))
    }
}

/// A line for each key Secret, in their order.
pub(super) fn lines(stored: &[Stored], needs: Option<&[Need]>) -> Vec<Line> {
    let newest = stored::newest(stored);
    let count = |key: Fingerprint| {
        needs.map(|needs| needs.iter().filter(|need| need.keys.contains(&key)).count())
    };
    let line = |stored: &Stored| {
        let key = stored.key.as_ref().ok();
        let certificate = key.and_then(|key| key.certificate.as_ref());
        Line {
            secret: stored.name().to_owned(),
            fingerprint: stored.fingerprint(),
            state: stored.state(newest),
            time: certificate
                .map(|found| (found.validity().not_before, found.validity().not_after)),
            objects: stored.fingerprint().and_then(count),
        }
    };
    stored.iter().map(line).collect()
}

/// The lines for people; `now` is in seconds since 1970 UTC.
pub(super) fn table(lines: &[Line], now: i64) -> String {
    let mut table = Table::new(&["SECRET", "STATE", "AGE", "EXPIRES", "OBJECTS", "KEY"], 0);
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "?".to_owned());
    for line in lines {
        let age = line.time.map(|(born, _)| age(now - born));
        let expires = line.time.map(|(_, end)| {
            let day = day(end);
            if end < now { format!("{day} (expired)") } else { day }
        });
        table.row([
            line.secret.clone(),
            line.state.word().to_owned(),
            or_unknown(age),
            or_unknown(expires),
            or_unknown(line.objects.map(|count| count.to_string())),
            or_unknown(line.fingerprint.map(|key| key.to_string())),
        ]);
    }
    table.text()
}

impl Line {
    pub(super) fn json(&self) -> Value {
        let time = |seconds: i64| {
            Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
        };
        json!({
            "secret": self.secret,
            "state": self.state.word(),
            "fingerprint": self.fingerprint.map(|key| key.to_string()),
            "notBefore": self.time.map(|(born, _)| time(born)),
            "notAfter": self.time.map(|(_, end)| time(end)),
            "objects": self.objects,
        })
    }
}

/// The larger two units of a time, as kubectl writes ages.
fn age(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        ..0 => "in the future".to_owned(),
        0..120 => format!("{seconds}s"),
        _ if hours < 2 => format!("{minutes}m"),
        _ if days < 2 => format!("{hours}h"),
        _ if days < 730 => format!("{days}d"),
        _ => format!("{}y{}d", days / 365, days % 365),
    }
}

fn day(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds);
    time.map_or_else(|_| "?".to_owned(), |time| time.strftime("%Y-%m-%d").to_string())
}

fn say_what_is_wrong(stored: &[Stored]) {
    for stored in stored {
        if let Err(reason) = &stored.key {
            say(format_args!("warning: the key Secret {} cannot be used: {reason}", stored.name()));
        }
    }
    if stored::newest(stored).is_none() {
        say("warning: no key is in use: the controller makes one when it starts");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        for (seconds, text) in [
            (-1, "in the future"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (7199, "119m"),
            (7200, "2h"),
            (172_799, "47h"),
            (172_800, "2d"),
            (63_071_999, "729d"),
            (63_072_000, "2y0d"),
        ] {
            assert_eq!(age(seconds), text);
        }
    }

    #[test]
    fn what_is_not_known_has_a_mark_in_its_place() {
        let unreadable = Line {
            secret: "a".to_owned(),
            fingerprint: None,
            state: State::Unreadable,
            time: None,
            objects: None,
        };
        let expired = Line {
            secret: "bb".to_owned(),
            time: Some((0, 86_400)),
            objects: Some(0),
            state: State::Retired,
            ..unreadable_like()
        };
        assert_eq!(
            table(&[unreadable, expired], 200_000),
            "SECRET  STATE       AGE  EXPIRES               OBJECTS  KEY\n\
             a       unreadable  ?    ?                     ?        ?\n\
             bb      retired     2d   1970-01-02 (expired)  0        ?\n"
        );
    }

    fn unreadable_like() -> Line {
        Line {
            secret: String::new(),
            fingerprint: None,
            state: State::Retired,
            time: None,
            objects: None,
        }
    }
}
