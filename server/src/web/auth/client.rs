//! Which address a request comes from: the limits of attempts to sign in go by it.
//!
//! `X-Forwarded-For` is what anybody writes into it, so it counts only when the connection comes from a proxy that the
//! settings name, and then only its last entries: those that trusted proxies wrote.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{Extension, extract::ConnectInfo, http::HeaderMap};
use ipnet::IpNet;

/// The peer of the connection; absent in tests without one.
pub(super) type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// Who is on the other end, as far as limits go.
pub(super) fn address(peer: Peer, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |Extension(ConnectInfo(address))| address.ip().to_canonical());
    network_of(forwarded(peer, headers, trusted))
}

/// Goes from the connection backwards through what proxies wrote, as long as they are to be trusted.
fn forwarded(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let written = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = written.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut address = peer;
    for hop in hops.into_iter().rev() {
        if !is_trusted(&address) {
            break;
        }
        let Some(before) = parse(hop) else { break };
        address = before;
    }
    address
}

/// An address as proxies write it: some add the port.
fn parse(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    hop.parse().ok().or_else(with_port).or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

/// One customer has a whole /64 of IPv6 and can use another address for each attempt.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded_for: &[&str], trusted: &[&str]) -> String {
        let headers =
            forwarded_for.iter().map(|value| ("x-forwarded-for".parse().unwrap(), value.parse().unwrap())).collect();
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let peer = Some(Extension(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 5000))));
        address(peer, &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_unless_the_settings_say_so() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["198.51.100.1"], &[]), "127.0.0.1", "not even this machine");
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &["127.0.0.1/32"]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_is_believed_in_what_it_wrote_itself() {
        let trusted = ["127.0.0.1/32", "10.0.0.0/8"];
        assert_eq!(seen("127.0.0.1", &["198.51.100.1"], &trusted), "198.51.100.1");
        assert_eq!(
            seen("127.0.0.1", &["1.1.1.1, 198.51.100.1"], &trusted),
            "198.51.100.1",
            "the rest is the client's word"
        );
        assert_eq!(seen("127.0.0.1", &["1.1.1.1", "198.51.100.1, 10.2.3.4"], &trusted), "198.51.100.1");
        assert_eq!(seen("::ffff:127.0.0.1", &["198.51.100.1:4711"], &trusted), "198.51.100.1");
        assert_eq!(seen("127.0.0.1", &["rubbish"], &trusted), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &[], &trusted), "127.0.0.1");
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one() {
        assert_eq!(seen("2001:db8:1:2:aaaa::1", &[], &[]), "2001:db8:1:2::");
        assert_eq!(seen("::1", &["[2001:db8:1:2:bbbb::1]"], &["::1/128"]), "2001:db8:1:2::");
    }
}
