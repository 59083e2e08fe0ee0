//! What is found in a design, with its code and its words; and nothing in a good one.

use keyfold_model::check::findings;
use keyfold_model::template::literal_hash;
use keyfold_model::{
    AttributeType, EntityModel, FieldRole, IndexKey, IndexModel, KeptItem, KeptKind, Member,
    Multiplicity, PatternArgument, PatternGroupModel, PatternKind, PatternModel, Projection,
    RangeUse, StreamView, TableModel,
};

use crate::design::{attribute, entity, field, key, table, template};
use crate::values::Type;

const PRODUCT: &[(&str, Type)] = &[
    ("id", Type::IdUlid),
    ("brand", Type::Text),
    ("code", Type::Text),
    ("created_at", Type::Moment),
];
const EVENT: &[(&str, Type)] = &[
    ("product", Type::IdUlid),
    ("at", Type::Moment),
    ("kind", Type::Text),
    ("suffix", Type::Text),
];
const SCAN: &[(&str, Type)] = &[
    ("product", Type::IdUlid),
    ("at", Type::Moment),
    ("fraud", Type::Bool),
];

fn index(id: &str) -> IndexModel<'static> {
    IndexModel {
        id: id.to_owned().into(),
        name: id.to_uppercase().into(),
        pk: attribute(&format!("{id}PK")),
        sk: Some(attribute(&format!("{id}SK"))),
        projection: Projection::All,
        local: false,
    }
}

fn pattern(id: &str, members: &[&str], arguments: &[(&str, RangeUse)]) -> PatternModel<'static> {
    PatternModel {
        id: id.to_owned().into(),
        doc: "".into(),
        kind: PatternKind::Pages,
        gives: members[0].to_owned().into(),
        members: members
            .iter()
            .map(|entity| Member {
                entity: (*entity).to_owned().into(),
                multiplicity: Multiplicity::Many,
            })
            .collect(),
        index: None,
        arguments: arguments
            .iter()
            .map(|(field, range)| PatternArgument {
                field: (*field).to_owned().into(),
                range: *range,
            })
            .collect(),
        newest_first: false,
        page: Some(50),
        max_items: None,
    }
}

fn on_index(mut pattern: PatternModel<'static>, index: &str) -> PatternModel<'static> {
    pattern.index = Some(index.to_owned().into());
    pattern
}

fn collect(mut pattern: PatternModel<'static>) -> PatternModel<'static> {
    pattern.kind = PatternKind::Collect;
    pattern.max_items = Some(1_000);
    pattern
}

fn shop_entities() -> Vec<EntityModel<'static>> {
    let mut product = entity("Product", "PRODUCT#{id}", "META", PRODUCT);
    product.doc = "A thing that is sold.".into();
    product.indexes = vec![IndexKey {
        index: "Gsi1".into(),
        hash: literal_hash("Gsi1"),
        key: key("BRAND#{brand}", "PRODUCT#{created_at}", PRODUCT),
    }]
    .into();
    product.kept = vec![KeptItem {
        kind: KeptKind::Unique,
        name: "Code".into(),
        entity: "CodeLookup".into(),
        fields: vec![
            ("code".into(), "code".into()),
            ("product".into(), "id".into()),
        ]
        .into(),
    }]
    .into();
    product.fields.to_mut()[3].role = FieldRole::Created;
    let lookup = entity(
        "CodeLookup",
        "VERIFY#{code}",
        "META",
        &[("code", Type::Text), ("product", Type::IdUlid)],
    );
    let event = entity(
        "Event",
        "PRODUCT#{product}",
        "EVENT#{at}#{kind}[#{suffix}]",
        EVENT,
    );
    let mut scan = entity("Scan", "PRODUCT#{product}", "SCAN#{at:desc}", SCAN);
    scan.fields.to_mut().push(field("expires_at", "Timestamp"));
    scan.fields.to_mut()[3].role = FieldRole::Ttl;
    scan.fields.to_mut()[1].key_only = true;
    let claim = entity(
        "Claim",
        "PRODUCT#{product}",
        "CLAIM",
        &[("product", Type::IdUlid)],
    );
    let mut session = entity(
        "Session",
        "PK",
        "SK",
        &[("PK", Type::Text), ("SK", Type::Text)],
    );
    let others = ["Product", "CodeLookup", "Event", "Scan", "Claim"];
    session.shared_with = others.map(Into::into).to_vec().into();
    vec![product, lookup, event, scan, claim, session]
}

/// A design with something of everything, and no mistake.
pub fn shop() -> TableModel<'static> {
    let mut table = table(shop_entities());
    table.ttl = Some("ttl".into());
    table.tag = Some("entity".into());
    table.stream = Some(StreamView::NewAndOldImages);
    table.indexes = vec![
        index("Gsi1"),
        IndexModel {
            projection: Projection::Include(vec!["name".into()].into()),
            local: true,
            sk: None,
            ..index("Gsi2")
        },
    ]
    .into();
    let mut history = collect(pattern(
        "history",
        &["Product", "Event", "Claim", "Session"],
        &[("id", RangeUse::Equal)],
    ));
    history.members.to_mut()[3].multiplicity = Multiplicity::Skipped;
    // A bare key can be any text; who shares a partition with it lists or skips it.
    let skipping = |mut pattern: PatternModel<'static>| {
        pattern.members.to_mut().push(Member {
            entity: "Session".into(),
            multiplicity: Multiplicity::Skipped,
        });
        pattern
    };
    table.patterns = vec![
        PatternGroupModel {
            name: "".into(),
            patterns: vec![
                on_index(
                    pattern(
                        "products-by-brand",
                        &["Product"],
                        &[("brand", RangeUse::Equal), ("created_at", RangeUse::From)],
                    ),
                    "Gsi1",
                ),
                history,
            ]
            .into(),
        },
        PatternGroupModel {
            name: "scans".into(),
            patterns: vec![skipping(PatternModel {
                newest_first: true,
                doc: "Newest scans.".into(),
                ..pattern(
                    "scans",
                    &["Scan"],
                    &[("product", RangeUse::Equal), ("at", RangeUse::Between)],
                )
            })]
            .into(),
        },
    ]
    .into();
    table
}

