//! Every accepted form of the attributes, and what it makes of the design.

use std::collections::{BTreeMap, HashSet};

use keyfold::model::{
    AttributeType, EntityModel, FieldRole, KeptKind, Modifier, Projection, StreamView, TableModel,
    WhenAbsent,
};
use keyfold::prelude::*;

mod upper {
    use serde::{Deserialize, Deserializer, Serializer};

    // serde asks for a reference to the field.
    #[allow(clippy::ptr_arg)]
    pub fn serialize<S: Serializer>(value: &String, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_uppercase())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        Ok(String::deserialize(deserializer)?.to_lowercase())
    }
}

/// A reading of a sensor.
///
/// Kept for a while.
#[derive(Entity, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
#[key(
    pk = "SENSOR#{sensor:lower}#{at:month}",
    sk = "AT#{at:desc}#{n:06}[#{suffix}]",
    shared_with(Free)
)]
#[index(Gsi1, pk = kind, sk = "{place:raw}#{at}")]
#[index(Lsi1, pk = "SENSOR#{sensor:lower}#{at:month}", sk = "N#{rank}")]
#[entity(names(key = At, fields = ReadingHandles, update = Change, patch = Blind, edit = Known))]
pub struct Reading {
    sensor: String,
    at: Timestamp,
    n: u32,
    suffix: Option<String>,
    kind: String,
    place: String,
    rank: Option<u64>,
    #[serde(with = "upper")]
    label: String,
    #[attr(omit_none)]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    #[serde(default)]
    level: u8,
    tags: HashSet<String>,
    lines: Vec<String>,
    by_name: BTreeMap<String, u8>,
    #[counter]
    seen: u64,
    #[updated]
    changed_at: Timestamp,
    #[version]
    version: u64,
    #[ttl]
    expires_at: Option<Timestamp>,
    #[serde(skip)]
    scratch: u8,
    r#type: String,
}

/// Something whose keys may meet others'.
#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "SENSOR#{a}#{b}", sk = "{rest}")]
pub struct Free {
    a: String,
    b: String,
    rest: String,
}

/// What only this file knows.
#[derive(KeyPart, Serialize, Deserialize, Clone)]
struct Secret(String);

/// A public entity with a private type in a private field.
#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "HIDDEN#{id}", sk = "{secret}")]
#[index(Gsi1, pk = "HIDDEN", sk = "{other}#{secret}")]
pub struct Hidden {
    id: String,
    secret: Secret,
    other: Secret,
    more: Option<Secret>,
}

/// One item.
#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "SETTINGS", sk = "SETTINGS")]
pub struct Settings {
    #[counter]
    visits: u64,
    theme: Option<String>,
}

/// A person with one mail address, or none.
#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PERSON#{id}", sk = "PERSON")]
#[unique(mail, item = Mail { mail, person: id })]
pub struct Person {
    id: Id<Person>,
    mail: Option<String>,
}

/// A claimed mail address.
#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "MAIL#{mail}", sk = "MAIL")]
pub struct Mail {
    #[key_only]
    mail: String,
    person: Id<Person>,
}

/// Everything a table can say.
#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    ttl = "expires",
    tag = "is",
    stream = new_and_old_images,
    patterns(first, second),
    index(Gsi1, name = "by-kind", pk = "KIND", sk = "GSI1SK", project = keys),
    index(Lsi1, local, sk = "LSI1SK", project = include("LEVEL", "TAGS"))
)]
pub struct Store {
    /// Readings.
    pub readings: Repo<Reading>,
    /// Free ones.
    pub free: Repo<Free>,
    /// The settings.
    pub settings: Repo<Settings>,
    /// People.
    pub people: Repo<Person>,
    /// Their addresses.
    pub mails: Repo<Mail>,
}

#[access_patterns(group = first)]
impl Store {
    /// Readings of a kind at a place.
    #[query(Reading, index = Gsi1)]
    pub fn at_place(
        &self,
        kind: &str,
        place: &str,
        #[between] at: std::ops::Range<Timestamp>,
    ) -> Pages<Reading>;

    /// Readings of a sensor in a month.
    #[query(Reading)]
    #[skip(Free)]
    pub fn in_month(&self, sensor: &str, at: YearMonth) -> Pages<Reading>;
}

