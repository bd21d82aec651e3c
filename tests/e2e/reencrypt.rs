//! `--re-encrypt` through the controller: sealed anew with the newest key, everything else as it was.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::installation::items;
use harness::key::ACTIVE;
use harness::{Cluster, Context, Installation, Key, Options, Result};
use serde_json::{Value, json};

#[tokio::test]
async fn a_file_is_sealed_anew_in_place_and_keeps_its_comments() -> Result<()> {
    let place = two_keys("in-place").await?;
    let folder = tempfile::tempdir().context(|| "cannot make a folder")?;
    let path = folder.path().join("sealed.yaml");
    let (a, b) = (sealed(&place, "one"), sealed(&place, "two"));
    let value = |object: &Value| object["spec"]["encryptedData"]["a"].as_str().map(str::to_owned);
    let text = |a: &str, b: &str| {
        format!(
            "# ours\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: one, \
             namespace: '{0}'}} # flow\nspec:\n  encryptedData:\n    a: {a} # rotated\n---\nkind: \
             ConfigMap\n---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  \
             name: two\n  namespace: {0}\nspec:\n    encryptedData:\n        a: \"{b}\"\n    \
             template:\n        metadata:\n            labels:\n                suite: {0}\n",
            place.namespace.name()
        )
    };
    let (old_a, old_b) = (value(&a).unwrap_or_default(), value(&b).unwrap_or_default());
    std::fs::write(&path, text(&old_a, &old_b)).context(|| "cannot write the file")?;
    let file = path.display().to_string();
    let run = place.kubeseal(&["--re-encrypt", "-f", &file], "").await?;
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));

    let after = std::fs::read_to_string(&path).context(|| "cannot read the file")?;
    let line = |beginning: &str| {
        let line = after.lines().find_map(|line| line.trim_start().strip_prefix(beginning));
        line.and_then(|line| line.split([' ', '"']).next()).unwrap_or_default().to_owned()
    };
    let (new_a, new_b) = (line("a: A"), line("a: \"A"));
    let (new_a, new_b) = (format!("A{new_a}"), format!("A{new_b}"));
    assert_eq!(after, text(&new_a, &new_b));
    for (old, new) in [(old_a, new_a), (old_b, new_b)] {
        assert_ne!(old, new);
        // The sealed session key is as long as the key's modulus.
        let bytes = STANDARD.decode(new).expect("it is base64");
        assert_eq!(u16::from_be_bytes([bytes[0], bytes[1]]), 3072 / 8);
    }
    let mut object = b;
    object["spec"]["encryptedData"]["a"] = line("a: \"").into();
    let applied = place.synced(&place.apply(&object).await?).await?;
    assert_eq!(items(&place.secret(&applied).await?), json!({ "a": "two" }));
    Ok(())
}

#[tokio::test]
async fn one_that_does_not_open_is_named_and_nothing_is_written() -> Result<()> {
    let place = two_keys("not-in-place").await?;
    let folder = tempfile::tempdir().context(|| "cannot make a folder")?;
    let path = folder.path().join("sealed.json");
    let mut stolen = sealed(&place, "stolen");
    stolen["metadata"]["name"] = "thief".into();
    let before = format!("{}\n{stolen}\n", sealed(&place, "one"));
    std::fs::write(&path, &before).context(|| "cannot write the file")?;
    let file = path.display().to_string();
    let run = place.kubeseal(&["--re-encrypt", "-f", &file], "").await?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("thief"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&path).context(|| "cannot read the file")?, before);
    Ok(())
}

#[tokio::test]
async fn several_documents_go_from_standard_input_to_standard_output() -> Result<()> {
    let place = two_keys("stream").await?;
    let input: String =
        (0..5).map(|index| format!("{}\n", sealed(&place, &format!("s{index}")))).collect();
    let run = place.kubeseal(&["--rotate", "-o", "yaml"], &input).await?;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stderr);
    let names: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("  name: ")).collect();
    assert_eq!(names, ["  name: s0", "  name: s1", "  name: s2", "  name: s3", "  name: s4"]);
    Ok(())
}

/// A controller with keys a and b, of which b is the newer.
async fn two_keys(prefix: &str) -> Result<Installation> {
    let namespace = Cluster::connect().await?.namespace(prefix).await?;
    Key::b().store(&namespace, "key-b", Some(ACTIVE)).await?;
    let place = Installation::with(&namespace, Options::default()).await?;
    place.controller.proxied().await?;
    Ok(place)
}

fn sealed(place: &Installation, name: &str) -> Value {
    place.seal(json!({ "metadata": { "name": name }, "stringData": { "a": name } }))
}
