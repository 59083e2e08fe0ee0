//! Tables and rights, as infrastructure and programs define them.

use serde::Serialize;

use crate::facts::{Field, Kind};
use crate::link::At;
use crate::link::eval::{Eval, Value};
use crate::op::Op;
use crate::sites::{Named, Site};
use crate::surfaces::object_field;

/// An index of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IndexDef {
    /// Its name.
    pub name: String,
    /// Partition key.
    pub pk: Option<String>,
    /// Sort key.
    pub sk: Option<String>,
    /// `ALL`, `KEYS_ONLY`, `INCLUDE`.
    pub projection: Option<String>,
    /// Line of its definition.
    #[serde(skip)]
    pub line: u32,
    /// Write capacity, when provisioned.
    #[serde(skip)]
    pub write_capacity: Option<u32>,
}

/// What is known of a switch: unknown is not off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Switch {
    /// Set to on.
    On,
    /// Set to off.
    Off,
    /// Not mentioned: the service's default holds.
    #[default]
    Absent,
    /// Set by something that is not known here: a parameter, a condition.
    Unknown,
}

impl Switch {
    /// As the report's JSON says it; `None` when not known.
    pub fn as_bool(self) -> Option<bool> {
        match self {
            Switch::On => Some(true),
            Switch::Off | Switch::Absent => Some(false),
            Switch::Unknown => None,
        }
    }
}

/// A table's definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableDef {
    /// File, relative to the project's root.
    pub file: String,
    /// First line of the resource.
    pub line: u32,
    /// Last line of the resource.
    pub end_line: u32,
    /// The table's name, if it is known.
    pub name: Option<String>,
    /// The logical name other resources refer to it by.
    pub logical: Option<String>,
    /// `cloudformation`, `sam`, `serverless`, `cdk`, `terraform`, `pulumi`, `sst`, `code`, `cli`, `model`, `pynamodb` …
    pub source: &'static str,
    /// Partition key.
    pub pk: Option<String>,
    /// Sort key.
    pub sk: Option<String>,
    /// Attribute definitions: name, type.
    pub attributes: Vec<(String, String)>,
    /// Global secondary indexes.
    pub gsi: Vec<IndexDef>,
    /// Local secondary indexes.
    pub lsi: Vec<IndexDef>,
    /// The attribute that holds the time to live.
    pub ttl: Option<String>,
    /// Point-in-time recovery.
    pub pitr: Switch,
    /// `PAY_PER_REQUEST`, `PROVISIONED`.
    pub billing: Option<String>,
    /// Read and write capacity.
    pub capacity: Option<(u32, u32)>,
    /// Autoscaling or a note of it was seen.
    pub autoscaling: bool,
    /// `AWS_OWNED`, `AWS_MANAGED`, `CUSTOMER_MANAGED`, `DISABLED`.
    pub encryption: Option<String>,
    /// Stream view type.
    pub stream: Option<String>,
    /// Deletion protection.
    pub deletion_protection: Switch,
    /// What removing the resource does: `DESTROY`, `RETAIN`.
    pub removal: Option<String>,
    /// Replica regions.
    pub replicas: Vec<String>,
    /// Repeated by `for_each` or `count`: counted once.
    pub repeated: bool,
    /// Something of it could not be read: absence proves nothing.
    pub open: bool,
}

/// A statement of a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IamStatement {
    /// File, relative to the project's root.
    pub file: String,
    /// Line of the statement.
    pub line: u32,
    /// Last line of the statement.
    pub end_line: u32,
    /// It allows rather than denies.
    pub allow: bool,
    /// Actions, as written.
    pub actions: Vec<String>,
    /// Resources, as written; a reference is `${Name.Arn}`.
    pub resources: Vec<String>,
    /// Keys of its conditions, with the operator before them: `ForAllValues:StringEquals dynamodb:LeadingKeys`.
    pub conditions: Vec<String>,
    /// The role, function or policy it belongs to.
    pub principal: Option<String>,
}

/// A consumer of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamConsumer {
    /// File, relative to the project's root.
    pub file: String,
    /// Line.
    pub line: u32,
    /// The table's logical name or name, if it is known.
    pub table: Option<String>,
    /// It has a filter.
    pub filter: bool,
    /// It has a destination for records that fail, a bound on retries, and bisects.
    pub failure_handling: bool,
}

/// An entity that a program declares in its model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredEntity {
    /// The model's file.
    pub file: String,
    /// Line of the entity.
    pub line: u32,
    /// The table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Template of its partition key: `TENANT#{tenant}`.
    pub pk: String,
    /// Template of its sort key.
    pub sk: Option<String>,
    /// It has a time to live.
    pub expires: bool,
}

