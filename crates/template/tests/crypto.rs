//! Sprig's functions on keys and certificates, against what Go recorded and by verification.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::Verifier;
use rsa::traits::PublicKeyParts;
use sealwright_template::{ErrorKind, NoRandomness, Template, Timestamp, World};
use serde_json::Value;
use sha2::Sha256;
use x509_cert::Certificate;
use x509_cert::der::{Decode, DecodePem, Encode};

const VECTORS: &str = include_str!("vectors/crypto.json");

/// A clock that stands still; first the bytes that are wanted, then what is good enough for tests.
struct Fixed {
    now: Timestamp,
    first: Vec<u8>,
    state: u64,
}

impl Fixed {
    fn new(seed: u64) -> Self {
        let now = Timestamp { seconds: 1_750_000_000, nanoseconds: 0 };
        Self { now, first: Vec::new(), state: seed }
    }
}

impl World for Fixed {
    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn random(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        if self.first.len() == bytes.len() {
            bytes.copy_from_slice(&std::mem::take(&mut self.first));
            return Ok(());
        }
        for byte in bytes {
            // SplitMix64.
            self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed >> 56) as u8;
        }
        Ok(())
    }
}

struct Dry;

impl World for Dry {
    fn now(&mut self) -> Timestamp {
        Timestamp { seconds: 0, nanoseconds: 0 }
    }

    fn random(&mut self, _: &mut [u8]) -> Result<(), NoRandomness> {
        Err(NoRandomness)
    }
}

type Data = BTreeMap<String, Vec<u8>>;

fn vectors() -> (Data, Value) {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let text = |value: &Value| value.as_str().unwrap().as_bytes().to_vec();
    let data = vectors["data"].as_object().unwrap();
    (data.iter().map(|(key, value)| (key.clone(), text(value))).collect(), vectors)
}

/// What a template renders, none if that fails; it must parse.
fn render(template: &str, data: &Data, world: &mut dyn World) -> Option<String> {
    let template = Template::parse("t", template).unwrap();
    template.render(data, world).ok().map(|bytes| String::from_utf8(bytes).unwrap())
}

fn rendered(template: &str) -> String {
    render(template, &vectors().0, &mut Fixed::new(1)).unwrap()
}

/// Whether it calls a function that is not there yet.
fn is_missing(template: &str) -> bool {
    Template::parse("t", template).is_err_and(|error| error.kind() == ErrorKind::UnknownFunction)
}

