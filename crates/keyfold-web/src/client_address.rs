//! Who is calling. Forwarding headers count only when a trusted proxy sends them: anybody else could write any address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use axum::http::HeaderMap;

/// The proxies whose `X-Forwarded-For` and `X-Real-IP` are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<Network>,
}

/// A list of proxies that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no address or network: write `loopback`, `192.0.2.7` or `10.0.0.0/8`, separated by commas"
)]
pub struct TrustedProxiesError(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    base: u128,
    prefix_bits: u8,
}

/// The default: processes of the same machine.
impl Default for TrustedProxies {
    fn default() -> Self {
        let networks = vec![
            Network::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
            Network::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
        ];
        Self { networks }
    }
}

/// `loopback`, addresses and networks, separated by commas; empty trusts nobody.
impl FromStr for TrustedProxies {
    type Err = TrustedProxiesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut networks = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            if part.eq_ignore_ascii_case("loopback") {
                networks.extend(Self::default().networks);
                continue;
            }
            let wrong = || TrustedProxiesError(part.to_owned());
            let (address, bits) = part
                .split_once('/')
                .map_or((part, None), |(a, b)| (a, Some(b)));
            let address: IpAddr = address.parse().map_err(|_| wrong())?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
            if bits > most {
                return Err(wrong());
            }
            networks.push(Network::new(address, bits));
        }
        Ok(Self { networks })
    }
}

impl TrustedProxies {
    /// Whether forwarding headers sent by this peer count.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let address = as_number(peer);
        self.networks
            .iter()
            .any(|network| network.contains(address))
    }

    /// The caller's address: from a trusted peer the first entry of `X-Forwarded-For`, else `X-Real-IP`; else the peer.
    pub fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> ClientAddress {
        if peer.is_some_and(|peer| self.trusts(peer)) {
            let forwarded = first_entry(headers, "x-forwarded-for")
                .or_else(|| first_entry(headers, "x-real-ip"));
            if let Some(text) = forwarded {
                return ClientAddress {
                    text: text.to_owned(),
                    forwarded: true,
                };
            }
        }
        let text = peer.map_or_else(
            || "unknown".to_owned(),
            |peer| peer.to_canonical().to_string(),
        );
        ClientAddress {
            text,
            forwarded: false,
        }
    }
}

/// The address of a caller. What a proxy forwards need not be an IP address, so it is kept as text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientAddress {
    text: String,
    forwarded: bool,
}

impl ClientAddress {
    /// As text; `unknown` when nothing is known.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As an IP address, if it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
    }

    /// Whether it is of this machine or a private network, or unknown, so that it has no place on a map.
    pub fn is_local(&self) -> bool {
        match self.ip() {
            Some(IpAddr::V4(ip)) => {
                ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()
            }
            Some(IpAddr::V6(ip)) => {
                ip.is_loopback()
                    || ip.is_unspecified()
                    || ip.is_unique_local()
                    || ip.is_unicast_link_local()
            }
            None => self.text == "unknown" || self.text.eq_ignore_ascii_case("localhost"),
        }
    }

    /// Whether a trusted proxy named it.
    pub fn is_forwarded(&self) -> bool {
        self.forwarded
    }
}

/// An address is personal data and stays out of logs.
impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAddress")
            .field("forwarded", &self.forwarded)
            .finish_non_exhaustive()
    }
}

impl Network {
    /// IPv4 is kept as its mapped IPv6 form, so that one comparison serves both.
    fn new(address: IpAddr, bits: u8) -> Self {
        let mapped = address.is_ipv4();
        Self {
            base: as_number(address),
            prefix_bits: if mapped { bits + 96 } else { bits },
        }
    }

    fn contains(self, address: u128) -> bool {
        let host_bits = 128 - u32::from(self.prefix_bits);
        let part = |number: u128| number.checked_shr(host_bits).unwrap_or(0);
        part(address) == part(self.base)
    }
}

fn as_number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn first_entry<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let text = headers.get(name)?.to_str().ok()?;
    let first = text.split(',').next()?.trim();
    (!first.is_empty()).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(trusted: &str, peer: &str, forwarded: Option<&str>, real: Option<&str>, expect: &str) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("x-forwarded-for", forwarded), ("x-real-ip", real)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        let peer = (!peer.is_empty()).then(|| peer.parse().unwrap());
        let trusted: TrustedProxies = trusted.parse().unwrap();
        assert_eq!(
            trusted.client(peer, &headers).as_str(),
            expect,
            "{trusted:?} {peer:?}"
        );
    }

    #[test]
    fn forwarding_headers_count_from_trusted_proxies_only() {
        check(
            "loopback",
            "127.0.0.1",
            Some("203.0.113.7, 10.0.0.1"),
            None,
            "203.0.113.7",
        );
        check("loopback", "::1", None, Some("203.0.113.7"), "203.0.113.7");
        check(
            "loopback",
            "::ffff:127.0.0.1",
            Some("203.0.113.7"),
            None,
            "203.0.113.7",
        );
        check(
            "loopback",
            "198.51.100.9",
            Some("203.0.113.7"),
            Some("203.0.113.8"),
            "198.51.100.9",
        );
        check("", "127.0.0.1", Some("203.0.113.7"), None, "127.0.0.1");
        check(
            "10.0.0.0/8, 192.0.2.1",
            "10.200.3.4",
            Some("203.0.113.7"),
            None,
            "203.0.113.7",
        );
        check(
            "10.0.0.0/8, 192.0.2.1",
            "11.0.0.1",
            Some("203.0.113.7"),
            None,
            "11.0.0.1",
        );
        check(
            "10.0.0.0/8, 192.0.2.1",
            "192.0.2.2",
            Some("203.0.113.7"),
            None,
            "192.0.2.2",
        );
        check(
            "2001:db8::/32",
            "2001:db8:1::1",
            Some("203.0.113.7"),
            None,
            "203.0.113.7",
        );
        check(
            "0.0.0.0/0",
            "8.8.8.8",
            Some("203.0.113.7"),
            None,
            "203.0.113.7",
        );
    }

    #[test]
    fn without_a_usable_header_it_is_the_peer_or_unknown() {
        check("loopback", "127.0.0.1", None, None, "127.0.0.1");
        check(
            "loopback",
            "127.0.0.1",
            Some(" , 1.2.3.4"),
            None,
            "127.0.0.1",
        );
        check("loopback", "", Some("203.0.113.7"), None, "unknown");
    }

    #[test]
    fn a_list_that_cannot_be_read_is_an_error() {
        for text in [
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "proxy.example",
            "10.0.0.0/-1",
            "10.0.0.0/",
        ] {
            assert!(text.parse::<TrustedProxies>().is_err(), "{text}");
        }
    }
}
