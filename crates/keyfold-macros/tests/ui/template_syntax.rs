//! Templates that cannot be read; each is reported at its own place.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id", sk = "A##B")]
#[index(Gsi1, pk = "A#{b}-{id}", sk = "{id:up}")]
#[index(Gsi2, pk = "A[#{note}]", sk = "[#{b}]")]
#[index(Gsi3, pk = "A B", sk = "{1st}")]
#[index(Gsi4, pk = "", sk = "{id}[{note}]")]
struct Product {
    id: Id<Product>,
    b: String,
    note: Option<String>,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "NOTE#{id}", sk = "{at}#{rank}")]
struct Note {
    id: String,
    at: Option<Timestamp>,
    #[serde(skip)]
    rank: u8,
}

fn main() {}
