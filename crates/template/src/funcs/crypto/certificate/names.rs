//! The names and addresses that a certificate is for.

use std::net::{IpAddr, Ipv6Addr};

use super::super::der;
use crate::context::Context;
use crate::error::Fault;
use crate::value::{List, Value};

/// `SubjectAltName`'s content: DNS names, then IP addresses.
#[derive(Default)]
pub(super) struct Names(Vec<u8>);

const DNS: u8 = der::tagged(2);
const IP: u8 = der::tagged(7);

impl Names {
    /// Reads Sprig's lists of IP addresses and DNS names, which must be strings.
    pub(super) fn read(
        context: &mut Context<'_>,
        addresses: &List<Value>,
        names: &List<Value>,
    ) -> Result<Self, Fault> {
        let length = |name: &Value| name.text().map_or(0, |name| name.len());
        let bytes = names.iter().map(length).sum::<usize>();
        let count = names.len() + addresses.len();
        context.spend(8 * count as u64 + bytes as u64 / 4)?;
        // The certificate is copied as it is wrapped up, and once more in Base64.
        context.room((bytes + count * 20).saturating_mul(6))?;
        let mut content = Vec::new();
        for name in names.iter() {
            let name = name.text().ok_or("an alternate DNS name is not a string")?;
            if !name.is_ascii() {
                return Err("a DNS name cannot be encoded as an IA5String".into());
            }
            content.extend(der::element(DNS, name));
        }
        for address in addresses.iter() {
            let address = address.text().ok_or("an IP address is not a string")?;
            let address = parse(address).ok_or("malformed IP address")?;
            content.extend(der::element(IP, &address));
        }
        Ok(Self(content))
    }

    /// The extension's value, if there are any names.
    pub(super) fn value(&self) -> Option<Vec<u8>> {
        (!self.0.is_empty()).then(|| der::element(der::SEQUENCE, &self.0))
    }
}

/// Go's `net.ParseIP`: four bytes where the address is IPv4, also if written as IPv6.
pub(super) fn parse(text: &[u8]) -> Option<Vec<u8>> {
    Some(match std::str::from_utf8(text).ok()?.parse().ok()? {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => short(address),
    })
}

fn short(address: Ipv6Addr) -> Vec<u8> {
    match address.to_ipv4_mapped() {
        Some(address) => address.octets().to_vec(),
        None => address.octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_go_reads_them() {
        assert_eq!(parse(b"127.0.0.1").unwrap(), [127, 0, 0, 1]);
        assert_eq!(parse(b"::ffff:127.0.0.1").unwrap(), [127, 0, 0, 1]);
        assert_eq!(parse(b"::FFFF:7f00:1").unwrap(), [127, 0, 0, 1]);
        assert_eq!(parse(b"::1").unwrap(), Ipv6Addr::LOCALHOST.octets());
        assert_eq!(parse(b"1:2:3:4:5:6:7::").unwrap().len(), 16);
        for bad in [
            "",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "256.1.1.1",
            "1.2.3.4 ",
            "::1%eth0",
            "[::1]",
            "1:2:3:4:5:6:7::8",
            "12345::",
            ":::",
            "::1.2.3",
            "::01.2.3.4",
            "1.2.3.4/8",
            "localhost",
        ] {
            assert!(parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
