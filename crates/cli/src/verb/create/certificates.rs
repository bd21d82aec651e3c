//! A server's certificate, those of its issuers, and its private key: whether a server could use
//! them and clients would take them. Nothing is verified against an authority: clients know theirs.

use jiff::Timestamp;
use sealwright_crypto::PemBlock;
use x509_cert::Certificate;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode, asn1::BitString};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::{pem, private_key};
use crate::error::{Error, Result};
use crate::table::printable;

/// RFC 5280 §4.2.1.6. Clients look for the server's name nowhere else.
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
/// Sooner than that it is time to renew.
const SOON: i64 = 30 * 24 * 60 * 60;

/// Checks `tls.crt` and `tls.key`, and returns what may be meant so.
///
/// # Errors
/// When no server could use them, or no client would take them.
pub(super) fn check(chain: &[u8], key: &[u8], now: i64) -> Result<Vec<String>> {
    let of_chain = |error: Error| error.about("tls.crt");
    let (chain, mut warnings) = read(chain).map_err(of_chain)?;
    let public = private_key::public_half(key).map_err(|error| error.about("tls.key"))?;
    belongs(&chain, &public)?;
    in_order(&chain).map_err(of_chain)?;
    warnings.extend(in_time(&chain, now).map_err(of_chain)?);
    warnings.extend(without_names(&chain[0]));
    Ok(warnings.into_iter().map(|warning| format!("tls.crt: {warning}")).collect())
}

/// The certificates of a PEM text: one at least.
fn read(bytes: &[u8]) -> Result<(Vec<Certificate>, Vec<String>)> {
    let text = String::from_utf8_lossy(bytes);
    let blocks = pem::blocks(&text, private_key::SERVERS)?;
    let mut chain = Vec::new();
    for block in blocks.iter().filter(|block| block.kind == "CERTIFICATE") {
        let damaged = |_| Error::new(format!("certificate {} is damaged", chain.len() + 1));
        chain.push(Certificate::from_der(&block.der).map_err(damaged)?);
    }
    let has_key = blocks.iter().any(|block| block.kind.ends_with("PRIVATE KEY"));
    if chain.is_empty() {
        let hint = match has_key {
            true => "--cert and --key may be the wrong way round".to_owned(),
            false => der_hint(bytes, "openssl x509"),
        };
        return Err(Error::new(format!(
            "there is no certificate in it (found: {})",
            found(&blocks)
        ))
        .hint(hint));
    }
    let warning =
        has_key.then(|| "a private key is in it, which belongs into tls.key only".to_owned());
    Ok((chain, warning.into_iter().collect()))
}

/// Whether the private key is the first certificate's.
fn belongs(chain: &[Certificate], public: &[u8]) -> Result<()> {
    let public = SubjectPublicKeyInfoOwned::from_der(public)
        .expect("what the library wrote is a public key")
        .subject_public_key;
    // Not the algorithm: RSA keys are named in two ways.
    let is_its = |certificate: &Certificate| public_key(certificate) == &public;
    match chain.iter().position(is_its) {
        Some(0) => Ok(()),
        Some(at) => Err(Error::new(format!(
            "tls.crt: the private key belongs to certificate {}, and its own has to be the first",
            at + 1
        ))
        .hint("put the server's certificate first, then its issuer's, and so on")),
        None => Err(Error::new(format!(
            "tls.key is not the private key of the certificate ({})",
            name(&chain[0])
        ))
        .hint("the certificate may be renewed, and the key still be the old one")),
    }
}

fn public_key(certificate: &Certificate) -> &BitString {
    &certificate.tbs_certificate().subject_public_key_info().subject_public_key
}

/// Whether each certificate is issued by the next, by their names as RFC 5280 §6.1 has it.
fn in_order(chain: &[Certificate]) -> Result<()> {
    let is_out = |pair: &[Certificate]| {
        pair[0].tbs_certificate().issuer() != pair[1].tbs_certificate().subject()
    };
    let Some(at) = chain.windows(2).position(is_out) else { return Ok(()) };
    let issuer = chain[at].tbs_certificate().issuer().to_string();
    Err(Error::new(format!(
        "certificate {} ({}) is not the issuer of certificate {}, which is {}",
        at + 2,
        name(&chain[at + 1]),
        at + 1,
        printable(issuer)
    ))
    .hint("put the server's certificate first, then its issuer's, and so on"))
}

/// Whether they hold now, and in a month.
fn in_time(chain: &[Certificate], now: i64) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    for (at, certificate) in chain.iter().enumerate() {
        let title = format!("certificate {} ({})", at + 1, name(certificate));
        let validity = certificate.tbs_certificate().validity();
        let seconds = |time: x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).expect("X.509 ends with the year 9999")
        };
        let (start, end) = (seconds(validity.not_before), seconds(validity.not_after));
        if end < now {
            return Err(Error::new(format!("{title} expired on {}", day(end)))
                .hint("clients refuse it: renew it first"));
        }
        if end < now + SOON {
            warnings.push(format!("{title} expires on {}", day(end)));
        }
        if start > now {
            warnings.push(format!("{title} does not hold before {}", day(start)));
        }
    }
    Ok(warnings)
}

fn without_names(server: &Certificate) -> Option<String> {
    let extensions = server.tbs_certificate().extensions().map_or(&[][..], Vec::as_slice);
    let has_names = extensions.iter().any(|extension| extension.extn_id == SUBJECT_ALT_NAME);
    (!has_names).then(|| {
        "certificate 1 has no subject alternative name: clients look for the server's name there"
            .to_owned()
    })
}