#[test]
fn a_good_design_has_no_findings() {
    assert_eq!(findings(&shop()), Vec::<String>::new());
}

/// What is found once the design without sessions is changed.
fn after(change: impl FnOnce(&mut TableModel<'static>)) -> Vec<String> {
    let mut table = shop();
    table.entities.to_mut().pop();
    for group in table.patterns.to_mut() {
        for pattern in group.patterns.to_mut() {
            pattern
                .members
                .to_mut()
                .retain(|member| member.entity != "Session");
        }
    }
    assert_eq!(findings(&table), Vec::<String>::new());
    change(&mut table);
    findings(&table)
}

/// One finding, which holds all of these words.
fn expect(change: impl FnOnce(&mut TableModel<'static>), words: &[&str]) {
    let found = after(change);
    assert_eq!(found.len(), 1, "{words:?}: {found:#?}");
    for word in words {
        assert!(found[0].contains(word), "{word} is not in {}", found[0]);
    }
}

fn of<'t>(table: &'t mut TableModel<'static>, name: &str) -> &'t mut EntityModel<'static> {
    let entities = table.entities.to_mut().iter_mut();
    entities
        .into_iter()
        .find(|entity| entity.name == name)
        .expect("an entity of the shop")
}

fn ask(pattern: PatternModel<'static>) -> impl FnOnce(&mut TableModel<'static>) {
    move |table| table.patterns.to_mut()[0].patterns.to_mut().push(pattern)
}

#[test]
fn two_entities_that_can_write_one_item() {
    let other = |sk: &str| entity("Other", "PRODUCT#{product}", sk, EVENT);
    let found = |sk: &str| {
        after(|table| {
            table.patterns = vec![].into();
            table.entities.to_mut().push(other(sk));
        })
    };
    let hint = "; give one of them a literal segment of its own, or accept it with `#[key(.., shared_with(..))]`";
    assert_eq!(found("OTHER#{kind}"), Vec::<String>::new());
    assert_eq!(
        found("META"),
        [format!(
            "KF0002: `Product` and `Other` can write the same item: pk PRODUCT#{{id}} = PRODUCT#{{product}}, sk META = META{hint}"
        )]
    );
    // At each entity, the first one after it that it meets.
    assert_eq!(
        found("{kind}"),
        [
            format!(
                "KF0002: `Product` and `Other` can write the same item: pk PRODUCT#{{id}} = PRODUCT#{{product}}, sk META = {{kind}}{hint}"
            ),
            format!(
                "KF0002: `Claim` and `Other` can write the same item: pk PRODUCT#{{product}} = PRODUCT#{{product}}, sk CLAIM = {{kind}}{hint}"
            ),
        ]
    );
}

#[test]
fn sharing_is_accepted_by_either_of_the_two() {
    for accepting in ["Product", "Other"] {
        let found = after(|table| {
            let sk = "META";
            table
                .entities
                .to_mut()
                .push(entity("Other", "PRODUCT#{product}", sk, EVENT));
            let other = if accepting == "Product" {
                "Other"
            } else {
                "Product"
            };
            of(table, accepting).shared_with.to_mut().push(other.into());
            // The pattern reads it then as well.
            table.patterns = vec![].into();
        });
        assert_eq!(found, Vec::<String>::new());
    }
}

#[test]
fn tables_without_a_sort_key_compare_partition_keys() {
    let alone = |name: &str, pk: &str| {
        let mut entity = entity(name, pk, "S", PRODUCT);
        entity.key.sk = None;
        entity
    };
    let mut table = table(vec![
        alone("A", "A#{id}"),
        alone("B", "B#{id}"),
        alone("C", "A#{code}"),
    ]);
    table.sk = None;
    let found = findings(&table);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("KF0002: `A` and `C` can write the same item: pk A#{id} = A#{code};")
    );
}

