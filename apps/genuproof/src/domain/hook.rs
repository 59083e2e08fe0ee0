//! Outgoing webhooks: what is told, where it may go, how it is signed and when it is tried again.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keyfold::Timestamp;
use reqwest::Url;

use super::ids::{NoRandomness, Randomness, draw, hex};

/// What a webhook can be told of.
pub const KINDS: [&str; 3] = ["verification_scan", "threat_alert", "product_recall"];

/// Which addresses are delivered to, besides public ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TargetRules {
    /// Not even this machine: `WEBHOOK_PUBLIC_ONLY`.
    pub public_only: bool,
    /// Private networks too: `WEBHOOK_ALLOW_PRIVATE`.
    pub allow_private: bool,
}

/// A URL that may be delivered to, as far as the URL tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Url);

/// Why a URL is no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTarget {
    /// It cannot be read.
    #[error("must be an http or https URL")]
    NoUrl,
    /// It carries a name or a password, which would be handed on.
    #[error("must not carry a user name or password")]
    UserInfo,
    /// Its host is an address that is not delivered to.
    #[error("leads to an address that is not delivered to: {0}")]
    Address(#[from] Forbidden),
}

/// Why an address is not delivered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum Forbidden {
    #[error("it belongs to the link alone, where clouds keep their credentials")]
    LinkLocal,
    #[error("it names no machine, or many")]
    NoHost,
    #[error("it is in a private network")]
    Private,
    #[error("it is this machine")]
    Loopback,
}

impl TargetRules {
    /// Whether an address is delivered to, whatever form it was written in.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn check(self, address: IpAddr) -> Result<(), Forbidden> {
        match address.to_canonical() {
            IpAddr::V4(address) => self.check_v4(address),
            IpAddr::V6(address) => self.check_v6(address),
        }
    }

    fn check_v4(self, address: Ipv4Addr) -> Result<(), Forbidden> {
        let [a, b, c, _] = address.octets();
        if address.is_link_local() {
            Err(Forbidden::LinkLocal)
        } else if a == 0 || a >= 240 || address.is_multicast() || (a, b, c) == (192, 0, 0) {
            Err(Forbidden::NoHost)
        } else if address.is_loopback() {
            self.loopback()
        } else if address.is_private()
            || (a == 100 && (64..128).contains(&b))
            || (a == 198 && (18..20).contains(&b))
        {
            self.private()
        } else {
            Ok(())
        }
    }

    fn check_v6(self, address: Ipv6Addr) -> Result<(), Forbidden> {
        let segments = address.segments();
        // Addresses that others turn into IPv4 ones: NAT64 (RFC 6052), 6to4 (RFC 3056), and the old compatible form.
        let inside = match segments {
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some((high, low)),
            [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some((high, low)),
            _ => None,
        };
        if let Some((high, low)) = inside {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            return self.check_v4(Ipv4Addr::new(a, b, c, d));
        }
        if address.is_unicast_link_local() {
            Err(Forbidden::LinkLocal)
        } else if address.is_unspecified() || address.is_multicast() {
            Err(Forbidden::NoHost)
        } else if address.is_loopback() {
            self.loopback()
        } else if segments[0] == 0xfd00 && segments[1] == 0x0ec2 {
            // Where one cloud answers for its credentials over IPv6.
            Err(Forbidden::LinkLocal)
        } else if address.is_unique_local()
            || segments[0] & 0xffc0 == 0xfec0
            || matches!(segments, [0x64, 0xff9b, 1, ..])
        {
            self.private()
        } else {
            Ok(())
        }
    }

    fn loopback(self) -> Result<(), Forbidden> {
        if self.public_only {
            Err(Forbidden::Loopback)
        } else {
            Ok(())
        }
    }

    fn private(self) -> Result<(), Forbidden> {
        if self.allow_private && !self.public_only {
            Ok(())
        } else {
            Err(Forbidden::Private)
        }
    }
}

