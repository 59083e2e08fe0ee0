//! Attributes of an entity that cannot be read, or do not go together.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
struct WithoutAKey {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pkk = "A#{id}", sk = "META")]
struct Misspelt {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(sk = "META")]
struct WithoutAPartition {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A#{id}", sk = "META", sk = "META")]
struct GivenTwice {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A#{id}", sk = "META")]
#[key(pk = "B#{id}", sk = "META")]
struct TwoKeys {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A#{id}", sk = "META")]
#[index(pk = "A", sk = "{id}")]
#[unique(item = Lookup { id })]
#[unique(id, item = Lookup { id: 3 })]
#[mirror(Lookup)]
#[entity(nmes(key = K))]
struct Unreadable {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A#{id}", sk = "META")]
#[index(Gsi1, pk = "A", sk = "{scans}")]
#[index(Gsi1, pk = "A", sk = "{id}")]
#[index(Gsi2, pk = "A", sk = "{state}#{touched}")]
struct Marks {
    id: String,
    state: String,
    #[counter]
    scans: u64,
    #[created]
    #[updated]
    both: Timestamp,
    #[created]
    again: Timestamp,
    #[updated]
    touched: Timestamp,
    #[attr(omit_none)]
    there: String,
    #[attr(omit)]
    unknown: Option<String>,
    #[key_only(id)]
    #[key_only]
    nowhere: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A#{id}", sk = "META")]
#[index(Gsi1, pk = "A", sk = "{scans}")]
#[index(Gsi2, pk = "A", sk = "{state}#{touched}")]
struct Stale {
    id: String,
    state: String,
    #[counter]
    scans: u64,
    #[updated]
    touched: Timestamp,
    #[key_only]
    nowhere: String,
    when: u8,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A", sk = "META")]
struct Tuple(String);

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A", sk = "META")]
enum Choice {
    A,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A", sk = "META")]
struct Generic<T> {
    value: T,
}

fn main() {}
