//! What cannot be asked for, because DynamoDB has it not or because it would break the model.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
#[index(Gsi1, pk = "BRAND#{brand}", sk = "PRODUCT#{id}")]
#[unique(code, item = CodeLookup { code, product: id })]
#[mirror(Listing { product: id, name })]
struct Product {
    id: Id<Product>,
    brand: String,
    code: String,
    name: String,
    #[counter]
    scans: u64,
    #[created]
    created_at: Timestamp,
    #[readonly]
    origin: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "CODE#{code}", sk = "META")]
struct CodeLookup {
    code: String,
    product: Id<Product>,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "LISTING", sk = "{product}")]
struct Listing {
    product: Id<Product>,
    name: String,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns, index(Gsi1, pk = "GSI1PK", sk = "GSI1SK"))]
struct Shop {
    products: Repo<Product>,
    codes: Repo<CodeLookup>,
    listings: Repo<Listing>,
}

#[access_patterns]
impl Shop {
    #[query(Product, index = Gsi1)]
    fn by_brand(&self, brand: &str) -> Pages<Product>;
}

fn consistent_read_of_an_index(db: &Shop) {
    let _ = db.by_brand("b").consistent();
}

fn set_of_a_counter(db: &Shop, id: &Id<Product>) {
    let _ = db.products.patch(id).scans(3_u64);
}

fn setter_of_a_key_field(db: &Shop, product: &Product) {
    let _ = db.products.edit(product).id(product.id);
}

fn setter_of_what_is_stamped_or_fixed(db: &Shop, product: &Product) {
    let _ = db.products.edit(product).created_at(product.created_at);
    let _ = db.products.edit(product).origin("elsewhere");
}

fn patch_of_a_unique_or_mirrored_field(db: &Shop, id: &Id<Product>) {
    let _ = db.products.patch(id).code("c");
    let _ = db.products.patch(id).name("n");
}

fn upsert_that_could_leave_half_an_item(db: &Shop, id: &Id<Product>) {
    let _ = db.products.upsert(id);
}

fn main() {}
