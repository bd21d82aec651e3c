//! The extensions of certificates, of which Go reads those that it knows.

use std::collections::BTreeSet;

use super::super::der::{self, Reader};
use super::names;
use crate::gourl::Url;

/// The arc `id-ce`.
const ID_CE: &[u8] = &[0x55, 0x1d];
const AUTHORITY_INFO: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01];

/// `Extensions`' content: the subject's key identifier, if there is one; none if malformed.
pub(super) fn read(mut extensions: Reader<'_>) -> Option<Option<Vec<u8>>> {
    let mut seen = BTreeSet::new();
    let mut key_id = None;
    while !extensions.is_empty() {
        let mut extension = extensions.read(der::SEQUENCE)?;
        let oid = extension.oid()?;
        let critical = extension.peeks(der::BOOLEAN) && extension.boolean()?;
        let mut value = extension.read(der::OCTET_STRING)?;
        if !seen.insert(oid) {
            return None;
        }
        match oid.strip_prefix(ID_CE) {
            Some([14]) if !critical => key_id = Some(value.read(der::OCTET_STRING)?.0.to_vec()),
            Some([14 | 35]) if critical => return None,
            Some([number]) => standard(*number, value)?,
            _ if oid == AUTHORITY_INFO && critical => return None,
            _ if oid == AUTHORITY_INFO => authority_info(value)?,
            _ => {}
        }
    }
    Some(key_id)
}

/// An extension of `id-ce`; what is unknown is not looked at.
fn standard(number: u8, mut value: Reader<'_>) -> Option<()> {
    match number {
        15 => value.bits().map(|_| ()),
        17 => alternative_names(value.read(der::SEQUENCE)?),
        19 => basic_constraints(value.read(der::SEQUENCE)?),
        30 => name_constraints(value),
        31 => distribution_points(value.read(der::SEQUENCE)?),
        32 => policies(value.read(der::SEQUENCE)?),
        33 => each(value.read(der::SEQUENCE)?, |list| {
            let mut mapping = list.read(der::SEQUENCE)?;
            mapping.read(der::OID)?;
            mapping.read(der::OID).map(|_| ())
        }),
        35 => {
            let mut identifier = value.read(der::SEQUENCE)?;
            identifier.optional(der::tagged(0)).map(|_| ())
        }
        36 => policy_constraints(value.read(der::SEQUENCE)?),
        37 => each(value.read(der::SEQUENCE)?, |list| list.oid().map(|_| ())),
        54 => value.small().map(|_| ()),
        _ => Some(()),
    }
}

fn each<'a>(
    mut list: Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Option<()>,
) -> Option<()> {
    while !list.is_empty() {
        read(&mut list)?;
    }
    Some(())
}

fn basic_constraints(mut value: Reader<'_>) -> Option<()> {
    if value.peeks(der::BOOLEAN) {
        value.boolean()?;
    }
    let length = if value.peeks(der::INTEGER) { value.small()? } else { 0 };
    (length >= 0).then_some(())
}

const MAIL: u8 = der::tagged(1);
const DNS: u8 = der::tagged(2);
const URI: u8 = der::tagged(6);
const ADDRESS: u8 = der::tagged(7);

fn alternative_names(names: Reader<'_>) -> Option<()> {
    each(names, |names| {
        let (tag, name) = names.any()?;
        let sound = match tag {
            MAIL | DNS => name.0.is_ascii(),
            URI => is_uri(name.0),
            ADDRESS => matches!(name.0.len(), 4 | 16),
            _ => true,
        };
        sound.then_some(())
    })
}

/// Whether Go reads it as a URL whose host is a domain, if it has one.
fn is_uri(uri: &[u8]) -> bool {
    uri.is_ascii()
        && Url::parse(uri).is_ok_and(|url| !url.host.starts_with(b".") && is_domain(&url.host))
}

