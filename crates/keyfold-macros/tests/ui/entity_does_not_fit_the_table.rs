//! What an entity needs of its table: attributes of its own, declared indexes, sort keys, kept
//! items, a time-to-live attribute.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "A#{id}", sk = "META")]
struct NamedLikeAKey {
    id: String,
    #[serde(rename = "SK")]
    stock: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "B#{id}", sk = "META")]
struct NamedLikeTheTag {
    id: String,
    entity: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "C#{id}", sk = "META")]
#[index(Gsi2, pk = "C", sk = "{id}")]
struct InAnUnknownIndex {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "D#{id}")]
struct WithoutASortKey {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "E#{id}", sk = "META")]
#[mirror(Elsewhere { id })]
struct KeepsAStranger {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "ELSEWHERE#{id}", sk = "META")]
struct Elsewhere {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "F#{id}", sk = "META")]
struct Expires {
    id: String,
    #[ttl]
    at: Timestamp,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "G#{id:desc}", sk = "META")]
struct WrongModifier {
    id: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "H#{id}", sk = "META")]
#[index(Gsi1, pk = owner)]
struct OtherAttribute {
    id: String,
    owner: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "I#{at:day}", sk = "META")]
struct LosesItsKey {
    #[key_only]
    at: Timestamp,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", index(Gsi1, pk = "customer"))]
struct Shop {
    a: Repo<NamedLikeAKey>,
    b: Repo<NamedLikeTheTag>,
    c: Repo<InAnUnknownIndex>,
    d: Repo<WithoutASortKey>,
    e: Repo<KeepsAStranger>,
    f: Repo<Expires>,
    g: Repo<WrongModifier>,
    h: Repo<OtherAttribute>,
    i: Repo<LosesItsKey>,
}

fn main() {}
