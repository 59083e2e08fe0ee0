//! A template names a field that the struct does not have.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
#[index(Gsi1, pk = "BRAND#{brnd}", sk = "PRODUCT#{id}")]
#[index(Gsi2, pk = shelf)]
#[mirror(Listing { product: id, brand: brend })]
struct Product {
    id: Id<Product>,
    brand: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "LISTING#{product}", sk = "META")]
struct Listing {
    product: Id<Product>,
    brand: String,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns, index(Gsi1, pk = "GSI1PK", sk = "GSI1SK"), index(Gsi2, pk = "shelf"))]
struct Shop {
    products: Repo<Product>,
    listings: Repo<Listing>,
}

// What depends on the wrong template is not reported again.
#[access_patterns]
impl Shop {
    #[query(Product, index = Gsi1)]
    fn by_brand(&self, brand: &str) -> Pages<Product>;
}

fn main() {}
