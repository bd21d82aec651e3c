use super::*;

fn parse_with(
    args: &[&str],
    environment: &[(&str, &str)],
) -> Result<(Args, Vec<String>), clap::Error> {
    let words = std::iter::once("controller").chain(args.iter().copied()).map(Into::into);
    parse(words, |name| {
        environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    })
}

fn parse_args(args: &[&str]) -> Result<Args, clap::Error> {
    parse_with(args, &[]).map(|(args, _)| args)
}

#[test]
fn defaults_are_upstreams() {
    let args = parse_args(&[]).unwrap();
    assert_eq!(args.key_prefix, "sealed-secrets-key");
    assert_eq!(args.key_size, KeySize::Rsa4096);
    assert_eq!(args.key_ttl, Duration::from_hours(87600));
    assert_eq!(args.key_renew_period, Duration::from_hours(720));
    assert_eq!(args.key_cutoff_time, None);
    assert_eq!(args.key_order(), Ok(KeyOrder::CertNotBefore));
    assert!(args.all_namespaces && args.accept_deprecated_v1_data && args.update_status);
    assert!(!args.skip_recreate && !args.old_gc_behavior && !args.metrics_omit_secret_labels);
    assert_eq!((args.rate_limit, args.rate_limit_burst), (2, 2));
    assert_eq!(args.kubeclient_qps, None);
    assert_eq!(
        (args.read_timeout, args.write_timeout),
        (Duration::from_mins(2), Duration::from_mins(2))
    );
    assert_eq!(args.listen_addr.0[0].to_string(), "[::]:8080");
    assert_eq!(args.listen_addr.0[1].to_string(), "0.0.0.0:8080");
    assert_eq!(args.listen_metrics_addr.0[0].to_string(), "[::]:8081");
    assert!(args.log_info_stdout);
    assert_eq!((args.level(), args.log_format), (Ok(Level::INFO), LogFormat::Text));
}

#[test]
fn values_are_taken_in_gos_ways() {
    let args = parse_args(&[
        "--all-namespaces=F",
        "--update-status",
        "--additional-namespaces=a,b",
        "--additional-namespaces",
        "c",
        "--listen-addr",
        "127.0.0.1:1",
        "--key-size=2048",
        "--key-size=8192",
        "--log-level=debug",
        "--log-format=JSON",
        "--rotate-period=1h30m",
        "--key-cutoff-time=Mon, 02 Jan 2006 15:04:05 -0700",
        "--privatekey-labels=a=b, c=d",
        "--privatekey-annotations=e=f=g",
        "--kubeclient-qps=-1",
        "--max-unseal-retries=-1",
    ])
    .unwrap();
    assert!(!args.all_namespaces && args.update_status);
    assert_eq!(args.additional_namespaces, ["a", "b", "c"]);
    assert_eq!(args.listen_addr.0, ["127.0.0.1:1".parse().unwrap()]);
    assert_eq!(args.key_size, KeySize::Rsa8192);
    assert_eq!(args.level(), Ok(Level::DEBUG));
    assert_eq!(args.key_renew_period, Duration::from_mins(90));
    assert_eq!(args.key_cutoff_time, Some(value::Cutoff(Some(1_136_239_445))));
    assert_eq!(args.privatekey_labels.0["c"], "d");
    assert_eq!(args.privatekey_annotations.0["e"], "f=g");
    assert_eq!(args.kubeclient_qps, Some(-1.0));
}

#[test]
fn mistakes_on_the_command_line_end_the_start() {
    for arg in [
        "--nope",
        "extra",
        "--all-namespaces=maybe",
        "--key-size=1024",
        "--key-size=big",
        "--key-prefix=Up",
        "--key-prefix=",
        "--key-ttl=10",
        "--key-ttl=-1h",
        "--key-renew-period=-1h",
        "--key-cutoff-time=yesterday",
        "--privatekey-labels=a",
        "--privatekey-labels=a=b c",
        "--privatekey-annotations=a b=c",
        "--listen-addr=8080",
        "--listen-addr=:x",
        "--log-format=xml",
        "--rate-limit=-1",
        "--rate-limit=0",
        "--rate-limit-burst=-1",
        "--kubeclient-qps=fast",
        "--v=5",
    ] {
        assert!(parse_args(&[arg]).is_err(), "{arg}");
    }
}

#[test]
fn a_bad_level_or_order_is_only_a_warning() {
    let args = parse_args(&["--log-level=loud", "--key-order-priority=Alphabet"]).unwrap();
    assert!(args.level().unwrap_err().contains("loud"));
    assert!(args.key_order().unwrap_err().contains("Alphabet"));
}

