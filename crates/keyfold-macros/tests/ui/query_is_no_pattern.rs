//! What `#[query(..)]` and the signature below it can be.
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
    #[query("PK = :pk")]
    fn a_string(&self, id: &Id<Product>) -> Pages<Product>;

    fn no_query(&self, id: &Id<Product>) -> Pages<Product>;

    #[query(Product)]
    fn with_a_body(&self, id: &Id<Product>) -> Pages<Product> {
        let _ = id;
        loop {}
    }

    #[query(Product, newst_first)]
    fn unknown_option(&self, id: &Id<Product>) -> Pages<Product>;

    #[query(Product, page = 0)]
    fn empty_pages(&self, id: &Id<Product>) -> Pages<Product>;

    #[query(Product, max_items = 5)]
    fn other_bound(&self, id: &Id<Product>) -> Pages<Product>;

    #[query(Product)]
    fn gives_a_list(&self, id: &Id<Product>) -> Vec<Product>;

    #[query(Product)]
    fn gives_nothing(&self, id: &Id<Product>);

    #[query(Product)]
    fn gives_another(&self, id: &Id<Product>) -> Pages<Shop>;

    #[query(Product)]
    fn no_collection(&self, id: &Id<Product>) -> Collect<Product>;

    #[query(Product)]
    fn unknown_range(&self, #[until] id: &Id<Product>) -> Pages<Product>;

    #[query(Product)]
    fn without_a_table(id: &Id<Product>) -> Pages<Product>;

    #[query(Product)]
    async fn asynchronous(&self, id: &Id<Product>) -> Pages<Product>;
}

fn main() {}
