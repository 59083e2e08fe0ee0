//! One part: written, read back, in order, and of the form it promises.

use keyfold_model::{Modifier, PartError, PartSource, PartText, YearMonth};
use proptest::prelude::*;

use crate::design::template;
use crate::rounds;
use crate::values::{Type, Value, folded, hostile_text};

/// Each type with each modifier that fits it.
fn each(property: impl Fn(Type, Modifier)) {
    for kind in Type::ALL {
        for modifier in kind.modifiers() {
            property(*kind, modifier);
        }
    }
}

/// Why a value must be refused, if it must.
fn refusal(value: &Value, modifier: Modifier) -> Option<PartError> {
    let number: i128 = match value {
        Value::Text(text) => {
            return match modifier {
                _ if text.is_empty() => Some(PartError::Empty),
                Modifier::Raw if text.contains('#') => Some(PartError::RawDelimiter),
                _ => None,
            };
        }
        Value::U8(n) => (*n).into(),
        Value::U16(n) => (*n).into(),
        Value::U32(n) => (*n).into(),
        Value::U64(n) => (*n).into(),
        Value::I8(n) => (*n).into(),
        Value::I16(n) => (*n).into(),
        Value::I32(n) => (*n).into(),
        Value::I64(n) => (*n).into(),
        _ => return None,
    };
    match modifier {
        Modifier::Pad(_) if number < 0 => Some(PartError::OutOfRange),
        Modifier::Pad(width) if number.to_string().len() > width.into() => Some(PartError::TooWide),
        _ => None,
    }
}

#[test]
fn what_is_written_is_read_back_and_of_its_form() {
    each(|kind, modifier| {
        let name = match modifier {
            Modifier::None => "V{v}".to_owned(),
            Modifier::Pad(width) => format!("V{{v:0{width}}}"),
            other => format!("V{{v:{}}}", format!("{other:?}").to_lowercase()),
        };
        let template = template(&name, &[("v", kind)]);
        rounds::check(60, &kind.any(), |value| {
            let text = match (value.encoded(modifier), refusal(&value, modifier)) {
                (Err(error), expected) => {
                    prop_assert_eq!(Some(error), expected);
                    return Ok(());
                }
                (Ok(_), Some(expected)) => {
                    return Err(TestCaseError::fail(format!("not refused: {expected}")));
                }
                (Ok(text), None) => text,
            };
            if !modifier.loses() {
                let back = kind.decode(PartSource::new(&text, modifier));
                prop_assert_eq!(back, Ok(value));
            }
            let key = format!("V{text}");
            let found = template.recognise(&key).map(|parts| parts[0].1);
            prop_assert_eq!(found, Some(Some(text.as_str())));
            prop_assert!(!text.contains('#'));
            if modifier != Modifier::Raw {
                prop_assert!(text.bytes().all(|byte| byte >= b'%'), "{text:?}");
            }
            Ok(())
        });
    });
}

#[test]
fn texts_order_as_values_do_and_reversed_where_asked() {
    each(|kind, modifier| {
        if !kind.shape().ordered {
            return;
        }
        rounds::check(60, &(kind.any(), kind.any()), |(a, b)| {
            let (Ok(text_a), Ok(text_b)) = (a.encoded(modifier), b.encoded(modifier)) else {
                return Ok(());
            };
            let (kept_a, kept_b) = (a.kept(modifier), b.kept(modifier));
            let expected = match modifier {
                Modifier::Desc => kept_b.cmp(&kept_a),
                _ => kept_a.cmp(&kept_b),
            };
            prop_assert_eq!(text_a.cmp(&text_b), expected, "{} {}", text_a, text_b);
            // A smaller value with everything under it comes before a larger one.
            if modifier != Modifier::Raw && expected.is_lt() {
                let (last, first) = (format!("{text_a}#\u{10ffff}"), format!("{text_b}#\0"));
                prop_assert!(last < first);
                let past = format!("{text_a}$");
                prop_assert!(past < text_b);
            }
            Ok(())
        });
    });
}

#[test]
fn hostile_texts_keep_identity_and_order() {
    // Texts that share most of their beginning, so that what comes after decides.
    let pairs = (hostile_text(), hostile_text(), hostile_text());
    rounds::check(2_000, &pairs, |(start, a, b)| {
        let (a, b) = (format!("{start}{a}"), format!("{start}{b}"));
        let start = Value::Text(start).encoded(Modifier::None);
        let text_a = Value::Text(a.clone()).encoded(Modifier::None);
        let text_b = Value::Text(b.clone()).encoded(Modifier::None);
        let (Ok(start), Ok(text_a), Ok(text_b)) = (start, text_a, text_b) else {
            return Err(TestCaseError::fail("text that is not empty is written"));
        };
        prop_assert_eq!(text_a.cmp(&text_b), a.cmp(&b));
        prop_assert!(
            text_a.starts_with(&start),
            "a prefix is written as a prefix"
        );
        let glued = format!("{text_a}#");
        prop_assert_eq!(glued.cmp(&format!("{text_b}#")), a.cmp(&b));
        Ok(())
    });
}

