//! What serde can do to attributes and an entity cannot have.
use keyfold::prelude::*;

#[derive(Serialize, Deserialize)]
struct More {
    a: u8,
}

#[derive(Entity, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
struct Product {
    id: Id<Product>,
    #[serde(skip_serializing, default)]
    one_way: u8,
    #[serde(rename(serialize = "a", deserialize = "b"))]
    two_names: u8,
    #[serde(skip_serializing_if = "String::is_empty")]
    left_out: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "NOTE#{id}", sk = "META")]
struct Note {
    id: Id<Note>,
    #[serde(flatten)]
    more: More,
}

#[derive(Entity, Serialize, Deserialize)]
#[serde(tag = "kind")]
#[key(pk = "EVENT#{id}", sk = "META")]
struct Event {
    id: Id<Event>,
}

fn main() {}