#[test]
fn variables_count_unless_a_flag_says_otherwise_and_lists_go_on() {
    let environment = [
        ("SEALED_SECRETS_KEY_PREFIX", "from-environment"),
        ("SEALED_SECRETS_MY_CN", "from-environment"),
        ("SEALED_SECRETS_SKIP_RECREATE", "1"),
        ("SEALED_SECRETS_ADDITIONAL_NAMESPACES", "a,b"),
    ];
    let flags = ["--my-cn=from-flag", "--additional-namespaces=c"];
    let (args, warnings) = parse_with(&flags, &environment).unwrap();
    assert_eq!(args.key_prefix, "from-environment");
    assert_eq!(args.my_cn, "from-flag");
    assert!(args.skip_recreate);
    assert_eq!(args.additional_namespaces, ["a", "b", "c"]);
    assert!(warnings.is_empty());
}

#[test]
fn a_flag_of_two_names_has_two_variables_and_the_new_name_wins() {
    let old = ("SEALED_SECRETS_ROTATE_PERIOD", "1h");
    let new = ("SEALED_SECRETS_KEY_RENEW_PERIOD", "2h");
    for (environment, flags, hours) in [
        (&[old][..], &[][..], 1),
        (&[old, new], &[], 2),
        (&[new, old], &[], 2),
        (&[old, new], &["--rotate-period=3h"], 3),
        (&[old, (new.0, "soon")], &[], 1),
    ] {
        let (args, _) = parse_with(flags, environment).unwrap();
        assert_eq!(args.key_renew_period, Duration::from_hours(hours), "{environment:?}");
    }
}

#[test]
fn blanks_and_empty_places_in_a_list_of_namespaces_are_none() {
    let variable = [("SEALED_SECRETS_ADDITIONAL_NAMESPACES", " a, ,b ,")];
    let flags = ["--additional-namespaces= c", "--additional-namespaces="];
    let (args, warnings) = parse_with(&flags, &variable).unwrap();
    assert_eq!(args.additional_namespaces, ["a", "b", "c"]);
    assert!(warnings.is_empty());
    assert!(parse_args(&["--additional-namespaces="]).unwrap().additional_namespaces.is_empty());
}

#[test]
fn no_burst_is_one_request_at_a_time() {
    assert_eq!(parse_args(&["--rate-limit-burst=0"]).unwrap().rate_limit_burst, 0);
}

#[test]
fn dates_are_gos_rfc_1123_with_a_numeric_zone() {
    let cutoff = |text| value::date(text).ok().and_then(|cutoff| cutoff.0);
    assert_eq!(value::date(""), Ok(value::Cutoff(None)));
    for (text, second) in [
        ("Mon, 02 Jan 2006 15:04:05 -0700", 1_136_239_445),
        // No Sunday, but Go does not look.
        ("Sun, 02 Jan 2006 15:04:05 -0700", 1_136_239_445),
        ("MON,  02   jAN 2006 15:04:05    -0700", 1_136_239_445),
        ("Mon, 02 Jan 2006 15:04:05.999 -0700", 1_136_239_445),
        ("Mon, 02 Jan 2006 15:04:05,9 -0700", 1_136_239_445),
        ("Thu, 01 Jan 1970 0:00:00 +0000", 0),
        ("Thu, 01 Jan 1970 00:00:00 -0000", 0),
        ("Thu, 01 Jan 1970 01:30:00 +0130", 0),
        ("Sat, 03 Jan 1970 01:00:00 +2460", 86_400),
        ("Thu, 29 Feb 2024 00:00:00 +0000", 1_709_164_800),
        ("Sat, 01 Jan 0000 00:00:00 +0000", -62_167_219_200),
        ("Fri, 31 Dec 9999 23:59:59 +0000", 253_402_300_799),
    ] {
        assert_eq!(cutoff(text), Some(second), "{text}");
    }
    for text in [
        "yesterday",
        "Mon, 02 Jan 2006 15:04:05 GMT",
        "Mon, 02 Jan 2006 15:04:05 Z",
        "Mon, 02 Jan 2006 15:04:05 -07:00",
        "Mon, 02 Jan 2006 15:04:05 -07",
        "Mon, 02 Jan 2006 15:04:05 0700",
        "Mon, 02 Jan 2006 15:04:05 +2500",
        "Mon, 02 Jan 2006 15:04:05 +0061",
        "Mon, 02 Jan 2006 15:04:05 -0700 ",
        " Mon, 02 Jan 2006 15:04:05 -0700",
        "Mon, 02 Jan 2006 15:04:05",
        "Mon, 02 Jan 2006 15:04:05-0700",
        "Mon, 02 Jan 2006 15:04:05. -0700",
        "Mon, 02 Jan 2006 15:04 -0700",
        "Mon, 02 Jan 2006 15:04:5 -0700",
        "Mon, 02 Jan 2006 15:4:05 -0700",
        "Mon, 02 Jan 2006 15:04:60 -0700",
        "Mon, 02 Jan 2006 15:60:05 -0700",
        "Mon, 02 Jan 2006 24:04:05 -0700",
        "Mon, 02 Jan 2006 :04:05 -0700",
        "Mon, 02 Jan 06 15:04:05 -0700",
        "Mon, 02 Jan 20060 15:04:05 -0700",
        "Mon, 2 Jan 2006 15:04:05 -0700",
        "Mon, 00 Jan 2006 15:04:05 -0700",
        "Wed, 29 Feb 2023 15:04:05 -0700",
        "Mon, 02 January 2006 15:04:05 -0700",
        "Mon, 02 Jän 2006 15:04:05 -0700",
        "Mon,02 Jan 2006 15:04:05 -0700",
        "Mon 02 Jan 2006 15:04:05 -0700",
        "Monday, 02 Jan 2006 15:04:05 -0700",
        "Day, 02 Jan 2006 15:04:05 -0700",
        "02 Jan 2006 15:04:05 -0700",
        "2006-01-02T15:04:05-07:00",
    ] {
        assert!(value::date(text).is_err(), "{text}");
    }
}

