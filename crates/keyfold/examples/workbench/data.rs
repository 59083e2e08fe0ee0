//! The sample items of a `NoSQL` Workbench file, as the SDK has them.

use std::collections::HashMap;
use std::error::Error;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

pub type Item = HashMap<String, AttributeValue>;

/// The items of the first table in the file.
pub fn items(file: &str) -> Result<Vec<Item>, Box<dyn Error>> {
    let file: Value = serde_json::from_str(file)?;
    let table = &file["DataModel"][0];
    let mut found = Vec::new();
    for item in table["TableData"].as_array().into_iter().flatten() {
        let attributes = item.as_object().into_iter().flatten();
        let item: Option<Item> = attributes
            .map(|(name, value)| Some((name.clone(), attribute(value)?)))
            .collect();
        found.push(item.ok_or("an attribute of an unknown type")?);
    }
    Ok(found)
}

/// Writes items as they are, around every repository.
pub async fn load(client: &Client, table: &str, items: &[Item]) -> Result<(), Box<dyn Error>> {
    for item in items {
        let put = client.put_item().table_name(table);
        put.set_item(Some(item.clone())).send().await?;
    }
    Ok(())
}

/// Everything a table holds, in the order of its keys.
pub async fn stored(client: &Client, table: &str) -> Result<Vec<Item>, Box<dyn Error>> {
    // keyfold: allow(pagination-ignored) reason="a small sample table is compared whole"
    let answer = client.scan().table_name(table).send().await?;
    Ok(sorted(answer.items().to_vec()))
}

pub fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by_key(|item| format!("{:?} {:?}", item.get("PK"), item.get("SK")));
    items
}

fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    let text = || value.as_str().map(ToOwned::to_owned);
    Some(match kind.as_str() {
        "S" => AttributeValue::S(text()?),
        "N" => AttributeValue::N(text()?),
        "SS" => {
            let members = value
                .as_array()?
                .iter()
                .map(|member| member.as_str().map(ToOwned::to_owned));
            AttributeValue::Ss(members.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
