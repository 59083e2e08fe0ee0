//! The same 60 repositories as one writes them on the SDK with `serde_dynamo`: keys by `format!`, an update
//! expression for each setter, a page by its start key, the unique name in a transaction.

use std::fmt::Write;

use crate::generated::{ENTITIES, is_lookup, partition_of};

pub fn repositories() -> String {
    let mut source = String::from(HEAD);
    for number in 0..ENTITIES {
        source.push_str(&if is_lookup(number) {
            lookup(number)
        } else {
            entity(number)
        });
    }
    source
}

const HEAD: &str = r#"use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use serde::{Deserialize, Serialize};

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Item = HashMap<String, AttributeValue>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Open,
    Closed,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

"#;

/// What every entity has.
const REPOSITORY: &str = r#"
#[derive(Debug, Clone)]
pub struct EntityNNRepository {
    client: Client,
    table: String,
}

impl EntityNNRepository {
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    pub async fn get(&self, KEY_ARGS) -> Result<Option<EntityNN>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("PK", text(PK))
            .key("SK", text(SK))
            .send()
            .await?;
        Ok(answer.item.map(serde_dynamo::from_item).transpose()?)
    }

    pub async fn put(&self, entity: &EntityNN) -> Result<(), Error> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(Self::item(entity)?))
            .send()
            .await?;
        Ok(())
    }

    pub async fn delete(&self, KEY_ARGS) -> Result<(), Error> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .key("PK", text(PK))
            .key("SK", text(SK))
            .send()
            .await?;
        Ok(())
    }
"#;

const CREATE: &str = r#"
    pub async fn create(&self, entity: &EntityNN) -> Result<(), Error> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(Self::item(entity)?))
            .condition_expression("attribute_not_exists(PK)")
            .send()
            .await?;
        Ok(())
    }
"#;

const CREATE_UNIQUE: &str = r#"
    pub async fn create(&self, entity: &EntityNN) -> Result<(), Error> {
        let name = EntityUU {
            name: entity.name.clone(),
            of: entity.id.clone(),
            owner: entity.owner.clone(),
        };
        let put = |item: Item| {
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(item))
                .condition_expression("attribute_not_exists(PK)")
                .build()?;
            Ok::<_, Error>(TransactWriteItem::builder().put(put).build())
        };
        self.client
            .transact_write_items()
            .transact_items(put(Self::item(entity)?)?)
            .transact_items(put(EntityUURepository::item(&name)?)?)
            .send()
            .await?;
        Ok(())
    }
"#;

/// A setter that no key has a part of.
const SET: &str = r##"
    pub async fn set_FIELD(&self, KEY_ARGS, FIELD: TYPE) -> Result<(), Error> {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("PK", text(PK))
            .key("SK", text(SK))
            .update_expression("SET #field = :value")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_names("#field", "FIELD")
            .expression_attribute_values(":value", serde_dynamo::to_attribute_value(FIELD)?)
            .send()
            .await?;
        Ok(())
    }
"##;

const ADD: &str = r##"
    pub async fn add_count(&self, KEY_ARGS, by: u64) -> Result<(), Error> {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("PK", text(PK))
            .key("SK", text(SK))
            .update_expression("ADD #count :by")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":by", AttributeValue::N(by.to_string()))
            .send()
            .await?;
        Ok(())
    }
"##;

const LIST: &str = r#"
    pub async fn list(&self, owner: &str, since: &str, after: Option<Item>) -> Result<(Vec<EntityNN>, Option<Item>), Error> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(format!("PARTITIONPP#{owner}")))
            .expression_attribute_values(":from", text(format!("ENTITYNN#{since}")))
            .expression_attribute_values(":to", text("ENTITYNN$"))
            .scan_index_forward(false)
            .set_exclusive_start_key(after)
            .send()
            .await?;
        let items = serde_dynamo::from_items(answer.items.unwrap_or_default())?;
        Ok((items, answer.last_evaluated_key))
    }
"#;

const IN_STATE: &str = r#"
    pub async fn in_state(&self, state: State, after: Option<Item>) -> Result<(Vec<EntityNN>, Option<Item>), Error> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("GSI1")
            .key_condition_expression("GSI1PK = :pk AND begins_with(GSI1SK, :sk)")
            .expression_attribute_values(":pk", text(format!("ENTITYNN#{}", state.as_str())))
            .expression_attribute_values(":sk", text("ENTITYNN#"))
            .limit(20)
            .set_exclusive_start_key(after)
            .send()
            .await?;
        let items = serde_dynamo::from_items(answer.items.unwrap_or_default())?;
        Ok((items, answer.last_evaluated_key))
    }
