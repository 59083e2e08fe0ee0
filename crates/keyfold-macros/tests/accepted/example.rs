//! The example of the design, as it is written there.
use keyfold::prelude::*;

/// A brand.
#[derive(Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "BRAND#{id}", sk = "PROFILE")]
pub struct Brand {
    #[serde(rename = "brandId")]
    id: Id<Brand>,
    name: String,
}

/// What a brand has.
#[derive(Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "BRAND#{brand}", sk = "STATS")]
pub struct BrandStats {
    #[serde(rename = "brandId")]
    brand: Id<Brand>,
    #[counter]
    products: u64,
}

/// The state of a product.
#[derive(KeyPart, Serialize, Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Sold.
    Active,
    /// Called back.
    Recalled,
}

/// What is printed on a product.
#[derive(KeyPart, Serialize, Deserialize, Clone)]
pub struct VerificationCode(String);

/// A product.
#[derive(Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "PRODUCT#{id}", sk = "META")]
#[index(Gsi1, pk = "BRAND#{brand}", sk = "PRODUCT#{created_at}")]
#[unique(code, item = CodeLookup { code, product: id, brand })]
#[mirror(Listing { product: id, brand, name, status, created_at, scan_count })]
pub struct Product {
    #[serde(rename = "productId")]
    id: Id<Product>,
    #[serde(rename = "brandId")]
    brand: Id<Brand>,
    name: String,
    #[serde(rename = "verificationCode")]
    code: VerificationCode,
    status: Status,
    event_count: u32,
    chain_head: String,
    note: Option<String>,
    #[counter]
    scan_count: u64,
    #[created]
    created_at: Timestamp,
}

/// Finds a product by its code.
#[derive(Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "VERIFY#{code}", sk = "META")]
pub struct CodeLookup {
    #[key_only]
    code: VerificationCode,
    product: Id<Product>,
    brand: Id<Brand>,
}

/// A product in the list of all.
#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT_INDEX#{brand}", sk = "PRODUCT#{created_at}#{product}")]
pub struct Listing {
    product: Id<Product>,
    brand: Id<Brand>,
    name: String,
    status: Status,
    created_at: Timestamp,
    #[counter]
    scan_count: u64,
}

/// What happened to a product.
#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{product}", sk = "EVENT#{at}#{kind}[#{suffix}]")]
pub struct Event {
    product: Id<Product>,
    at: Timestamp,
    kind: String,
    #[key_only]
    suffix: Option<String>,
    actor: String,
}

/// Who owns a product.
#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{product}", sk = "CLAIM")]
pub struct Claim {
    product: Id<Product>,
    by: String,
}

/// The table.
#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", ttl = "ttl", tag = none, patterns,
        index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK"))]
pub struct Genuproof {
    /// Brands.
    pub brands: Repo<Brand>,
    /// Their numbers.
    pub stats: Repo<BrandStats>,
    /// Products.
    pub products: Repo<Product>,
    /// Products by code.
    pub codes: Repo<CodeLookup>,
    /// All products.
    pub listings: Repo<Listing>,
    /// What happened.
    pub events: Repo<Event>,
    /// Who owns what.
    pub claims: Repo<Claim>,
}

/// A product with what happened to it.
#[derive(ItemCollection)]
#[collection(Product)]
pub struct History {
    /// It.
    #[one]
    pub product: Product,
    /// Its owner.
    #[one]
    pub claim: Option<Claim>,
    /// Its events.
    #[many]
    pub events: Vec<Event>,
}

#[access_patterns]
impl Genuproof {
    /// Products of one brand, newest first.
    #[query(Product, index = Gsi1, newest_first, page = 20)]
    pub fn products_by_brand(&self, brand: &Id<Brand>) -> Pages<Product>;

    /// The same, since a moment.
    #[query(Product, index = Gsi1, newest_first)]
    pub fn products_since(
        &self,
        brand: &Id<Brand>,
        #[from] created_at: Timestamp,
    ) -> Pages<Product>;

    /// A product with its claim and its whole chain of events.
    #[query(History, max_items = 5_000)]
    pub fn history(&self, product: &Id<Product>) -> Collect<History>;

    /// Not a pattern.
    pub fn newest_of(&self, brand: &Id<Brand>) -> keyfold::Pages<Product> {
        self.products_by_brand(brand).page_size(1)
    }
}

/// What registering can answer.
#[derive(Refusal, Debug)]
pub enum Register {
    /// There is no such brand.
    UnknownBrand,
    /// The code is taken.
    CodeTaken,
}

#[test]
fn the_design_is_sound_and_survives_json() {
    let model = Genuproof::model();
    assert_eq!(keyfold::model::check::findings(model), Vec::<String>::new());
    let json = serde_json::to_string(model).expect("a model is JSON");
    let read: keyfold::model::TableModel<'_> =
        serde_json::from_str(&json).expect("what was written");
    assert_eq!(read.entities.len(), model.entities.len());
    assert_eq!(keyfold::model::check::findings(&read), Vec::<String>::new());
    let ids: Vec<_> = model.all_patterns().map(|pattern| &*pattern.id).collect();
    assert_eq!(ids, ["products-by-brand", "products-since", "history"]);
}

#[test]
fn every_operation_is_typed() {
    let db = Genuproof::builder(keyfold::embedded::memory().client())
        .table("genuproof")
        .build();
    let (id, brand) = (Id::from_bits(1), Id::from_bits(2));
    let product = Product {
        id,
        brand,
        name: "Watch".to_owned(),
        code: VerificationCode("ABC".to_owned()),
        status: Status::Active,
        event_count: 0,
        chain_head: String::new(),
        note: None,
        scan_count: 0,
        created_at: Timestamp::from_millisecond(0).expect("1970"),
    };
    let _ = db
        .products
        .patch(&id)
        .event_count(1_u32)
        .note(Some("n".to_owned()))
        .when(|p| p.status.eq(Status::Active));
    let _ = db.products.patch(&id).add_scan_count(1).remove_note();
    let _ = db
        .products
        .edit(&product)
        .status(Status::Recalled)
        .name("other")
        .brand(product.brand);
    let _ = db.stats.upsert(&product.brand).add_products(1);
    let _ = db.codes.find(&product.code);
    let _ = db.events.get((&id, &product.created_at, "sold", None));
    let _ = db.events.get(&EventKey {
        product: id,
        at: product.created_at,
        kind: "sold".to_owned(),
        suffix: None,
    });
    let _ = db.products_since(&product.brand, product.created_at);
    let _ = db.history(&id).consistent();
    let _ = db.newest_of(&brand);
    let request = db.products_by_brand(&brand).request().expect("a request");
    assert_eq!(request.index_name(), Some("GSI1"));
    assert_eq!(request.scan_index_forward(), Some(false));
    let taken = keyfold::__private::UniqueOf::name(ProductUnique::Code);
    assert_eq!(
        taken,
        &*Genuproof::model()
            .entity("Product")
            .expect("it is there")
            .kept[0]
            .name
    );
}
