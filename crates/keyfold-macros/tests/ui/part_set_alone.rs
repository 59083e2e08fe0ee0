//! A patch that would leave an index key stale.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
#[index(Gsi1, pk = "SHELF#{shelf}", sk = "{id}")]
#[index(Gsi2, pk = "PRODUCTS", sk = "{category}#{rank}")]
#[index(Gsi3, pk = "MOMENTS", sk = "{state}#{created_at}")]
struct Product {
    id: Id<Product>,
    shelf: String,
    category: String,
    rank: u32,
    state: String,
    #[created]
    created_at: Timestamp,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK",
        index(Gsi1, pk = "GSI1PK", sk = "GSI1SK"),
        index(Gsi2, pk = "GSI2PK", sk = "GSI2SK"),
        index(Gsi3, pk = "GSI3PK", sk = "GSI3SK"))]
struct Shop {
    products: Repo<Product>,
}

fn patch(db: &Shop, id: &Id<Product>) {
    // These make their keys whole.
    let _ = db.products.patch(id).shelf("upper").category_and_rank("toys", 3_u32);
    // These do not.
    let _ = db.products.patch(id).category("toys");
    let _ = db.products.patch(id).rank(3_u32);
    let _ = db.products.patch(id).state("new");
}

fn main() {}