#[test]
fn an_attribute_named_like_a_key() {
    for (attribute, words) in [
        ("PK", "a key attribute of the table"),
        ("SK", "a key attribute of the table"),
        ("entity", "the entity tag"),
        ("Gsi1PK", "a key attribute of an index"),
        ("Gsi1SK", "a key attribute of an index"),
    ] {
        expect(
            |table| of(table, "Claim").fields.to_mut()[0].attribute = attribute.into(),
            &[
                "KF0006: field `product` of `Claim` is stored as",
                &format!("`{attribute}`, which is {words}"),
            ],
        );
    }
    assert!(
        after(|table| {
            let field = &mut of(table, "Claim").fields.to_mut()[0];
            field.attribute = "PK".into();
            field.key_only = true;
        })
        .is_empty()
    );
}

#[test]
fn an_index_the_table_does_not_declare() {
    expect(
        |table| {
            of(table, "Product").indexes.to_mut().push(IndexKey {
                index: "Gsi9".into(),
                hash: literal_hash("Gsi9"),
                key: key("X#{id}", "Y", PRODUCT),
            });
        },
        &[
            "KF0007: `Product` has a key in `Gsi9`",
            "add `index(Gsi9, ..)`",
        ],
    );
}

#[test]
fn a_kept_item_that_is_not_in_the_table() {
    expect(
        |table| of(table, "Product").kept.to_mut()[0].entity = "Gone".into(),
        &[
            "KF0008: `Product` keeps `Gone`",
            "table `Shop`",
            "Repo<Gone>",
        ],
    );
}

#[test]
fn a_time_to_live_without_an_attribute() {
    expect(
        |table| table.ttl = None,
        &["KF0009: `Scan`", "ttl = \"ttl\""],
    );
}

#[test]
fn a_sort_key_too_few_or_too_many() {
    expect(
        |table| of(table, "CodeLookup").key.sk = None,
        &["KF0010: `CodeLookup`: the table has a sort key and this key has none"],
    );
    expect(
        |table| {
            table.indexes.to_mut()[0].sk = None;
            table.patterns = vec![].into();
        },
        &["KF0010: `Product`: this key has a sort key and Gsi1 has none"],
    );
}

#[test]
fn a_key_of_another_type_or_name() {
    expect(
        |table| {
            table.indexes.to_mut()[0]
                .sk
                .as_mut()
                .expect("a sort key")
                .kind = AttributeType::N;
        },
        &[
            "KF0011: the key `Gsi1SK` is not of type S",
            "\"PRODUCT#{created_at}\" of `Product`",
        ],
    );
    expect(
        |table| {
            of(table, "Product").indexes.to_mut()[0].key.pk = template("brand", PRODUCT);
        },
        &[
            "KF0011: the key `Gsi1PK` of `Product` is the bare field `brand`, which is stored as `brand`",
        ],
    );
}

#[test]
fn a_modifier_that_does_not_fit() {
    for (sk, name) in [
        ("{kind:desc}#X", "kind"),
        ("{kind:06}#X", "kind"),
        ("{kind:month}#X", "kind"),
        ("{at:lower}#X", "at"),
        ("{at:raw}#X", "at"),
        ("{at:06}#X", "at"),
        ("{product:desc}#X", "product"),
    ] {
        expect(
            |table| {
                table.patterns = vec![].into();
                of(table, "Event").key.sk = Some(template(sk, EVENT));
            },
            &[&format!("KF0012: `{name}` in \"{sk}\" of `Event`")],
        );
    }
}

