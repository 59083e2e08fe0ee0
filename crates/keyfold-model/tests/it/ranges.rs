//! The keys a range covers against the values that were asked for.

use keyfold_dynamo::SortRange;
use keyfold_model::ranges::{Ask, Bound, Covered, Upper, collection_range, sort_range};
use keyfold_model::{KeyError, Modifier, Template};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::design::{Sketch, Values, field_name, rendered, sketches, template};
use crate::rounds;
use crate::values::{Type, Value};

/// A condition that owns its values.
#[derive(Debug, Clone)]
pub enum Asked {
    Equal(Value),
    From(Value),
    To(Value),
    Between(Value, Value, Upper),
    Begins(String),
}

impl Asked {
    fn ask(&self) -> Ask<'_> {
        match self {
            Asked::Equal(value) => Ask::Equal(value),
            Asked::From(value) => Ask::From(value),
            Asked::To(value) => Ask::To(value),
            Asked::Between(from, to, upper) => Ask::Between(from, to, *upper),
            Asked::Begins(prefix) => Ask::Begins(prefix),
        }
    }

    /// Whether a value is meant, by the value alone.
    fn admits(&self, value: &Value, modifier: Modifier) -> bool {
        let kept = value.kept(modifier);
        match self {
            Asked::Equal(other) => kept == other.kept(modifier),
            Asked::From(from) => kept >= from.kept(modifier),
            Asked::To(to) => kept <= to.kept(modifier),
            Asked::Between(from, to, upper) => {
                let to = to.kept(modifier);
                kept >= from.kept(modifier)
                    && (kept < to || (*upper == Upper::Included && kept == to))
            }
            Asked::Begins(prefix) => {
                let prefix = Value::Text(prefix.clone()).kept(modifier);
                matches!((kept, prefix), (Value::Text(kept), Value::Text(prefix)) if kept.starts_with(&prefix))
            }
        }
    }
}

/// What is asked of the first parts of a template.
#[derive(Debug, Clone)]
pub struct Question(pub Vec<Asked>);

impl Question {
    pub fn covered(&self, template: &Template<'_>) -> Result<Covered, KeyError> {
        let names: Vec<String> = (0..self.0.len()).map(field_name).collect();
        let bounds: Vec<Bound<'_>> = std::iter::zip(&names, &self.0)
            .map(|(field, asked)| Bound {
                field,
                ask: asked.ask(),
            })
            .collect();
        sort_range(template, "Thing", &bounds)
    }

    fn admits(&self, values: &Values, parts: &[(Type, Modifier)]) -> bool {
        std::iter::zip(&self.0, std::iter::zip(&values.0, parts)).all(
            |(asked, (value, (_, modifier)))| {
                value
                    .as_ref()
                    .is_some_and(|value| asked.admits(value, *modifier))
            },
        )
    }
}

/// Questions that a pattern may ask: parts from the left, at most the last of them by a range of
/// values that sort. Some of the values are those of the items.
pub fn questions(
    sketch: &Sketch,
    items: Vec<Values>,
    of: fn(Type) -> BoxedStrategy<Value>,
) -> impl Strategy<Value = Question> + use<> {
    let parts = sketch.parts();
    let depth = 0..=parts.len();
    let fresh = || parts.iter().map(|(kind, _)| of(*kind)).collect::<Vec<_>>();
    let picks = prop::collection::vec(any::<Option<Index>>(), parts.len());
    let choice = (depth, 0..7_u8, any::<Index>(), 0..4_usize);
    (choice, picks, fresh(), fresh()).prop_map(
        move |((depth, range, second, cut), picks, fresh, others)| {
            let value = |at: usize| {
                let picked = picks[at]
                    .filter(|_| !items.is_empty())
                    .and_then(|pick| pick.get(&items).0[at].clone());
                picked.unwrap_or_else(|| fresh[at].clone())
            };
            let mut asked: Vec<Asked> = (0..depth).map(|at| Asked::Equal(value(at))).collect();
            if depth < parts.len() && parts[depth].0.shape().ordered {
                let picked = (!items.is_empty()).then(|| second.get(&items).0[depth].clone());
                let other = picked
                    .flatten()
                    .filter(|_| cut % 2 == 0)
                    .unwrap_or_else(|| others[depth].clone());
                let one = value(depth);
                asked.extend(ranged(range, one, other, cut));
            }
            Question(asked)
        },
    )
}

