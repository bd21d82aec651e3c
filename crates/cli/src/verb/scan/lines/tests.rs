use super::*;

/// Names, keys and values.
fn found(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let values = |secret: &Secret| {
        let values = secret.values.iter();
        values.map(|value| (value.key.clone(), value.text.clone())).collect()
    };
    secrets(text, 0).iter().map(|secret| (secret.name.clone(), values(secret))).collect()
}

fn one(name: &str, values: &[(&str, &str)]) -> Vec<(String, Vec<(String, String)>)> {
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    vec![(name.to_owned(), values.collect())]
}

#[test]
fn a_template_of_a_chart() {
    let text = "\
{{- if .Values.enabled }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ include \"app.name\" . }}
  namespace: shop
  labels:
    {{- include \"app.labels\" . | nindent 4 }}
type: Opaque
data:
  {{- with .Values.extra }}
  a: {{ .x | b64enc | quote }}
  {{- end }}
  # the old one
  b: aHVudGVyMg== # x
stringData:
  c: \"hunter2\"
  d: |
    hunter2
    and more
{{- end }}
---
kind: ConfigMap
data:
  e: other
";
    let values = [
        ("a", "{{ .x | b64enc | quote }}"),
        ("b", "aHVudGVyMg=="),
        ("c", "hunter2"),
        ("d", "hunter2\nand more"),
    ];
    assert_eq!(found(text), one("shop/", &values));
    let data: Vec<_> = secrets(text, 0)[0].values.iter().map(|value| value.is_data).collect();
    assert_eq!(data, [true, true, false, false]);
}

#[test]
fn actions_of_a_template_stand_anywhere() {
    for text in [
        "kind: Secret\nmetadata: {name: a}\nstringData: {k: hunter2}\n{{- end }}\n",
        "kind: Secret\nmetadata: {name: a}\nstringData: {k: hunter2, l: {{ .x }}}\n",
        "kind: Secret\nmetadata:\n  name: a\n{{- /*\nnote\n*/}}\nstringData:\n  k: hunter2\n",
        "kind: Secret\nmetadata:\n  name: a\n{{- if .x }} # why\nstringData:\n  k: hunter2\n",
        "apiVersion: {{ include \"v\" . }}\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  k: hunter2\n",
        "kind: Secret\nmetadata:\n  name: a\nstringData:\n  {{- range .x }}\n  k: hunter2\n  {{- end }}\n",
    ] {
        let found = found(text);
        assert_eq!(found[0].0, "a", "{text}");
        assert_eq!(found[0].1[0], ("k".to_owned(), "hunter2".to_owned()), "{text}");
    }
    let key = "kind: Secret\nstringData:\n  {{ .Values.key }}: hunter2\n  a-{{ .k }}: b\n";
    let expected = [("{{ .Values.key }}", "hunter2"), ("a-{{ .k }}", "b")];
    assert_eq!(found(key), one("", &expected));
    let places = "kind: Secret\nmetadata: {name: {{ .ü }}}\nstringData: {k: 'hunter2'}\n";
    let value = &secrets(places, 0)[0].values[0];
    assert_eq!(&places[value.range.clone()], "'hunter2'");
}

#[test]
fn what_a_program_puts_in_is_no_value() {
    let program = |values: &str| {
        format!(
            "new Secret({{\n  apiVersion: 'v1',\n  kind: 'Secret',\n  stringData: {{\n{values}  }},\n}})\n"
        )
    };
    for values in [
        "    k: cfg.password,\n",
        "    k: pw,\n    l: read('x'),\n",
        "    k: await read(),\n    l: process.env.PW!\n",
        "    'k': os.environ[\"PW\"],\n",
        "    k: `a${b}`,\n",
    ] {
        assert_eq!(found(&program(values))[0].1, [], "{values}");
    }
    let literal = found(&program("    k: 'hunter2',\n    l: cfg.pw,\n"));
    assert_eq!(literal, one("", &[("k", "hunter2")]));
    let script =
        "kind: Secret\nstringData:\n  k: cfg.password,\n  l: example.com\n  m: hunter2!,\n";
    assert_eq!(found(script), one("", &[("l", "example.com"), ("m", "hunter2!,")]));
}

#[test]
fn in_a_script_and_in_a_list() {
    let script = "kubectl apply -f - <<EOF\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  k: hunter2\nEOF\nx: y\n";
    assert_eq!(found(script), one("a", &[("k", "hunter2")]));
    let list = "items:\n  - apiVersion: v1\n    kind: Secret\n    stringData:\n      k: hunter2\n  - kind: ConfigMap\n    data: {}\n  - {{ broken\n";
    assert_eq!(found(list), one("", &[("k", "hunter2")]));
}

#[test]
fn what_is_no_secret() {
    for text in [
        "kind: Secret {{\n",
        "apiVersion: other/v1\nkind: Secret\nstringData:\n  k: hunter2\n",
        "it is a kind: Secret\n",
        "data:\n  k: v\n---\nkind: ConfigMap\n",
        "",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
    assert_eq!(found("data:\n  k: other\n---\nkind: Secret\n"), one("", &[]));
}

#[test]
fn places_are_those_of_the_text() {
    let text = "x\n---\nkind: Secret\nstringData:\n  k:   hunter2\n";
    let secrets = secrets(text, 2);
    let value = &secrets[0].values[0];
    assert_eq!(&text[value.key_at..value.key_at + 1], "k");
    assert_eq!(&text[value.range.clone()], "hunter2");
    assert_eq!(&text[secrets[0].kind_at..], &text[6..]);
}
