//! Addresses: as messages show them, without what must not be seen, and which of them are this machine's.

use std::net::IpAddr;

use http::Uri;

/// A URL without user name, password, query and fragment.
pub(crate) fn shown(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}{host}{}", path.trim_end_matches('/'))
}

/// The host that a URL names, in small letters, without the brackets of an IPv6 address.
pub(super) fn host(url: &Uri) -> String {
    url.host().unwrap_or_default().trim_matches(['[', ']']).to_lowercase()
}

/// Whether a host is this machine, which nobody else can answer for.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_left_out() {
        for (url, expected) in [
            ("https://10.0.0.1:6443", "https://10.0.0.1:6443"),
            ("https://10.0.0.1:6443/", "https://10.0.0.1:6443"),
            (
                "https://rancher.example/k8s/clusters/c-1",
                "https://rancher.example/k8s/clusters/c-1",
            ),
            ("http://me:hunter2@proxy:3128/", "http://proxy:3128"),
            ("socks5://me:hunt@er2@proxy", "socks5://proxy"),
            ("me:hunter2@proxy:3128", "proxy:3128"),
            ("https://a.example/cert.pem?token=hunter2", "https://a.example/cert.pem"),
            ("https://a.example#hunter2", "https://a.example"),
            ("https://a.example/x@y", "https://a.example/x@y"),
            ("https://[fd00::1]:6443", "https://[fd00::1]:6443"),
        ] {
            assert_eq!(shown(url), expected, "{url}");
        }
    }
    #[test]
    fn this_machine_has_several_names() {
        for (url, expected) in [
            ("http://localhost:8001", true),
            ("http://LOCALHOST", true),
            ("http://127.0.0.1:8001", true),
            ("http://127.8.9.1", true),
            ("http://[::1]:8001", true),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
            ("http://10.0.0.1", false),
            ("http://[fd00::1]", false),
        ] {
            assert_eq!(is_loopback(&host(&url.parse().unwrap())), expected, "{url}");
        }
    }
}
