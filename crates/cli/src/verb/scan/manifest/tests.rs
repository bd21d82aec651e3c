use super::*;

/// Names, keys and values.
fn found(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let values = |secret: &Secret| {
        let values = secret.values.iter();
        values.map(|value| (value.key.clone(), value.text.clone())).collect()
    };
    secrets(text).iter().map(|secret| (secret.name.clone(), values(secret))).collect()
}

fn one(name: &str, values: &[(&str, &str)]) -> Vec<(String, Vec<(String, String)>)> {
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    vec![(name.to_owned(), values.collect())]
}

#[test]
fn wherever_a_secret_may_stand() {
    let flow = "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {k: hunter2}}";
    let json = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"k":"hunter2"}}"#;
    let tabs = json.replace(',', ",\n\t").replace('{', "{\n\t");
    for text in [
        flow.to_owned(),
        json.to_owned(),
        tabs,
        format!("{json}{{\"a\": 1}}"),
        format!("{{\"a\": 1}}\n{json}"),
        format!("[{json}]"),
        format!("\u{feff}{json}"),
        "kind: Secret\nmetadata:\n  name: a\nstringData:\n  k: hunter2\n".to_owned(),
        "kind: 'Secret'\nmetadata:\n  name: a\nstringData:\n  k: \"hunter2\" # x\n".to_owned(),
        format!("a: 1\n---\n{flow}\n...\n---\nb: 2\n"),
        format!("apiVersion: v1\nkind: List\nitems:\n- {flow}\n"),
        format!("extraObjects:\n  - a: 1\n  - {flow}\n"),
        "x: &x {k: hunter2}\ns: {kind: Secret, metadata: {name: a}, stringData: *x}".to_owned(),
        "x: &x {k: hunter2}\ns: {kind: Secret, metadata: {name: a}, stringData: {<<: *x}}"
            .to_owned(),
    ] {
        assert_eq!(found(&text), one("a", &[("k", "hunter2")]), "{text}");
    }
}

#[test]
fn what_is_no_secret() {
    for text in [
        "",
        "kind: SealedSecret\nspec: {encryptedData: {a: b}}\n",
        "apiVersion: secrets.example.com/v1\nkind: Secret\nstringData: {k: hunter2}\n",
        "kind: SecretList\nitems: []\n",
        "kind: Secrets\nstringData: {k: hunter2}\n",
        "kind: ConfigMap\ndata: {kind: hunter2, text: 'it is a kind: Secret'}\n",
        "Secret: kind\n",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn a_value_that_is_a_manifest_itself() {
    let secret = "kind: Secret\nmetadata:\n  name: a\nstringData:\n  k: hunter2\n";
    let indented =
        |by: &str| secret.lines().map(|line| format!("{by}{line}\n")).collect::<String>();
    let (two, four) = (indented("  "), indented("    "));
    for text in [
        format!("data:\n  s.yaml: |\n{four}"),
        format!("data:\n  s.yaml: |-\n{four}  other: 1\n"),
        format!("run: |\n  kubectl apply -f - <<EOF\n{two}  EOF\nother: 1\n"),
        format!("run: |\n  a: 1\n  ---\n{two}"),
        format!("- |\n  apiVersion: v1\n{two}"),
        "a: |\n  {\"kind\": \"Secret\", \"metadata\": {\"name\": \"a\"}, \"stringData\": {\"k\": \"hunter2\"}}\n".to_owned(),
    ] {
        assert_eq!(found(&text), one("a", &[("k", "hunter2")]), "{text}");
        let value = &secrets(&text)[0].values[0];
        assert_eq!(text[value.range.clone()].trim_matches('"'), "hunter2", "{text}");
    }
    let quoted = format!("a: {}", serde_json::to_string(secret).unwrap());
    assert_eq!(found(&quoted), one("a", &[("k", "hunter2")]));
    assert_eq!(secrets(&quoted)[0].values[0].range, 3..quoted.len());
}

#[test]
fn a_secret_without_values_is_one_all_the_same() {
    for text in
        ["kind: Secret\n", "kind: Secret\ndata:\n", "kind: Secret\ndata: [a]\nstringData: x\n"]
    {
        assert_eq!(found(text), one("", &[]), "{text}");
    }
}

#[test]
fn a_map_among_values_hides_no_others() {
    for text in [
        "kind: Secret\nmetadata: {name: a}\nstringData: {k: hunter2, q: {a: b}}\n",
        "kind: Secret\nmetadata: {name: a}\nstringData:\n  q: {a: [b]}\n  k: hunter2\n",
    ] {
        assert_eq!(found(text), one("a", &[("k", "hunter2")]), "{text}");
    }
    let action = "kind: Secret\nmetadata: {name: a}\nstringData:\n  k: {{ print .x }}\n";
    assert_eq!(found(action), one("a", &[("k", "{{ print .x }}")]));
}

#[test]
fn a_secret_as_it_was_applied_stands_in_an_annotation() {
    let json = r#"{"kind":"Secret","metadata":{"name":"a"},"stringData":{"k":"hunter2"}}"#;
    for text in [
        format!("kind: Secret\nmetadata:\n  name: a\n  annotations:\n    last: |\n      {json}\n"),
        format!("kind: Secret\nmetadata:\n  name: a\n  annotations:\n    last: '{json}'\n"),
        format!(
            "{{\"kind\":\"Secret\",\"metadata\":{{\"name\":\"a\",\"annotations\":{{\"last\":{}}}}}}}",
            serde_json::to_string(json).unwrap()
        ),
    ] {
        let found = found(&text);
        assert_eq!(found[1..], one("a", &[("k", "hunter2")]), "{text}");
    }
}

#[test]
fn keys_of_the_controller() {
    for (metadata, is_key) in [
        ("{labels: {sealedsecrets.bitnami.com/sealed-secrets-key: active}}", true),
        ("{labels: {sealedsecrets.bitnami.com/sealed-secrets-key: }}", true),
        ("{name: sealed-secrets-keyx7f2q}", true),
        ("{name: db, labels: {app: x}}", false),
        ("{name: my-sealed-secrets-key}", false),
    ] {
        let text = format!("kind: Secret\nmetadata: {metadata}\ndata: {{tls.key: YQ==}}\n");
        assert_eq!(secrets(&text)[0].is_sealing_key, is_key, "{metadata}");
    }
}

#[test]
fn aliases_that_explode_end() {
    let bomb: String = (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();
    let text = format!("a0: &a0 x\n{bomb}s: {{kind: Secret, stringData: {{k: hunter2}}}}\n");
    secrets(&text);
    let merges: String =
        (1..40).map(|n| format!("a{n}: &a{n} {{<<: [*a{0}, *a{0}]}}\n", n - 1)).collect();
    let text = format!("a0: &a0 {{k: hunter2}}\n{merges}s: {{kind: Secret, stringData: *a39}}\n");
    secrets(&text);
    let deep = format!("{}kind: Secret{}", "{a: ".repeat(5000), "}".repeat(5000));
    secrets(&deep);
}
