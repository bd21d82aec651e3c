//! The command line: flags as upstream names them, each also as `SEALED_SECRETS_<FLAG>`.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{ArgAction, Parser};
use sealwright_crypto::KeySize;
use tracing::Level;

use crate::go_duration;

/// What was asked for.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "controller",
    about = "Opens SealedSecrets into Secrets. Runs in a cluster, or anywhere with a kubeconfig.",
    disable_version_flag = true,
    args_override_self = true,
    max_term_width = 100
)]
pub(crate) struct Args {
    /// Beginning of the names of key Secrets, and the name of the legacy one
    #[arg(long, env = "SEALED_SECRETS_KEY_PREFIX", default_value = "sealed-secrets-key",
          value_parser = key_prefix, help_heading = "Keys")]
    pub(crate) key_prefix: String,

    /// Bits of a new key: 2048, 3072, 4096 or 8192
    #[arg(long, env = "SEALED_SECRETS_KEY_SIZE", default_value = "4096",
          value_parser = key_size, help_heading = "Keys")]
    pub(crate) key_size: KeySize,

    /// How long a new certificate holds, such as 720h30m
    #[arg(long, env = "SEALED_SECRETS_KEY_TTL", default_value = "87600h",
          value_parser = go_duration::parse, help_heading = "Keys")]
    pub(crate) key_ttl: Duration,

    /// Common name of a new certificate
    #[arg(
        long,
        env = "SEALED_SECRETS_MY_CN",
        default_value = "",
        hide_default_value = true,
        help_heading = "Keys"
    )]
    pub(crate) my_cn: String,

    /// Watch every namespace; false: the controller's own and the additional ones
    #[arg(long, env = "SEALED_SECRETS_ALL_NAMESPACES", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value = "true", action = ArgAction::Set,
          value_parser = go_bool, value_name = "BOOL", help_heading = "What is watched")]
    pub(crate) all_namespaces: bool,

    /// Further namespaces to watch, comma-separated; then the own one and these only
    #[arg(
        long,
        env = "SEALED_SECRETS_ADDITIONAL_NAMESPACES",
        value_delimiter = ',',
        value_name = "NAMESPACE,…",
        help_heading = "What is watched"
    )]
    pub(crate) additional_namespaces: Vec<String>,

    /// Only SealedSecrets with these labels, as kubectl takes them
    #[arg(
        long,
        env = "SEALED_SECRETS_LABEL_SELECTOR",
        default_value = "",
        hide_default_value = true,
        help_heading = "What is watched"
    )]
    pub(crate) label_selector: String,

    /// Open the deprecated field spec.data
    #[arg(long, env = "SEALED_SECRETS_ACCEPT_DEPRECATED_V1_DATA", num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "true",
          action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL",
          help_heading = "What is done")]
    pub(crate) accept_deprecated_v1_data: bool,

    /// Report to the status of SealedSecrets
    #[arg(long, env = "SEALED_SECRETS_UPDATE_STATUS", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value = "true", action = ArgAction::Set,
          value_parser = go_bool, value_name = "BOOL", help_heading = "What is done")]
    pub(crate) update_status: bool,

    /// Address of the HTTP server; without a host, all of IPv6 and IPv4
    #[arg(long, env = "SEALED_SECRETS_LISTEN_ADDR", default_value = ":8080",
          value_parser = listen_addr, help_heading = "Server and log")]
    pub(crate) listen_addr: ListenAddr,

    /// Least severity that is logged: DEBUG, INFO, WARN or ERROR
    #[arg(long, env = "SEALED_SECRETS_LOG_LEVEL", default_value = "INFO",
          value_parser = log_level, help_heading = "Server and log")]
    pub(crate) log_level: Level,

    /// Print the version
    #[arg(long)]
    pub(crate) version: bool,
}

/// Where to listen, in the order of the attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListenAddr(pub(crate) Vec<SocketAddr>);

/// A boolean as Go's `strconv.ParseBool` takes it.
fn go_bool(text: &str) -> Result<bool, &'static str> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("a boolean is true or false"),
    }
}

fn key_prefix(text: &str) -> Result<String, &'static str> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > 245 || !text.chars().all(is_allowed) {
        return Err("a key prefix has 1 to 245 characters of a-z, 0-9 and -");
    }
    Ok(text.to_owned())
}

fn key_size(text: &str) -> Result<KeySize, String> {
    let bits: usize = text.parse().map_err(|_| "a key size is a number of bits")?;
    KeySize::try_from(bits).map_err(|error| error.to_string())
}

fn log_level(text: &str) -> Result<Level, &'static str> {
    text.to_uppercase().parse().map_err(|_| "a log level is DEBUG, INFO, WARN or ERROR")
}

/// `host:port`, or Go's `:port`: every address, of IPv6 where there is one.
fn listen_addr(text: &str) -> Result<ListenAddr, &'static str> {
    let wrong = "an address is host:port or :port";
    let addresses = match text.strip_prefix(':') {
        Some(port) => {
            let port: u16 = port.parse().map_err(|_| wrong)?;
            let any_v6 = std::net::Ipv6Addr::UNSPECIFIED;
            let any_v4 = std::net::Ipv4Addr::UNSPECIFIED;
            vec![SocketAddr::from((any_v6, port)), SocketAddr::from((any_v4, port))]
        }
        None => vec![text.parse().map_err(|_| wrong)?],
    };
    Ok(ListenAddr(addresses))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Args, clap::Error> {
        Args::try_parse_from([&["controller"], args].concat())
    }

    #[test]
    fn defaults_are_upstreams() {
        let args = parse(&[]).unwrap();
        assert_eq!(args.key_prefix, "sealed-secrets-key");
        assert_eq!(args.key_size, KeySize::Rsa4096);
        assert_eq!(args.key_ttl, Duration::from_hours(87600));
        assert!(args.all_namespaces && args.accept_deprecated_v1_data && args.update_status);
        assert_eq!(args.listen_addr.0[0].to_string(), "[::]:8080");
        assert_eq!(args.listen_addr.0[1].to_string(), "0.0.0.0:8080");
    }

    #[test]
    fn values_are_taken_in_gos_ways() {
        let args = parse(&[
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
            "--label-selector=a=b,c in (d)",
        ])
        .unwrap();
        assert!(!args.all_namespaces && args.update_status);
        assert_eq!(args.additional_namespaces, ["a", "b", "c"]);
        assert_eq!(args.listen_addr.0, ["127.0.0.1:1".parse().unwrap()]);
        assert_eq!(args.key_size, KeySize::Rsa8192);
        assert_eq!(args.log_level, Level::DEBUG);
    }

    #[test]
    fn mistakes_end_the_start() {
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
            "--listen-addr=8080",
            "--listen-addr=:x",
            "--log-level=loud",
        ] {
            assert!(parse(&[arg]).is_err(), "{arg}");
        }
    }
}
