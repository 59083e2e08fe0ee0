//! The design as data, and the file it is kept in.

pub use keyfold_model::{check, errors, *};

pub use crate::manage::ModelledTable;
pub use crate::snapshot::{SnapshotError, read, snapshot};
