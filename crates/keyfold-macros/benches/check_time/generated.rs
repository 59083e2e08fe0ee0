//! The crates that are checked: a table of 60 entities, and their structs alone.

use std::fmt::Write;

pub const ENTITIES: usize = 60;
/// Entities of one partition, the last of which is the lookup of a unique name.
const OF_A_PARTITION: usize = 5;

/// What a crate is written on, beside serde.
pub enum On<'a> {
    /// `keyfold` in this folder.
    Keyfold(&'a str),
    Sdk,
    Nothing,
}

pub fn manifest(on: &On<'_>) -> String {
    let on = match on {
        On::Keyfold(path) => format!("keyfold = {{ path = {path:?}, default-features = false }}\n"),
        On::Sdk => "aws-sdk-dynamodb = { version = \"1\", default-features = false, features = [\"rt-tokio\", \"behavior-version-latest\"] }\n\
                    serde_dynamo = { version = \"4\", features = [\"aws-sdk-dynamodb+1\"] }\n"
            .to_owned(),
        On::Nothing => String::new(),
    };
    // A workspace of its own: it lies inside another one's folder.
    format!(
        "[package]\nname = \"generated\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\nserde = {{ version = \"1\", features = [\"derive\"] }}\n{on}\n[workspace]\n"
    )
}

pub fn is_lookup(number: usize) -> bool {
    number % OF_A_PARTITION == OF_A_PARTITION - 1
}

pub fn partition_of(number: usize) -> usize {
    number / OF_A_PARTITION
}

/// A table with everything that is checked: shared partitions, indexes, kept items, patterns.
pub fn table() -> String {
    let mut source = String::from(
        "use keyfold::prelude::*;\n\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub enum Owner {}\n\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq, KeyPart, Serialize, Deserialize)]\n\
         #[serde(rename_all = \"lowercase\")]\npub enum State { Open, Closed }\n\n",
    );
    let mut repositories = String::new();
    let mut patterns = String::new();
    for number in 0..ENTITIES {
        writeln!(
            repositories,
            "    pub entities_{number:02}: Repo<Entity{number:02}>,"
        )
        .unwrap();
        let partition = partition_of(number);
        if is_lookup(number) {
            lookup(&mut source, number);
            continue;
        }
        if number % OF_A_PARTITION == 0 {
            collection(&mut source, number);
            writeln!(
                patterns,
                "    /// All of one owner's partition.\n    #[query(Partition{partition:02})]\n    \
                 pub fn partition_{partition:02}(&self, owner: &Id<Owner>) -> Collect<Partition{partition:02}>;"
            )
            .unwrap();
        }
        let (index, unique) = (number % 2 == 0, is_lookup(number + 1));
        entity(&mut source, number, partition, index, unique);
        writeln!(
            patterns,
            "    /// Of one owner, since a moment.\n    #[query(Entity{number:02}, newest_first)]\n    \
             pub fn list_{number:02}(&self, owner: &Id<Owner>, #[from] at: Timestamp) -> Pages<Entity{number:02}>;"
        )
        .unwrap();
        if index {
            writeln!(
                patterns,
                "    /// In one state.\n    #[query(Entity{number:02}, index = Gsi1, page = 20)]\n    \
                 pub fn in_state_{number:02}(&self, state: State) -> Pages<Entity{number:02}>;"
            )
            .unwrap();
        }
    }
    write!(
        source,
        "#[derive(Table, Clone)]\n\
         #[table(pk = \"PK\", sk = \"SK\", ttl = \"ttl\", patterns, index(Gsi1, name = \"GSI1\", pk = \"GSI1PK\", sk = \"GSI1SK\"))]\n\
         pub struct Generated {{\n{repositories}}}\n\n#[access_patterns]\nimpl Generated {{\n{patterns}}}\n"
    )
    .unwrap();
    source
}

fn entity(source: &mut String, number: usize, partition: usize, index: bool, unique: bool) {
    writeln!(
        source,
        "#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]\n#[serde(rename_all = \"camelCase\")]\n\
         #[key(pk = \"PARTITION{partition:02}#{{owner}}\", sk = \"ENTITY{number:02}#{{at}}#{{id}}\")]"
    )
    .unwrap();
    if index {
        writeln!(
            source,
            "#[index(Gsi1, pk = \"ENTITY{number:02}#{{state}}\", sk = \"ENTITY{number:02}#{{at}}\")]"
        )
        .unwrap();
    }
    if unique {
        let lookup = number + 1;
        writeln!(
            source,
            "#[unique(name, item = Entity{lookup:02} {{ name, of: id, owner }})]"
        )
        .unwrap();
    }
    writeln!(
        source,
        "pub struct Entity{number:02} {{\n    pub id: Id<Entity{number:02}>,\n    pub owner: Id<Owner>,\n    \
         pub name: String,\n    pub state: State,\n    pub amount: u64,\n    #[counter]\n    pub count: u64,\n    \
         pub note: Option<String>,\n    pub tags: Vec<String>,\n    #[created]\n    pub at: Timestamp,\n}}\n"
    )
    .unwrap();
}

fn lookup(source: &mut String, number: usize) {
    let of = number - 1;
    writeln!(
        source,
        "#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]\n#[serde(rename_all = \"camelCase\")]\n\
         #[key(pk = \"NAME{number:02}#{{name}}\", sk = \"META\")]\npub struct Entity{number:02} {{\n    \
         pub name: String,\n    pub of: Id<Entity{of:02}>,\n    pub owner: Id<Owner>,\n}}\n"
    )
    .unwrap();
}

/// Everything in the partition that begins with this entity.
fn collection(source: &mut String, first: usize) {
    let partition = partition_of(first);
    writeln!(
        source,
        "#[derive(Debug, PartialEq, ItemCollection)]\n#[collection(Entity{first:02})]\npub struct Partition{partition:02} {{"
    )
    .unwrap();
    for member in (first..first + OF_A_PARTITION).filter(|&member| !is_lookup(member)) {
        writeln!(
            source,
            "    #[many]\n    pub entities_{member:02}: Vec<Entity{member:02}>,"
        )
        .unwrap();
    }
    source.push_str("}\n\n");
}

/// The same structs as serde knows them, without a table.
pub fn structs() -> String {
    let mut source = String::from(
        "use serde::{Deserialize, Serialize};\n\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]\n\
         #[serde(rename_all = \"lowercase\")]\npub enum State { Open, Closed }\n\n",
    );
    for number in 0..ENTITIES {
        let fields = if is_lookup(number) {
            "    pub name: String,\n    pub of: String,\n    pub owner: String,\n"
        } else {
            "    pub id: String,\n    pub owner: String,\n    pub name: String,\n    pub state: State,\n    pub amount: u64,\n    \
             pub count: u64,\n    pub note: Option<String>,\n    pub tags: Vec<String>,\n    pub at: String,\n"
        };
        writeln!(
            source,
            "#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\n#[serde(rename_all = \"camelCase\")]\n\
             pub struct Entity{number:02} {{\n{fields}}}\n"
        )
        .unwrap();
    }
    source
}
