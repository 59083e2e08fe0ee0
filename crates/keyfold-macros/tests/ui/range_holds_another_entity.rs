//! A pattern and a collection whose range holds items of an entity they do not list.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
struct Product {
    id: Id<Product>,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{product}", sk = "EVENT#{at}")]
struct Event {
    product: Id<Product>,
    at: Timestamp,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{product}", sk = "EVENT#{at}#SCAN")]
struct Scan {
    product: Id<Product>,
    at: Timestamp,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns)]
struct Shop {
    products: Repo<Product>,
    events: Repo<Event>,
    scans: Repo<Scan>,
}

#[derive(ItemCollection)]
#[collection(Product)]
struct History {
    #[one]
    product: Product,
    #[many]
    events: Vec<Event>,
}

#[derive(ItemCollection)]
#[collection(Product)]
#[skip(Scan)]
struct WithoutScans {
    #[one]
    product: Product,
    #[many]
    events: Vec<Event>,
}

#[access_patterns]
impl Shop {
    #[query(Event)]
    fn events_of(&self, product: &Id<Product>) -> Pages<Event>;

    #[query(Event)]
    #[skip(Scan)]
    fn events_and_the_cost_of_scans(&self, product: &Id<Product>) -> Pages<Event>;

    #[query(History)]
    fn history(&self, product: &Id<Product>) -> Collect<History>;

    #[query(WithoutScans)]
    fn without_scans(&self, product: &Id<Product>) -> Collect<WithoutScans>;
}

fn main() {}
