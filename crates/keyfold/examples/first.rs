//! One declared table, run on the embedded engine: `cargo run --example first`.

#![allow(
    missing_docs,
    clippy::print_stdout,
    reason = "an example is read as a whole, and prints"
)]

use keyfold::prelude::*;

#[derive(Table, Clone)] // the struct is the handle; each field is a typed repository
#[table(pk = "PK", sk = "SK", ttl = "ttl", tag = none, patterns,
        index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK"))]
pub struct Genuproof {
    pub brands: Repo<Brand>,
    pub stats: Repo<BrandStats>,
    pub products: Repo<Product>,
    pub listings: Repo<Listing>,
    pub codes: Repo<CodeLookup>,
    pub events: Repo<Event>,
    pub claims: Repo<Claim>,
}

#[derive(Debug, Entity, Serialize, Deserialize)] // `derive` first, then its attributes
#[serde(rename_all = "camelCase")]
#[key(pk = "PRODUCT#{id}", sk = "META")]
#[index(Gsi1, pk = "BRAND#{brand}", sk = "PRODUCT#{created_at}")]
#[unique(code, item = CodeLookup { code, product: id, brand })] // an ordinary entity, kept in the same transaction
#[mirror(Listing { product: id, brand, name, status, created_at, scan_count })] // likewise; `#[counter]` fields are mirrored by ADD
pub struct Product {
    #[serde(rename = "productId")]
    pub id: Id<Product>,
    #[serde(rename = "brandId")]
    pub brand: Id<Brand>,
    pub name: String,
    #[serde(rename = "verificationCode")]
    pub code: VerificationCode,
    pub status: Status,
    pub event_count: u32,
    pub chain_head: Sha256,
    #[counter]
    pub scan_count: u64,
    #[created]
    pub created_at: Timestamp,
}

#[derive(Debug, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "PRODUCT_INDEX", sk = "PRODUCT#{created_at}#{product}")]
pub struct Listing {
    pub product: Id<Product>,
    pub brand: Id<Brand>,
    pub name: String,
    pub status: Status,
    pub created_at: Timestamp,
    #[counter]
    pub scan_count: u64,
}

#[derive(Debug, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "VERIFY#{code}", sk = "META")]
pub struct CodeLookup {
    #[key_only]
    pub code: VerificationCode,
    pub product: Id<Product>,
    pub brand: Id<Brand>,
}

#[derive(Debug, Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{product}", sk = "EVENT#{at}#{kind}[#{suffix}]")] // an optional tail
pub struct Event {
    pub product: Id<Product>,
    pub at: Timestamp,
    pub kind: EventKind,
    #[key_only]
    pub suffix: Option<Suffix>,
    pub actor: String,
}

#[derive(Debug, Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{product}", sk = "CLAIM")]
pub struct Claim {
    pub product: Id<Product>,
    pub owner: String,
    #[ttl]
    pub until: Timestamp,
}

#[derive(Debug, Entity, Serialize, Deserialize)]
#[key(pk = "BRAND#{id}", sk = "PROFILE")]
pub struct Brand {
    pub id: Id<Brand>,
    pub name: String,
}

#[derive(Debug, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "BRAND#{brand}", sk = "STATS")]
pub struct BrandStats {
    #[key_only]
    pub brand: Id<Brand>,
    #[counter]
    #[serde(rename = "productCount")]
    pub products: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, KeyPart, Serialize, Deserialize)]
pub struct VerificationCode(String);

#[derive(Debug, Clone, PartialEq, Eq, KeyPart, Serialize, Deserialize)]
pub struct Suffix(String);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sha256(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Active,
    Recalled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, KeyPart, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    Manufactured,
    Shipped,
}

#[derive(Debug, ItemCollection)] // one Query → parent and children
#[collection(Product)] // the partition of a Product; the sort-key range is derived from the members: CLAIM … META
pub struct History {
    #[one]
    pub product: Product,
    #[one]
    pub claim: Option<Claim>,
    #[many]
    pub events: Vec<Event>,
}

#[access_patterns] // every question the app asks, in one place
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
}