#[test]
fn what_go_renders_is_rendered() {
    let (data, vectors) = vectors();
    let mut failed = Vec::new();
    for case in vectors["rendered"].as_array().unwrap() {
        let template = case["template"].as_str().unwrap();
        let wanted = case["ok"].as_bool().unwrap().then(|| case["out"].as_str().unwrap_or(""));
        if is_missing(template) || is_unsupported(template) {
            continue;
        }
        let found = render(template, &data, &mut Fixed::new(1));
        if found.as_deref() != wanted {
            failed.push(format!("{template}\n   wanted {wanted:?}\n   found  {found:?}"));
        }
    }
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

/// What Go does with these keys is refused.
fn is_unsupported(template: &str) -> bool {
    let unsupported = ["key_ec_secp224r1", "key_rsa_multi"];
    unsupported.iter().any(|key| template.contains(key))
}

/// Given Go's serial number and time, certificates are Go's, byte for byte; where the signature is
/// random, up to that.
#[test]
fn certificates_are_those_that_go_issues() {
    let (data, vectors) = vectors();
    let mut failed = Vec::new();
    for case in vectors["issued"].as_array().unwrap() {
        let template = case["template"].as_str().unwrap();
        if is_missing(template) || is_unsupported(template) {
            continue;
        }
        let wanted = case["out"].as_str().unwrap();
        // The nanoseconds are not in the certificate, but they count.
        let same = [0, 999_999_999].into_iter().any(|nanoseconds| {
            let mut world = Fixed::new(1);
            world.now = Timestamp { seconds: case["seconds"].as_i64().unwrap(), nanoseconds };
            world.first = unhex(case["serial"].as_str().unwrap());
            let found = render(template, &data, &mut world);
            found.is_some_and(|found| found == wanted || is_same_but_signature(&found, wanted))
        });
        if !same {
            failed.push(template);
        }
    }
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

const END: &str = "-----END CERTIFICATE-----\n";

fn certificate(text: &str) -> Certificate {
    let end = text.find(END).unwrap() + END.len();
    Certificate::from_pem(&text[..end]).unwrap()
}

fn is_same_but_signature(found: &str, wanted: &str) -> bool {
    let after = |text: &str| text[text.find(END).unwrap()..].to_owned();
    let (one, other) = (certificate(found), certificate(wanted));
    let ecdsa = one.signature_algorithm().oid.to_string().starts_with("1.2.840.10045.4.");
    ecdsa && after(found) == after(wanted) && one.tbs_certificate() == other.tbs_certificate()
}

/// Checks the signature of the first certificate with the public key in the second.
fn verify(signed: &str, signer: &str) {
    let (signed, signer) = (certificate(signed), certificate(signer));
    let message = signed.tbs_certificate().to_der().unwrap();
    let signature = signed.signature().raw_bytes();
    let info = signer.tbs_certificate().subject_public_key_info();
    let key = info.subject_public_key.raw_bytes();
    match signed.signature_algorithm().oid.to_string().as_str() {
        "1.2.840.113549.1.1.11" => {
            rsa_key(key).pkcs1v15_verify::<Sha256>(&message, signature).unwrap()
        }
        "1.2.840.10045.4.3.2" => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).unwrap();
            key.verify(&message, &p256::ecdsa::Signature::from_der(signature).unwrap()).unwrap();
        }
        "1.2.840.10045.4.3.3" => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key).unwrap();
            key.verify(&message, &p384::ecdsa::Signature::from_der(signature).unwrap()).unwrap();
        }
        "1.2.840.10045.4.3.4" => {
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(key).unwrap();
            key.verify(&message, &p521::ecdsa::Signature::from_der(signature).unwrap()).unwrap();
        }
        "1.3.101.112" => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().unwrap()).unwrap();
            key.verify(&message, &signature.try_into().unwrap()).unwrap();
        }
        other => panic!("{other}"),
    }
}

fn rsa_key(bytes: &[u8]) -> rsa::PublicKey {
    let numbers = Vec::<x509_cert::der::asn1::Uint>::from_der(bytes).unwrap();
    let number = |at: usize| rsa::BoxedUint::from_be_slice_vartime(numbers[at].as_bytes());
    rsa::PublicKey::new(number(0), number(1)).unwrap()
}

#[test]
fn signatures_hold() {
    for key in ["rsa2048_p8", "ec_prime256v1", "ec_secp384r1", "ec_secp521r1", "ed25519"] {
        let issued = rendered(&format!(
            "{{{{ $ca := genCAWithKey \"ca\" 1 .key_{key} }}}}{{{{ $ca.Cert }}}}|\
             {{{{ (genSignedCertWithKey \"leaf\" nil nil 1 $ca .key_ed25519).Cert }}}}"
        ));
        let (authority, leaf) = issued.split_once('|').unwrap();
        verify(authority, authority);
        verify(leaf, authority);
    }
}

#[test]
fn new_keys_are_certified() {
    let issued = rendered(
        "{{ $ca := genCA \"ca\" 365 }}{{ $leaf := genSignedCert \"leaf\" nil nil 365 $ca }}\
         {{ $ca.Cert }}|{{ $leaf.Cert }}|{{ (genSelfSignedCert \"self\" nil nil 365).Cert }}|\
         {{ (genCAWithKey \"ca\" 365 $ca.Key).Cert }}",
    );
    let [authority, leaf, own, again] = issued.split('|').collect::<Vec<_>>().try_into().unwrap();
    verify(authority, authority);
    verify(leaf, authority);
    verify(own, own);
    verify(again, authority);
    let info = |text| certificate(text).tbs_certificate().subject_public_key_info().clone();
    assert_eq!(info(authority), info(again));
    assert_ne!(info(authority), info(leaf));
    let key = rsa_key(info(leaf).subject_public_key.raw_bytes());
    assert_eq!(key.n().bit_width(), 2048);
}