/// A range of this kind, where the type has it.
fn ranged(kind: u8, one: Value, other: Value, cut: usize) -> Option<Asked> {
    let sorted = |one: Value, other: Value| {
        if one <= other {
            (one, other)
        } else {
            (other, one)
        }
    };
    Some(match (kind, one) {
        (0, one) => Asked::From(one),
        (1, one) => Asked::To(one),
        (2, one) => {
            let (from, to) = sorted(one, other);
            Asked::Between(from, to, Upper::Included)
        }
        (3, one) => {
            let (from, to) = sorted(one, other);
            Asked::Between(from, to, Upper::Excluded)
        }
        // Perhaps the wrong way round: nothing lies between.
        (4, one) => Asked::Between(one, other, Upper::Included),
        (5, Value::Text(text)) => Asked::Begins(text.chars().take(cut).collect()),
        _ => return None,
    })
}

#[test]
fn a_range_covers_exactly_the_values_that_were_asked_for() {
    let cases = sketches()
        .prop_flat_map(|sketch| {
            let of: fn(Type) -> BoxedStrategy<Value> =
                |kind| prop_oneof![kind.few(), kind.any()].boxed();
            let items = prop::collection::vec(sketch.values(of), 1..14);
            (Just(sketch), items)
        })
        .prop_flat_map(|(sketch, items)| {
            let question = questions(&sketch, items.clone(), Type::any);
            (Just(sketch), Just(items), question)
        });
    let (inside, outside) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    rounds::check(2_000, &cases, |(sketch, items, question)| {
        let template = sketch.template();
        let covered = match question.covered(&template) {
            Ok(covered) => covered,
            // A bound that no key can hold.
            Err(KeyError::Part { .. }) => return Ok(()),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        for values in &items {
            let Some(key) = rendered(&template, values) else {
                continue;
            };
            let expected = question.admits(values, &sketch.parts());
            let count = if expected { &inside } else { &outside };
            count.set(count.get() + 1);
            prop_assert_eq!(
                covered.contains(&key),
                expected,
                "{}: {:?} in {:?}",
                template.text,
                key,
                covered
            );
        }
        Ok(())
    });
    assert!(
        inside.get() > 1_000 && outside.get() > 1_000,
        "{inside:?} {outside:?}"
    );
}

#[test]
fn the_range_of_a_collection_holds_every_member() {
    let cases = prop::collection::vec(sketches(), 1..5).prop_flat_map(|members| {
        let values: Vec<_> = members
            .iter()
            .map(|sketch| prop::collection::vec(sketch.values(Type::any), 3))
            .collect();
        (Just(members), values)
    });
    rounds::check(1_000, &cases, |(members, values)| {
        let templates: Vec<_> = members.iter().map(Sketch::template).collect();
        let range = collection_range(&templates.iter().collect::<Vec<_>>());
        for (template, items) in std::iter::zip(&templates, values) {
            for key in items.iter().filter_map(|item| rendered(template, item)) {
                prop_assert!(
                    range.contains(&key),
                    "{}: {key:?} not in {range:?}",
                    template.text
                );
            }
        }
        Ok(())
    });
}

const FIELDS: &[(&str, Type)] = &[
    ("id", Type::Text),
    ("at", Type::Moment),
    ("kind", Type::Text),
    ("n", Type::U32),
    ("suffix", Type::Text),
];

#[test]
fn the_range_of_a_collection_is_the_smallest_there_is() {
    let between = |low: &str, high: &str| SortRange::Between(low.into(), high.into());
    let begins = |text: &str| SortRange::BeginsWith(text.into());
    for (members, expected) in [
        (&["META"][..], SortRange::Equal("META".into())),
        (&["META", "META"], SortRange::Equal("META".into())),
        (&["EVENT#{at}"], begins("EVENT#")),
        (&["E{at}"], begins("E")),
        (&["EVENT#{at}", "EVENT#{n}#X"], begins("EVENT#")),
        (&["EVENT[#{suffix}]"], between("EVENT", "EVENT$")),
        (&["CLAIM", "META"], between("CLAIM", "META")),
        (
            &["META", "CLAIM", "EVENT#{at}#{kind}[#{suffix}]"],
            between("CLAIM", "META"),
        ),
        (&["META", "SCAN#{at}"], between("META", "SCAN$")),
        (&["EVENT", "EVENT#{at}"], between("EVENT", "EVENT$")),
        (&["META", "{id}"], SortRange::All),
        (&["OPP#1#META", "OPP#1#LINE#{n}"], begins("OPP#1#")),
    ] {
        let templates: Vec<_> = members.iter().map(|text| template(text, FIELDS)).collect();
        let range = collection_range(&templates.iter().collect::<Vec<_>>());
        assert_eq!(range, expected, "{members:?}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one list of examples")]
fn each_kind_of_range_is_asked_in_its_form() {
    let text = |text: &str| Value::Text(text.into());
    let (a, b) = (text("a"), text("b c"));
    let (one, two) = (Value::U32(1), Value::U32(2));
    let bound = |field: &'static str, ask| Bound { field, ask };
    let between = |low: &str, high: &str| Covered {
        range: SortRange::Between(low.into(), high.into()),
        except: None,
    };
    let begins = |text: &str| Covered::from(SortRange::BeginsWith(text.into()));
    let equal = |text: &str| Covered::from(SortRange::Equal(text.into()));
    let except = |covered: Covered, key: &str| Covered {
        except: Some(key.into()),
        ..covered
    };
    for (sk, asks, expected) in [
        ("META", vec![], equal("META")),
        ("E#{id}#{n}", vec![], begins("E#")),
        (
            "E#{id}#{n}",
            vec![bound("id", Ask::Equal(&a))],
            begins("E#a#"),
        ),
        (
            "E#{id}#N{n}",
            vec![bound("id", Ask::Equal(&b))],
            begins("E#b%20c#N"),
        ),
        (
            "E#{id}#{n}",
            vec![bound("n", Ask::Equal(&one)), bound("id", Ask::Equal(&a))],
            equal("E#a#0000000001"),
        ),
        (
            "E#{id}[#{suffix}]",
            vec![bound("id", Ask::Equal(&a))],
            between("E#a", "E#a$"),
        ),
        ("E#{id}[#{suffix}]", vec![], begins("E#")),
        ("{id}", vec![], SortRange::All.into()),
        (
            "{id}",
            vec![bound("id", Ask::From(&a))],
            SortRange::AtLeast("a".into()).into(),
        ),
        (
            "{id}",
            vec![bound("id", Ask::To(&a))],
            SortRange::AtMost("a".into()).into(),
        ),
        (
            "E#{n}",
            vec![bound("n", Ask::From(&one))],
            between("E#0000000001", "E$"),
        ),
        (
            "E#{n}",
            vec![bound("n", Ask::To(&one))],
            between("E#", "E#0000000001"),
        ),
        (
            "E#{n}#{id}",
            vec![bound("n", Ask::To(&one))],
            between("E#", "E#0000000001$"),
        ),
        (
            "E#{n}#{id}",
            vec![bound("n", Ask::Between(&one, &two, Upper::Included))],
            between("E#0000000001", "E#0000000002$"),
        ),
        (
            "E#{n}#{id}",
            vec![bound("n", Ask::Between(&one, &two, Upper::Excluded))],
            except(between("E#0000000001", "E#0000000002"), "E#0000000002"),
        ),
        (
            "E#{n:desc}",
            vec![bound("n", Ask::Between(&one, &two, Upper::Included))],
            between("E#4294967293", "E#4294967294"),
        ),
        (
            "E#{n:desc}#{id}",
            vec![bound("n", Ask::Between(&one, &two, Upper::Excluded))],
            between("E#4294967293$", "E#4294967294$"),
        ),
        (
            "E#{n:desc}",
            vec![bound("n", Ask::From(&one))],
            between("E#", "E#4294967294"),
        ),
        (
            "E#{n:desc}",
            vec![bound("n", Ask::To(&one))],
            between("E#4294967294", "E$"),
        ),
        // Nothing stands between "E…" and "F" but "F" itself, which is another entity's.
        (
            "E{n}",
            vec![bound("n", Ask::From(&one))],
            except(between("E0000000001", "F"), "F"),
        ),
        (
            "E#{id}",
            vec![bound("id", Ask::Begins("x#"))],
            begins("E#x%23"),
        ),
        ("E#{id}", vec![bound("id", Ask::Begins(""))], begins("E#")),
        ("id", vec![bound("id", Ask::Begins("50% "))], begins("50% ")),
    ] {
        let covered = sort_range(&template(sk, FIELDS), "Event", &asks).expect("a range");
        assert_eq!(covered, expected, "{sk}");
    }
}

#[test]
fn one_never_meets_ten() {
    let fields: &[(&str, Type)] = &[("a", Type::Text), ("b", Type::Text)];
    let ids = ["1", "10", "1 0", "1#0", "1$", "1%", "11", "2"];
    for sk in ["PRODUCT#{a}[#{b}]", "PRODUCT#{a}#{b}"] {
        let template = template(sk, fields);
        let keys: Vec<(usize, String)> = ids
            .iter()
            .enumerate()
            .flat_map(|(at, id)| {
                let text = |text: &str| Some(Value::Text(text.to_owned()));
                [
                    Values(vec![text(id), None]),
                    Values(vec![text(id), text("x#y")]),
                ]
                .map(|values| rendered(&template, &values).map(|key| (at, key)))
            })
            .flatten()
            .collect();
        for (at, id) in ids.iter().enumerate() {
            let question = Question(vec![Asked::Equal(Value::Text((*id).to_owned()))]);
            let covered = question.covered(&template).expect("a range");
            for (owner, key) in &keys {
                assert_eq!(covered.contains(key), *owner == at, "{id}: {key}");
            }
        }
    }
}

#[test]
fn a_bound_that_cannot_be_written_names_its_part() {
    let asks = [Bound {
        field: "id",
        ask: Ask::From(&Value::Text(String::new())),
    }];
    let refused = sort_range(&template("E#{id}", FIELDS), "Event", &asks).expect_err("empty");
    assert_eq!(
        refused.to_string(),
        "KF1001: `Event`: `id` is empty; a key part holds at least one character"
    );
}

#[test]
fn several_entities_of_one_partition_do_not_get_in_each_others_way() {
    // The sort keys of one product's partition, as an application would choose them.
    let kinds: &[(&str, &[(&str, Type)])] = &[
        ("META", &[]),
        ("CLAIM", &[]),
        (
            "EVENT#{a}#{b}[#{c}]",
            &[("a", Type::Moment), ("b", Type::Text), ("c", Type::Text)],
        ),
        ("EVENTS#{a}", &[("a", Type::Moment)]),
        (
            "SCAN#{a:desc}#{b}",
            &[("a", Type::Moment), ("b", Type::Ulid)],
        ),
        ("STEP#{a}#{b:desc}", &[("a", Type::U16), ("b", Type::I32)]),
        ("Note:{a}#{b}", &[("a", Type::Text), ("b", Type::Date)]),
        ("Note;", &[]),
        ("STEQ", &[]),
    ];
    let templates: Vec<Template<'static>> = kinds
        .iter()
        .map(|(text, fields)| template(text, fields))
        .collect();
    let values = |at: usize| {
        let tail = templates[at]
            .segments
            .iter()
            .any(|segment| segment.optional);
        let fields = kinds[at].1;
        fields
            .iter()
            .enumerate()
            .map(|(place, (_, kind))| {
                if tail && place + 1 == fields.len() {
                    proptest::option::of(kind.any()).boxed()
                } else {
                    kind.any().prop_map(Some).boxed()
                }
            })
            .collect::<Vec<_>>()
            .prop_map(Values)
    };
    let partition: Vec<_> = (0..kinds.len())
        .map(|at| prop::collection::vec(values(at), 1..5))
        .collect();
    let choice = (
        0..kinds.len(),
        0..4_usize,
        0..7_u8,
        any::<Index>(),
        any::<Index>(),
    );
    rounds::check(
        1_500,
        &(partition, choice),
        |(partition, (asked, depth, range, one, two))| {
            let parts: Vec<(Type, Modifier)> = kinds[asked]
                .1
                .iter()
                .map(|(name, kind)| {
                    (
                        *kind,
                        templates[asked]
                            .part(name)
                            .map_or(Modifier::None, |part| part.modifier),
                    )
                })
                .collect();
            let one = &one.get(&partition[asked]).0;
            let two = &two.get(&partition[asked]).0;
            let mut question = Question(
                one.iter()
                    .take(depth)
                    .flatten()
                    .cloned()
                    .map(Asked::Equal)
                    .collect(),
            );
            if let (Some(Some(one)), Some(Some(two))) =
                (one.get(question.0.len()), two.get(question.0.len()))
            {
                question
                    .0
                    .extend(ranged(range, one.clone(), two.clone(), 1));
            }
            let covered = match question.covered(&templates[asked]) {
                Ok(covered) => covered,
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            for (at, items) in partition.iter().enumerate() {
                for item in items {
                    let Some(key) = rendered(&templates[at], item) else {
                        return Err(TestCaseError::fail("every value here can be written"));
                    };
                    let expected = at == asked && question.admits(item, &parts);
                    prop_assert_eq!(covered.contains(&key), expected, "{:?} {:?}", key, covered);
                }
            }
            Ok(())
        },
    );
}
