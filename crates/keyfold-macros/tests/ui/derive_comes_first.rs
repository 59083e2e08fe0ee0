//! The attributes of a derive stand below it.
use keyfold::prelude::*;

#[key(pk = "PRODUCT#{id}", sk = "META")]
#[derive(Entity, Serialize, Deserialize)]
struct Product {
    id: Id<Product>,
}

fn main() {}
