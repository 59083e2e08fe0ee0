//! The derives of Keyfold.
//!
//! Each works in three steps, in three files: *parse* reads attributes into structs of its own,
//! *validate* checks them with `keyfold-model`, *expand* writes the code. Every mistake is reported
//! where it stands, and the expansion is well typed even then, so that one mistake is one error.
//! The emitted code is thin: it names everything through `::keyfold::__private`, and what it calls
//! lives there. A renamed crate is told with `#[keyfold(crate = path)]`.
//!
//! Users find these macros, and their documentation, in the crate `keyfold`.

mod collection;
mod document;
mod entity;
mod errors;
#[cfg(test)]
mod expansion_tests;
mod key_part;
mod krate;
mod names;
mod patterns;
mod refusal;
mod serde_attributes;
mod syntax;
mod table;
mod types;
mod view;

use proc_macro::TokenStream;

/// Makes a struct an entity: a kind of item with typed keys, fields and updates.
///
/// ```ignore
/// #[derive(Entity, Serialize, Deserialize)]          // `derive` first, then its attributes
/// #[key(pk = "PRODUCT#{id}", sk = "META")]
/// #[index(Gsi1, pk = "BRAND#{brand}", sk = "PRODUCT#{created_at}")]
/// #[unique(code, item = CodeLookup { code, product: id, brand })]
/// #[mirror(Listing { product: id, brand, name })]
/// pub struct Product {
///     pub id: Id<Product>,
///     pub brand: Id<Brand>,
///     pub name: String,
///     pub code: VerificationCode,
///     #[counter] pub scan_count: u64,
///     #[created] pub created_at: Timestamp,
/// }
/// ```
///
/// On the struct: `#[key(pk, sk, shared_with(..))]`, `#[index(Name, pk, sk)]`, `#[unique(..)]`,
/// `#[mirror(..)]`, `#[entity(names(..), global)]`. On a field: `#[key_only]`, `#[created]`, `#[updated]`,
/// `#[ttl]`, `#[counter]`, `#[version]`, `#[readonly]`, `#[scope]`, `#[attr(omit_none)]`, `#[attr(set)]`.
///
/// `#[entity(version = 3, upcast(1 = ProductV1, 2 = ProductV2))]`: items of older shapes are read by their structs and
/// a chain of `TryFrom`, and written in the new one; `repo.backfill()` rewrites those that nobody writes.
///
/// `#[soft_delete] deleted: Option<Timestamp>`: `delete` sets the moment and takes the item out of every index and out
/// of sight; `repo.restore(key)` brings it back, `repo.purge(key)` ends it.
///
/// `#[entity(allow(scan, reason = ".."))]` lets `repo.scan()` read all of its items.
///
/// `#[shard(16, by = id)]` spreads the items of one partition over 16, by the hash of a part of their key; the
/// number is `{shard}` in the partition key of the table or of an index. While that changes, `was = 8` or
/// `was = unsharded("LISTING")` says where items were: all are found, and `repo.reshard()` moves them.
///
/// `{tenant}` at the beginning of a partition key, where `tenant` is no field or one marked `#[scope]`, is the
/// scope of this name that the table declares; `{capsule:id}` anywhere is the identifier of a scope alone.
///
/// For `Product` it makes `ProductKey`, `ProductFields`, `ProductUpdate` with its two forms
/// `ProductPatch` and `ProductEdit`, and, with a `#[unique]`, `ProductUnique`.
#[proc_macro_derive(
    Entity,
    attributes(
        key,
        index,
        unique,
        mirror,
        entity,
        key_only,
        created,
        updated,
        ttl,
        counter,
        version,
        readonly,
        scope,
        shard,
        soft_delete,
        attr,
        keyfold
    )
)]
pub fn derive_entity(input: TokenStream) -> TokenStream {
    entity::derive(input.into()).into()
}