"#;

const WHOLE: &str = r#"
    /// All of one owner's partition, as it comes: telling the entities apart is the caller's.
    pub async fn partition(&self, owner: &str) -> Result<Vec<Item>, Error> {
        let (mut items, mut after) = (Vec::new(), None);
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("PK = :pk")
                .expression_attribute_values(":pk", text(format!("PARTITIONPP#{owner}")))
                .set_exclusive_start_key(after)
                .send()
                .await?;
            items.extend(answer.items.unwrap_or_default());
            after = answer.last_evaluated_key;
            if after.is_none() {
                return Ok(items);
            }
        }
    }
"#;

fn entity(number: usize) -> String {
    let (index, unique) = (number % 2 == 0, is_lookup(number + 1));
    let mut source = String::from(
        "#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\n#[serde(rename_all = \"camelCase\")]\n\
         pub struct EntityNN {\n    pub id: String,\n    pub owner: String,\n    pub name: String,\n    pub state: State,\n    \
         pub amount: u64,\n    pub count: u64,\n    pub note: Option<String>,\n    pub tags: Vec<String>,\n    pub at: String,\n}\n",
    );
    source.push_str(REPOSITORY);
    source.push_str(if unique { CREATE_UNIQUE } else { CREATE });
    for (field, of_type) in [("amount", "u64"), ("note", "&str"), ("tags", "&[String]")] {
        source.push_str(&SET.replace("FIELD", field).replace("TYPE", of_type));
    }
    source.push_str(ADD);
    source.push_str(LIST);
    if index {
        source.push_str(IN_STATE);
    }
    if partition_of(number) * 5 == number {
        source.push_str(WHOLE);
    }
    let mut item = vec![
        ("PK", "format!(\"PARTITIONPP#{}\", entity.owner)"),
        ("SK", "format!(\"ENTITYNN#{}#{}\", entity.at, entity.id)"),
    ];
    if index {
        item.push(("GSI1PK", "format!(\"ENTITYNN#{}\", entity.state.as_str())"));
        item.push(("GSI1SK", "format!(\"ENTITYNN#{}\", entity.at)"));
    }
    source.push_str(&to_item(&item));
    source
        .replace("KEY_ARGS", "owner: &str, at: &str, id: &str")
        .replace("(PK)", "(format!(\"PARTITIONPP#{owner}\"))")
        .replace("exists(format!(\"PARTITIONPP#{owner}\"))", "exists(PK)")
        .replace("(SK)", "(format!(\"ENTITYNN#{at}#{id}\"))")
        .replace("UU", &format!("{:02}", number + 1))
        .replace("PP", &format!("{:02}", partition_of(number)))
        .replace("NN", &format!("{number:02}"))
}

fn lookup(number: usize) -> String {
    let mut source = String::from(
        "#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\n#[serde(rename_all = \"camelCase\")]\n\
         pub struct EntityNN {\n    pub name: String,\n    pub of: String,\n    pub owner: String,\n}\n",
    );
    source.push_str(REPOSITORY);
    source.push_str(CREATE);
    source.push_str(&to_item(&[
        ("PK", "format!(\"NAMENN#{}\", entity.name)"),
        ("SK", "\"META\""),
    ]));
    source
        .replace("KEY_ARGS", "name: &str")
        .replace("(PK)", "(format!(\"NAMENN#{name}\"))")
        .replace("exists(format!(\"NAMENN#{name}\"))", "exists(PK)")
        .replace("(SK)", "(\"META\")")
        .replace("NN", &format!("{number:02}"))
}

/// The end of a repository.
fn to_item(keys: &[(&str, &str)]) -> String {
    let mut source = String::from(
        "\n    fn item(entity: &EntityNN) -> Result<Item, Error> {\n        let mut item: Item = serde_dynamo::to_item(entity)?;\n",
    );
    for (name, value) in keys {
        writeln!(
            source,
            "        item.insert(\"{name}\".to_owned(), text({value}));"
        )
        .unwrap();
    }
    source.push_str("        Ok(item)\n    }\n}\n\n");
    source
}
