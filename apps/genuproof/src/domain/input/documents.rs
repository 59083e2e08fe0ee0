//! Requests for documents and pictures.

use super::{BadInput, LABEL_CHARACTERS_MAX, NAME_CHARACTERS_MAX, Query, Target, is_longer};

/// `GET /api/products/certificate`, `GET /api/products/dpp-export`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Of which product.
    pub target: Target,
}

/// `GET /api/og`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the parameters, under their own names")]
pub struct Picture {
    pub brand: String,
    pub product: String,
    pub status: String,
    pub hash: Option<String>,
}

impl Document {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        let target =
            Target::of(query)?.ok_or_else(|| BadInput::new("code or productId is required"))?;
        Ok(Self { target })
    }
}

impl Picture {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        let text = |name: &str, max: usize| match query.get(name) {
            Some(text) if is_longer(text, max) => Err(BadInput::too_long(name, max)),
            text => Ok(text.map(str::to_owned)),
        };
        let or = |text: Option<String>, default: &str| text.unwrap_or_else(|| default.to_owned());
        Ok(Self {
            brand: or(text("brand", NAME_CHARACTERS_MAX)?, "GenuProof"),
            product: or(
                text("product", NAME_CHARACTERS_MAX)?,
                "Product Verification",
            ),
            status: or(text("status", LABEL_CHARACTERS_MAX)?, "authentic"),
            hash: text("hash", LABEL_CHARACTERS_MAX)?,
        })
    }
}