#[test]
fn private_keys_have_the_forms_of_go() {
    for (kind, label, numbers) in [
        ("ecdsa", "EC PRIVATE KEY", 121),
        ("ed25519", "PRIVATE KEY", 48),
        ("dsa", "DSA PRIVATE KEY", 800),
        ("rsa", "RSA PRIVATE KEY", 2300),
    ] {
        let key = rendered(&format!("{{{{ genPrivateKey {kind:?} }}}}"));
        let body = key.strip_prefix(&format!("-----BEGIN {label}-----\n")).unwrap();
        let body = body.strip_suffix(&format!("\n-----END {label}-----\n")).unwrap();
        assert!(body.lines().all(|line| line.len() <= 64), "{kind}");
        let der = BASE64_STANDARD.decode(body.replace('\n', "")).unwrap();
        assert!((numbers..numbers + 80).contains(&der.len()), "{kind}: {}", der.len());
    }
}

/// Verified as bcrypt is: with the salt of the hash, the password makes the hash again.
#[test]
fn passwords_are_hashed_with_a_new_salt() {
    let lines = rendered("{{ htpasswd \"user\" \"pw\" }}\n{{ htpasswd \"user\" \"pw\" }}");
    let (one, other) = lines.split_once('\n').unwrap();
    assert_ne!(one, other);
    for line in [one, other] {
        let hash = line.strip_prefix("user:$2a$10$").unwrap();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"./".contains(&byte);
        assert!(hash.len() == 53 && hash.bytes().all(allowed), "{line}");
    }
}

#[test]
fn ciphertexts_are_new_and_can_be_decrypted() {
    let texts = rendered(
        "{{ $a := encryptAES \"k\" \"text\" }}{{ $a }}|{{ encryptAES \"k\" \"text\" }}|\
         {{ decryptAES \"k\" $a }}",
    );
    let [one, other, text] = texts.split('|').collect::<Vec<_>>().try_into().unwrap();
    assert_ne!(one, other);
    assert_eq!(BASE64_STANDARD.decode(one).unwrap().len(), 32);
    assert_eq!(text, "text");
}

#[test]
fn random_text_is_of_its_alphabet() {
    type Allowed = fn(&u8) -> bool;
    let kinds: [(&str, usize, Allowed); 4] = [
        ("randAlphaNum", 62, u8::is_ascii_alphanumeric),
        ("randAlpha", 52, u8::is_ascii_alphabetic),
        ("randNumeric", 10, u8::is_ascii_digit),
        ("randAscii", 95, |byte| (b' '..=b'~').contains(byte)),
    ];
    for (function, letters, allowed) in kinds {
        let text = rendered(&format!("{{{{ {function} 10000 }}}}"));
        assert_eq!(text.len(), 10_000);
        assert!(text.bytes().all(|byte| allowed(&byte)), "{function}");
        let mut counts = BTreeMap::<u8, usize>::new();
        text.bytes().for_each(|byte| *counts.entry(byte).or_default() += 1);
        let share = 10_000 / letters;
        assert!(counts.len() == letters, "{function}");
        assert!(counts.values().all(|count| (share / 2..share * 2).contains(count)), "{function}");
    }
}

#[test]
fn the_other_random_values_have_their_shapes() {
    let uuid = rendered("{{ uuidv4 }}");
    let lengths: Vec<_> = uuid.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    assert!(&uuid[14..15] == "4" && b"89ab".contains(&uuid.as_bytes()[19]), "{uuid}");
    let bytes = rendered("{{ randBytes 33 }}");
    assert_eq!(BASE64_STANDARD.decode(bytes).unwrap().len(), 33);
    for seed in 0..50 {
        let number = render("{{ randInt -3 4 }}", &Data::new(), &mut Fixed::new(seed)).unwrap();
        assert!((-3..4).contains(&number.parse::<i64>().unwrap()), "{number}");
    }
    let mut letters: Vec<_> = rendered("{{ shuffle \"abcdefghijklmnop\" }}").chars().collect();
    assert_ne!(letters.iter().collect::<String>(), "abcdefghijklmnop");
    letters.sort_unstable();
    assert_eq!(letters.iter().collect::<String>(), "abcdefghijklmnop");
}

