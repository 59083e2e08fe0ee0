//! Where a scan was made, from what a trusted proxy says: never from a service that would learn consumers' addresses.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;

/// A country as a two-letter code (or `Local`, `Unknown`) and a city.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct Place {
    pub country: String,
    pub city: String,
}

/// What a proxy says about the place.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlaceHeaders<'a> {
    /// `x-vercel-ip-country`.
    pub country: Option<&'a str>,
    /// `x-vercel-ip-city`, percent-encoded.
    pub city: Option<&'a str>,
}

const UNKNOWN: &str = "Unknown";
const CITY_CHARACTERS_MAX: usize = 200;

impl Place {
    /// Of a client at `address`; the headers of a proxy that is not trusted are not passed on to here.
    pub fn of(headers: PlaceHeaders<'_>, address: &str) -> Self {
        if let Some(country) = headers.country.and_then(country_code) {
            return Self {
                country,
                city: headers
                    .city
                    .and_then(city)
                    .unwrap_or_else(|| UNKNOWN.to_owned()),
            };
        }
        let (country, city) = if is_local(address) {
            ("Local", "Localhost")
        } else {
            (UNKNOWN, UNKNOWN)
        };
        Self {
            country: country.to_owned(),
            city: city.to_owned(),
        }
    }

    /// Whether the country is one: rules that count countries leave the others out.
    pub fn is_country(country: &str) -> bool {
        country_code(country).is_some()
    }
}

fn country_code(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let is_code =
        code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()) && code != "XX";
    is_code.then_some(code)
}

/// Malformed encoding is taken as it is.
fn city(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text)
        .decode_utf8()
        .map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned);
    let city: String = decoded
        .trim()
        .chars()
        .filter(|character| !character.is_control())
        .take(CITY_CHARACTERS_MAX)
        .collect();
    (!city.is_empty()).then_some(city)
}

fn is_local(address: &str) -> bool {
    match address
        .parse::<IpAddr>()
        .map(|address| address.to_canonical())
    {
        Ok(IpAddr::V4(v4)) => {
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified()
        }
        Ok(IpAddr::V6(v6)) => {
            v6.is_loopback()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_unspecified()
        }
        Err(_) => matches!(address, "unknown" | "localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(country: Option<&str>, city: Option<&str>, address: &str, expect: (&str, &str)) {
        let place = Place::of(PlaceHeaders { country, city }, address);
        assert_eq!((place.country.as_str(), place.city.as_str()), expect);
    }

    #[test]
    fn a_proxy_names_country_and_city() {
        check(
            Some("FR"),
            Some("Saint-%C3%89tienne"),
            "203.0.113.7",
            ("FR", "Saint-Étienne"),
        );
        check(Some("fr"), None, "127.0.0.1", ("FR", "Unknown"));
        check(Some("FR"), Some(""), "203.0.113.7", ("FR", "Unknown"));
    }

    #[test]
    fn a_malformed_city_is_taken_as_it_is() {
        check(
            Some("FR"),
            Some("%E0%A4%A"),
            "203.0.113.7",
            ("FR", "%E0%A4%A"),
        );
        check(Some("FR"), Some("%"), "203.0.113.7", ("FR", "%"));
        check(Some("FR"), Some("%00%0A"), "203.0.113.7", ("FR", "Unknown"));
    }

    #[test]
    fn without_a_country_the_address_tells_local_from_unknown() {
        for country in [
            None,
            Some("XX"),
            Some("xx"),
            Some(""),
            Some("France"),
            Some("é"),
        ] {
            check(
                country,
                Some("Paris"),
                "203.0.113.7",
                ("Unknown", "Unknown"),
            );
            for local in [
                "127.0.0.1",
                "::1",
                "192.168.1.4",
                "10.0.0.1",
                "fd00::1",
                "unknown",
            ] {
                check(country, Some("Paris"), local, ("Local", "Localhost"));
            }
        }
    }

    #[test]
    fn only_codes_count_as_countries() {
        assert!(Place::is_country("FR"));
        for none in ["Unknown", "Local", "XX", ""] {
            assert!(!Place::is_country(none));
        }
    }
}