impl Target {
    /// Reads a URL. A host that is a name is checked when it is delivered to.
    ///
    /// # Errors
    /// [`NoTarget`].
    pub fn parse(text: &str, rules: TargetRules) -> Result<Self, NoTarget> {
        let url = Url::parse(text).map_err(|_| NoTarget::NoUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(NoTarget::NoUrl);
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || text.contains('@')
                && url.path() == "/"
                && text
                    .split(['/', '?', '#'])
                    .nth(2)
                    .is_some_and(|authority| authority.contains('@'))
        {
            return Err(NoTarget::UserInfo);
        }
        let host = url.host_str().ok_or(NoTarget::NoUrl)?;
        // A URL's parser has made one form of all that name an IPv4 address: decimal, octal, hexadecimal, shortened.
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            rules.check(address)?;
        }
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        if rules.public_only && (name == "localhost" || name.ends_with(".localhost")) {
            return Err(Forbidden::Loopback.into());
        }
        Ok(Self(url))
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// As it was written, in its usual form.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address in it, if its host is one.
    pub fn address(&self) -> Option<IpAddr> {
        let host = self.0.host_str()?;
        host.trim_start_matches('[')
            .trim_end_matches(']')
            .parse()
            .ok()
    }
}

/// Draws a secret: `whsec_` and 48 hex digits.
///
/// # Errors
/// [`NoRandomness`].
pub fn draw_secret(source: &dyn Randomness) -> Result<String, NoRandomness> {
    Ok(format!("whsec_{}", hex(&draw::<24>(source)?)))
}

/// The header that proves a delivery: `t=<seconds>,v1=<hex>`, with a `v1` for each secret.
pub fn signature(secrets: &[&str], seconds: i64, body: &str) -> String {
    let mut header = format!("t={seconds}");
    for secret in secrets {
        header.push_str(",v1=");
        header.push_str(&mac(secret, &format!("{seconds}.{body}")));
    }
    header
}

/// HMAC-SHA256 as hex digits; the key may be empty.
pub fn mac(secret: &str, text: &str) -> String {
    super::crypto::hmac(secret.as_bytes(), text).to_string()
}

/// Pauses before the second try and each further one, in seconds: together a day.
const PAUSES_S: [i64; 13] = [
    1, 5, 20, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 14_400, 21_600, 21_600,
];
/// After so long without one delivery a hook is paused.
pub const PAUSED_AFTER_MS: i64 = 3 * 24 * 3_600_000;

/// When the next try is due after so many that failed; none when it was the last one.
pub fn next_try(attempts: u64, now: Timestamp) -> Option<Timestamp> {
    let place = usize::try_from(attempts).ok()?.checked_sub(1)?;
    Some(now.plus_ms(PAUSES_S.get(place)? * 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: TargetRules = TargetRules {
        public_only: false,
        allow_private: false,
    };

    fn check(url: &str, rules: TargetRules) -> Result<(), NoTarget> {
        Target::parse(url, rules).map(drop)
    }

    #[test]
    fn the_signature_is_the_published_one() {
        let body = r#"{"id":"d1","type":"product_recall","brandId":"3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55","createdAt":"2026-03-02T10:00:00.000Z","data":{"productId":"00112233445566778899aabbccddeeff"}}"#;
        assert_eq!(
            signature(&["whsec_0123456789abcdef"], 1_772_445_600, body),
            "t=1772445600,v1=e32b92f5e2bf52378e69192147b8e72bbd6ef45fc38fd4d8b8abb54006b41a58"
        );
        assert_eq!(signature(&["a", "b"], 1, "").matches(",v1=").count(), 2);
    }

    #[test]
    fn every_spelling_of_an_address_that_is_not_delivered_to_is_refused() {
        for host in [
            "169.254.169.254",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:a9fe:a9fe::]",
            "[::169.254.169.254]",
            "2852039166",
            "0xa9fea9fe",
            "0xa9.0xfe.0xa9.0xfe",
            "0251.0376.0251.0376",
            "169.254.43518",
            "169.254.169.254.",
            "１６９.254.169.254",
            "0.0.0.0",
            "0",
            "[::]",
            "224.0.0.1",
            "255.255.255.255",
            "[ff02::1]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "[fc00::1]",
        ] {
            let refused = check(&format!("http://{host}/hook"), USUAL);
            assert!(
                matches!(refused, Err(NoTarget::Address(_))),
                "{host}: {refused:?}"
            );
        }
        for url in [
            "ftp://example.com",
            "file:///etc/passwd",
            "gopher://x",
            "//x",
            "x",
            "http://",
            "javascript:alert(1)",
        ] {
            assert_eq!(check(url, USUAL), Err(NoTarget::NoUrl), "{url}");
        }
        for url in [
            "http://user@example.com/",
            "http://user:word@example.com",
            "http://:word@example.com",
        ] {
            assert_eq!(check(url, USUAL), Err(NoTarget::UserInfo), "{url}");
        }
    }

    #[test]
    fn what_is_private_or_here_depends_on_the_setting() {
        let public = TargetRules {
            public_only: true,
            ..USUAL
        };
        let private = TargetRules {
            allow_private: true,
            ..USUAL
        };
        for host in [
            "127.0.0.1",
            "127.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "localhost",
            "0x7f.1",
        ] {
            let url = format!("http://{host}:8080/hook");
            assert_eq!(check(&url, USUAL), Ok(()), "{host}");
            assert_eq!(
                check(&url, public),
                Err(Forbidden::Loopback.into()),
                "{host}"
            );
        }
        for host in ["10.0.0.1", "192.168.0.1", "[fd12::1]"] {
            let url = format!("https://{host}/");
            assert_eq!(check(&url, private), Ok(()));
            assert_eq!(check(&url, public), Err(Forbidden::Private.into()));
        }
        assert_eq!(check("https://hooks.example.com/a?b=@c", public), Ok(()));
        assert_eq!(
            check("http://169.254.169.254", private),
            Err(Forbidden::LinkLocal.into())
        );
    }

    #[test]
    fn tries_go_on_for_a_day() {
        let begin: Timestamp = "2026-03-01T00:00:00.000Z".parse().unwrap();
        let (mut now, mut attempts) = (begin, 1);
        while let Some(next) = next_try(attempts, now) {
            assert!(next > now);
            (now, attempts) = (next, attempts + 1);
        }
        let hours = (now.as_millisecond() - begin.as_millisecond()) / 3_600_000;
        assert!((22..=26).contains(&hours), "{hours} h");
        let second = next_try(2, begin).unwrap();
        assert!(second.as_millisecond() - begin.as_millisecond() <= 5_000);
    }
}