#[test]
fn text_is_escaped_as_documented() {
    for (text, expected) in [
        ("a#b", "a%23b"),
        ("%23", "%2523"),
        ("50% off", "50%25%20off"),
        ("a$b!\"", "a%24b%21%22"),
        ("\0\u{1f}", "%00%1F"),
        (
            "&'()*+,-./:;<=>?@[]_{}~\u{7f}",
            "&'()*+,-./:;<=>?@[]_{}~\u{7f}",
        ),
        ("Grüße 😀", "Grüße%20😀"),
        ("\u{10ffff}", "\u{10ffff}"),
    ] {
        let written = Value::Text(text.to_owned()).encoded(Modifier::None);
        assert_eq!(written.as_deref(), Ok(expected));
    }
}

#[test]
fn a_lower_case_prefix_is_the_prefix_of_the_lower_case_text() {
    // Σ at the end of a word has another small form; a prefix ends where a word need not.
    rounds::check(500, &(hostile_text(), hostile_text()), |(start, rest)| {
        let prefix = Value::Text(start.clone()).encoded(Modifier::Lower);
        let whole = Value::Text(format!("{start}{rest}")).encoded(Modifier::Lower);
        let (Ok(prefix), Ok(whole)) = (prefix, whole) else {
            return Err(TestCaseError::fail("text that is not empty is written"));
        };
        prop_assert!(whole.starts_with(&prefix), "{prefix:?} {whole:?}");
        Ok(())
    });
    let written = |text: &str| Value::Text(text.to_owned()).encoded(Modifier::Lower);
    assert_eq!(written("ΟΔΟΣ").as_deref(), Ok("οδοσ"));
    assert_eq!(written("ΟΔΟΣΕ").as_deref(), Ok("οδοσε"));
    for (a, b) in [("ΟΔΟΣ", "οδος"), ("Ann@Example.ORG", "ann@example.org")] {
        assert_eq!(folded(a), folded(b));
        assert_eq!(written(a), written(b));
    }
}

#[test]
fn text_that_was_never_written_is_refused_or_written_so() {
    // Random edits of what is written: read back only if it is what the value is written as.
    let edits = || (any::<proptest::sample::Index>(), "[-+%#0-9A-Za-z: .,]");
    each(|kind, modifier| {
        // Free text is read as it comes, whoever wrote it.
        if modifier.loses() || kind == Type::Text {
            return;
        }
        rounds::check(60, &(kind.any(), edits(), edits()), |(value, one, two)| {
            let Ok(mut text) = value.encoded(modifier) else {
                return Ok(());
            };
            for (at, replacement) in [one, two] {
                let at = at.index(text.len());
                text.replace_range(at..=at, &replacement);
            }
            if let Ok(back) = kind.decode(PartSource::new(&text, modifier)) {
                prop_assert_eq!(back.encoded(modifier), Ok(text));
            }
            Ok(())
        });
    });
}

