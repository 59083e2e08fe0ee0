//! What a file that declares or uses a table needs: `use keyfold::prelude::*;`.

pub use serde::{Deserialize, Serialize};

pub use crate::{
    Attempt, Change, Collect, Cursor, Entity, GetError, Hex16, Id, InScope, ItemCollection,
    KeyPart, NoScope, Page, Pages, Policy, QueryError, Refusal, Repo, Table, Timestamp,
    TransactError, UuidFormat, View, Write, WriteError, YearMonth, access_patterns, retry,
};
