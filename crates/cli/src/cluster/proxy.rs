//! Which proxy leads to the API server, by Go's rules, which kubectl has.
//!
//! A proxy that the flag or the kubeconfig names is used for every address. Those of the environment
//! are not used for loopback addresses and for what `NO_PROXY` names.

use std::net::IpAddr;

use http::Uri;

use super::address::{host, is_loopback, shown};
use crate::error::{Error, Result};

/// The proxy to go through, if any.
///
/// # Errors
/// When the one that is named is none.
pub(super) fn proxy_for(
    server: &Uri,
    named: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Uri>> {
    if let Some(named) = named {
        return checked(named, "--proxy-url or proxy-url in the kubeconfig").map(Some);
    }
    let either = |upper: &str, lower: &str| {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        given(upper).or_else(|| given(lower))
    };
    let found = match server.scheme_str() {
        Some("https") => either("HTTPS_PROXY", "https_proxy"),
        // A CGI script's caller could set it with a header.
        Some("http") if variable("REQUEST_METHOD").is_none() => either("HTTP_PROXY", "http_proxy"),
        _ => None,
    };
    let Some(proxy) = found else { return Ok(None) };
    if is_spared(server, &either("NO_PROXY", "no_proxy").unwrap_or_default()) {
        return Ok(None);
    }
    let proxy = if proxy.contains("://") { proxy } else { format!("http://{proxy}") };
    checked(&proxy, "the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY").map(Some)
}

fn checked(proxy: &str, origin: &str) -> Result<Uri> {
    let wrong = |why: &str| {
        Error::new(format!("cannot use the proxy {}: {why}", shown(proxy)))
            .hint(format!("see {origin}"))
    };
    // One way of resolving names is there, the proxy's: so both spellings mean the same.
    let plain = proxy.strip_prefix("socks5h://").map(|rest| format!("socks5://{rest}"));
    let uri: Uri = plain.as_deref().unwrap_or(proxy).parse().map_err(|_| wrong("it is no URL"))?;
    let has_credentials = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    match uri.scheme_str() {
        _ if uri.host().is_none_or(str::is_empty) => Err(wrong("it names no host")),
        Some("socks5") if has_credentials => Err(wrong("kubeseal cannot log in to a SOCKS proxy")),
        Some("http" | "https" | "socks5") => Ok(uri),
        _ => Err(wrong("it has to begin with http://, https:// or socks5://")),
    }
}

/// Whether no proxy of the environment is to be used.
fn is_spared(server: &Uri, no_proxy: &str) -> bool {
    let host = host(server);
    if is_loopback(&host) {
        return true;
    }
    let address: Option<IpAddr> = host.parse().ok();
    let default = if server.scheme_str() == Some("http") { 80 } else { 443 };
    let port = server.port_u16().unwrap_or(default);
    let mut entries = no_proxy.split(',').map(|entry| entry.trim().to_lowercase());
    entries.any(|entry| match address {
        _ if entry == "*" => true,
        Some(address) => spares_address(&entry, address, port),
        None => spares_name(&entry, &host, port),
    })
}

/// `10.0.0.0/8`, `10.1.2.3`, `10.1.2.3:6443`, `[fd00::1]:6443`.
fn spares_address(entry: &str, address: IpAddr, port: u16) -> bool {
    if let Some((network, bits)) = entry.split_once('/') {
        let (Ok(network), Ok(bits)) = (network.parse(), bits.parse()) else { return false };
        return is_within(address, network, bits);
    }
    if let Ok(entry) = entry.parse::<IpAddr>() {
        return entry == address;
    }
    entry.rsplit_once(':').is_some_and(|(host, of_port)| {
        host.trim_matches(['[', ']']).parse() == Ok(address) && of_port.parse() == Ok(port)
    })
}

fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (difference, width) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (u128::from(a.to_bits() ^ n.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(n)) => (a.to_bits() ^ n.to_bits(), 128),
        _ => return false,
    };
    bits <= width && difference.checked_shr(width - bits).unwrap_or_default() == 0
}