/// Why a registration is refused.
#[derive(Debug, PartialEq, Eq, Refusal)]
pub enum Register {
    UnknownBrand,
    CodeTaken,
}

/// Why an event is not appended.
#[derive(Debug, PartialEq, Eq, Refusal)]
pub enum Append {
    Moved,
}

/// Runs the example.
#[tokio::main]
pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = keyfold::embedded::memory().client(); // or aws_sdk_dynamodb::Client::new(&config)
    let db = Genuproof::builder(client)
        .table("genuproof")
        .cursor_secret("a secret of your own")
        .build();
    db.create_table().if_missing().await?;

    let brand: Id<Brand> = db.new_id();
    db.brands
        .create(Brand {
            id: brand,
            name: "Maison Test".into(),
        })
        .await?;

    for (name, code) in [("Royal Oak", "wfPHybaFV3_a"), ("Nautilus", "FshGQLRNsr4p")] {
        register(&db, brand, name, code).await?;
    }
    let taken = register(&db, brand, "A copy", "wfPHybaFV3_a").await;
    assert!(matches!(
        taken,
        Err(TransactError::Refused(Register::CodeTaken))
    ));

    let page = db.products_by_brand(&brand).page().await?; // Page { items, next: Option<Cursor>, cost }
    println!(
        "{} products for {} read units",
        page.items.len(),
        page.cost.read_units
    );

    let code = VerificationCode("wfPHybaFV3_a".into());
    let found = db.codes.get(&code).await?;
    let h = db.history(&found.product).get().await?;
    println!(
        "{}: {} events, {:?}",
        h.product.name,
        h.events.len(),
        h.product.status
    );
    print!("{}", db.history(&found.product).explain()?);

    append(&db, &h.product, EventKind::Shipped).await?;
    let loaded = db.products.get(&found.product).consistent().await?;
    db.products
        .edit(&loaded)
        .status(Status::Recalled)
        .send()
        .await?; // loaded knows every part: keys, mirrors recomputed, parts guarded
    db.products
        .patch(&found.product)
        .add_scan_count(1)
        .when(|p| p.status.eq(Status::Recalled))
        .send()
        .await?; // blind, never creates

    let listed = db
        .listings
        .get((&loaded.created_at, &loaded.id))
        .consistent()
        .await?;
    println!(
        "the listing says {:?}, {} scan",
        listed.status, listed.scan_count
    );
    Ok(())
}

async fn register(
    db: &Genuproof,
    brand: Id<Brand>,
    name: &str,
    code: &str,
) -> Result<(), TransactError<Register>> {
    let product = Product {
        id: db.new_id(),
        brand,
        name: name.into(),
        code: VerificationCode(code.into()),
        status: Status::Active,
        event_count: 1,
        chain_head: Sha256("…".into()),
        scan_count: 0,
        created_at: db.now(),
    };
    let first_event = Event {
        product: product.id,
        at: product.created_at,
        kind: EventKind::Manufactured,
        suffix: None,
        actor: "Maison Test".into(),
    };
    db.transact()
        .require(db.brands.exists(&brand))
        .or(Register::UnknownBrand) // the domain error of each refusal, typed
        .create(product)
        .or_taken(ProductUnique::Code, Register::CodeTaken)
        .create(first_event)
        .apply(db.stats.upsert(&brand).add_products(1))
        .commit()
        .await?; // Err(TransactError::Refused(Register::CodeTaken))
    Ok(())
}

/// Appends to a sealed chain: one serialised link.
async fn append(db: &Genuproof, p: &Product, kind: EventKind) -> Result<(), TransactError<Append>> {
    let event = Event {
        product: p.id,
        at: db.now(),
        kind,
        suffix: None,
        actor: "FedEx".into(),
    };
    db.transact()
        .apply(
            db.products
                .edit(p)
                .event_count(p.event_count + 1)
                .chain_head(Sha256("…".into()))
                .when(|f| f.event_count.eq(p.event_count)),
        )
        .or(Append::Moved)
        .create(event)
        .commit()
        .await?;
    Ok(())
}
