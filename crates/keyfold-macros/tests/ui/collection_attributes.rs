//! Attributes of a collection that cannot be read, or do not go together.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
struct Product {
    id: Id<Product>,
}

#[derive(ItemCollection)]
struct OfNobody {
    #[one]
    product: Product,
}

#[derive(ItemCollection)]
#[collection(Product)]
struct Counts {
    product: Product,
    #[one]
    list: Vec<Product>,
    #[many]
    single: Product,
}

#[derive(ItemCollection)]
#[collection(Product)]
#[skip(Product)]
struct Twice {
    #[one]
    product: Product,
    #[many]
    products: Vec<Product>,
}

#[derive(ItemCollection)]
#[collection(Product)]
struct Empty {}

#[derive(ItemCollection)]
#[collection(Product)]
struct Tuple(Product);

fn main() {}
