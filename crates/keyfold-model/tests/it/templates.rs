//! Whole keys: rendered, recognised, and told apart.

use keyfold_model::check::entity_overlap;
use keyfold_model::{KeyError, Part, PartSource, Template, TemplateError};
use keyfold_model::{ParsedTemplate, PartError};
use proptest::prelude::*;

use crate::design::{Sketch, Values, entity, rendered, sketches, table, template};
use crate::rounds;
use crate::values::{Type, Value};

/// Two lists of values that differ in some of them, or in none.
fn alike(sketch: &Sketch) -> impl Strategy<Value = (Values, Values)> + use<> {
    let count = sketch.parts().len();
    let keep = prop::collection::vec(any::<bool>(), count);
    (sketch.values(Type::any), sketch.values(Type::any), keep).prop_map(|(one, other, keep)| {
        let mixed = std::iter::zip(&one.0, other.0)
            .zip(keep)
            .map(|((one, other), keep)| if keep { one.clone() } else { other });
        let mixed = Values(mixed.collect());
        (one, mixed)
    })
}

#[test]
fn different_values_never_give_the_same_key() {
    let cases = sketches().prop_flat_map(|sketch| (Just(sketch.clone()), alike(&sketch)));
    rounds::check(1_500, &cases, |(sketch, (one, other))| {
        let template = sketch.template();
        let (Some(key_one), Some(key_other)) =
            (rendered(&template, &one), rendered(&template, &other))
        else {
            return Ok(());
        };
        let kept = |values: &Values| -> Vec<Option<Value>> {
            std::iter::zip(&values.0, sketch.parts())
                .map(|(value, (_, modifier))| value.as_ref().map(|value| value.kept(modifier)))
                .collect()
        };
        prop_assert_eq!(
            key_one == key_other,
            kept(&one) == kept(&other),
            "{}",
            key_one
        );
        Ok(())
    });
}

#[test]
fn a_key_gives_its_values_back() {
    let cases = sketches().prop_flat_map(|sketch| (Just(sketch.clone()), sketch.values(Type::any)));
    rounds::check(1_500, &cases, |(sketch, values)| {
        let template = sketch.template();
        let Some(key) = rendered(&template, &values) else {
            return Ok(());
        };
        let Some(found) = template.recognise(&key) else {
            return Err(TestCaseError::fail(format!("{key} is not recognised")));
        };
        prop_assert_eq!(found.len(), values.0.len());
        for ((part, text), (value, (kind, modifier))) in
            std::iter::zip(found, std::iter::zip(&values.0, sketch.parts()))
        {
            match (value, text) {
                (None, None) => {}
                (Some(value), Some(text)) if modifier.loses() => {
                    prop_assert_eq!(value.encoded(part.modifier), Ok(text.to_owned()));
                }
                (Some(value), Some(text)) => {
                    let back = kind.decode(PartSource::new(text, modifier));
                    prop_assert_eq!(back.as_ref(), Ok(value));
                }
                _ => return Err(TestCaseError::fail(format!("{key}: tail lost"))),
            }
        }
        Ok(())
    });
}

fn overlap(a: &Template<'static>, b: &Template<'static>) -> bool {
    let with_sk = |name: &str, sk: &Template<'static>| {
        let mut entity = entity(name, "P", "S", &[]);
        entity.key.sk = Some(sk.clone());
        entity
    };
    entity_overlap(&table(vec![with_sk("One", a), with_sk("Two", b)]), 0).is_some()
}

#[test]
fn what_is_said_to_be_apart_never_meets() {
    let cases = (sketches(), sketches()).prop_flat_map(|(a, b)| {
        (
            Just(a.clone()),
            Just(b.clone()),
            a.values(Type::few),
            b.values(Type::few),
        )
    });
    let met = std::cell::Cell::new(0);
    rounds::check(4_000, &cases, |(a, b, values_a, values_b)| {
        let (a, b) = (a.template(), b.template());
        prop_assert_eq!(overlap(&a, &b), overlap(&b, &a), "the same from both sides");
        let keys = [(&a, &b, &values_b), (&b, &a, &values_a)];
        for (reader, writer, values) in keys {
            let Some(key) = rendered(writer, values) else {
                continue;
            };
            // A text of the reader's form counts even if no value of its type writes it.
            if reader.recognise(&key).is_some() {
                met.set(met.get() + 1);
                prop_assert!(overlap(&a, &b), "{} {} both have {key:?}", a.text, b.text);
            }
        }
        Ok(())
    });
    assert!(met.get() > 100, "the cases hardly meet: {}", met.get());
}

const FIELDS: &[(&str, Type)] = &[
    ("id", Type::Text),
    ("name", Type::Text),
    ("n", Type::U32),
    ("small", Type::U8),
    ("at", Type::Moment),
    ("day", Type::Date),
    ("month", Type::Month),
    ("ulid", Type::Ulid),
    ("uuid", Type::Uuid),
    ("hex", Type::IdHex),
    ("flag", Type::Bool),
];

