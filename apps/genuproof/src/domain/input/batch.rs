//! Registering many products at once.

use super::{BadInput, Body, ProductDetails};
use crate::domain::ids::{BrandId, Ref};

/// `POST /api/products/batch`.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisterMany {
    /// Whose products they are.
    pub brand: Ref<BrandId>,
    /// What they are, each with its place in the request. Entries without a name are left out.
    pub products: Vec<(usize, ProductDetails)>,
}

/// Products of one request.
const PRODUCTS_MAX: usize = 50;

impl RegisterMany {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`]; what is wrong with an entry is said with its place.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["brandId", "products"])?;
        let brand = body.id("brandId")?;
        let mut products = Vec::new();
        for (at, entry) in body.objects("products", PRODUCTS_MAX)?.iter().enumerate() {
            if entry.require(&["name"]).is_err() {
                continue;
            }
            let details = ProductDetails::of(entry)
                .map_err(|wrong| BadInput::new(format!("products[{at}].{wrong}")))?;
            products.push((at, details));
        }
        Ok(Self { brand, products })
    }
}
