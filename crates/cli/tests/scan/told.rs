//! What is said of a finding.

use serde_json::Value;

use crate::folder::{Folder, SECRET, token};

#[test]
fn tokens_are_found_wherever_they_stand_and_never_shown() {
    let folder = Folder::new();
    let encoded = |text: &str| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(text)
    };
    folder.write("plain.env", format!("A=1\nTOKEN=\"{}\"\n", token(1)));
    folder.write("encoded.json", format!("{{\"x\": \"{}\"}}", encoded(&format!("a={}", token(2)))));
    let data = format!("kind: Secret\nmetadata: {{name: x}}\ndata:\n  t: {}\n", encoded(&token(3)));
    folder.write("data.yaml", data);
    folder.write("meant.py", format!("T = '{}'  # sealwright:ignore github-token\n", token(4)));
    folder.write("copy.go", format!("// sealwright:ignore\nconst t = `{}`\n", token(5)));
    let expected =
        ["data.yaml github-token", "encoded.json github-token", "plain.env github-token"];
    assert_eq!(folder.found(&[]), expected);
    for format in ["table", "json", "yaml", "sarif"] {
        let scanned = folder.scan(&["--output", format]);
        for number in 1..=5 {
            let token = token(number);
            for shown in [&token, &encoded(&token), &token[4..12]] {
                let talk = [&scanned.stdout, &scanned.stderr];
                assert!(!talk.iter().any(|text| text.contains(shown)), "{format}");
            }
        }
    }
    let scanned = folder.scan(&["data.yaml"]);
    let line = "  4:6  github-token  t of Secret x, 40 bytes in base64\n";
    assert!(scanned.stdout.contains(line), "{}", scanned.stdout);
}

#[test]
fn sarif_has_what_the_standard_asks_for() {
    let folder = Folder::repository();
    folder.write("d/a b.yaml", format!("{SECRET}---\n{SECRET}"));
    folder.write("t.txt", format!("ü {}", token(1)));
    let scanned = folder.scan(&["--output=sarif"]);
    assert_eq!(scanned.exit, 1);
    let log: Value = serde_json::from_str(&scanned.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
        assert!(["error", "warning"].contains(&level));
        assert!(rule["properties"]["security-severity"].as_str().unwrap().parse::<f32>().is_ok());
        for text in ["shortDescription", "help"] {
            assert!(rule[text]["text"].as_str().unwrap().ends_with('.'));
        }
    }
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let results = run["results"].as_array().unwrap();
    let mut fingerprints = std::collections::BTreeSet::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let fingerprint = result["partialFingerprints"]["sealwright/v1"].as_str().unwrap();
        assert!(fingerprints.insert(fingerprint.to_owned()), "{fingerprint}");
        assert!(result["message"]["text"].as_str().unwrap().ends_with('.'));
    }
    let region = |at: usize| results[at]["locations"][0]["physicalLocation"]["region"].to_string();
    assert_eq!(region(0), r#"{"endColumn":43,"endLine":1,"startColumn":3,"startLine":1}"#);
    assert_eq!(region(1), r#"{"endColumn":13,"endLine":5,"startColumn":3,"startLine":5}"#);
    let uri = &results[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "d/a%20b.yaml");
    // The name of a key is told as it is.
    assert_eq!(results[1]["message"]["text"], "a of Secret db, 7 bytes.");

    // Another value is the same finding, and another line too: nothing of the value is in it.
    folder.write("d/a b.yaml", format!("\n{}---\n{SECRET}", SECRET.replace("hunter2", "other")));
    let again: Value = serde_json::from_str(&folder.scan(&["--output=sarif"]).stdout).unwrap();
    let of = |log: &Value| log["runs"][0]["results"][1]["partialFingerprints"].clone();
    assert_eq!(of(&log), of(&again));

    let nothing: Value = serde_json::from_str(&folder.scan(&["--output=sarif", "d/none"]).stdout)
        .unwrap_or_default();
    assert_eq!(nothing, Value::Null, "a file that is not there is an error, and no log");
    folder.write("none", "");
    let nothing: Value =
        serde_json::from_str(&folder.scan(&["--output=sarif", "none"]).stdout).unwrap();
    assert_eq!(nothing["runs"][0]["results"], Value::Array(Vec::new()));
}

#[test]
fn a_token_in_a_value_hides_nothing_else_of_it() {
    let folder = Folder::repository();
    let head = "kind: Secret\nmetadata: {name: x}\nstringData:\n";
    let file = |line: &str| format!("{head}  app.conf: |\n    token: {}\n    {line}\n", token(1));
    folder.write("s.yaml", file("a: changeme"));
    assert_eq!(folder.found(&[]), ["s.yaml github-token"], "nothing else is said");
    assert_eq!(folder.scan(&["--write-baseline"]).exit, 0);
    folder.write("s.yaml", file("password: hunter2-production"));
    assert_eq!(folder.found(&[]), ["s.yaml plain-secret"]);
    // A comment of one rule is of no other.
    let commented = file("password: hunter2-production");
    let commented =
        commented.replace("  app.conf", "  # sealwright:ignore github-token\n  app.conf");
    folder.write("t.yaml", commented);
    assert_eq!(folder.found(&["t.yaml"]), ["t.yaml plain-secret"]);

    let encoded = |text: &str| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(text)
    };
    let data = |text: &str| format!("kind: Secret\ndata:\n  a: {}\n", encoded(text));
    folder.write("alone.yaml", data(&format!("TOKEN={}\n", token(2))));
    folder.write("both.yaml", data(&format!("TOKEN={}\nPW=hunter2\n", token(3))));
    assert_eq!(folder.found(&["alone.yaml"]), ["alone.yaml github-token"]);
    let both = ["both.yaml github-token", "both.yaml plain-secret"];
    assert_eq!(folder.found(&["both.yaml"]), both);
}

#[test]
fn a_token_that_stands_as_a_key_or_a_name_is_not_shown() {
    let folder = Folder::repository();
    let text = format!(
        "kind: Secret\nmetadata: {{name: a{0}}}\nstringData:\n  {0}: hunter2\n  {1}: changeme\n",
        format!("-{}", token(1)),
        token(2)
    );
    folder.write("s.yaml", text.replace("  -", "  "));
    let scanned = folder.scan(&[]);
    let line = "<github-token> of Secret a-<github-token>, ";
    assert_eq!(scanned.stdout.matches(line).count(), 3, "{}", scanned.stdout);
    for format in ["table", "json", "yaml", "sarif"] {
        let scanned = folder.scan(&["--output", format]);
        assert!(![1, 2].iter().any(|n| scanned.stdout.contains(&token(*n))), "{format}");
    }
    folder.scan(&["--write-baseline"]);
    let baseline = std::fs::read_to_string(folder.path(".sealed-secrets-baseline.json")).unwrap();
    assert!(![1, 2].iter().any(|n| baseline.contains(&token(*n))), "{baseline}");
    assert_eq!(folder.found(&[]), Vec::<String>::new());
}