/// Makes a struct of repositories the handle of a table.
///
/// ```ignore
/// #[derive(Table, Clone)]
/// #[table(pk = "PK", sk = "SK", ttl = "ttl", tag = none, patterns,
///         index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK"))]
/// pub struct Genuproof {
///     pub products: Repo<Product>,
///     pub codes: Repo<CodeLookup>,
/// }
/// ```
///
/// With `scopes(tenant = "TENANT#{TenantId}", capsule = "{tenant}#CAPSULE#{CapsuleId}")` it is a
/// `struct Crm<S = NoScope> { leads: Repo<Lead, S>, .. }`, and `db.tenant(t).capsule(c)` gives handles of
/// one tenant, one capsule. What belongs to a tenant has no operations before that.
///
/// Whatever cannot be right about the design as a whole does not compile: two entities that can
/// write one item, an index that is not declared, an attribute named like a key.
#[proc_macro_derive(Table, attributes(table, keyfold))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    table::derive(input.into()).into()
}

/// Makes a struct the answer of one query over several entities.
///
/// ```ignore
/// #[derive(ItemCollection)]
/// #[collection(Product)]
/// #[skip(Scan)]
/// pub struct History { #[one] pub product: Product, #[one] pub claim: Option<Claim>, #[many] pub events: Vec<Event> }
/// ```
///
/// `#[collection(Product, index = Gsi1)]` reads the partition of an index. `#[many]` may also be a `Vec` of
/// another collection, whose items lie under each of its parents: their sort keys begin with the parent's.
#[proc_macro_derive(ItemCollection, attributes(collection, skip, one, many, keyfold))]
pub fn derive_item_collection(input: TokenStream) -> TokenStream {
    collection::derive(input.into()).into()
}

/// Makes a struct a view: some fields of an entity, read without the others.
///
/// ```ignore
/// #[derive(View, Deserialize)]
/// #[view(Product)]
/// struct Offer { name: String, price: u64 }
/// ```
///
/// Its fields have the names, types and stored names of the entity's.
#[proc_macro_derive(View, attributes(view, keyfold))]
pub fn derive_view(input: TokenStream) -> TokenStream {
    view::derive(input.into()).into()
}

/// Makes a struct a document: stored within an item, its fields can be changed and asked about.
///
/// ```ignore
/// #[derive(Document, Serialize, Deserialize)]
/// struct Address { street: String, zip: String }
/// ```
///
/// For `Address` it makes `AddressPlaces`.
#[proc_macro_derive(Document, attributes(keyfold))]
pub fn derive_document(input: TokenStream) -> TokenStream {
    document::derive(input.into()).into()
}

/// Lets a type stand in a key: a newtype, an enum of unit variants, or a struct joined by glue.
///
/// ```ignore
/// #[derive(KeyPart)] struct Sku(String);
/// #[derive(KeyPart, Serialize, Deserialize)] #[serde(rename_all = "snake_case")] enum Status { Active, Recalled }
/// #[derive(KeyPart)] #[part("{region}-{ulid}")] struct Place { region: Region, ulid: Ulid }
/// ```
#[proc_macro_derive(KeyPart, attributes(part, keyfold))]
pub fn derive_key_part(input: TokenStream) -> TokenStream {
    key_part::derive(input.into()).into()
}

/// Lets a type be given to `.or(..)`: what a transaction answers when an operation is refused.
#[proc_macro_derive(Refusal, attributes(keyfold))]
pub fn derive_refusal(input: TokenStream) -> TokenStream {
    refusal::derive(input.into()).into()
}

/// The questions an application asks of a table, as signatures.
///
/// ```ignore
/// #[access_patterns]
/// impl Genuproof {
///     /// Products of one brand, newest first.
///     #[query(Product, index = Gsi1, newest_first, page = 20)]
///     pub fn products_by_brand(&self, brand: &Id<Brand>) -> Pages<Product>;
/// }
/// ```
///
/// A function with a body passes through as it is. `#[access_patterns(group = leads)]` names the
/// block; the table lists it as `patterns(leads)`.
#[proc_macro_attribute]
pub fn access_patterns(arguments: TokenStream, input: TokenStream) -> TokenStream {
    patterns::expand(arguments.into(), input.into()).into()
}