#[test]
fn without_randomness_nothing_random_is_made() {
    for call in [
        "uuidv4",
        "randAlpha 1",
        "randBytes 1",
        "randInt 1 9",
        "shuffle \"ab\"",
        "bcrypt \"\"",
        "htpasswd \"a\" \"b\"",
        "encryptAES \"k\" \"t\"",
        "genPrivateKey \"rsa\"",
        "genPrivateKey \"dsa\"",
        "genPrivateKey \"ecdsa\"",
        "genPrivateKey \"ed25519\"",
        "genCA \"a\" 1",
        "genSelfSignedCert \"a\" nil nil 1",
        "genCAWithKey \"a\" 1 .key_ed25519",
    ] {
        let template = format!("{{{{ {call} }}}}");
        assert!(!Template::parse("t", &template).unwrap().is_steady(), "{call}");
        assert_eq!(render(&template, &vectors().0, &mut Dry), None, "{call}");
    }
    for call in ["derivePassword 1 \"pin\" \"\" \"\" \"\"", "decryptAES \"\" \"\""] {
        let template = format!("{{{{ {call} }}}}");
        assert!(Template::parse("t", &template).unwrap().is_steady(), "{call}");
        assert!(render(&template, &vectors().0, &mut Dry).is_some(), "{call}");
    }
}

#[test]
fn too_many_costly_calls_are_refused() {
    for (call, allowed, refused) in [
        ("$_ := bcrypt \"x\"", 2, 65),
        ("$_ := genCAWithKey \"x\" 1 $.key_rsa2048_p8", 10, 500),
        ("$_ := randAlpha 100000", 10, 100_000),
    ] {
        let render = |times| {
            let template = format!("{{{{ range {times} }}}}{{{{ {call} }}}}{{{{ end }}}}");
            let template = Template::parse("t", &template).unwrap();
            template.render(&vectors().0, &mut Fixed::new(1))
        };
        assert!(render(allowed).is_ok(), "{call}");
        assert_eq!(render(refused).unwrap_err().kind(), ErrorKind::Limit, "{call}");
    }
    for call in ["randAlpha 9223372036854775807", "randBytes 100000000", "randAscii 70000000"] {
        let template = Template::parse("t", &format!("{{{{ {call} }}}}")).unwrap();
        let error = template.render(&Data::new(), &mut Fixed::new(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{call}");
    }
}

#[test]
fn keys_that_are_not_supported_are_refused() {
    for key in ["ec_secp224r1", "rsa_multi", "x25519", "go_dsa", "rsa512"] {
        let template = format!("{{{{ genCAWithKey \"x\" 1 .key_{key} }}}}");
        assert_eq!(render(&template, &vectors().0, &mut Fixed::new(1)), None, "{key}");
    }
}

/// `RSAPrivateKey` of three numbers that are that long, and whatever else.
fn long_key(bytes: usize) -> Vec<u8> {
    let long = vec![0x55; bytes];
    let number = |bytes: &[u8]| x509_cert::der::asn1::Uint::new(bytes).unwrap();
    let numbers = [&[0][..], &long, &[3], &long, &long, &[5]].map(number);
    let pem = BASE64_STANDARD.encode(numbers.to_vec().to_der().unwrap());
    format!("-----BEGIN RSA PRIVATE KEY-----\n{pem}\n-----END RSA PRIVATE KEY-----\n").into()
}

#[test]
fn the_longest_keys_end_at_the_limit() {
    for (bytes, kind) in [
        (64, ErrorKind::Execution),
        (512, ErrorKind::Execution),
        (2048, ErrorKind::Limit),
        (300_000, ErrorKind::Limit),
    ] {
        let data = Data::from([("key".to_owned(), long_key(bytes))]);
        let template = Template::parse("t", "{{ genCAWithKey \"x\" 1 .key }}").unwrap();
        let error = template.render(&data, &mut Fixed::new(1)).unwrap_err();
        assert_eq!(error.kind(), kind, "{bytes}");
    }
}