/// `example.com` with what is below it, `.example.com` or `*.example.com` without itself; each
/// also with a port.
fn spares_name(entry: &str, host: &str, port: u16) -> bool {
    let (name, of_port) = match entry.rsplit_once(':') {
        Some((name, of_port)) => (name, of_port.parse().ok()),
        None => (entry, Some(port)),
    };
    let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
    let bare = name.strip_prefix('.').unwrap_or(name);
    let is_below = host.strip_suffix(bare).is_some_and(|above| above.ends_with('.'));
    !bare.is_empty() && of_port == Some(port) && (is_below || name == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(server: &str, named: Option<&str>, variables: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            let mut variables = variables.iter();
            variables.find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let proxy = proxy_for(&server.parse().unwrap(), named, variable).unwrap();
        proxy.map(|proxy| proxy.to_string())
    }

    #[test]
    fn a_named_proxy_wins_and_is_for_everything() {
        let variables = [("HTTPS_PROXY", "http://other:1"), ("NO_PROXY", "*")];
        for server in ["https://api.example:6443", "https://127.0.0.1:6443", "http://localhost"] {
            let named = Some("socks5h://proxy:1080");
            assert_eq!(chosen(server, named, &variables).as_deref(), Some("socks5://proxy:1080/"));
        }
    }

    #[test]
    fn the_environment_is_read_as_go_reads_it() {
        let api = "https://api.example:6443";
        for (server, variables, expected) in [
            (api, &[("HTTPS_PROXY", "http://p:1")][..], Some("http://p:1/")),
            (api, &[("https_proxy", "p:1")], Some("http://p:1/")),
            (api, &[("HTTPS_PROXY", ""), ("https_proxy", "socks5://p")], Some("socks5://p/")),
            (api, &[("HTTP_PROXY", "http://p:1"), ("ALL_PROXY", "http://p:1")], None),
            ("http://api.example", &[("HTTP_PROXY", "http://p:1")], Some("http://p:1/")),
            ("http://api.example", &[("HTTP_PROXY", "p"), ("REQUEST_METHOD", "GET")], None),
            ("https://localhost:6443", &[("HTTPS_PROXY", "http://p:1")], None),
            ("https://127.1.2.3", &[("HTTPS_PROXY", "http://p:1")], None),
            ("https://[::1]:6443", &[("HTTPS_PROXY", "http://p:1")], None),
        ] {
            assert_eq!(chosen(server, None, variables).as_deref(), expected, "{variables:?}");
        }
    }

    #[test]
    fn no_proxy_spares_names_and_addresses() {
        for (server, no_proxy, is_spared) in [
            ("https://api.example.com", "*", true),
            ("https://api.example.com", "example.com", true),
            ("https://api.example.com", ".example.com", true),
            ("https://api.example.com", "*.example.com", true),
            ("https://api.example.com", "API.Example.com", true),
            ("https://api.example.com", " other ,, api.example.com , ", true),
            ("https://api.example.com", "api.example.com:443", true),
            ("https://api.example.com", "api.example.com:6443", false),
            ("https://api.example.com", "ample.com", false),
            ("https://example.com", ".example.com", false),
            ("https://example.com", "*.example.com", false),
            ("https://api.example.com", "", false),
            ("https://api.example.com", ".,:,/,*.", false),
            ("https://10.1.2.3:6443", "10.0.0.0/8", true),
            ("https://10.1.2.3:6443", "0.0.0.0/0", true),
            ("https://10.1.2.3:6443", "10.1.2.3/32", true),
            ("https://10.1.2.3:6443", "11.0.0.0/8", false),
            ("https://10.1.2.3:6443", "10.0.0.0/99", false),
            ("https://10.1.2.3:6443", "10.1.2.3", true),
            ("https://10.1.2.3:6443", "10.1.2.3:6443", true),
            ("https://10.1.2.3:6443", "10.1.2.3:443", false),
            ("https://10.1.2.3:6443", "1.2.3", false),
            ("https://[fd00::1]:6443", "fd00::/8", true),
            ("https://[fd00::1]:6443", "::/0", true),
            ("https://[fd00::1]:6443", "[fd00::1]:6443", true),
            ("https://[fd00::1]:6443", "fd00::2", false),
        ] {
            let variables = [("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", no_proxy)];
            let proxy = chosen(server, None, &variables);
            assert_eq!(proxy.is_none(), is_spared, "{server} {no_proxy}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_named_without_its_password() {
        for (proxy, why) in [
            ("ftp://me:hunter2@proxy", "begin with http://"),
            ("proxy:3128", "begin with http://"),
            ("socks5://me:hunter2@proxy", "cannot log in"),
            ("http://", "no URL"),
            ("http://me:hunter2@pro xy", "no URL"),
        ] {
            let server = "https://api".parse().unwrap();
            let error = proxy_for(&server, Some(proxy), |_| None).unwrap_err().to_string();
            assert!(error.contains(why) && !error.contains("hunter2"), "{error}");
        }
    }
}