#[test]
fn a_part_of_the_table_key_without_a_value() {
    let without_value = |template: &mut keyfold_model::Template<'static>| {
        for segment in template.segments.to_mut() {
            if let Some(part) = &mut segment.part {
                part.optional = true;
            }
        }
    };
    expect(
        |table| without_value(&mut of(table, "Product").key.pk),
        &["KF0013: `id` of `Product` may have no value"],
    );
    expect(
        |table| {
            table.patterns = vec![].into();
            without_value(of(table, "Scan").key.sk.as_mut().expect("a sort key"));
        },
        &["KF0013: `at` of `Scan` may have no value"],
    );
    // In an index the item is then not there.
    assert!(
        after(|table| {
            let key = &mut of(table, "Product").indexes.to_mut()[0].key;
            without_value(&mut key.pk);
        })
        .is_empty()
    );
}

#[test]
fn a_key_only_field_of_which_the_key_keeps_a_piece() {
    expect(
        |table| {
            let scan = of(table, "Scan");
            scan.key.sk = Some(template("SCAN#{at:day}", SCAN));
            table.patterns = vec![].into();
        },
        &[
            "KF0014: `at` of `Scan`",
            "\"SCAN#{at:day}\" keeps only a piece",
        ],
    );
    assert!(
        after(|table| {
            let scan = of(table, "Scan");
            scan.key.sk = Some(template("SCAN#{at:day}#{at}", SCAN));
            table.patterns = vec![].into();
        })
        .is_empty()
    );
}

#[test]
fn a_pattern_that_does_not_fit_its_key() {
    use RangeUse::{Begins, Between, Equal, From};
    let product = ("product", Equal);
    for (pattern, words) in [
        (
            pattern("p", &["Event"], &[]),
            &[
                "does not ask for `product`",
                "\"PRODUCT#{product}\" of `Event`",
                "`product: &..`",
            ][..],
        ),
        (
            pattern("p", &["Event"], &[("product", From)]),
            &["asks for a range of `product`", "ask for the exact value"],
        ),
        (
            pattern("p", &["Event"], &[product, ("kind", Equal)]),
            &[
                "asks for `kind` and not for `at`",
                "\"EVENT#{at}#{kind}[#{suffix}]\"",
            ],
        ),
        (
            pattern("p", &["Event"], &[product, ("at", From), ("kind", Equal)]),
            &["asks for `kind` and not for `at`"],
        ),
        (
            pattern("p", &["Event"], &[product, ("brand", Equal)]),
            &["asks for `brand`, which is not in the key of `Event`"],
        ),
        (
            pattern("p", &["Event"], &[product, ("at", Begins)]),
            &["asks what `at` begins with, and it is no text"],
        ),
        (
            pattern(
                "p",
                &["Event"],
                &[product, ("at", Equal), ("kind", Equal), ("suffix", From)],
            ),
            &["a range of `suffix`", "do not sort"],
        ),
        (
            on_index(pattern("p", &["Product"], &[]), "Gsi9"),
            &["runs on `Gsi9`", "no such index"],
        ),
        (
            on_index(pattern("p", &["Event"], &[product]), "Gsi1"),
            &["`Event` has no key in this index", "#[index(..)]"],
        ),
        (
            pattern("p", &["Gone"], &[]),
            &["reads `Gone`, which is not an entity of table `Shop`"],
        ),
        (
            collect(pattern("p", &["Claim", "Product"], &[])),
            &["must ask for each part of the partition key \"PRODUCT#{product}\" of `Claim`"],
        ),
        (
            collect(pattern(
                "p",
                &["Product", "Event"],
                &[("id", Equal), ("at", Equal)],
            )),
            &["must ask for each part", "for nothing else"],
        ),
        (
            collect(pattern("p", &["Event", "Scan"], &[product])),
            &["also reads `Product` items (META)", "#[skip(Product)]"],
        ),
        (
            collect(pattern("p", &["Claim", "Product"], &[product])),
            &["also reads `Event` items (EVENT#{at}#{kind}[#{suffix}])"],
        ),
        (pattern("p", &["Event"], &[product, ("at", Between)]), &[]),
        (
            pattern("p", &["Event"], &[product, ("at", Equal), ("kind", Begins)]),
            &[],
        ),
        (pattern("p", &["Scan"], &[product, ("at", From)]), &[]),
    ] {
        if words.is_empty() {
            assert_eq!(after(ask(pattern)), Vec::<String>::new());
        } else {
            expect(
                ask(pattern),
                &[&["KF0003: pattern `p`"][..], words].concat(),
            );
        }
    }
}

