//! Fields that would be stored otherwise than they look, and documents that are none.
use std::collections::BTreeSet;

use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A#{id}", sk = "META")]
struct Upload {
    id: String,
    #[attr(set)]
    list: Vec<String>,
    #[attr(set)]
    #[serde(with = "keyfold::set")]
    twice: BTreeSet<String>,
    #[attr(sets)]
    misspelt: BTreeSet<String>,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A#{id}", sk = "META")]
struct Hidden {
    id: String,
    bytes: Vec<u8>,
    nested: String,
}

#[derive(Document, Serialize, Deserialize)]
enum Choice {
    One,
}

#[derive(Document, Serialize, Deserialize)]
struct Hash {
    bytes: Vec<u8>,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "B#{id}", sk = "META")]
struct Plain {
    id: String,
    place: Unreachable,
    tags: BTreeSet<String>,
}

#[derive(Serialize, Deserialize)]
struct Unreachable {
    floor: u8,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK")]
struct Db {
    plains: Repo<Plain>,
}

fn changes(db: Db) {
    db.plains.patch("1").nested(|p| p.place.fields().floor.set(1));
    db.plains.patch("1").insert_tags("a list in DynamoDB");
}

fn main() {}
