//! Writing the demonstration's data.

use super::{NewBrand, Store, StoreError};

/// What was seeded.
#[derive(Debug)]
pub struct Seeded {
    /// The demonstration's brands with their keys, the same at every start with the same secret.
    pub brands: Vec<NewBrand>,
    /// A code to try.
    pub code: String,
}

/// Why nothing was seeded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// There are other brands in it.
    #[error("the table holds brands that are not the demonstration's; start it on an empty table")]
    NotEmpty,
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Writes the demonstration's data, through the same code as requests. What is there already stays as it is.
    ///
    /// # Errors
    /// [`SeedError`].
    pub async fn seed_demo(&self) -> Result<Seeded, SeedError> {
        todo!()
    }
}