#[test]
fn a_range_over_values_that_do_not_sort() {
    expect(
        |table| {
            of(table, "Scan").key.sk = Some(template("SCAN#{fraud}#{at}", SCAN));
            table.patterns = vec![].into();
            table.patterns.to_mut().push(PatternGroupModel {
                name: "".into(),
                patterns: vec![pattern(
                    "p",
                    &["Scan"],
                    &[("product", RangeUse::Equal), ("fraud", RangeUse::Between)],
                )]
                .into(),
            });
        },
        &["KF0003: pattern `p` asks for a range of `fraud`, whose texts do not sort"],
    );
}

#[test]
fn a_raw_part_bounds_nothing_that_comes_under_it() {
    let asked = |sk: &str, arguments: &[(&str, RangeUse)]| {
        let pattern = pattern("p", &["Event"], arguments);
        after(|table| {
            of(table, "Event").key.sk = Some(template(sk, EVENT));
            table.patterns = vec![PatternGroupModel {
                name: "".into(),
                patterns: vec![pattern].into(),
            }]
            .into();
        })
    };
    let product = ("product", RangeUse::Equal);
    // "a!" and "a b" sort between "a" and "a$".
    for (sk, arguments) in [
        (
            "EVENT#{kind:raw}#{at}",
            &[product, ("kind", RangeUse::To)][..],
        ),
        (
            "EVENT#{kind:raw}#{at}",
            &[product, ("kind", RangeUse::From)],
        ),
        (
            "EVENT#{kind:raw}[#{suffix}]",
            &[product, ("kind", RangeUse::Between)],
        ),
        (
            "EVENT#{kind:raw}[#{suffix}]",
            &[product, ("kind", RangeUse::Equal)],
        ),
    ] {
        let found = asked(sk, arguments);
        assert_eq!(found.len(), 1, "{sk}: {found:?}");
        assert!(
            found[0].starts_with("KF0003: pattern `p`") && found[0].contains("`kind`"),
            "{found:?}"
        );
        assert!(found[0].contains("raw"), "{found:?}");
    }
    for (sk, arguments) in [
        (
            "EVENT#{at}#{kind:raw}",
            &[product, ("at", RangeUse::Equal), ("kind", RangeUse::To)][..],
        ),
        (
            "EVENT#{kind:raw}#{at}",
            &[product, ("kind", RangeUse::Equal), ("at", RangeUse::To)],
        ),
        (
            "EVENT#{kind:raw}#{at}",
            &[product, ("kind", RangeUse::Begins)],
        ),
        ("EVENT#{kind:raw}[#{suffix}]", &[product]),
        (
            "EVENT#{kind:raw}[#{suffix}]",
            &[
                product,
                ("kind", RangeUse::Equal),
                ("suffix", RangeUse::Equal),
            ],
        ),
    ] {
        assert_eq!(asked(sk, arguments), Vec::<String>::new(), "{sk}");
    }
}

#[test]
fn every_mistake_is_found_at_once() {
    let found = after(|table| {
        table.ttl = None;
        of(table, "Product").kept.to_mut()[0].entity = "Gone".into();
        of(table, "Claim").key.sk = Some(template("META", &[]));
        ask(pattern("p", &["Gone"], &[]))(table);
    });
    let codes: Vec<&str> = found.iter().map(|message| &message[..6]).collect();
    assert_eq!(codes, ["KF0008", "KF0002", "KF0009", "KF0003"]);
}

#[test]
fn a_message_is_text_however_long_the_names_are() {
    for name in [
        "N".repeat(1_000),
        "é".repeat(1_000),
        format!("a{}", "é".repeat(1_000)),
    ] {
        let found = after(|table| {
            let mut other = entity("Other", "PRODUCT#{product}", "META", EVENT);
            other.name = name.into();
            table.patterns = vec![].into();
            table.entities.to_mut().insert(0, other);
        });
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("KF0002: `"), "{}", found[0]);
    }
}
