//! `aws dynamodb create-table` in shell scripts.

use crate::tables::{IndexDef, Infrastructure, TableDef};

pub(super) fn collect(scripts: &[(String, String)], found: &mut Infrastructure) {
    for (path, text) in scripts {
        for (line, end_line, command) in commands(text) {
            if let Some(at) = command.find("dynamodb create-table") {
                found
                    .tables
                    .push(table(path, line, end_line, &command[at..]));
            }
        }
    }
}

/// Commands with their lines; a backslash at the end of a line continues it.
fn commands(text: &str) -> Vec<(u32, u32, String)> {
    let mut out = Vec::new();
    let mut open: Option<(u32, String)> = None;
    for (at, line) in (1u32..).zip(text.lines()) {
        let (start, mut command) = open.take().unwrap_or((at, String::new()));
        let line = line.trim();
        if command.is_empty() && line.starts_with('#') {
            continue;
        }
        if let Some(more) = line.strip_suffix('\\') {
            command.push_str(more);
            command.push(' ');
            open = Some((start, command));
        } else {
            command.push_str(line);
            out.push((start, at, command));
        }
    }
    out.extend(open.map(|(start, command)| (start, start, command)));
    out
}

/// Words of a command line, quotes taken off.
fn words(command: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), c) if c == q => quote = None,
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(c),
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

fn table(path: &str, line: u32, end_line: u32, command: &str) -> TableDef {
    let mut table = TableDef {
        file: path.to_owned(),
        line,
        end_line,
        source: "cli",
        billing: Some("PROVISIONED".to_owned()),
        ..TableDef::default()
    };
    let mut option = String::new();
    for word in words(command) {
        if let Some(name) = word.strip_prefix("--") {
            let (name, value) = name
                .split_once('=')
                .map_or((name, None), |(name, value)| (name, Some(value)));
            name.clone_into(&mut option);
            if let Some(value) = value {
                set(&mut table, &option, value);
            }
            continue;
        }
        set(&mut table, &option, &word);
    }
    table
}

fn set(table: &mut TableDef, option: &str, value: &str) {
    match option {
        "table-name" => table.name = Some(value.to_owned()),
        "billing-mode" => table.billing = Some(value.to_owned()),
        "attribute-definitions" => {
            if let (Some(name), Some(kind)) =
                (part(value, "AttributeName"), part(value, "AttributeType"))
            {
                table.attributes.push((name, kind));
            }
        }
        "key-schema" => match (
            part(value, "AttributeName"),
            part(value, "KeyType").as_deref(),
        ) {
            (Some(name), Some("HASH")) => table.pk = Some(name),
            (Some(name), Some("RANGE")) => table.sk = Some(name),
            _ => {}
        },
        "global-secondary-indexes" => table.gsi.extend(indexes(value)),
        "local-secondary-indexes" => table.lsi.extend(indexes(value)),
        "deletion-protection-enabled" => table.deletion_protection = crate::tables::Switch::On,
        _ => {}
    }
}

/// `AttributeName=PK,AttributeType=S`.
fn part(value: &str, name: &str) -> Option<String> {
    let mut pairs = value.split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim().to_owned())
}

/// `IndexName=GSI1,KeySchema=[{AttributeName=…,KeyType=HASH}],…`, or JSON.
fn indexes(value: &str) -> Vec<IndexDef> {
    if let Ok(serde_json::Value::Array(list)) = serde_json::from_str(value) {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        return list
            .iter()
            .map(|index| {
                let mut made = IndexDef {
                    name: text(&index["IndexName"]),
                    ..IndexDef::default()
                };
                for key in index["KeySchema"].as_array().into_iter().flatten() {
                    let name = Some(text(&key["AttributeName"]));
                    if key["KeyType"] == "HASH" {
                        made.pk = name;
                    } else {
                        made.sk = name;
                    }
                }
                made.projection = index["Projection"]["ProjectionType"]
                    .as_str()
                    .map(str::to_owned);
                made
            })
            .collect();
    }
    value
        .split("IndexName=")
        .skip(1)
        .map(|index| {
            let mut made = IndexDef {
                name: index
                    .split([',', ' ', '}'])
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                projection: index
                    .split("ProjectionType=")
                    .nth(1)
                    .and_then(|p| p.split([',', '}', ' ']).next())
                    .map(str::to_owned),
                ..IndexDef::default()
            };
            for key in index.split("AttributeName=").skip(1) {
                let name = key.split([',', '}', ']']).next().map(str::to_owned);
                if key
                    .split("AttributeName")
                    .next()
                    .is_some_and(|key| key.contains("KeyType=HASH"))
                {
                    made.pk = name;
                } else if key.contains("KeyType=RANGE") {
                    made.sk = name;
                }
            }
            made
        })
        .collect()
}
