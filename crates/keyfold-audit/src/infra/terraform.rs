//! Terraform and `OpenTofu`.

use std::collections::HashMap;

use super::concerns;
use super::document::{
    descend, fields, get, number, path, plain, reference, statement, switch, texts,
};
use crate::facts::{FileFacts, Id, Kind};
use crate::lang::Lang;
use crate::link::{Project, SourceFile};
use crate::tables::{IamStatement, IndexDef, Infrastructure, StreamConsumer, Switch, TableDef};

const DEPTH: u32 = 40;

/// What a folder's files give names to: one folder is one module.
type Known<'p> = HashMap<(String, String), (&'p FileFacts, Id)>;

pub(super) fn collect(project: &Project, found: &mut Infrastructure) {
    let known = names(project);
    let mut scaled: Vec<String> = Vec::new();
    for (_, file) in project.ids().filter(|(_, file)| file.lang == Lang::Hcl) {
        let reader = Reader {
            file,
            facts: &file.facts,
            known: &known,
        };
        for (kind, labels, body) in blocks(&file.facts) {
            match (kind, labels.first().copied(), labels.get(1).copied()) {
                ("resource", Some("aws_dynamodb_table"), Some(name)) => {
                    found.tables.push(reader.table(name, body));
                }
                ("module", Some(name), _) => found.tables.extend(reader.module(name, body)),
                ("resource", Some("aws_appautoscaling_target"), _) => {
                    scaled.extend(
                        get(&file.facts, body, "resource_id")
                            .and_then(|id| reference(&file.facts, id)),
                    );
                }
                ("resource", Some("aws_lambda_event_source_mapping"), _) => {
                    reader.consumer(body, found);
                }
                ("resource", Some("aws_lambda_function"), _) => reader.environment(body, found),
                ("data", Some("aws_iam_policy_document"), Some(name)) => {
                    reader.policy(name, body, found);
                }
                _ => {}
            }
            if kind == "resource" {
                let name = labels.get(1).copied().unwrap_or_default();
                reader.statements(name, body, found);
            }
        }
    }
    for table in found
        .tables
        .iter_mut()
        .filter(|table| table.source == "terraform")
    {
        let logical = table
            .logical
            .as_ref()
            .map(|name| format!("aws_dynamodb_table.{name}."));
        let named = [logical.as_deref(), table.name.as_deref()];
        table.autoscaling |= scaled
            .iter()
            .any(|target| named.iter().flatten().any(|name| target.contains(name)));
    }
}

/// The blocks of a file: type, labels, the node that has the body.
fn blocks(facts: &FileFacts) -> Vec<(&str, Vec<&str>, Id)> {
    let Kind::Block(parts) = facts.kind(facts.function(0).body) else {
        return Vec::new();
    };
    let block = |id: &Id| {
        let Kind::Call(callee, args, _) = facts.kind(*id) else {
            return None;
        };
        let Kind::Name(kind) = facts.kind(*callee) else {
            return None;
        };
        let labels = args.iter().filter_map(|arg| match facts.kind(arg.value) {
            Kind::Str(label) => Some(label.as_str()),
            _ => None,
        });
        Some((kind.as_str(), labels.collect(), *id))
    };
    parts.iter().filter_map(block).collect()
}

/// `var.x`.
fn is_variable(facts: &FileFacts, id: Id) -> bool {
    matches!(facts.kind(id), Kind::Member(of, _) if matches!(facts.kind(*of), Kind::Name(scope) if scope == "var"))
}

fn folder(path: &str) -> String {
    path.rsplit_once('/')
        .map_or(String::new(), |(folder, _)| folder.to_owned())
}

/// `local.x` and the defaults of `var.x`, by folder.
fn names(project: &Project) -> Known<'_> {
    let mut known = Known::new();
    for (_, file) in project.ids().filter(|(_, file)| file.lang == Lang::Hcl) {
        let home = folder(&file.path);
        for (kind, labels, body) in blocks(&file.facts) {
            match kind {
                "locals" => {
                    for (name, value) in fields(&file.facts, body) {
                        known.insert(
                            (home.clone(), format!("local.{name}")),
                            (&file.facts, value),
                        );
                    }
                }
                "variable" => {
                    if let (Some(name), Some(default)) =
                        (labels.first(), get(&file.facts, body, "default"))
                    {
                        known.insert(
                            (home.clone(), format!("var.{name}")),
                            (&file.facts, default),
                        );
                    }
                }
                _ => {}
            }
        }
    }
    known
}