/// All that infrastructure says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Infrastructure {
    /// Tables, by file and line.
    pub tables: Vec<TableDef>,
    /// Policy statements.
    pub iam: Vec<IamStatement>,
    /// Stream consumers.
    pub consumers: Vec<StreamConsumer>,
    /// What environment variables name: variable, table's name or logical name.
    pub environment: Vec<(String, String)>,
    /// Entities of models.
    pub entities: Vec<DeclaredEntity>,
    /// Indexes that the access patterns of a model use: table, index.
    pub declared_indexes: Vec<(String, String)>,
    /// Access patterns of models: id, file, line.
    pub patterns: Vec<(String, String, u32)>,
}

/// The definition inside a `CreateTable` request.
pub fn from_create_table(eval: &Eval<'_>, site: &Site) -> Option<TableDef> {
    if site.op != Op::CreateTable {
        return None;
    }
    let project = eval.project;
    let mut table = TableDef {
        file: project.file(site.at.file).path.clone(),
        line: site.line,
        end_line: site.end_line,
        name: match &site.table {
            Named::Name(name) => Some(name.clone()),
            _ => None,
        },
        source: "code",
        billing: site.param("BillingMode").and_then(|at| word(eval, at)),
        open: site.params.open,
        ..TableDef::default()
    };
    for schema in site.params.all("KeySchema") {
        for (name, kind) in key_schema(eval, schema) {
            match kind.as_str() {
                "HASH" | "Hash" => table.pk = Some(name),
                _ => table.sk = Some(name),
            }
        }
    }
    for list in site.params.all("GlobalSecondaryIndexes") {
        table.gsi.extend(indexes(eval, list));
    }
    for list in site.params.all("LocalSecondaryIndexes") {
        table.lsi.extend(indexes(eval, list));
    }
    Some(table)
}

/// A word: a text, or the last name of an enum's value.
fn word(eval: &Eval<'_>, at: At) -> Option<String> {
    if let Some(text) = eval.text(at) {
        return Some(text.to_string());
    }
    match eval.value(at) {
        Value::Ext(path) => path.rsplit('.').next().map(str::to_owned),
        _ => None,
    }
}

fn elements(eval: &Eval<'_>, at: At) -> Vec<At> {
    match eval.value(at) {
        Value::Array(array) => match eval.project.kind(array) {
            Kind::Array(items) => items
                .iter()
                .map(|node| At {
                    file: array.file,
                    node: *node,
                })
                .collect(),
            _ => Vec::new(),
        },
        // A builder adds one at a time.
        _ => vec![at],
    }
}

/// A field of a literal, or of a chain of builder methods.
fn part(eval: &Eval<'_>, at: At, name: &str, method: &str) -> Option<At> {
    if let Value::Object(object) = eval.value(at) {
        return object_field(eval, object, name);
    }
    let mut node = at;
    loop {
        let file = eval.project.file(node.file);
        let Kind::Call(callee, args, _) = file.kind(node.node) else {
            return None;
        };
        let Kind::Member(obj, called) = file.kind(*callee) else {
            return None;
        };
        if called == method || camel_of(method, called) {
            return args.first().map(|arg| At {
                file: node.file,
                node: arg.value,
            });
        }
        node = At {
            file: node.file,
            node: *obj,
        };
    }
}

/// Java's builders: `attributeName`, `withAttributeName` for `attribute_name`.
fn camel_of(method: &str, called: &str) -> bool {
    let bare: String = method.split('_').collect();
    let called = called.to_ascii_lowercase();
    called == bare || called.strip_prefix("with") == Some(bare.as_str())
}

fn key_schema(eval: &Eval<'_>, at: At) -> Vec<(String, String)> {
    elements(eval, at)
        .into_iter()
        .filter_map(|element| {
            let name = part(eval, element, "AttributeName", "attribute_name")?;
            let kind = part(eval, element, "KeyType", "key_type")?;
            Some((word(eval, name)?, word(eval, kind)?))
        })
        .collect()
}

fn indexes(eval: &Eval<'_>, at: At) -> Vec<IndexDef> {
    elements(eval, at)
        .into_iter()
        .map(|element| {
            let mut index = IndexDef {
                name: part(eval, element, "IndexName", "index_name")
                    .and_then(|n| word(eval, n))
                    .unwrap_or_default(),
                line: eval.project.span(element).line,
                ..IndexDef::default()
            };
            if let Some(schema) = part(eval, element, "KeySchema", "key_schema") {
                for (name, kind) in key_schema(eval, schema) {
                    match kind.as_str() {
                        "HASH" | "Hash" => index.pk = Some(name),
                        _ => index.sk = Some(name),
                    }
                }
            }
            index.projection = part(eval, element, "Projection", "projection")
                .and_then(|p| part(eval, p, "ProjectionType", "projection_type"))
                .and_then(|p| word(eval, p))
                .map(|p| p.to_uppercase());
            index
        })
        .collect()
}

