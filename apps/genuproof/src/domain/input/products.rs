//! Requests about products.

use super::{
    BadInput, Body, CODE_CHARACTERS_MAX, DESCRIPTION_CHARACTERS_MAX, ID_CHARACTERS_MAX,
    LABEL_CHARACTERS_MAX, PARTY_CHARACTERS_MAX, Query, is_longer,
};
use crate::domain::canonical::Object;
use crate::domain::ids::{BrandId, ProductId, Ref, VerificationCode};
use crate::domain::links::BaseUrl;

/// `POST /api/products/register`.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisterProduct {
    /// Whose product it is.
    pub brand: Ref<BrandId>,
    /// What it is.
    pub product: ProductDetails,
}

/// A product that is to be registered.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct ProductDetails {
    pub name: String,
    pub sku: Option<String>,
    pub category: Option<String>,
    pub description: Option<String>,
    pub image_url: Option<String>,
    pub metadata: Object,
    pub manufacturing_location: Option<String>,
}

impl RegisterProduct {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["brandId", "name"])?;
        Ok(Self {
            brand: body.id("brandId")?,
            product: ProductDetails::of(&body)?,
        })
    }
}

impl ProductDetails {
    pub(super) fn of(body: &Body<'_>) -> Result<Self, BadInput> {
        Ok(Self {
            name: body.name()?,
            sku: body.text("sku", LABEL_CHARACTERS_MAX)?,
            category: body.text("category", LABEL_CHARACTERS_MAX)?,
            description: body.text("description", DESCRIPTION_CHARACTERS_MAX)?,
            image_url: body.url("imageUrl")?,
            metadata: body.free_form("metadata")?,
            manufacturing_location: body.text("manufacturingLocation", PARTY_CHARACTERS_MAX)?,
        })
    }
}

/// The product named by the parameter `productId`.
///
/// # Errors
/// [`BadInput`].
pub fn product_of(query: &Query) -> Result<Ref<ProductId>, BadInput> {
    query.id("productId")
}

/// `GET /api/products/list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListProducts {
    /// Whose.
    pub brand: Ref<BrandId>,
    /// How many at most.
    pub limit: u32,
    /// After which.
    pub cursor: Option<String>,
}

impl ListProducts {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        Ok(Self {
            brand: query.id("brandId")?,
            limit: query.limit(100, 200)?,
            cursor: query.cursor()?,
        })
    }
}

/// A product, named by its code or by its id; the code wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// By its code.
    Code(Ref<VerificationCode>),
    /// By its id.
    Product(Ref<ProductId>),
}

impl Target {
    pub(super) fn of(query: &Query) -> Result<Option<Self>, BadInput> {
        if let Some(code) = query.optional_code("code")? {
            return Ok(Some(Self::Code(code)));
        }
        Ok(query.optional_id("productId")?.map(Self::Product))
    }
}

/// `GET /api/products/verify`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    /// Which product.
    pub target: Target,
    /// Whether it is a scan, or (`metadata=true`) only a look that leaves no trace.
    pub is_scan: bool,
}

impl Verify {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        let target =
            Target::of(query)?.ok_or_else(|| BadInput::new("code or productId is required"))?;
        Ok(Self {
            target,
            is_scan: query.get("metadata") != Some("true"),
        })
    }
}

/// `GET /api/products/search`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// One product.
    One(Target),
    /// Those of a brand.
    Brand(Ref<BrandId>),
}

impl Search {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        if let Some(target) = Target::of(query)? {
            return Ok(Self::One(target));
        }
        query
            .optional_id("brandId")?
            .map(Self::Brand)
            .ok_or_else(|| BadInput::new("code, productId or brandId is required"))
    }
}

/// `GET /api/products/qr`. Whether what it names exists is not looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    content: QrContent,
    /// PNG or SVG.
    pub format: QrFormat,
}

/// What the code leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QrContent {
    /// The page of a code.
    Code(String),
    /// The page of a product.
    Product(String),
}

/// The form of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum QrFormat {
    Png,
    Svg,
}

impl Qr {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        let content = match (query.get("code"), query.get("productId")) {
            (Some(code), _) if is_longer(code, CODE_CHARACTERS_MAX) => {
                return Err(BadInput::too_long("code", CODE_CHARACTERS_MAX));
            }
            // Browsers resolve these, encoded or not, so they do not stay a segment of the path.
            (Some("." | ".."), _) => return Err(BadInput::new("code is not a verification code")),
            (Some(code), _) => QrContent::Code(code.to_owned()),
            (None, Some(product)) if is_longer(product, ID_CHARACTERS_MAX) => {
                return Err(BadInput::too_long("productId", ID_CHARACTERS_MAX));
            }
            (None, Some(product)) => QrContent::Product(product.to_owned()),
            (None, None) => return Err(BadInput::new("code or productId is required")),
        };
        let format = match query.get("format") {
            None | Some("png") => QrFormat::Png,
            Some("svg") => QrFormat::Svg,
            Some(_) => return Err(BadInput::new("format must be png or svg")),
        };
        Ok(Self { content, format })
    }

    /// The link that the image holds.
    pub fn link(&self, base: &BaseUrl) -> String {
        match &self.content {
            QrContent::Code(code) => base.verify_text(code),
            QrContent::Product(product) => base.verify_product_text(product),
        }
    }
}
