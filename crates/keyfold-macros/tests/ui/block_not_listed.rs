//! A block of patterns that the table does not list.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
struct Product {
    id: Id<Product>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns)]
struct Shop {
    products: Repo<Product>,
}

#[access_patterns]
impl Shop {
    #[query(Product)]
    fn product(&self, id: &Id<Product>) -> Pages<Product>;
}

#[access_patterns(group = leads)]
impl Shop {
    #[query(Product)]
    fn lead(&self, id: &Id<Product>) -> Pages<Product>;
}

fn main() {}
