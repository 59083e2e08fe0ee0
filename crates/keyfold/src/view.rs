//! What is read of an item: all of it, or a view of some fields.

use keyfold_model::model::FieldRole;
use keyfold_model::{EntityModel, TableModel};
use serde::de::DeserializeOwned;

use crate::entity::Entity;
use crate::errors::ItemError;
use crate::item::{Item, from_item, view_of};

/// Some fields of an entity, read without the others: implemented by `#[derive(View)]`.
///
/// DynamoDB sends only their attributes. It charges for the whole items it reads: a view saves
/// bytes and decoding, not units.
///
/// ```
/// use keyfold::prelude::*;
///
/// #[derive(Table, Clone)]
/// #[table(pk = "PK", sk = "SK", patterns)]
/// struct Shop { products: Repo<Product> }
///
/// #[derive(Entity, Serialize, Deserialize)]
/// #[key(pk = "BRAND#{brand}", sk = "PRODUCT#{sku}")]
/// struct Product { brand: String, sku: String, name: String, description: String, price: u64 }
///
/// #[derive(View, Deserialize)]
/// #[view(Product)]
/// struct Offer { name: String, price: u64 }
///
/// #[access_patterns]
/// impl Shop {
///     /// Products of a brand.
///     #[query(Product)]
///     fn products_of(&self, brand: &str) -> Pages<Product>;
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Shop::builder(keyfold::embedded::memory().client()).build();
/// db.create_table().await?;
/// let (brand, sku) = ("ada".to_owned(), "1".to_owned());
/// let description = "long".repeat(1_000);
/// db.products.create(Product { brand, sku, name: "Bag".into(), description, price: 900 }).await?;
/// let offers = db.products_of("ada").view::<Offer>().page().await?;
/// assert_eq!((offers.items[0].name.as_str(), offers.items[0].price), ("Bag", 900));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a view",
    note = "add `#[derive(View, Deserialize)]` and `#[view(Entity)]` to `{Self}`"
)]
pub trait View: DeserializeOwned + Send + 'static {
    /// The entity it is a part of.
    type Of: Entity;
    /// The names of its fields.
    const FIELDS: &'static [&'static str];
}

/// What a read gives: an entity, or a [`View`] of one.
pub trait Readable: Sized + Send + 'static {
    /// The entity that is read.
    type Of: Entity;

    /// The names of the fields that are read; none for all.
    #[doc(hidden)]
    const FIELDS: Option<&'static [&'static str]>;

    /// The value of an item.
    #[doc(hidden)]
    fn read(item: Item, table: &TableModel<'static>) -> Result<Self, ItemError>;
}

impl<E: Entity> Readable for E {
    type Of = E;

    const FIELDS: Option<&'static [&'static str]> = None;

    fn read(item: Item, table: &TableModel<'static>) -> Result<Self, ItemError> {
        from_item(item, table)
    }
}

/// What `#[derive(View)]` makes of [`Readable::read`].
#[doc(hidden)]
pub fn read_view<V: View>(item: Item, table: &TableModel<'static>) -> Result<V, ItemError> {
    view_of::<V::Of, V>(item, table)
}

/// The attributes that hold fields of an entity, and those that tell whose item it is and whether it
/// has expired. `keys` are the attributes of all keys that the read goes by.
pub(crate) fn attributes(
    spec: &'static EntityModel<'static>,
    table: &'static TableModel<'static>,
    fields: &[&'static str],
    keys: &[&'static str],
) -> Vec<&'static str> {
    let mut attributes = keys.to_vec();
    attributes.extend(table.tag.as_deref());
    attributes.extend(table.ttl.as_deref());
    for field in spec
        .fields
        .iter()
        .filter(|field| fields.contains(&&*field.name))
    {
        // A key-only field is read from the key, a moment of expiry from the attribute for it.
        if !field.key_only && field.role != FieldRole::Ttl {
            attributes.push(&field.attribute);
        }
    }
    attributes.extend(
        spec.with_role(FieldRole::Deleted)
            .map(|field| &*field.attribute),
    );
    let mut seen = std::collections::HashSet::new();
    attributes.retain(|attribute| seen.insert(*attribute));
    attributes
}
