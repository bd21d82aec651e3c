//! Several kubeseals that change one file at the same time.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use sealwright_crypto::{Certificate, KeySize, PrivateKey, Validity};

const SEALED: &str = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  encryptedData: {}\n";

/// Whatever ends well is in the file, and whatever is not in it has said so.
#[test]
fn no_change_is_lost_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.yaml");
    let key = PrivateKey::generate(KeySize::Rsa2048);
    let validity = Validity { not_before: 0, not_after: 4_000_000_000 };
    let certificate = Certificate::self_signed(&key, "", validity).unwrap();
    std::fs::write(folder.path().join("cert.pem"), certificate.to_pem()).unwrap();
    std::fs::write(folder.path().join("value"), "hunter2").unwrap();
    let (mut done, mut refused) = (0, 0);
    for _ in 0..8 {
        std::fs::write(&file, SEALED).unwrap();
        let start = |number: usize| {
            let item = format!("item-{number}=@value");
            let mut kubeseal = Command::new(env!("CARGO_BIN_EXE_kubeseal"));
            kubeseal.args(["set", "s.yaml", &item, "--cert", "cert.pem"]);
            kubeseal.current_dir(folder.path()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let started: Vec<_> = (0..8).map(start).collect();
        let mut expected = BTreeSet::new();
        for (number, kubeseal) in started.into_iter().enumerate() {
            let output = kubeseal.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if output.status.success() {
                expected.insert(format!("item-{number}"));
            } else {
                assert!(
                    said.contains("s.yaml was changed meanwhile: nothing was written"),
                    "{said}"
                );
                refused += 1;
            }
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let has = |number: &usize| text.contains(&format!("item-{number}:"));
        let there: BTreeSet<_> =
            (0..8).filter(has).map(|number| format!("item-{number}")).collect();
        assert_eq!(there, expected);
        done += expected.len();
    }
    assert!(done >= 8 && done + refused == 64, "{done} done, {refused} refused");
}