fn name(certificate: &Certificate) -> String {
    match certificate.tbs_certificate().subject().to_string() {
        name if name.is_empty() => "without a name".to_owned(),
        name => printable(name),
    }
}

fn day(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map_or_else(|_| "a day far away".to_owned(), |day| day.strftime("%B %-d, %Y").to_string())
}

/// What a PEM text holds, where something else was looked for.
pub(super) fn found(blocks: &[PemBlock]) -> String {
    /// What stands there may be anything, but for names that people know.
    fn is_known(kind: &str) -> bool {
        kind.len() <= 40 && kind.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b' ')
    }
    let kinds = blocks.iter().map(|block| block.kind.as_str());
    let kinds: Vec<_> =
        kinds.map(|kind| if is_known(kind) { kind } else { "something else" }).collect();
    if kinds.is_empty() { "no PEM block".to_owned() } else { kinds.join(", ") }
}

/// What to do with what is no PEM.
pub(super) fn der_hint(bytes: &[u8], command: &str) -> String {
    const SEQUENCE: u8 = 0x30;
    match bytes.first() {
        Some(&SEQUENCE) => format!("it looks like DER: `{command} -inform DER` makes it PEM"),
        _ => "give a PEM file: its blocks begin with -----BEGIN".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use sealwright_crypto::pem_blocks;

    use super::*;

    /// Made with OpenSSL for January 1, 2020 to January 1, 2120.
    const LEAF: &str = "\
-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIBEzAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtUZXN0IElz
c3VlcjAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFjEUMBIGA1UE
AwwLd2ViLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARRKB23csFx
XxR5p8yvWf5dv+Gb/JG5jcHzZJhD/oA9lX2seTDN3asO99FLA2IzOzTI06bhiMXX
m6FwS7tr335Yo1owWDAWBgNVHREEDzANggt3ZWIuZXhhbXBsZTAdBgNVHQ4EFgQU
MzBFahXyw3gEvMxuas1lC4E06JYwHwYDVR0jBBgwFoAUXEiZ4M2uqzH6EmevfoCB
ps4948UwCgYIKoZIzj0EAwIDSAAwRQIhALvxc4h5myYjV+Ki1rb07ZKVQ34Z+89t
GFbuea0z5ULTAiBIrnAsMcKkcoC3JidnEf+7Pv9g75li4ZlBVsliBrYI2Q==
-----END CERTIFICATE-----
";
    const ISSUER: &str = "\
-----BEGIN CERTIFICATE-----
MIIBbzCCARSgAwIBAgIBEjAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlUZXN0IFJv
b3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBYxFDASBgNVBAMM
C1Rlc3QgSXNzdWVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETXBeXmAW0SLk
d3uRIjHS5n+azRTbCyfc2C2jcD+X29OpLwA307jXeo+qQK2G5mWjkNzn+iehN0dn
DPYWENlEbKNTMFEwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUXEiZ4M2uqzH6
EmevfoCBps4948UwHwYDVR0jBBgwFoAUVA8EDzS7evLsb5M2aC8euBP4ph4wCgYI
KoZIzj0EAwIDSQAwRgIhAPa9eH0tnjXBODogPIcWFwH58R3clK6VRMrrDlZzxQcJ
AiEA7sCFWlNJTik1HuTR5SBZkCCrvBh1xDFEwqpliUSlYcI=
-----END CERTIFICATE-----
";
    const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgimmHkM2OsaIOHnqO
Q7W5BDHaF4wyMNZewWuBoJhHT+mhRANCAARRKB23csFxXxR5p8yvWf5dv+Gb/JG5
jcHzZJhD/oA9lX2seTDN3asO99FLA2IzOzTI06bhiMXXm6FwS7tr335Y
-----END PRIVATE KEY-----
";
    const START: i64 = 1_577_836_800;
    const END: i64 = 4_733_510_400;

    #[test]
    fn the_last_month_is_warned_of_and_what_is_behind_it_refused() {
        let chain = [LEAF, ISSUER].concat();
        let warnings = |now| check(chain.as_bytes(), KEY.as_bytes(), now).map(|found| found.len());
        for (now, expected) in [
            (START - 1, Some(2)),
            (START, Some(0)),
            (END - SOON, Some(0)),
            (END - SOON + 1, Some(2)),
            (END, Some(2)),
            (END + 1, None),
        ] {
            assert_eq!(warnings(now).ok(), expected, "{now}");
        }
    }

    #[test]
    fn a_warning_says_whose_certificate_and_when() {
        let warnings = check(LEAF.as_bytes(), KEY.as_bytes(), END).unwrap();
        let expected = "tls.crt: certificate 1 (CN=web.example) expires on January 1, 2120";
        assert_eq!(warnings, [expected]);
    }

    #[test]
    fn kinds_of_blocks_are_named_if_people_know_them() {
        let block = |kind: &str| format!("-----BEGIN {kind}-----\nAQ==\n-----END {kind}-----\n");
        let named = |text: &str| found(&pem_blocks(text).collect::<Vec<_>>());
        assert_eq!(named(""), "no PEM block");
        assert_eq!(
            named(&[block("PUBLIC KEY"), block("hunter2")].concat()),
            "PUBLIC KEY, something else"
        );
    }
}
