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
        "--privatekey-labels=a=b, c=d=e",
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
    assert_eq!(args.privatekey_labels.0["c"], "d=e");
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
        "--listen-addr=8080",
        "--listen-addr=:x",
        "--log-format=xml",
        "--rate-limit=-1",
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
