use std::ffi::OsString;

use super::*;

fn parse_with(args: &[&str], environment: &[(&str, &str)]) -> Result<Args, String> {
    let words = std::iter::once("kubeseal").chain(args.iter().copied()).map(OsString::from);
    let variable = |name: &str| {
        environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into())
    };
    match parse(words, variable) {
        Ok(Parsed::Args(args)) => Ok(*args),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn booleans_are_gos() {
    for (word, value) in [("--raw", true), ("--raw=T", true), ("--raw=0", false)] {
        assert_eq!(parse_with(&[word], &[]).unwrap().raw, value, "{word}");
    }
    assert!(parse_with(&["--raw=maybe"], &[]).is_err());
    assert!(parse_with(&["--raw", "true"], &[]).is_err(), "the next word is no value");
    assert!(!parse_with(&["--raw", "--raw=false"], &[]).unwrap().raw, "the last one wins");
}

#[test]
fn a_flag_wins_over_its_variable_and_a_list_goes_on() {
    let environment = [
        ("SEALED_SECRETS_CONTROLLER_NAME", "from-variable"),
        ("SEALED_SECRETS_FORMAT", "yaml"),
        ("SEALED_SECRETS_RECOVERY_PRIVATE_KEY", "a,b"),
        ("SEALED_SECRETS_AS", "jane"),
        ("SEALED_SECRETS_ROTATE", "true"),
        ("SEALED_SECRETS_VERSION", "0.27"),
        ("SEALED_SECRETS_HELP", "true"),
        ("SEALED_SECRETS_PORT", "tcp://10.0.0.1"),
        ("SEALED_SECRETS_CONTEXT", ""),
    ];
    let args = ["--controller-name", "from-flag", "--recovery-private-key=c"];
    let args = parse_with(&args, &environment).unwrap();
    assert_eq!(args.cluster.controller_name, "from-flag");
    assert_eq!(args.format, "yaml");
    assert_eq!(args.recovery_private_key, ["a", "b", "c"]);
    assert_eq!(args.cluster.impersonate.text(), Some("jane"));
    assert!(args.seals_anew() && !args.version);
}

#[test]
fn every_flag_of_upstream_and_its_libraries_is_taken() {
    let args = [
        "-n",
        "ns",
        "-f",
        "in",
        "-w",
        "out",
        "-o",
        "yaml",
        "--cluster=c",
        "--user=u",
        "--server=s",
        "--token=t",
        "--username=u",
        "--password=p",
        "--certificate-authority=f",
        "--client-certificate=f",
        "--client-key=f",
        "--insecure-skip-tls-verify",
        "--tls-server-name=n",
        "--proxy-url=u",
        "--disable-compression",
        "--request-timeout=1s",
        "--as=a",
        "--as-uid=b",
        "--as-group=c",
        "--as-group=d",
        "-v=5",
        "--v",
        "7",
        "--stderrthreshold=2",
        "--logtostderr",
        "--vmodule=a=b",
        "--log-dir=d",
        "--rotate",
    ];
    let args = parse_with(&args, &[]).unwrap();
    assert_eq!(args.namespace.text(), Some("ns"));
    assert_eq!(args.cluster.impersonate_groups, ["c", "d"]);
}

#[test]
fn mistakes_are_told_in_one_line() {
    for (args, environment, line) in [
        (&["--nope"][..], &[][..], "error: unexpected argument '--nope' found"),
        (&["--raw", "stray"], &[], "error: unexpected argument 'stray' found"),
        (
            &["--cert"],
            &[],
            "error: a value is required for '--cert <FILE|URL>' but none was supplied",
        ),
        (
            &[],
            &[("SEALED_SECRETS_RAW", "maybe")],
            "error: SEALED_SECRETS_RAW: invalid value 'maybe' for '--raw[=<BOOL>]': a boolean is true or false",
        ),
    ] {
        let told = parse_with(args, environment).unwrap_err();
        assert_eq!(told, format!("{line}\nhint: see kubeseal --help"));
    }
}

#[test]
fn a_flag_that_is_nearly_one_is_told_what_may_be_meant() {
    for (written, flag) in [
        ("--scpe", "--scope"),
        ("--fetchcert", "--fetch-cert"),
        ("--contoller-name=hunter2", "--controller-name"),
        ("validate", "--validate"),
    ] {
        let told = parse_with(&["--raw", written], &[]).unwrap_err();
        let hint = format!("\nhint: did you mean {flag}? kubeseal --help lists all flags");
        assert!(told.ends_with(&hint), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
    for written in ["--log-dri", "--nope", "stray"] {
        let told = parse_with(&["--raw", written], &[]).unwrap_err();
        assert!(!told.contains("did you mean"), "{told}");
    }
}

#[test]
fn a_word_that_is_no_verb_is_told_what_may_be_meant() {
    for (written, meant) in
        [("inspct", "inspect"), ("validate", "--validate"), ("fetch-cert", "--fetch-cert")]
    {
        let told = parse_with(&[written], &[]).unwrap_err();
        let line = format!("error: there is no verb {written}\nhint: did you mean {meant}?");
        assert_eq!(told, line);
    }
}

#[test]
fn the_help_names_the_verbs() {
    let mut lines = EXAMPLES.lines();
    let named = lines.find_map(|line| line.strip_prefix("Verbs, see kubeseal help: ")).unwrap();
    let named = named.strip_suffix('.').unwrap();
    let verbs = usage::verbs();
    let verbs: Vec<_> = verbs.get_subcommands().map(clap::Command::get_name).collect();
    assert_eq!(named, verbs.join(", "));
}

#[test]
fn an_empty_flag_does_not_hide_another() {
    for args in [
        ["--context=", "--context=prod"].as_slice(),
        &["--context=prod", "--context="],
        &["--context", "", "--context", "prod"],
        &["--cert=", "--context=prod", "--cert", ""],
    ] {
        let words = ["kubeseal", "reencrypt", "a"].iter().chain(args).map(OsString::from);
        let Ok(Parsed::Verb(verb)) = parse(words, |_| None) else { panic!("{args:?}") };
        assert!(format!("{verb:?}").contains("context: Given(\"prod\")"), "{args:?}: {verb:?}");
    }
}