#[test]
fn foreign_spellings_are_refused() {
    for (kind, modifier, text) in [
        (Type::Text, Modifier::None, ""),
        (Type::Text, Modifier::None, "%"),
        (Type::Text, Modifier::None, "%2"),
        (Type::Text, Modifier::None, "%+1"),
        (Type::Text, Modifier::None, "%zz"),
        (Type::Text, Modifier::None, "%é"),
        (Type::Text, Modifier::None, "%FF"),
        (Type::Text, Modifier::None, "%2f"),
        (Type::U8, Modifier::Bare, "007"),
        (Type::U8, Modifier::Bare, "256"),
        (Type::I8, Modifier::Bare, "+7"),
        (Type::U8, Modifier::None, "7"),
        (Type::U8, Modifier::None, "256"),
        (Type::U8, Modifier::None, "+07"),
        (Type::U8, Modifier::Desc, "256"),
        (Type::I8, Modifier::Pad(3), "128"),
        (Type::U64, Modifier::None, "18446744073709551616"),
        (Type::Bool, Modifier::None, "True"),
        (Type::Moment, Modifier::None, "2026-03-01t09:30:00.000z"),
        (Type::Moment, Modifier::None, "2026-03-01 09:30:00.000Z"),
        (Type::Moment, Modifier::None, "2026-03-01T09:30:00,000Z"),
        (Type::Moment, Modifier::None, "2026-03-01T09:30:00.0+00"),
        (Type::Moment, Modifier::None, "2026-12-31T23:59:60.000Z"),
        (Type::Moment, Modifier::Desc, "999999999999999"),
        (Type::Date, Modifier::None, "2026-3-001"),
        (Type::Date, Modifier::None, "2026-02-30"),
        (Type::Date, Modifier::Desc, "9999999"),
        (Type::Date, Modifier::Desc, "3652425"),
        (Type::Month, Modifier::None, "+123-01"),
        (Type::Month, Modifier::None, "2026-+1"),
        (Type::Month, Modifier::None, "2026-13"),
        (
            Type::IdHex,
            Modifier::None,
            "00112233445566778899AABBCCDDEEFF",
        ),
        (
            Type::IdUuid,
            Modifier::None,
            "{00000000-0000-0000-0000-000000000000}",
        ),
        (
            Type::Uuid,
            Modifier::None,
            "00000000-0000-0000-0000-00000000000A",
        ),
        (Type::Ulid, Modifier::None, "0000000000000000000000000o"),
        (Type::IdUlid, Modifier::None, "8ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
    ] {
        let read = kind.decode(PartSource::new(text, modifier));
        assert!(read.is_err(), "{kind:?} {text} was read as {read:?}");
    }
}

#[test]
fn values_a_format_cannot_hold_are_refused() {
    let before_zero = jiff::civil::date(-1, 12, 31);
    for modifier in Type::Date.modifiers() {
        assert_eq!(
            Value::Date(before_zero).encoded(modifier),
            Err(PartError::OutOfRange)
        );
    }
    for (year, month) in [(-1, 1), (10_000, 1), (2026, 0), (2026, 13)] {
        let month = Value::Month(YearMonth { year, month });
        assert_eq!(month.encoded(Modifier::None), Err(PartError::OutOfRange));
    }
    for modifier in Type::Text.modifiers() {
        assert_eq!(
            Value::Text(String::new()).encoded(modifier),
            Err(PartError::Empty)
        );
    }
}

#[test]
fn a_bucket_that_a_coarser_value_cannot_name_is_refused() {
    let month = Value::Month(YearMonth {
        year: 2026,
        month: 3,
    });
    let date = Value::Date(jiff::civil::date(2026, 3, 1));
    assert_eq!(month.encoded(Modifier::Year).as_deref(), Ok("2026"));
    assert_eq!(month.encoded(Modifier::Month).as_deref(), Ok("2026-03"));
    assert_eq!(month.encoded(Modifier::Day), Err(PartError::OutOfRange));
    assert_eq!(date.encoded(Modifier::Month).as_deref(), Ok("2026-03"));
    assert_eq!(date.encoded(Modifier::Day).as_deref(), Ok("2026-03-01"));
    assert_eq!(date.encoded(Modifier::Hour), Err(PartError::OutOfRange));
}

#[test]
fn a_bare_value_is_its_attributes_text() {
    for kind in Type::ALL {
        rounds::check(20, &kind.any(), |value| {
            let text = value.encoded(Modifier::Bare);
            let expected = match &value {
                Value::Text(text) => text.clone(),
                Value::U64(n) => n.to_string(),
                Value::I64(n) => n.to_string(),
                _ => return Ok(()),
            };
            prop_assert_eq!(text, Ok(expected));
            Ok(())
        });
        rounds::check(20, &kind.any(), |value| {
            let Ok(text) = value.encoded(Modifier::Bare) else {
                return Err(TestCaseError::fail("every value has a text"));
            };
            let back = kind.decode(PartSource::new(&text, Modifier::Bare));
            prop_assert_eq!(back, Ok(value));
            Ok(())
        });
    }
}

#[test]
fn a_refused_value_leaves_the_key_as_it_was() {
    for (value, modifier) in [
        (Value::Text(String::new()), Modifier::None),
        (Value::Text("a#b".into()), Modifier::Raw),
        (Value::U64(1_000), Modifier::Pad(3)),
        (Value::I64(-1), Modifier::Pad(3)),
    ] {
        let mut key = "KEEP#".to_owned();
        let written = keyfold_model::part::Encode::encode_part(
            &value,
            &mut PartText::new(&mut key, modifier),
        );
        assert!(written.is_err());
        assert_eq!(key, "KEEP#");
    }
}

#[test]
fn the_glue_of_a_composite_part_stands_only_between_its_fields() {
    let write = |first: &str, second: &str| {
        let mut key = String::new();
        let mut out = PartText::new(&mut key, Modifier::None);
        out.before_glue(b'-').text(first).expect("not empty");
        out.glue("-");
        out.text(second).expect("not empty");
        key
    };
    let texts = || prop_oneof![hostile_text(), "[-a%#]{1,4}"];
    rounds::check(
        500,
        &(texts(), texts(), texts(), texts()),
        |(a, b, c, d)| {
            let (one, two) = (write(&a, &b), write(&c, &d));
            prop_assert_eq!(one == two, (&a, &b) == (&c, &d));
            let (first, second) = one.split_once('-').ok_or(TestCaseError::fail("no glue"))?;
            let read = |text| PartSource::new(text, Modifier::None).text();
            prop_assert_eq!(read(first), Ok(a));
            prop_assert_eq!(read(second), Ok(b));
            Ok(())
        },
    );
}
