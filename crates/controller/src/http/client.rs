//! Who asks.

use std::net::IpAddr;

use axum::http::HeaderMap;

/// A client, and the peer through which it came, by which it is told from others who claim its
/// address. Both have accounts: a client must not use up what is others', and a peer must not get
/// more by inventing clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Client {
    /// The address that the API server's proxy has written last, else the peer's.
    pub(super) addr: IpAddr,
    /// The other end of the connection: the one address that is no mere claim.
    pub(super) peer: IpAddr,
}

impl Client {
    /// Only the last hop counts: what stands before it is the client's own claim.
    pub(super) fn of(headers: &HeaderMap, peer: IpAddr) -> Self {
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        let hop = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
        let hop = hop.and_then(|hop| hop.trim().parse::<IpAddr>().ok());
        // An IPv4 address is the same whether or not it came through an IPv6 socket.
        Self { addr: hop.unwrap_or(peer).to_canonical(), peer: peer.to_canonical() }
    }

    /// A client for tests: which one, and through which peer.
    #[cfg(test)]
    pub(super) fn example(client: u8, peer: u8) -> Self {
        Self { addr: IpAddr::from([10, 0, 0, client]), peer: IpAddr::from([10, 1, 0, peer]) }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_the_last_hop_says_who_asks() {
        let peer = address("10.0.0.1");
        let mut headers = HeaderMap::new();
        for (hops, expected) in [
            (None, "10.0.0.1"),
            (Some("1.1.1.1, 2.2.2.2"), "2.2.2.2"),
            (Some("3.3.3.3"), "3.3.3.3"),
            (Some("not an address"), "10.0.0.1"),
        ] {
            if let Some(hops) = hops {
                headers.append("x-forwarded-for", HeaderValue::from_static(hops));
            }
            let client = Client { addr: address(expected), peer };
            assert_eq!(Client::of(&headers, peer), client, "{hops:?}");
        }
    }

    #[test]
    fn an_ipv4_address_is_the_same_through_an_ipv6_socket() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("::ffff:2.2.2.2"));
        let client = Client::of(&headers, address("::ffff:10.0.0.1"));
        assert_eq!(client, Client { addr: address("2.2.2.2"), peer: address("10.0.0.1") });
    }
}
