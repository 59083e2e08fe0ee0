//! Where a check says that nobody else is in range, nobody is.

use std::cell::Cell;

use keyfold_model::check::pattern_mistake;
use keyfold_model::ranges::collection_range;
use keyfold_model::{
    Member, Multiplicity, PatternArgument, PatternKind, PatternModel, RangeUse, TableModel,
    Template,
};
use proptest::prelude::*;

use crate::design::{Sketch, Values, entity, field_name, rendered, sketches, table};
use crate::ranges::{Asked, questions};
use crate::rounds;
use crate::values::Type;

fn name(at: usize) -> String {
    format!("Thing{at}")
}

/// A table of entities that share one partition key.
fn one_partition(sort_keys: &[Template<'static>]) -> TableModel<'static> {
    let entities = sort_keys.iter().enumerate().map(|(at, sk)| {
        let mut entity = entity(&name(at), "P", "S", &[]);
        entity.key.sk = Some(sk.clone());
        entity
    });
    table(entities.collect())
}

fn pattern(kind: PatternKind, members: &[usize], arguments: &[Asked]) -> PatternModel<'static> {
    let arguments = arguments
        .iter()
        .enumerate()
        .map(|(at, asked)| PatternArgument {
            field: field_name(at).into(),
            range: match asked {
                Asked::Equal(_) => RangeUse::Equal,
                Asked::From(_) => RangeUse::From,
                Asked::To(_) => RangeUse::To,
                Asked::Between(..) => RangeUse::Between,
                Asked::Begins(_) => RangeUse::Begins,
            },
        });
    let members = members.iter().map(|at| Member {
        entity: name(*at).into(),
        multiplicity: Multiplicity::Many,
    });
    PatternModel {
        id: "things".into(),
        doc: "".into(),
        kind,
        gives: "Thing0".into(),
        members: members.collect(),
        index: None,
        arguments: arguments.collect(),
        newest_first: false,
        page: None,
        max_items: None,
    }
}

/// Some sort keys and items of each.
fn partitions() -> impl Strategy<Value = (Vec<Sketch>, Vec<Vec<Values>>)> {
    prop::collection::vec(sketches(), 2..5).prop_flat_map(|sketches| {
        let items: Vec<_> = sketches
            .iter()
            .map(|sketch| prop::collection::vec(sketch.values(Type::few), 4))
            .collect();
        (Just(sketches), items)
    })
}

#[test]
fn a_pattern_found_to_read_one_entity_reads_no_other() {
    let cases = partitions().prop_flat_map(|(sketches, items)| {
        let question = questions(&sketches[0], items[0].clone(), Type::few);
        (Just(sketches), Just(items), question)
    });
    let (silent, met) = (Cell::new(0), Cell::new(0));
    rounds::check(3_000, &cases, |(sketches, items, question)| {
        let templates: Vec<_> = sketches.iter().map(Sketch::template).collect();
        let table = one_partition(&templates);
        let said = pattern_mistake(&table, &pattern(PatternKind::Pages, &[0], &question.0));
        let Ok(covered) = question.covered(&templates[0]) else {
            return Ok(());
        };
        silent.set(silent.get() + u32::from(said.is_none()));
        for (template, items) in std::iter::zip(&templates, &items).skip(1) {
            for key in items.iter().filter_map(|item| rendered(template, item)) {
                if covered.contains(&key) {
                    met.set(met.get() + 1);
                    prop_assert!(
                        said.is_some(),
                        "{} reads {} with {question:?}: {key:?} in {covered:?}",
                        templates[0].text,
                        template.text
                    );
                }
            }
        }
        Ok(())
    });
    assert!(silent.get() > 200 && met.get() > 200, "{silent:?} {met:?}");
}

#[test]
fn a_collection_found_to_hold_its_members_holds_no_other() {
    let cases = (partitions(), any::<prop::sample::Index>());
    let (silent, met) = (Cell::new(0), Cell::new(0));
    rounds::check(3_000, &cases, |((sketches, items), members)| {
        let templates: Vec<_> = sketches.iter().map(Sketch::template).collect();
        let table = one_partition(&templates);
        // The first entities are members, the rest are not.
        let members = 1 + members.index(sketches.len() - 1);
        let places: Vec<usize> = (0..members).collect();
        let said = pattern_mistake(&table, &pattern(PatternKind::Collect, &places, &[]));
        let range = collection_range(&templates[..members].iter().collect::<Vec<_>>());
        silent.set(silent.get() + u32::from(said.is_none()));
        for (template, items) in std::iter::zip(&templates, &items).skip(members) {
            for key in items.iter().filter_map(|item| rendered(template, item)) {
                if range.contains(&key) {
                    met.set(met.get() + 1);
                    prop_assert!(
                        said.is_some(),
                        "{:?} also holds {}: {key:?} in {range:?}",
                        templates[..members]
                            .iter()
                            .map(|t| &*t.text)
                            .collect::<Vec<_>>(),
                        template.text
                    );
                }
            }
        }
        Ok(())
    });
    assert!(silent.get() > 200 && met.get() > 200, "{silent:?} {met:?}");
}

const FIELDS: &[(&str, Type)] = &[
    ("a", Type::Moment),
    ("b", Type::Text),
    ("c", Type::Text),
    ("n", Type::U32),
];

fn said_of(
    kind: PatternKind,
    members: &[&str],
    arguments: &[(&str, RangeUse)],
    other: &str,
) -> Option<String> {
    let sort_keys: Vec<_> = members
        .iter()
        .chain([&other])
        .map(|text| crate::design::template(text, FIELDS))
        .collect();
    let places: Vec<usize> = (0..members.len()).collect();
    let mut pattern = pattern(kind, &places, &[]);
    pattern.arguments = arguments
        .iter()
        .map(|(field, range)| PatternArgument {
            field: (*field).to_owned().into(),
            range: *range,
        })
        .collect();
    pattern_mistake(&one_partition(&sort_keys), &pattern).map(|said| said.to_string())
}

#[test]
fn who_else_a_pattern_reads_is_as_these_examples_say() {
    use RangeUse::{Between, Equal, From};
    for (own, arguments, other, expected) in [
        ("EVENT#{a}", &[][..], "SCAN#{a}", false),
        ("EVENT#{a}", &[], "EVENTS#{a}", false),
        ("EVENT#{a}", &[], "EVENT", false),
        ("EVENT#{a}", &[], "EVENT#{b}#X", true),
        ("EVENT#{a}", &[], "{b}", false),
        ("EVENT#{a}", &[], "{b}#{c}", true),
        ("{b}", &[], "META", true),
        ("EVENT[#{b}]", &[], "EVENT#{a}", true),
        ("EVENT[#{b}]", &[], "EVENTS#{a}", false),
        ("EVENT[#{b}]", &[], "EVENT", true),
        ("EVENT[#{b}]", &[], "EVENT{c:raw}", true),
        ("EVENT[#{b}]", &[], "E{c:raw}", true),
        ("EVENT[#{b}]", &[], "EVENT{c}", false),
        ("User:{b}", &[], "User:", true),
        ("User:{b}", &[], "User;", false),
        ("User:{b}", &[], "Us{c}", true),
        ("User:{b}", &[("b", From)], "User;", false),
        ("EVENT#{a}#{b}", &[("a", Equal)], "EVENT#{n}#{b}", false),
        ("EVENT#{a}#{b}", &[("a", Equal)], "EVENT#{a}", false),
        ("EVENT#{a}#{b}", &[("a", Equal)], "EVENT#{c}#{b}#X", true),
        (
            "EVENT#{a}#{b}",
            &[("a", Equal), ("b", Equal)],
            "EVENT#{c}#{b}#X",
            false,
        ),
        (
            "EVENT#{a}#{b}",
            &[("a", Equal), ("b", Equal)],
            "EVENT#{c}#META",
            true,
        ),
        ("EVENT#{a}#{b}", &[("a", Between)], "EVENT#META", true),
        ("META", &[], "META", true),
        ("META", &[], "METAL", false),
        ("META", &[], "META#{b}", false),
    ] {
        let said = said_of(PatternKind::Pages, &[own], arguments, other);
        assert_eq!(said.is_some(), expected, "{own} and {other}: {said:?}");
    }
}

#[test]
fn who_else_a_collection_holds_is_as_these_examples_say() {
    for (members, other, expected) in [
        (&["META"][..], "META#{b}", false),
        (&["META"], "METAL", false),
        (&["META"], "{b}", true),
        (&["A#META"], "A#{n}", false),
        (&["EVENT#{a}"], "SCAN#{a}", false),
        (&["EVENT#{a}"], "EVENT", false),
        (&["EVENT#{a}", "META"], "FILE", true),
        (&["EVENT#{a}", "META"], "SCAN#{a}", false),
        (&["EVENT#{a}", "META"], "META#{b}", false),
        (&["EVENT#{a}", "META"], "EVENT", false),
        (&["EVENT[#{a}]", "META"], "EVENT", true),
        (&["CLAIM", "META[#{b}]"], "META#{n}#X", true),
        (&["CLAIM", "META[#{b}]"], "METAL", false),
        (&["CLAIM", "META"], "CLAIM#{b}", true),
        (&["CLAIM", "META"], "BRAND", false),
        (&["META", "SCAN#{a}"], "SCANS", false),
        (&["{b}", "META"], "SCAN#{a}", true),
        (&["A{b}", "AB"], "AC", true),
        (&["A", "E{a}"], "F", true),
        (&["A", "E{a}"], "F{b}", false),
        (&["A", "é{a}"], "ê", true),
        (&["A", "E{a}"], "G", false),
        (&["E{a}"], "F", false),
        (&["OPP#1#META", "OPP#1#LINE#{n}"], "OPP#2#META", false),
        (&["OPP#1#META", "OPP#1#LINE#{n}"], "OPP#{b}", true),
    ] {
        let said = said_of(PatternKind::Collect, members, &[], other);
        assert_eq!(
            said.is_some(),
            expected,
            "{members:?} and {other}: {said:?}"
        );
    }
}

#[test]
fn a_long_literal_does_not_hide_a_neighbour() {
    let long = "L".repeat(300);
    let (own, other) = (format!("{long}M#{{a}}"), format!("{long}N"));
    let said = said_of(
        PatternKind::Collect,
        &["A", &format!("{long}O")],
        &[],
        &other,
    );
    assert!(said.is_some());
    let said = said_of(PatternKind::Pages, &[&own], &[], &other);
    assert!(said.is_none());
}
