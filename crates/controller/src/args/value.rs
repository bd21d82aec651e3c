//! Values of flags, read as upstream's Go reads them.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::DateTime;
use sealwright_crypto::KeySize;

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What Kubernetes says of names, the part of a key behind the slash, and of label values.
const NAME: &str =
    "1 to 63 of a-z, A-Z, 0-9, -, _ and ., with a letter or digit at the beginning and the end";
/// What it says of the part before the slash.
const PREFIX: &str = "a domain name of at most 253 characters";

/// Where to listen, in the order of the attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListenAddr(pub(crate) Vec<SocketAddr>);

/// Labels or annotations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pairs(pub(crate) BTreeMap<String, String>);

/// A time in seconds since 1970 UTC, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cutoff(pub(crate) Option<i64>);

/// A boolean as Go's `strconv.ParseBool` takes it.
pub(super) fn boolean(text: &str) -> Result<bool, &'static str> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("a boolean is true or false"),
    }
}

pub(super) fn key_prefix(text: &str) -> Result<String, &'static str> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > 245 || !text.chars().all(is_allowed) {
        return Err("a key prefix has 1 to 245 characters of a-z, 0-9 and -");
    }
    Ok(text.to_owned())
}

pub(super) fn key_size(text: &str) -> Result<KeySize, String> {
    let bits: usize = text.parse().map_err(|_| "a key size is a number of bits")?;
    KeySize::try_from(bits).map_err(|error| error.to_string())
}

/// What Go's `time.Parse` takes for `Mon, 02 Jan 2006 15:04:05 -0700`, as `date -R` writes it; empty
/// for none. Which day of the week it is does not count.
pub(super) fn date(text: &str) -> Result<Cutoff, &'static str> {
    if text.is_empty() {
        return Ok(Cutoff(None));
    }
    let wrong = "a date is like Mon, 02 Jan 2006 15:04:05 -0700 (`date -R`)";
    rfc1123(text).map(|second| Cutoff(Some(second))).ok_or(wrong)
}

fn rfc1123(text: &str) -> Option<i64> {
    let (_, rest) = one_of(&WEEKDAYS, text)?;
    let (day, rest) = number(after_blanks(rest.strip_prefix(',')?)?, 2..=2)?;
    let (month, rest) = one_of(&MONTHS, after_blanks(rest)?)?;
    let (year, rest) = number(after_blanks(rest)?, 4..=4)?;
    let (hour, rest) = number(after_blanks(rest)?, 1..=2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2..=2)?;
    let (second, rest) = number(rest.strip_prefix(':')?, 2..=2)?;
    let east = zone(after_blanks(without_fraction(rest))?)?;
    let local = DateTime::new(year, month + 1, day, hour, minute, second, 0).ok()?;
    let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    // Not by way of a timestamp: jiff's end before the year 9999 does.
    Some(local.duration_since(epoch).as_secs() - east)
}

/// The place of a word of three letters in a list, and what follows it.
fn one_of<'a>(words: &[&str], text: &'a str) -> Option<(i8, &'a str)> {
    let (word, rest) = text.split_at_checked(3)?;
    let place = words.iter().position(|known| known.eq_ignore_ascii_case(word))?;
    Some((i8::try_from(place).ok()?, rest))
}

/// A number of so many digits, and what follows it.
fn number<N: FromStr>(text: &str, digits: RangeInclusive<usize>) -> Option<(N, &str)> {
    let count = text.bytes().take(*digits.end()).take_while(u8::is_ascii_digit).count();
    if !digits.contains(&count) {
        return None;
    }
    let (number, rest) = text.split_at(count);
    Some((number.parse().ok()?, rest))
}

fn after_blanks(text: &str) -> Option<&str> {
    text.starts_with(' ').then(|| text.trim_start_matches(' '))
}

/// Go takes a fraction behind the seconds, though none is asked for.
fn without_fraction(text: &str) -> &str {
    let fraction = text.strip_prefix(['.', ',']).unwrap_or_default();
    let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < fraction.len() { rest } else { text }
}

/// `-0700` in seconds, up to Go's 24 hours and 60 minutes.
fn zone(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, rest) = number::<i64>(digits, 2..=2)?;
    let (minutes, rest) = number::<i64>(rest, 2..=2)?;
    let is_zone = hours <= 24 && minutes <= 60 && rest.is_empty();
    is_zone.then_some(sign * (hours * 60 + minutes) * 60)
}

/// Labels as the API server takes them: a bad one would else keep every new key from being stored.
pub(crate) fn labels(text: &str) -> Result<Pairs, String> {
    let labels = pairs(text)?;
    for (key, value) in &labels.0 {
        check_key(key)?;
        if !value.is_empty() && !is_name(value) {
            return Err(format!("the label {key} cannot be {value:?}: a value is empty or {NAME}"));
        }
    }
    Ok(labels)
}

/// Annotations likewise; their values may be anything.
pub(super) fn annotations(text: &str) -> Result<Pairs, String> {
    let annotations = pairs(text)?;
    // The API server takes capitals in these prefixes.
    annotations.0.keys().try_for_each(|key| check_key(&key.to_lowercase()))?;
    Ok(annotations)
}

/// `k=v,k2=v2`; blanks around are ignored.
fn pairs(text: &str) -> Result<Pairs, &'static str> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let pairs = parts.map(|part| {
        let (key, value) = part.split_once('=').ok_or("pairs are like k=v,k2=v2")?;
        Ok((key.trim().to_owned(), value.trim().to_owned()))
    });
    pairs.collect::<Result<_, _>>().map(Pairs)
}

/// `name` or `prefix/name`.
fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if !is_name(name) {
        return Err(format!("{key:?} is no key: a name has {NAME}"));
    }
    if prefix.is_some_and(|prefix| !is_domain(prefix)) {
        return Err(format!("{key:?} is no key: what stands before / is {PREFIX}"));
    }
    Ok(())
}

/// `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`, at most 63 characters.
fn is_name(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.len() <= 63 && text.chars().all(is_inner) && has_ends(text)
}

/// Parts of `[a-z0-9]([-a-z0-9]*[a-z0-9])?` with dots between, at most 253 characters.
fn is_domain(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_part = |part: &str| part.chars().all(is_inner) && has_ends(part);
    text.len() <= 253 && text.split('.').all(is_part)
}

fn has_ends(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(is_end) && text.ends_with(is_end)
}

/// `host:port`, or Go's `:port`: every address, of IPv6 where there is one.
pub(super) fn listen_addr(text: &str) -> Result<ListenAddr, &'static str> {
    let wrong = "an address is host:port or :port";
    let addresses = match text.strip_prefix(':') {
        Some(port) => {
            let port: u16 = port.parse().map_err(|_| wrong)?;
            vec![
                SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)),
                SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
            ]
        }
        None => text.to_socket_addrs().map_err(|_| wrong)?.collect(),
    };
    Ok(ListenAddr(addresses))
}