#[test]
fn labels_and_annotations_are_what_the_api_server_takes() {
    let long = |count| "a".repeat(count);
    for text in [
        String::new(),
        "a=".to_owned(),
        "A-b_c.1=Z-y_x.9".to_owned(),
        "example.com/a=b,a.b-c.d/e=f".to_owned(),
        format!("{}={}", long(63), long(63)),
        format!("{}/a=b", long(253)),
    ] {
        assert!(value::labels(&text).is_ok(), "{text}");
        assert!(value::annotations(&text).is_ok(), "{text}");
    }
    for text in ["a=b c", "a=-b", "a=b.", "a=ü", &format!("a={}", long(64)), "Example.com/a=b"] {
        assert!(value::labels(text).is_err(), "{text}");
        assert!(value::annotations(text).is_ok(), "{text}");
    }
    for text in [
        "a",
        "=b",
        "-a=b",
        "a_=b",
        "a b=c",
        "ü=b",
        "/a=b",
        "a/=b",
        "a/b/c=d",
        "-a/b=c",
        "a./b=c",
        "a..b/c=d",
        "a_b/c=d",
        &format!("{}=b", long(64)),
        &format!("{}/a=b", long(254)),
    ] {
        assert!(value::labels(text).is_err(), "{text}");
        assert!(value::annotations(text).is_err(), "{text}");
    }
}

#[test]
fn variables_that_make_no_sense_are_told_and_strangers_ignored() {
    let environment = [
        ("SEALED_SECRETS_PORT", "tcp://10.0.0.1:8080"),
        ("SEALED_SECRETS_VERSION", "v0.36.0"),
        ("SEALED_SECRETS_KEY_SIZE", "tiny"),
        ("SEALED_SECRETS_LOG_FORMAT", "xml"),
    ];
    let (args, warnings) = parse_with(&[], &environment).unwrap();
    assert_eq!(args.key_size, KeySize::Rsa4096);
    assert!(!args.version);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("SEALED_SECRETS_KEY_SIZE") && warnings[0].contains("--key-size"));
}

#[test]
fn a_cutoff_time_that_is_none_ends_the_start() {
    let cutoff = |text| parse_with(&[], &[("SEALED_SECRETS_KEY_CUTOFF_TIME", text)]);
    let line = "error: SEALED_SECRETS_KEY_CUTOFF_TIME: invalid value 'today' for \
                '--key-cutoff-time <DATE>': a date is like Mon, 02 Jan 2006 15:04:05 -0700 \
                (`date -R`); see controller --help";
    assert_eq!(in_one_line(&cutoff("today").unwrap_err()), line);
    let (args, warnings) = cutoff("").unwrap();
    assert_eq!(args.key_cutoff_time, Some(value::Cutoff(None)));
    assert!(warnings.is_empty());
}

#[test]
fn mistakes_are_told_in_one_line() {
    for (args, line) in [
        (
            &["--key-sice=2048"][..],
            "error: unexpected argument '--key-sice' found; tip: a similar argument exists: \
             '--key-size'; see controller --help",
        ),
        (
            &["--key-size=1024"],
            "error: invalid value '1024' for '--key-size <KEY_SIZE>': a new key has 2048, 3072, \
             4096 or 8192 bits, not 1024; see controller --help",
        ),
        (
            &["--log-format=xml"],
            "error: invalid value 'xml' for '--log-format <LOG_FORMAT>'; [possible values: text, \
             json]; see controller --help",
        ),
        (
            &["--privatekey-labels=a=b c"],
            "error: invalid value 'a=b c' for '--privatekey-labels <K=V,…>': the label a cannot be \
             \"b c\": a value is empty or 1 to 63 of a-z, A-Z, 0-9, -, _ and ., with a letter or \
             digit at the beginning and the end; see controller --help",
        ),
        (&["stray"], "error: unexpected argument 'stray' found; see controller --help"),
        (
            &["--key-ttl"],
            "error: a value is required for '--key-ttl <KEY_TTL>' but none was supplied; see \
             controller --help",
        ),
    ] {
        assert_eq!(in_one_line(&parse_args(args).unwrap_err()), line);
    }
}
