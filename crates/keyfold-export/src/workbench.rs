//! `NoSQL` Workbench files, out and in.
//!
//! Workbench knows tables, global indexes, attributes with their types, *facets* (which are entities, with an alias
//! for each half of their key) and sample items. Out: a facet is an entity, its aliases are its key templates, and
//! where there are no sample items one item made of the templates stands in, `PRODUCT#{id}`, which also shows the keys
//! in indexes. In: aliases that are templates are taken as such; other files, which Workbench users made by hand, have
//! their entities and templates found in their items.
//!
//! [`rust()`] writes what came in as the Rust types that declare it.
//!
//! What the format cannot express is left out, and [`Written::left_out`] says what: local indexes, streams, time to
//! live, access patterns, what types values are beyond DynamoDB's, roles of fields, kept items, documentation.

mod infer;
mod names;
mod read;
mod rust;
mod template;
mod write;

use keyfold_model::TableModel;

use crate::tree::Tree;

pub use read::read;
pub use rust::rust;
pub use write::write;

/// A table that a file describes.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The table's name in the file; the design is named by a Rust type.
    pub name: String,
    /// Its design.
    pub model: TableModel<'static>,
    /// The sample items, in `DynamoDB`'s JSON.
    pub items: Vec<Tree>,
    /// What was concluded from items alone, and should be looked at.
    pub notes: Vec<String>,
}

/// A file, and what it could not be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The file.
    pub document: Tree,
    /// What of the design is not in it.
    pub left_out: Vec<String>,
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkbenchError {
    /// It is no JSON.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON of another kind.
    #[error(
        "no NoSQL Workbench model: {missing} is missing\nhint: in Workbench, export the data model as \"NoSQL Workbench model\", not as CloudFormation"
    )]
    NotWorkbench {
        /// What every such file has.
        missing: String,
    },
}
