//! Two entities whose templates can write one key: each pair is reported at its first entity.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
struct Product {
    id: Id<Product>,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{product}", sk = "{kind}")]
struct Event {
    product: Id<Product>,
    kind: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{product}", sk = "NOTE")]
struct Note {
    product: Id<Product>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK")]
struct Shop {
    products: Repo<Product>,
    events: Repo<Event>,
    notes: Repo<Note>,
}

fn main() {}