#[access_patterns(group = second)]
impl Store {
    /// Free ones whose last part starts so.
    #[query(Free, page = 5)]
    #[skip(Reading)]
    pub fn free_like(&self, a: &str, b: &str, #[begins] rest: &str) -> Pages<Free>;

    /// Up to one.
    #[query(Free)]
    #[skip(Reading)]
    pub fn free_up_to(&self, a: &str, b: String, #[to] rest: &str) -> keyfold::Pages<Free>;
}

/// A table whose keys are attributes of its items, and that has no sort key.
#[derive(Table, Clone)]
#[table(pk = number("id"), tag = none, index(ByOwner, pk = "owner", sk = binary("raw")))]
pub struct Adopted {
    /// Its rows.
    pub rows: Repo<Row>,
}

/// A row.
#[derive(Entity, Serialize, Deserialize)]
#[key(pk = id)]
pub struct Row {
    id: u64,
}

fn entity<'m>(model: &'m TableModel<'static>, name: &str) -> &'m EntityModel<'static> {
    model.entity(name).expect("it is listed")
}

#[test]
fn designs_with_every_form_are_sound() {
    for model in [Store::model(), Adopted::model()] {
        assert_eq!(keyfold::model::check::findings(model), Vec::<String>::new());
    }
}

#[test]
fn a_table_is_what_its_attributes_say() {
    let model = Store::model();
    assert_eq!(model.ttl.as_deref(), Some("expires"));
    assert_eq!(model.tag.as_deref(), Some("is"));
    assert_eq!(model.stream, Some(StreamView::NewAndOldImages));
    let [by_kind, local] = &*model.indexes else {
        panic!("two indexes")
    };
    assert_eq!((&*by_kind.id, &*by_kind.name), ("Gsi1", "by-kind"));
    assert_eq!(by_kind.projection, Projection::Keys);
    assert!(local.local);
    assert_eq!((&*local.pk.name, &*local.name), ("PK", "Lsi1"));
    assert_eq!(
        local.projection,
        Projection::Include(vec!["LEVEL".into(), "TAGS".into()].into())
    );
    let groups: Vec<_> = model.patterns.iter().map(|group| &*group.name).collect();
    assert_eq!(groups, ["first", "second"]);

    let model = Adopted::model();
    assert_eq!(model.pk.kind, AttributeType::N);
    assert_eq!((&model.sk, &model.tag), (&None, &None));
    assert_eq!(
        model.indexes[0].sk.as_ref().map(|sk| sk.kind),
        Some(AttributeType::B)
    );
}

#[test]
fn an_entity_is_what_its_attributes_say() {
    let reading = entity(Store::model(), "Reading");
    assert_eq!(reading.doc, "A reading of a sensor.\n\nKept for a while.");
    assert_eq!(*reading.shared_with, ["Free"]);
    let part = |name: &str| {
        reading
            .key
            .sk
            .as_ref()
            .and_then(|sk| sk.part(name))
            .expect("a part")
            .clone()
    };
    assert_eq!(part("at").modifier, Modifier::Desc);
    assert_eq!(part("n").modifier, Modifier::Pad(6));
    assert!(part("suffix").optional);
    assert!(reading.indexes[0].key.pk.bare);

    let field = |name: &str| reading.field(name).expect("a field");
    assert_eq!(field("by_name").attribute, "BY-NAME");
    assert_eq!(field("type").attribute, "TYPE");
    assert_eq!(field("by_name").type_name, "BTreeMap<String, u8>");
    assert!(
        reading.field("scratch").is_none(),
        "what serde skips is no field"
    );
    let roles = [
        ("seen", FieldRole::Counter, WhenAbsent::Zero),
        ("changed_at", FieldRole::Updated, WhenAbsent::Error),
        ("version", FieldRole::Version, WhenAbsent::Zero),
        ("expires_at", FieldRole::Ttl, WhenAbsent::Default),
        ("level", FieldRole::Plain, WhenAbsent::Default),
        ("tags", FieldRole::Plain, WhenAbsent::EmptyList),
        ("lines", FieldRole::Plain, WhenAbsent::EmptyList),
        ("by_name", FieldRole::Plain, WhenAbsent::EmptyMap),
        ("label", FieldRole::Plain, WhenAbsent::Error),
    ];
    for (name, role, absent) in roles {
        assert_eq!(
            (field(name).role, field(name).when_absent),
            (role, absent),
            "{name}"
        );
    }
    assert!(field("note").omit_none && field("remark").omit_none && !field("suffix").omit_none);
    for (place, part) in reading
        .key
        .pk
        .segments
        .iter()
        .filter_map(|segment| segment.part.as_ref())
        .enumerate()
    {
        assert_eq!(
            reading.fields[usize::from(part.field_index)].name,
            ["sensor", "at"][place]
        );
    }
}

#[test]
fn kept_items_name_their_sources() {
    let kept = &entity(Store::model(), "Person").kept[0];
    assert_eq!(
        (kept.kind, &*kept.name, &*kept.entity),
        (KeptKind::Unique, "Mail", "Mail")
    );
    assert_eq!(
        *kept.fields,
        [
            ("mail".into(), "mail".into()),
            ("person".into(), "id".into())
        ]
    );
    let with = Person {
        id: Id::from_bits(1),
        mail: Some("a@example.org".to_owned()),
    };
    let without = Person {
        id: Id::from_bits(1),
        mail: None,
    };
    let db = Store::builder(keyfold::embedded::memory().client()).build();
    let rows = |person: &Person| {
        keyfold::__private::Entity::kept(person, Table::core(&db))
            .expect("rows")
            .len()
    };
    assert_eq!(
        (rows(&with), rows(&without)),
        (1, 0),
        "nobody claims what is not there"
    );
}

#[test]
fn an_optional_claim_is_made_moved_and_given_up() {
    let db = Store::builder(keyfold::embedded::memory().client()).build();
    let person = |mail: Option<&str>| Person {
        id: Id::from_bits(1),
        mail: mail.map(str::to_owned),
    };
    let request = |from: Option<&str>, to: Option<&str>| {
        let loaded = person(from);
        let edit = db.people.edit(&loaded).mail(to.map(str::to_owned));
        format!("{:?}", edit.request().expect("a request"))
    };
    let claimed = request(None, Some("a"));
    assert!(
        claimed.contains("MAIL#a") && !claimed.contains("Delete {"),
        "{claimed}"
    );
    let moved = request(Some("a"), Some("b"));
    assert!(
        moved.contains("MAIL#a") && moved.contains("MAIL#b"),
        "{moved}"
    );
    let given_up = request(Some("a"), None);
    assert!(
        given_up.contains("Delete {") && given_up.contains("MAIL#a"),
        "{given_up}"
    );
}

#[test]
fn generated_names_can_be_chosen_and_keys_made_from_parts() {
    let db = Store::builder(keyfold::embedded::memory().client()).build();
    let at = Timestamp::from_millisecond(0).expect("1970");
    let key = At {
        sensor: "s".to_owned(),
        at,
        n: 7,
        suffix: None,
    };
    let by_parts = db
        .readings
        .get(("s", &at, &7, None))
        .request()
        .expect("a request");
    assert_eq!(
        db.readings.get(&key).request().expect("a request").key(),
        by_parts.key()
    );
    let _: Blind = db
        .readings
        .patch(&key)
        .label("l")
        .level(3)
        .remove_note()
        .lines(Vec::new());
    let _ = db
        .settings
        .upsert(())
        .add_visits(1)
        .theme(Some("dark".to_owned()));
    let _ = db.settings.get(());
    let _ = db.free_like("a", "b", "c").request().expect("a request");
    let _ = db
        .free_up_to("a", "b".to_owned(), "c")
        .request()
        .expect("a request");
    let _ = db.at_place("k", "p", at..at).request().expect("a request");
}

#[test]
fn a_field_with_a_serializer_of_its_own_is_compared_as_it_is_stored() {
    let db = Store::builder(keyfold::embedded::memory().client()).build();
    let at = Timestamp::from_millisecond(0).expect("1970");
    let change = db
        .readings
        .patch(("s", &at, &7, None))
        .label("quiet")
        .when(|r| r.label.ne("loud"));
    let request = format!("{:?}", change.request().expect("a request"));
    assert!(
        request.contains("QUIET") && request.contains("LOUD"),
        "{request}"
    );
    assert!(!request.contains("quiet"), "{request}");
}
