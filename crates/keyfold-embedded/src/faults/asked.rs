//! What a request is about: tables, index, partition keys.

use dynoxide::actions::get_shard_iterator::decode_shard_iterator;
use dynoxide::storage::{Storage, TableMetadata};
use serde_json::Value;

use crate::faults::RequestName;

/// A request, as far as faults are chosen by it.
pub(super) struct Asked {
    pub(super) json: Value,
    pub(super) tables: Vec<String>,
    pub(super) index: Option<String>,
    pub(super) name: Option<String>,
    pub(super) keys: Vec<KeyAsked>,
    /// Whether it must see every write before it.
    pub(super) consistent: bool,
}

/// A partition key of a table or an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct KeyAsked {
    /// `Table`, or `Table/Index`.
    pub(super) of: String,
    pub(super) text: String,
}

impl Asked {
    /// Nothing where the request is no JSON: the engine says what is wrong with it.
    pub(super) fn read(bytes: &[u8], name: Option<RequestName>, storage: &Storage) -> Option<Self> {
        let json: Value = serde_json::from_slice(bytes).ok()?;
        let mut asked = Self {
            tables: Vec::new(),
            index: json
                .get("IndexName")
                .and_then(Value::as_str)
                .map(str::to_owned),
            name: name.map(|name| name.to_string()),
            keys: Vec::new(),
            consistent: json.get("ConsistentRead") == Some(&Value::Bool(true)),
            json: Value::Null,
        };
        if json.get("TableName").is_some() {
            asked.part(&json, storage);
        }
        if let Some(iterator) = json.get("ShardIterator").and_then(Value::as_str)
            && let Some((table, ..)) = decode_shard_iterator(iterator)
        {
            asked.add_table(&table);
        }
        for item in json
            .get("TransactItems")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            for part in item.as_object().into_iter().flat_map(|item| item.values()) {
                asked.part(part, storage);
            }
        }
        for (table, requests) in json
            .get("RequestItems")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            asked.batch(table, requests, storage);
        }
        asked.json = json;
        Some(asked)
    }

    /// A single request, or one of a transaction.
    fn part(&mut self, part: &Value, storage: &Storage) {
        let Some(table) = part.get("TableName").and_then(Value::as_str) else {
            return;
        };
        self.add_table(table);
        let Some(keys) = KeyNames::of(storage, table, self.index.as_deref()) else {
            return;
        };
        let item = part.get("Item").or_else(|| part.get("Key"));
        if let Some(text) = item.and_then(|item| scalar(item.get(&keys.partition)?)) {
            self.add_key(&keys, text);
        } else if let Some(text) = asked_by_condition(part, &keys.partition) {
            self.add_key(&keys, text);
        }
    }

    fn batch(&mut self, table: &str, requests: &Value, storage: &Storage) {
        self.add_table(table);
        let Some(keys) = KeyNames::of(storage, table, None) else {
            return;
        };
        self.consistent |= requests.get("ConsistentRead") == Some(&Value::Bool(true));
        let gets = requests.get("Keys").and_then(Value::as_array);
        let writes = requests.as_array().into_iter().flatten();
        let items = gets
            .into_iter()
            .flatten()
            .chain(writes.filter_map(|write| {
                let put = write.get("PutRequest").and_then(|put| put.get("Item"));
                put.or_else(|| write.get("DeleteRequest")?.get("Key"))
            }))
            .filter_map(|item| scalar(item.get(&keys.partition)?));
        for text in items {
            self.add_key(&keys, text);
        }
    }

    fn add_table(&mut self, table: &str) {
        if !self.tables.iter().any(|known| known == table) {
            self.tables.push(table.to_owned());
        }
    }

    fn add_key(&mut self, keys: &KeyNames, text: String) {
        self.keys.push(KeyAsked {
            of: keys.of.clone(),
            text,
        });
    }
}

/// The partition key's attribute.
struct KeyNames {
    of: String,
    partition: String,
}

impl KeyNames {
    fn of(storage: &Storage, table: &str, index: Option<&str>) -> Option<Self> {
        let metadata = storage.get_table_metadata(table).ok()??;
        let (of, schema) = match index {
            None => (table.to_owned(), parse(&metadata.key_schema)?),
            Some(index) => (format!("{table}/{index}"), index_schema(&metadata, index)?),
        };
        let partition = schema
            .as_array()?
            .iter()
            .find(|element| element.get("KeyType").and_then(Value::as_str) == Some("HASH"))?
            .get("AttributeName")?
            .as_str()?
            .to_owned();
        Some(Self { of, partition })
    }
}

fn index_schema(metadata: &TableMetadata, index: &str) -> Option<Value> {
    let definitions = [&metadata.gsi_definitions, &metadata.lsi_definitions];
    definitions
        .into_iter()
        .flatten()
        .filter_map(|json| parse(json))
        .find_map(|indexes| {
            indexes
                .as_array()?
                .iter()
                .find(|one| one.get("IndexName").and_then(Value::as_str) == Some(index))?
                .get("KeySchema")
                .cloned()
        })
}

fn parse(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}

/// The text of a key's value, whatever its type.
fn scalar(value: &Value) -> Option<String> {
    let (_, text) = value.as_object()?.iter().next()?;
    text.as_str().map(str::to_owned)
}

/// The partition key in `#pk = :pk AND ..`.
fn asked_by_condition(query: &Value, partition: &str) -> Option<String> {
    let condition = query.get("KeyConditionExpression")?.as_str()?;
    let names = query.get("ExpressionAttributeNames");
    let is_partition = |word: &str| {
        word == partition
            || names
                .and_then(|names| names.get(word)?.as_str())
                .is_some_and(|name| name == partition)
    };
    let condition = condition.replace('=', " = ");
    let words: Vec<&str> = condition
        .split(|letter: char| letter.is_whitespace() || letter == '(' || letter == ')')
        .filter(|word| !word.is_empty())
        .collect();
    let value = words.windows(3).find_map(|words| match words {
        [name, "=", value] if is_partition(name) => Some(*value),
        [value, "=", name] if is_partition(name) => Some(*value),
        _ => None,
    })?;
    scalar(query.get("ExpressionAttributeValues")?.get(value)?)
}