#[test]
fn overlap_is_as_these_examples_say() {
    for (a, b, expected) in [
        ("META", "META", true),
        ("META", "METB", false),
        ("META", "META#X", false),
        ("META", "{id}", true),
        ("META", "{n}", false),
        ("META", "{flag}", false),
        ("true", "{flag}", true),
        ("EVENT#{at}", "EVENT#{id}", true),
        ("EVENT#{at}", "EVENT#{n}", false),
        ("EVENT#{at}", "SCAN#{at}", false),
        ("EVENT#{at}", "EVENTS#{at}", false),
        ("EVENT#{at}", "{id}#{name}", true),
        ("EVENT#{at}", "{n}#{name}", false),
        ("EVENT#{at}#{id}", "EVENT#{at}", false),
        ("EVENT#{at}[#{id}]", "EVENT#{at}", true),
        ("EVENT#{at}[#{id}]", "EVENT#{day}#{name}", false),
        ("EVENT#{at}[#{id}]", "EVENT#{at}#{name}", true),
        ("EVENT#{at}[#{id}]", "EVENT#{at}#{id}#{n}", false),
        ("EVENT[#{id}]", "EVENT", true),
        ("EVENT[#{id}]", "EVENT#{n}", true),
        ("EVENT[#{id}]", "EVENT[#{at}]", true),
        ("EVENT#{at:day}", "EVENT#{day}", true),
        ("EVENT#{at:month}", "EVENT#{month}", true),
        ("EVENT#{at:month}", "EVENT#{day}", false),
        ("EVENT#{at:desc}", "EVENT#{at}", false),
        ("EVENT#{n:015}", "EVENT#{at:desc}", true),
        ("N#{n}", "N#{small}", false),
        ("N#{n:06}", "N#{small:06}", true),
        ("N#{n:desc}", "N#{n}", true),
        ("I#{ulid}", "I#{uuid}", false),
        ("I#{uuid}", "I#{hex}", false),
        ("I#{hex}", "I#{n:032}", true),
        ("I#{ulid}", "I#{n:026}", true),
        ("User:{id}", "User:{name}", true),
        ("User:{id}", "Us{name}", true),
        ("User:{id}", "User:", false),
        ("User:{n}", "User:{id}", true),
        ("User:{n}", "User:00{small}", false),
        ("User:{n}", "User:0000000{small}", true),
        ("User:{n}", "User:x{id}", false),
        ("User:{n}", "User:1{id}", true),
        ("User:{flag}", "User:t{id}", true),
        ("User:{flag}", "User:x{id}", false),
        ("User:{flag}", "User:{n}", false),
        ("id", "META", true),
        ("id", "A#{name}#{n}", true),
        ("ulid", "META", false),
        ("ulid", "{name}", true),
        ("ulid", "{name}#{n}", false),
        ("ulid", "uuid", false),
        // Written as numbers, whose texts have no fixed width.
        ("n", "small", true),
    ] {
        let (one, other) = (template(a, FIELDS), template(b, FIELDS));
        assert_eq!(overlap(&one, &other), expected, "{a} and {b}");
        assert_eq!(overlap(&other, &one), expected, "{b} and {a}");
        assert!(overlap(&one, &one), "{a} meets itself");
    }
}

#[test]
fn a_key_of_another_template_is_not_recognised() {
    for (text, key, expected) in [
        ("EVENT#{at}", "EVENT#2026-03-01T09:30:00.000Z", true),
        ("EVENT#{at}", "EVENT#2026-03-01T09:30:00Z", false),
        ("EVENT#{at}", "EVENT#2026-03-01T09:30:00.000Z#x", false),
        ("EVENT#{at}", "EVENT", false),
        ("EVENT#{at}", "EVENT#", false),
        ("EVENT#{at}", "EVENTS#2026-03-01T09:30:00.000Z", false),
        ("EVENT#{id}[#{name}]", "EVENT#", false),
        ("EVENT#{id}[#{name}]", "EVENT#a", true),
        ("EVENT#{id}[#{name}]", "EVENT#a#", false),
        ("EVENT#{id}[#{name}]", "EVENT#a#b", true),
        ("EVENT#{id}[#{name}]", "EVENT#a#b#c", false),
        ("META", "META", true),
        ("META", "METAL", false),
        ("META", "", false),
        ("User:{n}", "User:0000000001", true),
        ("User:{n}", "User:1", false),
        ("{flag}", "true", true),
        ("{flag}", "maybe", false),
        ("I#{hex}", "I#00112233445566778899aabbccddeeff", true),
        ("I#{hex}", "I#00112233445566778899AABBCCDDEEFF", false),
        ("id", "any # text at all", true),
        ("id", "", false),
    ] {
        let found = template(text, FIELDS).recognise(key).is_some();
        assert_eq!(found, expected, "{text} {key}");
    }
}

