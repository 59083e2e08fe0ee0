//! Views of fields that are not there, of another type, under another name; and of nothing.
use keyfold::prelude::*;

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK")]
struct Shop {
    products: Repo<Product>,
}

#[derive(Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "PRODUCT#{id}", sk = "META")]
struct Product {
    id: String,
    price: u64,
    list_price: u64,
}

#[derive(View, Deserialize)]
#[view(Product)]
struct Misspelt {
    pryce: u64,
}

#[derive(View, Deserialize)]
#[view(Product)]
struct OtherType {
    price: String,
}

#[derive(View, Deserialize)]
#[view(Product)]
struct OtherName {
    list_price: u64,
}

#[derive(View, Deserialize)]
struct OfNothing {
    price: u64,
}

fn main() {}
