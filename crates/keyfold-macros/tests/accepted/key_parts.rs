//! Derived key parts: what they write, what they read back, and that two values never meet.

use keyfold::model::{Form, Modifier, PartError, PartSource, PartText, Shape};
use keyfold::prelude::*;

/// A stock-keeping unit.
#[derive(KeyPart, Debug, PartialEq, Clone)]
pub struct Sku(String);

/// A named one.
#[derive(KeyPart, Debug, PartialEq, Clone)]
pub struct Rank {
    value: u32,
}

/// A state.
#[derive(KeyPart, Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Sold.
    SoldOut,
    /// Lost.
    #[serde(rename = "LOST")]
    Lost,
}

/// Texts that a key has to escape.
#[derive(KeyPart, Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
pub enum Hostile {
    /// With the delimiter.
    #[serde(rename = "a#b")]
    Delimiter,
    /// With a space and the escape character.
    #[serde(rename = "50 %")]
    Percent,
}

/// A place.
#[derive(KeyPart, Debug, PartialEq, Clone)]
#[part("{region}-{state}--{name}")]
pub struct Place {
    name: String,
    region: String,
    state: State,
}

/// Joined, with a joined part at the end.
#[derive(KeyPart, Debug, PartialEq, Clone)]
#[part("{day}~{place}")]
pub struct Visit {
    day: Timestamp,
    place: Place,
}

fn write<T: KeyPart>(value: &T) -> Result<String, PartError> {
    let mut text = String::new();
    value.encode(&mut PartText::new(&mut text, Modifier::None))?;
    Ok(text)
}

fn check<T: KeyPart + PartialEq + std::fmt::Debug>(value: &T, expect: &str) {
    let text = write(value).expect("it can be written");
    assert_eq!(text, expect);
    assert!(T::MAX_LEN.is_none_or(|max| text.len() <= max));
    assert_eq!(
        &T::decode(PartSource::new(&text, Modifier::None)).expect("it can be read"),
        value
    );
}

#[test]
fn a_newtype_is_its_value() {
    check(&Sku("a#b".to_owned()), "a%23b");
    check(&Rank { value: 7 }, "0000000007");
    assert_eq!(Rank::SHAPE, u32::SHAPE);
    assert_eq!(write(&Sku(String::new())), Err(PartError::Empty));
}

#[test]
fn an_enum_is_its_serde_text() {
    check(&State::SoldOut, "sold-out");
    check(&State::Lost, "LOST");
    check(&Hostile::Delimiter, "a%23b");
    check(&Hostile::Percent, "50%20%25");
    for state in [State::SoldOut, State::Lost] {
        let attribute = serde_json::to_string(&state).expect("JSON");
        assert_eq!(
            attribute.trim_matches('"'),
            write(&state).expect("text"),
            "key and attribute agree"
        );
    }
    assert_eq!(
        Hostile::SHAPE.form,
        Form::OneOf(vec!["a%23b".into(), "50%20%25".into()].into())
    );
    assert_eq!(
        State::decode(PartSource::new("Lost", Modifier::None)),
        Err(PartError::Malformed)
    );
}

#[test]
fn a_joined_part_is_read_back_whatever_stands_in_it() {
    let place = |region: &str, name: &str| Place {
        name: name.to_owned(),
        region: region.to_owned(),
        state: State::SoldOut,
    };
    check(&place("eu", "north"), "eu-sold%2Dout--north");
    let hostile = [
        "-",
        "--",
        "a-b",
        "%2D",
        "%252D",
        "-sold%2Dout--",
        "é~#$%",
        "~",
        "🦀-",
    ];
    let mut seen = std::collections::HashMap::new();
    for region in hostile {
        for name in hostile {
            let value = place(region, name);
            let text = write(&value).expect("it can be written");
            assert!(!text.contains(['#', '$', ' ']), "{text}");
            assert_eq!(
                Place::decode(PartSource::new(&text, Modifier::None)).as_ref(),
                Ok(&value)
            );
            assert_eq!(
                seen.insert(text, (region, name)),
                None,
                "two values, one text"
            );
            let visit = Visit {
                day: Timestamp::from_millisecond(0).expect("1970"),
                place: value,
            };
            let text = write(&visit).expect("it can be written");
            assert_eq!(
                Visit::decode(PartSource::new(&text, Modifier::None)),
                Ok(visit)
            );
        }
    }
    assert!(Place::decode(PartSource::new("eu", Modifier::None)).is_err());
    assert_eq!(Place::SHAPE, Shape::JOINED);
}
