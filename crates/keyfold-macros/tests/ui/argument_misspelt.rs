//! An argument that is no field of the entity, and one of another type than the field.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
#[index(Gsi1, pk = "BRAND#{brand}", sk = "PRODUCT#{created_at}")]
struct Product {
    id: Id<Product>,
    brand: Id<Shop>,
    created_at: Timestamp,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns, index(Gsi1, pk = "GSI1PK", sk = "GSI1SK"))]
struct Shop {
    products: Repo<Product>,
}

#[derive(ItemCollection)]
#[collection(Product)]
struct Whole {
    #[one]
    product: Product,
}

#[access_patterns]
impl Shop {
    #[query(Product, index = Gsi1)]
    fn misspelt(&self, brnd: &Id<Shop>) -> Pages<Product>;

    #[query(Product, index = Gsi1)]
    fn of_another_type(&self, brand: &Id<Product>) -> Pages<Product>;

    #[query(Whole)]
    fn whole(&self, product: &Id<Shop>) -> Collect<Whole>;

    #[query(Whole)]
    fn one_too_many(&self, product: &Id<Product>, brand: &Id<Shop>) -> Collect<Whole>;
}

fn main() {}