struct Reader<'p, 'k> {
    file: &'p SourceFile,
    facts: &'p FileFacts,
    known: &'k Known<'p>,
}

impl<'p> Reader<'p, '_> {
    /// What a value is, behind `local.x` and `var.x`.
    fn resolved(&self, facts: &'p FileFacts, id: Id) -> (&'p FileFacts, Id) {
        let mut at = (facts, id);
        for _ in 0..4 {
            let Kind::Member(of, name) = at.0.kind(at.1) else {
                break;
            };
            let Kind::Name(scope) = at.0.kind(*of) else {
                break;
            };
            let Some(next) = self
                .known
                .get(&(folder(&self.file.path), format!("{scope}.{name}")))
            else {
                break;
            };
            at = *next;
        }
        at
    }

    fn text(&self, id: Id) -> Option<String> {
        let (facts, id) = self.resolved(self.facts, id);
        match facts.kind(id) {
            Kind::Str(text) => Some(text.to_string()),
            Kind::Template(parts) => {
                // A variable's default is one of many values: in a text it stays a hole.
                let parts = parts.iter().map(|part| {
                    let (facts, part) = if is_variable(facts, *part) {
                        (facts, *part)
                    } else {
                        self.resolved(facts, *part)
                    };
                    match facts.kind(part) {
                        Kind::Str(text) => text.to_string(),
                        Kind::Member(_, name) | Kind::Name(name) => format!("{{{name}}}"),
                        _ => "{}".to_owned(),
                    }
                });
                Some(parts.collect())
            }
            _ => None,
        }
    }

    fn base(&self, name: &str, body: Id) -> TableDef {
        let span = self.facts.span(body);
        let has = |field: &str| get(self.facts, body, field).is_some();
        TableDef {
            file: self.file.path.clone(),
            line: span.line,
            end_line: span.end_line,
            logical: Some(name.to_owned()),
            source: "terraform",
            repeated: has("for_each") || has("count"),
            ..TableDef::default()
        }
    }

    fn table(&self, name: &str, body: Id) -> TableDef {
        let facts = self.facts;
        let mut table = self.base(name, body);
        let field = |name: &str| get(facts, body, name);
        let text = |name: &str| field(name).and_then(|value| self.text(value));
        table.name = text("name");
        table.pk = text("hash_key");
        table.sk = text("range_key");
        table.billing = match field("billing_mode") {
            Some(_) => text("billing_mode"),
            None => Some("PROVISIONED".to_owned()),
        };
        let units = |name: &str| field(name).and_then(|value| number(facts, value));
        table.capacity = units("read_capacity").zip(units("write_capacity"));
        table.stream = text("stream_view_type")
            .filter(|_| switch(facts, field("stream_enabled")) != Switch::Off);
        table.deletion_protection = self.switch(field("deletion_protection_enabled"));
        table.encryption = Some("AWS_OWNED".to_owned());
        for (kind, block) in fields(facts, body) {
            self.block(kind, block, &mut table);
        }
        table
    }

    fn block(&self, kind: &str, block: Id, table: &mut TableDef) {
        let facts = self.facts;
        let text = |name: &str| get(facts, block, name).and_then(|value| self.text(value));
        match kind {
            "attribute" => {
                if let (Some(name), Some(kind)) = (text("name"), text("type")) {
                    table.attributes.push((name, kind));
                }
            }
            "global_secondary_index" => table.gsi.push(self.index(block)),
            "local_secondary_index" => table.lsi.push(self.index(block)),
            "ttl" if self.switch(get(facts, block, "enabled")) != Switch::Off => {
                table.ttl = text("attribute_name");
            }
            "point_in_time_recovery" => table.pitr = self.switch(get(facts, block, "enabled")),
            "server_side_encryption" => {
                table.encryption = match self.switch(get(facts, block, "enabled")) {
                    Switch::Off => Some("AWS_OWNED".to_owned()),
                    Switch::On if get(facts, block, "kms_key_arn").is_some() => {
                        Some("CUSTOMER_MANAGED".to_owned())
                    }
                    Switch::On => Some("AWS_MANAGED".to_owned()),
                    _ => None,
                };
            }
            "replica" => table.replicas.extend(text("region_name")),
            "lifecycle" if self.switch(get(facts, block, "prevent_destroy")) == Switch::On => {
                table.removal = Some("RETAIN".to_owned());
            }
            "dynamic" => self.dynamic(block, table),
            _ => {}
        }
    }

    fn index(&self, block: Id) -> IndexDef {
        let facts = self.facts;
        let text = |name: &str| get(facts, block, name).and_then(|value| self.text(value));
        IndexDef {
            name: text("name").unwrap_or_default(),
            pk: text("hash_key"),
            sk: text("range_key"),
            projection: text("projection_type"),
            line: facts.span(block).line,
            write_capacity: get(facts, block, "write_capacity")
                .and_then(|value| number(facts, value)),
        }
    }

    /// `dynamic "global_secondary_index"` over a list that is known here.
    fn dynamic(&self, block: Id, table: &mut TableDef) {
        let facts = self.facts;
        let Kind::Call(_, args, _) = facts.kind(block) else {
            return;
        };
        let Some(Kind::Str(of)) = args.first().map(|arg| facts.kind(arg.value)) else {
            return;
        };
        if of == "attribute" {
            self.dynamic_attributes(block, table);
            return;
        }
        if !matches!(
            of.as_str(),
            "global_secondary_index" | "local_secondary_index"
        ) {
            // A switch behind a condition: not known.
            if of == "point_in_time_recovery" {
                table.pitr = Switch::Unknown;
            }
            return;
        }
        let list = get(facts, block, "for_each").map(|list| self.resolved(facts, list));
        let elements: Vec<(&FileFacts, Option<&str>, Id)> =
            match list.map(|(facts, id)| (facts, facts.kind(id), id)) {
                Some((facts, Kind::Array(items), _)) => {
                    items.iter().map(|item| (facts, None, *item)).collect()
                }
                Some((facts, Kind::Object(_), id)) => fields(facts, id)
                    .into_iter()
                    .map(|(key, value)| (facts, Some(key), value))
                    .collect(),
                _ => {
                    table.open = true;
                    return;
                }
            };
        let content = get(facts, block, "content");
        let line = facts.span(block).line;
        for (from, key, element) in elements {
            let part = |name: &str| {
                let value = content.and_then(|content| get(facts, content, name))?;
                let of = |id: Id| match facts.kind(id) {
                    Kind::Str(text) => Some(text.to_string()),
                    // `global_secondary_index.value.name`, `.value`, `.key`.
                    Kind::Member(_, last) if last == "value" => {
                        plain(from, element).map(str::to_owned)
                    }
                    Kind::Member(_, last) if last == "key" => key.map(str::to_owned),
                    Kind::Member(_, last) => get(from, element, last)
                        .and_then(|v| plain(from, v))
                        .map(str::to_owned),
                    _ => None,
                };
                match facts.kind(value) {
                    Kind::Template(parts) => parts
                        .iter()
                        .map(|part| of(*part))
                        .collect::<Option<Vec<_>>>()
                        .map(|p| p.concat()),
                    _ => of(value),
                }
            };
            let index = IndexDef {
                name: part("name")
                    .or_else(|| key.map(str::to_owned))
                    .unwrap_or_default(),
                pk: part("hash_key"),
                sk: part("range_key"),
                projection: part("projection_type"),
                line,
                write_capacity: None,
            };
            if of == "global_secondary_index" {
                table.gsi.push(index);
            } else {
                table.lsi.push(index);
            }
        }
    }

    /// Attributes over a list that is known here; over another, what is defined is not known.
    fn dynamic_attributes(&self, block: Id, table: &mut TableDef) {
        let facts = self.facts;
        let Some((from, list)) =
            get(facts, block, "for_each").map(|list| self.resolved(facts, list))
        else {
            return;
        };
        let Kind::Array(items) = from.kind(list) else {
            table.open = true;
            return;
        };
        for item in items {
            let part = |name: &str| {
                get(from, *item, name)
                    .and_then(|value| plain(from, value))
                    .map(str::to_owned)
            };
            match (
                part("name").or_else(|| plain(from, *item).map(str::to_owned)),
                part("type"),
            ) {
                (Some(name), kind) => table.attributes.push((name, kind.unwrap_or_default())),
                _ => table.open = true,
            }
        }
    }

    /// The community's module for a table.
    fn module(&self, name: &str, body: Id) -> Option<TableDef> {
        let facts = self.facts;
        let source = get(facts, body, "source").and_then(|source| plain(facts, source))?;
        if !source.contains("dynamodb-table") {
            return None;
        }
        let mut table = self.base(name, body);
        let field = |name: &str| get(facts, body, name);
        let text = |name: &str| field(name).and_then(|value| self.text(value));
        table.name = text("name");
        table.pk = text("hash_key");
        table.sk = text("range_key");
        table.billing = Some(text("billing_mode").unwrap_or_else(|| "PAY_PER_REQUEST".to_owned()));
        table.ttl =
            text("ttl_attribute_name").filter(|_| self.switch(field("ttl_enabled")) == Switch::On);
        table.pitr = self.switch(field("point_in_time_recovery_enabled"));
        table.deletion_protection = self.switch(field("deletion_protection_enabled"));
        table.autoscaling = self.switch(field("autoscaling_enabled")) == Switch::On;
        table.stream = text("stream_view_type");
        for (name, indexes) in [
            ("global_secondary_indexes", true),
            ("local_secondary_indexes", false),
        ] {
            let Some((from, list)) = field(name).map(|list| self.resolved(facts, list)) else {
                continue;
            };
            let Kind::Array(items) = from.kind(list) else {
                table.open = true;
                continue;
            };
            for item in items {
                let part = |name: &str| {
                    get(from, *item, name)
                        .and_then(|v| plain(from, v))
                        .map(str::to_owned)
                };
                let index = IndexDef {
                    name: part("name").unwrap_or_default(),
                    pk: part("hash_key"),
                    sk: part("range_key"),
                    projection: part("projection_type"),
                    line: from.span(*item).line,
                    write_capacity: None,
                };
                if indexes {
                    table.gsi.push(index);
                } else {
                    table.lsi.push(index);
                }
            }
        }
        Some(table)
    }

    /// On or off; what a variable says, a caller may change.
    fn switch(&self, id: Option<Id>) -> Switch {
        let Some(id) = id else { return Switch::Absent };
        if is_variable(self.facts, id) {
            return Switch::Unknown;
        }
        let (facts, id) = self.resolved(self.facts, id);
        switch(facts, Some(id))
    }

    fn consumer(&self, body: Id, found: &mut Infrastructure) {
        let facts = self.facts;
        let Some(arn) = get(facts, body, "event_source_arn").and_then(|arn| reference(facts, arn))
        else {
            return;
        };
        if !arn.contains("dynamodb") && !arn.contains("stream_arn") {
            return;
        }
        let has = |names: &[&str]| names.iter().any(|name| get(facts, body, name).is_some());
        let table = arn
            .split("aws_dynamodb_table.")
            .nth(1)
            .and_then(|rest| rest.split(['.', '[', '}']).next());
        found.consumers.push(StreamConsumer {
            file: self.file.path.clone(),
            line: facts.span(body).line,
            table: table.map(str::to_owned),
            filter: has(&["filter_criteria"]),
            failure_handling: has(&[
                "destination_config",
                "maximum_retry_attempts",
                "maximum_record_age_in_seconds",
            ]),
        });
    }

    fn environment(&self, body: Id, found: &mut Infrastructure) {
        let Some(variables) = path(self.facts, body, &["environment", "variables"]) else {
            return;
        };
        for (name, value) in fields(self.facts, variables) {
            let target = reference(self.facts, value).map(|text| {
                let inside = text
                    .split("aws_dynamodb_table.")
                    .nth(1)
                    .and_then(|rest| rest.split(['.', '[', '}']).next());
                inside.map_or_else(|| self.text(value).unwrap_or(text.clone()), str::to_owned)
            });
            if let Some(target) = target {
                found.environment.push((name.to_owned(), target));
            }
        }
    }

    /// `data "aws_iam_policy_document"`.
    fn policy(&self, name: &str, body: Id, found: &mut Infrastructure) {
        let facts = self.facts;
        for (_, block) in fields(facts, body)
            .into_iter()
            .filter(|(kind, _)| *kind == "statement")
        {
            let field = |name: &str| get(facts, block, name);
            let mut conditions = Vec::new();
            for (_, condition) in fields(facts, block)
                .into_iter()
                .filter(|(kind, _)| *kind == "condition")
            {
                let part = |name: &str| {
                    get(facts, condition, name)
                        .and_then(|v| plain(facts, v))
                        .unwrap_or_default()
                };
                conditions.push(format!("{} {}", part("test"), part("variable")));
            }
            let effect = field("effect")
                .and_then(|effect| plain(facts, effect))
                .unwrap_or("Allow");
            let span = facts.span(block);
            let statement = IamStatement {
                file: self.file.path.clone(),
                line: span.line,
                end_line: span.end_line,
                allow: effect.eq_ignore_ascii_case("allow"),
                actions: field("actions")
                    .map(|actions| texts(facts, actions))
                    .unwrap_or_default(),
                resources: field("resources")
                    .map(|resources| texts(facts, resources))
                    .unwrap_or_default(),
                conditions,
                principal: Some(name.to_owned()),
            };
            if concerns(&statement) {
                found.iam.push(statement);
            }
        }
    }

    /// `policy = jsonencode({ Statement = […] })`.
    fn statements(&self, name: &str, body: Id, found: &mut Infrastructure) {
        let mut statements = Vec::new();
        descend(self.facts, body, name, DEPTH, &mut |_, id| {
            statements.extend(statement(self.facts, id));
            if matches!(self.facts.kind(id), Kind::Str(_) | Kind::Template(_))
                && let Some(text) = reference(self.facts, id)
                && text.contains("\"Statement\"")
            {
                statements.extend(written_out(&text, self.facts.span(id).line));
            }
        });
        for mut statement in statements.into_iter().filter(concerns) {
            statement.file.clone_from(&self.file.path);
            statement.principal = Some(name.to_owned());
            found.iam.push(statement);
        }
    }
}