fn name_constraints(mut value: Reader<'_>) -> Option<()> {
    let mut constraints = value.read(der::SEQUENCE)?;
    let permitted = constraints.optional(der::wrapped(0))?.unwrap_or(Reader(&[]));
    let excluded = constraints.optional(der::wrapped(1))?.unwrap_or(Reader(&[]));
    if !value.is_empty() || !constraints.is_empty() || permitted.is_empty() && excluded.is_empty() {
        return None;
    }
    [permitted, excluded].into_iter().try_for_each(|trees| {
        each(trees, |trees| {
            let (tag, name) = trees.read(der::SEQUENCE)?.any()?;
            let sound = match tag {
                DNS => is_domain(name.0),
                URI => is_domain(name.0) && names::parse(name.0).is_none(),
                MAIL => name.0.is_ascii() && (name.0.contains(&b'@') || is_domain(name.0)),
                ADDRESS => {
                    let (_, mask) = name.0.split_at(name.0.len() / 2);
                    matches!(name.0.len(), 8 | 32) && is_mask(mask)
                }
                _ => true,
            };
            sound.then_some(())
        })
    })
}

/// Whether a constraint's domain has labels only, perhaps after a dot.
fn is_domain(name: &[u8]) -> bool {
    let labels = name.strip_prefix(b".").unwrap_or(name);
    let label = |label: &[u8]| !label.is_empty() && label.iter().all(u8::is_ascii_graphic);
    name.is_empty() || labels.split(|byte| *byte == b'.').all(label)
}

/// Whether no bit is set behind one that is not.
fn is_mask(mask: &[u8]) -> bool {
    let ones = mask.iter().map(|byte| byte.leading_ones()).sum::<u32>();
    let leading = mask.iter().take_while(|byte| **byte == 0xff).count();
    let rest = mask.get(leading).map_or(0, |byte| byte.leading_ones());
    ones == leading as u32 * 8 + rest
        && mask.iter().map(|byte| byte.count_ones()).sum::<u32>() == ones
}

fn distribution_points(points: Reader<'_>) -> Option<()> {
    each(points, |points| {
        let mut point = points.read(der::SEQUENCE)?;
        let Some(mut name) = point.optional(der::wrapped(0))? else { return Some(()) };
        let mut names = name.read(der::wrapped(0))?;
        while names.peeks(URI) {
            names.read(URI)?;
        }
        Some(())
    })
}

fn policies(policies: Reader<'_>) -> Option<()> {
    let mut seen = BTreeSet::new();
    each(policies, |policies| {
        let oid = policies.read(der::SEQUENCE)?.read(der::OID)?.0;
        // An arc has no leading zeros, and ends.
        let starts = std::iter::once(0x00).chain(oid.iter().copied());
        let padded = starts.zip(oid).any(|(before, byte)| before < 0x80 && *byte == 0x80);
        let ends = oid.last().is_some_and(|byte| *byte < 0x80);
        (ends && !padded && seen.insert(oid)).then_some(())
    })
}

fn policy_constraints(mut value: Reader<'_>) -> Option<()> {
    for tag in [der::tagged(0), der::tagged(1)] {
        if let Some(number) = value.optional(tag)? {
            der::signed(number.0)?;
        }
    }
    Some(())
}

fn authority_info(mut value: Reader<'_>) -> Option<()> {
    each(value.read(der::SEQUENCE)?, |list| {
        let mut description = list.read(der::SEQUENCE)?;
        description.oid()?;
        description.optional(URI).map(|_| ())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_urls_whose_host_is_a_domain() {
        let good = ["", "urn:x:y", "mailto:a@b", "http://example.com/x?y", "spiffe://a:80/x"];
        for uri in good {
            assert!(is_uri(uri.as_bytes()), "{uri}");
        }
        let bad = ["http://a..b/", "http://.a/", "http://a./", "http://[::1", "%zz", ":", "\u{7f}"];
        for uri in bad.into_iter().chain(["http://ü/"]) {
            assert!(!is_uri(uri.as_bytes()), "{uri}");
        }
    }
}
