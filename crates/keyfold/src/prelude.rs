//! What a file that declares or uses a table needs: `use keyfold::prelude::*;`.

pub use serde::{Deserialize, Serialize};

pub use crate::{
    Attempt, Bytes, Change, Collect, Cursor, Document, Entity, GetError, Hex16, Id, InScope,
    ItemCollection, KeyPart, NoScope, Number, Page, Pages, Policy, QueryError, Refusal, Repo,
    Table, Timestamp, TransactError, UuidFormat, UuidV7Format, View, Write, WriteError, YearMonth,
    access_patterns, retry,
};
