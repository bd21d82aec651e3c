//! Values of flags, read as upstream's Go reads them.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use jiff::fmt::rfc2822;
use sealwright_crypto::KeySize;

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

/// RFC 1123 with a numeric zone, as `date -R` writes it; empty for none.
pub(super) fn date(text: &str) -> Result<Cutoff, &'static str> {
    if text.is_empty() {
        return Ok(Cutoff(None));
    }
    let wrong = "a date is like Mon, 02 Jan 2006 15:04:05 -0700 (`date -R`)";
    let time = rfc2822::DateTimeParser::new().parse_zoned(text).map_err(|_| wrong)?;
    Ok(Cutoff(Some(time.timestamp().as_second())))
}

/// `k=v,k2=v2`; blanks around are ignored.
pub(super) fn pairs(text: &str) -> Result<Pairs, &'static str> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let pairs = parts.map(|part| {
        let (key, value) = part.split_once('=').ok_or("pairs are like k=v,k2=v2")?;
        Ok((key.trim().to_owned(), value.trim().to_owned()))
    });
    pairs.collect::<Result<_, _>>().map(Pairs)
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
