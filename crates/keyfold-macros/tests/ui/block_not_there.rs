//! A listed block of patterns that does not exist.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
struct Product {
    id: Id<Product>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns(leads))]
struct Shop {
    products: Repo<Product>,
}

fn main() {}
