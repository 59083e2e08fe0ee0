//! Whose request it is: one rule for the address, in claim, verification and dispute alike.

use std::net::IpAddr;

/// A caller, as far as its connection tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// First entry of `X-Forwarded-For`, else `X-Real-IP`, else the peer, else `unknown`; the headers only from a trusted peer.
    pub address: String,
    /// Whether headers that a proxy adds (the address, the place) count.
    pub is_forwarded_by_trusted: bool,
}

/// What proxies say about a caller.
#[derive(Debug, Clone, Copy, Default)]
pub struct ForwardingHeaders<'a> {
    /// `X-Forwarded-For`; of several such headers the first.
    pub forwarded_for: Option<&'a str>,
    /// `X-Real-IP`.
    pub real_ip: Option<&'a str>,
}

/// Longer than any address with a zone.
const ADDRESS_CHARACTERS_MAX: usize = 64;

impl Client {
    /// Who is behind `peer`, the other end of the connection.
    pub fn of(
        peer: Option<IpAddr>,
        headers: ForwardingHeaders<'_>,
        trusted: &TrustedProxies,
    ) -> Self {
        let is_forwarded_by_trusted = peer.is_some_and(|peer| trusted.contains(peer));
        let told = if is_forwarded_by_trusted {
            let first = headers
                .forwarded_for
                .and_then(|list| list.split(',').next());
            first
                .and_then(address)
                .or_else(|| headers.real_ip.and_then(address))
        } else {
            None
        };
        let address = told
            .or_else(|| peer.map(|peer| peer.to_canonical().to_string()))
            .unwrap_or_else(|| "unknown".to_owned());
        Self {
            address,
            is_forwarded_by_trusted,
        }
    }
}

/// An address in its usual form. What is not an IP address is kept as it is: proxies may send names instead (RFC 7239, 6.3).
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > ADDRESS_CHARACTERS_MAX {
        return None;
    }
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    Some(bare.parse::<IpAddr>().map_or_else(
        |_| text.to_owned(),
        |address| address.to_canonical().to_string(),
    ))
}

/// The peers whose forwarding headers are believed. Loopback always is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustedProxies {
    networks: Vec<Network>,
}

/// An entry of the list that is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("TRUSTED_PROXIES: `{entry}` is neither an IP address nor a network such as 10.0.0.0/8")]
pub struct BadNetwork {
    entry: String,
}

impl TrustedProxies {
    /// Reads the setting: addresses and networks (`10.0.0.0/8`), separated by commas or spaces; `loopback` may stand among them.
    ///
    /// # Errors
    /// [`BadNetwork`] names the first entry that is neither.
    pub fn parse(setting: &str) -> Result<Self, BadNetwork> {
        let entries = setting
            .split([',', ' '])
            .map(str::trim)
            .filter(|entry| !entry.is_empty() && *entry != "loopback");
        let networks = entries
            .map(|entry| {
                Network::parse(entry).ok_or_else(|| BadNetwork {
                    entry: entry.to_owned(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { networks })
    }

    /// Whether headers from this peer are believed.
    pub fn contains(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        peer.is_loopback() || self.networks.iter().any(|network| network.contains(peer))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix_bits: u32,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= bits)?,
            None => bits,
        };
        Some(Self {
            address,
            prefix_bits,
        })
    }

    fn contains(&self, peer: IpAddr) -> bool {
        match (self.address, peer) {
            (IpAddr::V4(own), IpAddr::V4(peer)) => {
                (own.to_bits() ^ peer.to_bits()).leading_zeros() >= self.prefix_bits
            }
            (IpAddr::V6(own), IpAddr::V6(peer)) => {
                (own.to_bits() ^ peer.to_bits()).leading_zeros() >= self.prefix_bits
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        peer: &str,
        forwarded_for: Option<&str>,
        real_ip: Option<&str>,
        trusted: &str,
        expect: &str,
    ) {
        let peer = peer.parse().ok();
        let trusted = TrustedProxies::parse(trusted).unwrap();
        let client = Client::of(
            peer,
            ForwardingHeaders {
                forwarded_for,
                real_ip,
            },
            &trusted,
        );
        assert_eq!(client.address, expect);
    }

    #[test]
    fn a_trusted_proxy_says_who_is_behind_it() {
        check(
            "127.0.0.1",
            Some(" 203.0.113.7 , 10.0.0.1"),
            Some("198.51.100.1"),
            "",
            "203.0.113.7",
        );
        check("::1", None, Some("198.51.100.1"), "", "198.51.100.1");
        check(
            "::ffff:127.0.0.1",
            Some("203.0.113.7"),
            None,
            "",
            "203.0.113.7",
        );
        check(
            "10.1.2.3",
            Some("203.0.113.7"),
            None,
            "192.0.2.1, 10.0.0.0/8",
            "203.0.113.7",
        );
        check(
            "2001:db8::7",
            Some("203.0.113.7"),
            None,
            "2001:db8::/32",
            "203.0.113.7",
        );
        check(
            "127.0.0.1",
            Some(""),
            Some("198.51.100.1"),
            "",
            "198.51.100.1",
        );
        check("127.0.0.1", Some(", 203.0.113.7"), None, "", "127.0.0.1");
    }

    #[test]
    fn anybody_else_is_only_the_peer() {
        check(
            "192.0.2.9",
            Some("203.0.113.7"),
            Some("198.51.100.1"),
            "",
            "192.0.2.9",
        );
        check(
            "11.1.2.3",
            Some("203.0.113.7"),
            None,
            "10.0.0.0/8",
            "11.1.2.3",
        );
        check("not an address", Some("203.0.113.7"), None, "", "unknown");
    }

    #[test]
    fn one_address_has_one_form() {
        check(
            "127.0.0.1",
            Some("[2001:DB8:0::1]"),
            None,
            "",
            "2001:db8::1",
        );
        check(
            "127.0.0.1",
            Some("::ffff:203.0.113.7"),
            None,
            "",
            "203.0.113.7",
        );
        check("127.0.0.1", Some("unknown"), None, "", "unknown");
        check("127.0.0.1", Some(&"x".repeat(65)), None, "", "127.0.0.1");
    }

    #[test]
    fn a_list_of_proxies_is_read_or_refused() {
        for bad in [
            "10.0.0.0/33",
            "10.0.0/8",
            "proxy.example",
            "10.0.0.1/",
            "::/129",
        ] {
            assert!(TrustedProxies::parse(bad).is_err(), "{bad}");
        }
        let all = TrustedProxies::parse("loopback 0.0.0.0/0").unwrap();
        assert!(all.contains("8.8.8.8".parse().unwrap()));
        assert!(!all.contains("2001:db8::1".parse().unwrap()));
    }
}
