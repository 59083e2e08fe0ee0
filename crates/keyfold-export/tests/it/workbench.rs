//! `NoSQL` Workbench files: public ones in and out, our own out and in.

use std::fmt::Write as _;
use std::path::Path;

use keyfold_export::Tree;
use keyfold_export::workbench::{Table, read, write};
use keyfold_model::{KeyModel, TableModel};
use proptest::prelude::*;

use crate::{awkward, genuproof};

const PUBLIC: [&str; 5] = [
    "AnOnlineShop",
    "ChatSystemSchema",
    "ComplaintManagementSchema",
    "RecurringPaymentsSchema",
    "SocialNetworkSchema",
];

fn public(name: &str) -> Table {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let mut tables = read(&text).unwrap();
    assert_eq!(tables.len(), 1);
    tables.remove(0)
}

/// Out to a file and in again.
fn again(model: &TableModel<'_>, name: &str, items: &[Tree]) -> Table {
    let written = write(model, name, items).document.to_json();
    let mut tables = read(&written).unwrap();
    assert_eq!(tables.len(), 1, "{written}");
    tables.remove(0)
}

fn sorted(items: &[Tree]) -> Vec<String> {
    let mut lines: Vec<String> = items.iter().map(Tree::to_json_line).collect();
    lines.sort_unstable();
    lines
}

fn keys(model: &TableModel<'_>) -> String {
    let mut out = format!("{}\n", model.name);
    let text = |key: &KeyModel<'_>| {
        let bare = |template: &keyfold_model::Template<'_>| {
            let mark = if template.bare {
                " (the attribute)"
            } else {
                ""
            };
            format!("{}{mark}", template.text)
        };
        let sk = key.sk.as_ref().map(|sk| format!("  /  {}", bare(sk)));
        format!("{}{}", bare(&key.pk), sk.unwrap_or_default())
    };
    for entity in model.entities.iter() {
        let _ = writeln!(out, "\n{}\n  {}", entity.name, text(&entity.key));
        for index in entity.indexes.iter() {
            let _ = writeln!(out, "  {}: {}", index.index, text(&index.key));
        }
        for field in entity.fields.iter() {
            let key = if field.key_only {
                ", in the key alone"
            } else {
                ""
            };
            let _ = writeln!(
                out,
                "    {} = {}: {}{key}",
                field.name, field.attribute, field.type_name
            );
        }
    }
    out
}

#[test]
fn public_files_come_in_with_their_items_and_go_out_and_in_unchanged() {
    for name in PUBLIC {
        let table = public(name);
        insta::assert_snapshot!(format!("{name}.keys"), keys(&table.model));
        let back = again(&table.model, &table.name, &table.items);
        assert_eq!(back.name, table.name, "{name}");
        assert_eq!(sorted(&back.items), sorted(&table.items), "{name}");
        assert_eq!(keys(&back.model), keys(&table.model), "{name}");
        assert_eq!(back.model, table.model, "{name}");
    }
}

#[test]
fn no_sample_item_is_lost_and_every_item_has_the_keys_of_an_entity() {
    for (name, count) in PUBLIC.into_iter().zip([19, 8, 9, 2, 17]) {
        let table = public(name);
        assert_eq!(table.items.len(), count, "{name}");
        for item in &table.items {
            let fits = table.model.entities.iter().any(|entity| {
                let half = |attribute: &keyfold_model::KeyAttribute<'_>,
                            template: &keyfold_model::Template<'_>| {
                    let text = item
                        .get(&attribute.name)
                        .and_then(|value| value.get("S")?.as_str());
                    text.is_some_and(|text| template.recognise(text).is_some())
                };
                half(&table.model.pk, &entity.key.pk)
                    && half(
                        table.model.sk.as_ref().unwrap(),
                        entity.key.sk.as_ref().unwrap(),
                    )
            });
            assert!(fits, "{name}: {}", item.to_json_line());
        }
    }
}

#[test]
fn a_design_without_items_shows_its_templates_and_keeps_its_keys() {
    for model in [genuproof(), awkward()] {
        let first = again(&model, &model.name, &[]);
        assert!(first.items.is_empty(), "placeholders are no data");
        assert_eq!(
            first.model.entities.len(),
            model
                .entities
                .iter()
                .filter(|entity| !entity.name.contains("Note"))
                .count()
        );
        let second = again(&first.model, &first.name, &[]);
        assert_eq!(second.model, first.model);
    }
    let written = write(&genuproof(), "genuproof", &[]);
    insta::assert_snapshot!("genuproof.workbench.json", written.document.to_json());
    insta::assert_snapshot!("genuproof.left-out", written.left_out.join("\n"));
    let back = read(&written.document.to_json()).unwrap();
    insta::assert_snapshot!("genuproof.keys", keys(&back[0].model));
}

#[test]
fn an_item_that_looks_like_a_placeholder_is_kept() {
    let settings = r#"{"ModelName":"One","DataModel":[{"TableName":"One",
        "KeyAttributes":{"PartitionKey":{"AttributeName":"pk","AttributeType":"S"}},
        "NonKeyAttributes":[{"AttributeName":"open","AttributeType":"BOOL"}],
        "TableData":[{"pk":{"S":"SETTINGS"},"open":{"BOOL":true}}]}]}"#;
    let table = read(settings).unwrap().remove(0);
    assert_eq!(table.items.len(), 1);
    let back = again(&table.model, &table.name, &table.items);
    assert_eq!(back.items, table.items);
    assert_eq!(back.model.entities[0].key, table.model.entities[0].key);
}

