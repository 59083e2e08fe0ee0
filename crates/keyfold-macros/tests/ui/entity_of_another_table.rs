//! An entity that the table does not list.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
struct Product {
    id: Id<Product>,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "STRANGER#{id}", sk = "META")]
struct Stranger {
    id: Id<Stranger>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns)]
struct Shop {
    products: Repo<Product>,
}

#[access_patterns]
impl Shop {
    #[query(Stranger)]
    fn strangers(&self, id: &Id<Stranger>) -> Pages<Stranger>;

    #[query(Product)]
    #[skip(Stranger)]
    fn skipping(&self, id: &Id<Product>) -> Pages<Product>;
}

fn create(db: &Shop, stranger: Stranger) {
    let _ = db.transact().create(stranger);
}

fn main() {}
