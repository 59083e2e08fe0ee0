//! A member of a collection whose partition key has other parts.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
struct Product {
    id: Id<Product>,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "BRAND#{brand}", sk = "EVENT#{at}")]
struct Event {
    brand: String,
    at: Timestamp,
}

#[derive(ItemCollection)]
#[collection(Product)]
struct History {
    #[one]
    product: Product,
    #[many]
    events: Vec<Event>,
}

fn main() {}