#[test]
fn a_key_is_put_together_from_its_segments() {
    let at = "2026-03-01T09:30:00.000Z".parse().expect("a moment");
    let fields: &[(&str, Type)] = &[("at", Type::Moment), ("n", Type::I16), ("id", Type::Text)];
    let values = |tail: Option<&str>| {
        let tail = tail.map(|text| Value::Text(text.to_owned()));
        Values(vec![Some(Value::Moment(at)), Some(Value::I16(-2)), tail])
    };
    for (text, tail, expected) in [
        (
            "EVENT#{at}#N{n}[#{id}]",
            None,
            "EVENT#2026-03-01T09:30:00.000Z#N32766",
        ),
        (
            "EVENT#{at}#N{n}[#{id}]",
            Some("a#b"),
            "EVENT#2026-03-01T09:30:00.000Z#N32766#a%23b",
        ),
        ("{at:hour}#{id:lower}", Some("ÀB c"), "2026-03-01T09#àb%20c"),
        ("{at:day}#{id:raw}", Some("A b"), "2026-03-01#A b"),
        ("{at:month}#{at:year}", None, "2026-03#2026"),
        ("{at:desc}", None, "251629849799999"),
        ("{n:desc}", None, "32769"),
    ] {
        let key = rendered(&template(text, fields), &values(tail));
        assert_eq!(key.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn a_bare_field_is_its_own_text() {
    let bare = template("id", FIELDS);
    let values = Values(vec![Some(Value::Text("50% # off".into()))]);
    assert_eq!(rendered(&bare, &values).as_deref(), Some("50% # off"));
}

#[test]
fn a_key_that_cannot_be_written_says_which_part_and_not_its_value() {
    let fields: &[(&str, Type)] = &[("id", Type::Text), ("name", Type::Text)];
    let product = template("PRODUCT#{id}#{name}", fields);
    let render = |id: Option<&str>, name: &str, bytes_max| {
        let text = |text: &str| Value::Text(text.to_owned());
        let values = Values(vec![id.map(text), Some(text(name))]);
        product.render(&values, "Product", "SK", bytes_max)
    };
    let secret = "secret".repeat(20);
    let too_long = render(Some("a"), &secret, 100).expect_err("too long");
    assert!(matches!(
        too_long,
        KeyError::TooLong {
            bytes: 130,
            bytes_max: 100,
            ..
        }
    ));
    let said = too_long.to_string();
    assert!(said.starts_with("KF1002: `Product`"), "{said}");
    assert!(
        said.contains("`name`") && !said.contains("secret"),
        "{said}"
    );
    assert!(
        render(Some("a"), &secret, 130).is_ok(),
        "the limit itself fits"
    );

    let empty = render(Some(""), "x", 100).expect_err("empty").to_string();
    assert!(
        empty.starts_with("KF1001: `Product`: `id` is empty"),
        "{empty}"
    );
    let part = PartError::Empty;
    assert!(empty.contains(&part.to_string()));

    assert_eq!(render(None, "x", 100), Ok(None), "sparse: no key");
}

#[test]
fn templates_are_read_whatever_they_are() {
    let pieces = proptest::sample::select(vec![
        "A",
        "é",
        "{",
        "}",
        "[",
        "]",
        "#",
        "[#",
        "{id}",
        "{at:desc}",
        ":",
        "0",
        "{n:06}",
        " ",
        "$",
        "{n:0+6}",
        "{id:}",
        "{:desc}",
        "😀",
    ]);
    let texts = prop::collection::vec(pieces, 0..7).prop_map(|pieces| pieces.concat());
    rounds::check(2_000, &texts, |text| {
        match ParsedTemplate::parse(&text) {
            Err(TemplateError { at, .. }) => {
                prop_assert!(text.get(at.clone()).is_some(), "{at:?} of {text:?}");
            }
            Ok(parsed) => {
                let mut again = String::new();
                for (place, segment) in parsed.segments.iter().enumerate() {
                    again += match (place, segment.optional) {
                        (0, _) => "",
                        (_, true) => "[#",
                        (_, false) => "#",
                    };
                    again += &segment.literal;
                    if let Some((name, _, at)) = &segment.part {
                        prop_assert_eq!(&text[at.clone()], name);
                        again.push('{');
                        again += name;
                        let end = text[at.end..].find('}').unwrap_or(0);
                        again += &text[at.end..=at.end + end];
                    }
                    again += if segment.optional { "]" } else { "" };
                }
                prop_assert_eq!(again, text);
            }
        }
        Ok(())
    });
    for odd in [
        "A#{n:0+6}",
        "A#{n:00}",
        "A#{n:039}",
        "A#{n:6}",
        "A#{n:0}",
        "A#{id:}",
    ] {
        assert!(ParsedTemplate::parse(odd).is_err(), "{odd}");
    }
}

#[test]
fn the_fields_of_a_template_are_found_by_name() {
    let event = template("EVENT#{at}#{id}[#{name}]", FIELDS);
    assert_eq!(event.fields().collect::<Vec<_>>(), ["at", "id", "name"]);
    let tail: Option<&Part<'_>> = event.part("name");
    assert!(tail.is_some_and(|part| part.optional));
    assert!(event.part("n").is_none());
}