#[test]
fn other_files_are_refused_with_what_they_lack() {
    for (text, word) in [
        ("[", "not JSON"),
        ("{}", "`DataModel` is missing"),
        (r#"{"Resources":{}}"#, "not as CloudFormation"),
        (r#"{"DataModel":[{}]}"#, "`TableName` is missing"),
        (
            r#"{"DataModel":[{"TableName":"T"}]}"#,
            "`KeyAttributes` of table `T`",
        ),
        (
            r#"{"DataModel":[{"TableName":"T","KeyAttributes":{}}]}"#,
            "`PartitionKey` of table `T`",
        ),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

/// A file as Workbench might hold it: entities with templates as aliases, some in an index, attributes of any type.
fn files() -> impl Strategy<Value = String> {
    let literal = "[A-Z][A-Z_]{0,5}";
    let part = "[a-z][a-z_]{0,5}[a-z]";
    let segment = prop_oneof![
        literal.prop_map(|text| text),
        (literal, part).prop_map(|(text, part)| format!("{text}:{{{part}}}")),
        part.prop_map(|part| format!("{{{part}}}")),
    ];
    let template = (
        literal,
        proptest::collection::vec(segment, 0..3),
        proptest::option::of(part),
    )
        .prop_map(|(first, rest, tail)| {
            let mut out = first;
            for segment in rest {
                out.push('#');
                out.push_str(&segment);
            }
            (out, tail)
        });
    let kinds = prop_oneof![
        Just("S"),
        Just("N"),
        Just("B"),
        Just("BOOL"),
        Just("L"),
        Just("M"),
        Just("SS"),
        Just("NS"),
        Just("BS")
    ];
    let attributes = proptest::collection::btree_map("[a-z]{1,3}[A-Z][a-z]{1,4}", kinds, 0..5);
    let entity = (
        template.clone(),
        template.clone(),
        proptest::option::of((template.clone(), template)),
        attributes,
    );
    (proptest::collection::vec(entity, 1..5), any::<bool>()).prop_map(|(entities, has_sk)| {
        let mut types: std::collections::BTreeMap<String, &str> = std::collections::BTreeMap::new();
        let mut facets = Vec::new();
        for (at, (pk, sk, index, attributes)) in entities.into_iter().enumerate() {
            let (pk, sk) = (
                pk.0,
                match sk {
                    (text, Some(tail)) => format!("{text}[#{{{tail}}}]"),
                    (text, None) => text,
                },
            );
            let mut item = vec![("pk".to_owned(), Tree::map([("S", &pk)]))];
            let mut aliases = Tree::map([("PartitionKeyAlias", &pk)]);
            if has_sk {
                item.push(("sk".to_owned(), Tree::map([("S", &sk)])));
                aliases.add("SortKeyAlias", &sk);
            }
            let mut names = Vec::new();
            for (name, kind) in attributes {
                let kind = *types.entry(name.clone()).or_insert(kind);
                item.push((name.clone(), Tree::map([(kind, "0")])));
                names.push(name);
            }
            if let Some(((index_pk, _), (index_sk, _))) = index {
                item.push(("gpk".to_owned(), Tree::map([("S", index_pk)])));
                item.push(("gsk".to_owned(), Tree::map([("S", index_sk)])));
                names.extend(["gpk".to_owned(), "gsk".to_owned()]);
            }
            facets.push(Tree::map([
                ("FacetName", Tree::from(format!("Entity{at}"))),
                ("KeyAttributeAlias", aliases),
                ("TableData", Tree::list([Tree::Map(item)])),
                ("NonKeyAttributes", Tree::list(names)),
            ]));
        }
        let key = |name: &str| Tree::map([("AttributeName", name), ("AttributeType", "S")]);
        let keys = |pk: &str, sk: Option<&str>| {
            let halves = std::iter::once(("PartitionKey", key(pk)));
            Tree::map(halves.chain(sk.map(|sk| ("SortKey", key(sk)))))
        };
        let index = Tree::map([
            ("IndexName", Tree::from("By-other_key")),
            ("KeyAttributes", keys("gpk", Some("gsk"))),
            ("Projection", Tree::map([("ProjectionType", "KEYS_ONLY")])),
        ]);
        let types = types.into_iter().map(|(name, kind)| {
            Tree::map([
                ("AttributeName", Tree::from(name)),
                ("AttributeType", kind.into()),
            ])
        });
        let table = Tree::map([
            ("TableName", Tree::from("Generated")),
            ("KeyAttributes", keys("pk", has_sk.then_some("sk"))),
            ("NonKeyAttributes", Tree::list(types)),
            ("TableFacets", Tree::List(facets)),
            ("GlobalSecondaryIndexes", Tree::list([index])),
        ]);
        Tree::map([("DataModel", Tree::list([table]))]).to_json()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_format_can_express_goes_out_and_comes_in_the_same(file in files()) {
        let table = read(&file).unwrap().remove(0);
        prop_assert!(table.items.is_empty());
        let back = again(&table.model, &table.name, &[]);
        prop_assert_eq!(&back.model, &table.model, "{}", file);
        prop_assert_eq!(back.name, table.name);
    }

    #[test]
    fn whatever_the_file_nothing_panics(text in r#"\{"DataModel":\[\{"TableName":"[^"\\]{0,9}","KeyAttributes":\{"PartitionKey":\{"AttributeName":"[^"\\]{0,4}"\}\},"TableData":\[(\{"[^"\\]{0,4}":\{"S":"[^"\\]{0,12}"\}\})?\]\}\]\}"#) {
        if let Ok(tables) = read(&text) {
            for table in tables {
                again(&table.model, &table.name, &table.items);
            }
        }
    }
}

#[test]
fn what_came_in_is_written_as_the_types_that_declare_it() {
    for name in PUBLIC {
        let text = keyfold_export::workbench::rust(&public(name).model);
        insta::assert_snapshot!(format!("{name}.rs"), text);
    }
}