/// A `PynamoDB` model as a table.
pub fn from_pynamodb(eval: &Eval<'_>, file: u32, class: u32) -> Option<TableDef> {
    let handle = eval.class_handle(file, class, 4)?;
    if handle.kind != crate::surfaces::HandleKind::Entity {
        return None;
    }
    let f = eval.project.file(file);
    let c = f.facts.class(class);
    let Value::Class(mf, meta) = eval.member(&Value::Class(file, class), "Meta", None) else {
        return None;
    };
    let meta_field = |name: &str| {
        let field = eval
            .project
            .file(mf)
            .facts
            .class(meta)
            .fields
            .iter()
            .find(|field| field.name == name)?;
        Some(At {
            file: mf,
            node: field.value?,
        })
    };
    let mut table = TableDef {
        file: f.path.clone(),
        line: c.span.line,
        end_line: c.span.end_line,
        name: match meta_field("table_name").map(|at| Named::of(eval, at)) {
            Some(Named::Name(name)) => Some(name),
            _ => None,
        },
        logical: Some(c.name.to_string()),
        source: "pynamodb",
        billing: meta_field("billing_mode").and_then(|at| word(eval, at)),
        ..TableDef::default()
    };
    (table.pk, table.sk) = pynamodb_keys(eval, file, class);
    for field in &c.fields {
        let Some(value) = field.value else { continue };
        let at = At { file, node: value };
        if let Kind::Call(callee, ..) = f.kind(value)
            && crate::link::flow::callee_name(f, *callee) == "TTLAttribute"
        {
            table.ttl = Some(field.name.to_string());
        }
        let Value::Instance(xf, xc) = eval.value(at) else {
            continue;
        };
        if eval
            .class_handle(xf, xc, 4)
            .is_none_or(|h| h.kind != crate::surfaces::HandleKind::Index)
        {
            continue;
        }
        let (pk, sk) = pynamodb_keys(eval, xf, xc);
        let name = match eval.member(&Value::Class(xf, xc), "Meta", None) {
            Value::Class(nf, n) => eval
                .project
                .file(nf)
                .facts
                .class(n)
                .fields
                .iter()
                .find(|f| f.name == "index_name")
                .and_then(|f| {
                    eval.text(At {
                        file: nf,
                        node: f.value?,
                    })
                }),
            _ => None,
        };
        let index = IndexDef {
            name: name.unwrap_or_else(|| field.name.clone()).to_string(),
            pk,
            sk,
            projection: None,
            line: field.span.line,
            write_capacity: None,
        };
        let local = eval
            .bases(xf, xc)
            .iter()
            .any(|b| matches!(b, Value::Ext(p) if p.ends_with("LocalSecondaryIndex")));
        if local {
            table.lsi.push(index);
        } else {
            table.gsi.push(index);
        }
    }
    Some(table)
}

fn pynamodb_keys(eval: &Eval<'_>, file: u32, class: u32) -> (Option<String>, Option<String>) {
    let f = eval.project.file(file);
    let (mut pk, mut sk) = (None, None);
    for field in &f.facts.class(class).fields {
        let Some(Kind::Call(_, args, _)) = field.value.map(|value| f.kind(value)) else {
            continue;
        };
        for arg in args {
            let named = args
                .iter()
                .find(|a| a.name.as_deref() == Some("attr_name"))
                .and_then(|a| {
                    eval.text(At {
                        file,
                        node: a.value,
                    })
                })
                .unwrap_or_else(|| field.name.clone());
            match (arg.name.as_deref(), f.kind(arg.value)) {
                (Some("hash_key"), Kind::Bool(true)) => pk = Some(named.to_string()),
                (Some("range_key"), Kind::Bool(true)) => sk = Some(named.to_string()),
                _ => {}
            }
        }
    }
    (pk, sk)
}

/// The fields of an object literal with known names.
pub fn named_fields(eval: &Eval<'_>, object: At) -> Vec<(String, At)> {
    match eval.project.kind(object) {
        Kind::Object(fields) => fields
            .iter()
            .filter_map(|field| match field {
                Field::Named(name, value) => Some((
                    name.to_string(),
                    At {
                        file: object.file,
                        node: *value,
                    },
                )),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
