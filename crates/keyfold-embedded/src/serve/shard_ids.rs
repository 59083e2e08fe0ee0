//! Ids of shards as long as `DynamoDB`'s: 28 characters at least. The engine's are
//! `shardId-00000001-<table>`, and boto3 sends none that is shorter than `DynamoDB` documents. Their
//! number is filled up with zeros on the way out and cut back on the way in.

use axum::body::Bytes;
use serde_json::Value;

const CHARACTERS_LEAST: usize = 28;
/// Of the number in the engine's ids.
const DIGITS: usize = 8;

/// The request as the engine understands it.
pub(super) fn of_request(target: &str, body: Bytes) -> Bytes {
    if !has_shard_ids(target) {
        return body;
    }
    rewrite(&body, &["ShardId", "ExclusiveStartShardId"], narrow).map_or(body, Bytes::from)
}

/// The answer as clients accept it.
pub(super) fn of_answer(target: &str, body: Vec<u8>) -> Vec<u8> {
    if !has_shard_ids(target) {
        return body;
    }
    rewrite(&body, &["ShardId", "ParentShardId"], widen).unwrap_or(body)
}

fn has_shard_ids(target: &str) -> bool {
    target.ends_with(".DescribeStream") || target.ends_with(".GetShardIterator")
}

/// Nothing for what is no JSON: the engine says so in its own words.
fn rewrite(body: &[u8], members: &[&str], id: fn(&str) -> Option<String>) -> Option<Vec<u8>> {
    let mut body = serde_json::from_slice(body).ok()?;
    each(&mut body, members, id);
    serde_json::to_vec(&body).ok()
}

fn each(value: &mut Value, members: &[&str], id: fn(&str) -> Option<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if let (true, Some(changed)) = (
                    members.contains(&name.as_str()),
                    value.as_str().and_then(id),
                ) {
                    *value = Value::String(changed);
                } else {
                    each(value, members, id);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| each(value, members, id)),
        _ => {}
    }
}

fn parts(id: &str) -> Option<(&str, &str)> {
    let (number, rest) = id.strip_prefix("shardId-")?.split_once('-')?;
    number
        .bytes()
        .all(|digit| digit.is_ascii_digit())
        .then_some((number, rest))
}

fn widen(id: &str) -> Option<String> {
    let (number, rest) = parts(id)?;
    let missing = CHARACTERS_LEAST.checked_sub(id.len())?;
    (number.len() == DIGITS)
        .then(|| format!("shardId-{number:0>width$}-{rest}", width = DIGITS + missing))
}

/// Only of what [`widen`] makes.
fn narrow(id: &str) -> Option<String> {
    let (number, rest) = parts(id)?;
    let added = number.len().checked_sub(DIGITS)?;
    let (zeros, number) = number.split_at(added);
    (id.len() == CHARACTERS_LEAST && zeros.bytes().all(|digit| digit == b'0'))
        .then(|| format!("shardId-{number}-{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_id_is_filled_up_and_cut_back() {
        for table in ["Orders", "a-b", "t.1", "tencharact"] {
            let id = format!("shardId-00000001-{table}");
            let wide = widen(&id).unwrap();
            assert_eq!(wide.len(), CHARACTERS_LEAST, "{wide}");
            assert_eq!(narrow(&wide).unwrap(), id);
        }
    }

    #[test]
    fn a_long_id_stays_as_it_is() {
        let id = "shardId-00000001-a-table-with-a-long-name";
        assert_eq!((widen(id), narrow(id)), (None, None));
        let exactly = "shardId-00000001-elevenchara";
        assert_eq!(exactly.len(), CHARACTERS_LEAST);
        assert_eq!(narrow(&widen(exactly).unwrap()).unwrap(), exactly);
    }

    #[test]
    fn what_is_no_id_stays_as_it_is() {
        for id in [
            "",
            "shardId-",
            "shardId-x-Orders",
            "something-00000001-else",
        ] {
            assert_eq!((widen(id), narrow(id)), (None, None));
        }
    }
}