/// A policy written out as JSON, as in `policy = <<EOF`; `line` is that of the text.
fn written_out(text: &str, line: u32) -> Vec<IamStatement> {
    let (Some(from), Some(to)) = (text.find('{'), text.rfind('}')) else {
        return Vec::new();
    };
    let Some(json) = text.get(from..=to) else {
        return Vec::new();
    };
    let Ok(policy) = serde_json::from_str::<serde_json::Value>(json) else {
        return Vec::new();
    };
    let words = |value: &serde_json::Value| -> Vec<String> {
        match value {
            serde_json::Value::Array(items) => items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            value => value.as_str().map(str::to_owned).into_iter().collect(),
        }
    };
    let list = match &policy["Statement"] {
        serde_json::Value::Array(list) => list.iter().collect(),
        one => vec![one],
    };
    // The text of a heredoc begins on the line after its mark.
    let line = line + u32::from(text.contains('\n'));
    let places: Vec<u32> = text
        .match_indices("\"Effect\"")
        .map(|(at, _)| {
            let open = text[..at].rfind('{').unwrap_or(at);
            line + u32::try_from(text[..open].matches('\n').count()).unwrap_or(0)
        })
        .collect();
    list.into_iter()
        .enumerate()
        .filter_map(|(n, statement)| {
            let at = places.get(n).copied().unwrap_or(line);
            let mut conditions = Vec::new();
            for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
                conditions.extend(
                    keys.as_object()
                        .into_iter()
                        .flatten()
                        .map(|(key, _)| format!("{operator} {key}")),
                );
            }
            Some(IamStatement {
                line: at,
                end_line: at,
                allow: statement["Effect"].as_str()?.eq_ignore_ascii_case("allow"),
                actions: words(&statement["Action"]),
                resources: words(&statement["Resource"]),
                conditions,
                ..IamStatement::default()
            })
        })
        .collect()
}
