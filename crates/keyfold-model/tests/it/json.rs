//! A design written to JSON and read back.

use keyfold_model::TableModel;
use proptest::prelude::*;

use crate::checks::shop;
use crate::design::{Values, entity, rendered, sketches, table};
use crate::rounds;
use crate::values::Type;

fn through_json(table: &TableModel<'_>) -> TableModel<'static> {
    let json = serde_json::to_string_pretty(table).expect("a design is JSON");
    serde_json::from_str(&json).expect("what was written is read")
}

#[test]
fn a_design_is_the_same_after_json() {
    let table = shop();
    let back = through_json(&table);
    assert_eq!(back, table);
    assert_eq!(keyfold_model::check::findings(&back), Vec::<String>::new());
}

#[test]
fn json_names_things_as_people_do() {
    let json = serde_json::to_value(shop()).expect("a design is JSON");
    assert_eq!(json["pk"], serde_json::json!({"name": "PK", "type": "S"}));
    assert_eq!(json["stream"], "NEW_AND_OLD_IMAGES");
    let event = &json["entities"][2];
    assert_eq!(event["key"]["sk"]["text"], "EVENT#{at}#{kind}[#{suffix}]");
    let segments = &event["key"]["sk"]["segments"];
    assert_eq!(
        segments[0],
        serde_json::json!({"literal": "EVENT"}),
        "no hash, no defaults"
    );
    assert_eq!(segments[3]["optional"], true);
    assert_eq!(
        json["entities"][3]["key"]["sk"]["segments"][1]["part"]["modifier"],
        "desc"
    );
    assert_eq!(
        json["patterns"][1]["patterns"][0]["arguments"][1]["use"],
        "between"
    );
}

#[test]
fn keys_are_the_same_after_json() {
    let cases = sketches().prop_flat_map(|sketch| (Just(sketch.clone()), sketch.values(Type::any)));
    rounds::check(300, &cases, |(sketch, values)| {
        let names: Vec<String> = (0..sketch.parts().len())
            .map(crate::design::field_name)
            .collect();
        let fields: Vec<(&str, Type)> = std::iter::zip(&names, sketch.parts())
            .map(|(name, (kind, _))| (name.as_str(), kind))
            .collect();
        let mut thing = entity("Thing", "P", "S", &fields);
        thing.key.sk = Some(sketch.template());
        let table = table(vec![thing]);
        let back = through_json(&table);
        prop_assert_eq!(&back, &table);
        let key = |table: &TableModel<'_>, values: &Values| {
            let sk = table.entities[0].key.sk.as_ref();
            sk.and_then(|sk| rendered(sk, values))
        };
        prop_assert_eq!(key(&back, &values), key(&table, &values));
        Ok(())
    });
}

#[test]
fn a_template_that_names_no_field_is_still_read() {
    let mut table = shop();
    for field in table.entities.to_mut()[0].fields.to_mut() {
        field.name = "renamed".into();
    }
    let json = serde_json::to_string(&table).expect("a design is JSON");
    assert!(serde_json::from_str::<TableModel<'_>>(&json).is_ok());
}
