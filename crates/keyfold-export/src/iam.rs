//! What each kind of program may do with the table: IAM policies.
//!
//! | role | may |
//! |---|---|
//! | `reader` | get items, query the table and each index |
//! | `writer` | what a reader may, and put, update, delete; transactions too |
//! | `admin` | what a writer may, and scan, change the table's settings, back it up; not delete it |
//! | `stream-consumer` | read the stream, and keep its place in `<table>-streams` |
//!
//! Nobody but the admin may scan: access patterns are queries. Nobody may use `PartiQL`, which no access pattern needs.

use std::fmt;

use keyfold_model::{TableModel, Template};

use crate::tree::Tree;

/// A kind of program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Asks the access patterns.
    Reader,
    /// Reads and writes items.
    Writer,
    /// Operates the table.
    Admin,
    /// Follows the stream.
    StreamConsumer,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 4] = [
        Role::Reader,
        Role::Writer,
        Role::Admin,
        Role::StreamConsumer,
    ];

    /// Its name: `stream-consumer`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Reader => "reader",
            Role::Writer => "writer",
            Role::Admin => "admin",
            Role::StreamConsumer => "stream-consumer",
        }
    }

    /// The roles that have something to do at this table: without a stream nobody follows it.
    pub fn of(model: &TableModel<'_>) -> impl Iterator<Item = Role> {
        let streams = model.stream.is_some();
        Role::ALL
            .into_iter()
            .filter(move |role| streams || *role != Role::StreamConsumer)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Readers and writers confined to one tenant's partitions, by `dynamodb:LeadingKeys`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenant<'a> {
    /// The key part that names the tenant: `tenant` of `TENANT#{tenant}`.
    pub part: &'a str,
    /// The tag of the session or user that says whose it is: `${aws:PrincipalTag/<tag>}`.
    pub principal_tag: &'a str,
}

/// Why no policy can confine to a tenant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no partition key of the table or its indexes has a part `{part}`, so nothing tells tenants apart; the parts of partition keys are: {known}"
)]
pub struct NoSuchPart {
    part: String,
    known: String,
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Table,
    Index(String),
    Indexes,
    /// Streams of the table: each is named for when it was switched on.
    Streams,
    /// The table in which stream workers keep their place.
    Places,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub sid: &'static str,
    pub actions: Vec<&'static str>,
    pub resources: Vec<Resource>,
    /// What partition keys must look like.
    pub leading_keys: Vec<String>,
}

const READ: &[&str] = &["BatchGetItem", "GetItem", "Query"];
const WRITE: &[&str] = &[
    "BatchWriteItem",
    "ConditionCheckItem",
    "DeleteItem",
    "PutItem",
    "UpdateItem",
];
const LOOK: &[&str] = &["DescribeTable", "DescribeTimeToLive"];
const OPERATE: &[&str] = &[
    "CreateBackup",
    "CreateTable",
    "DescribeContinuousBackups",
    "DescribeExport",
    "ExportTableToPointInTime",
    "ListTagsOfResource",
    "Scan",
    "TagResource",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateTable",
    "UpdateTimeToLive",
];
const FOLLOW: &[&str] = &["DescribeStream", "GetRecords", "GetShardIterator"];

/// A policy document for one role, with the ARNs of a table of this name in any region and account it is used in.
///
/// # Errors
/// Where a tenant is asked for and no key names one.
pub fn policy(
    model: &TableModel<'_>,
    name: &str,
    role: Role,
    tenant: Option<Tenant<'_>>,
) -> Result<Tree, NoSuchPart> {
    let statements = statements(model, role, tenant)?;
    let arn = |resource: &Resource| {
        let table = format!("arn:aws:dynamodb:*:*:table/{name}");
        Tree::from(match resource {
            Resource::Table => table,
            Resource::Index(index) => format!("{table}/index/{index}"),
            Resource::Indexes => format!("{table}/index/*"),
            Resource::Streams => format!("{table}/stream/*"),
            Resource::Places => format!("{table}-streams"),
        })
    };
    Ok(document(&statements, arn))
}

pub(crate) fn document(statements: &[Statement], resource: impl Fn(&Resource) -> Tree) -> Tree {
    let statements = statements.iter().map(|statement| {
        let actions = statement.actions.iter();
        let mut tree = Tree::map([
            ("Sid", Tree::from(statement.sid)),
            ("Effect", "Allow".into()),
            (
                "Action",
                Tree::list(actions.map(|action| format!("dynamodb:{action}"))),
            ),
            (
                "Resource",
                Tree::list(statement.resources.iter().map(&resource)),
            ),
        ]);
        if !statement.leading_keys.is_empty() {
            let keys = Tree::list(&statement.leading_keys);
            let condition = Tree::map([("dynamodb:LeadingKeys", keys)]);
            tree.add(
                "Condition",
                Tree::map([("ForAllValues:StringLike", condition)]),
            );
        }
        tree
    });
    Tree::map([
        ("Version", Tree::from("2012-10-17")),
        ("Statement", Tree::list(statements)),
    ])
}

pub(crate) fn statements(
    model: &TableModel<'_>,
    role: Role,
    tenant: Option<Tenant<'_>>,
) -> Result<Vec<Statement>, NoSuchPart> {
    // Whoever operates the table or follows its stream sees all tenants.
    let leading_keys = match (tenant, role) {
        (Some(tenant), Role::Reader | Role::Writer) => leading_keys(model, tenant)?,
        _ => Vec::new(),
    };
    let indexes = model.indexes.iter();
    let indexes: Vec<Resource> = indexes
        .map(|index| Resource::Index(index.name.to_string()))
        .collect();
    let statement = |sid, actions: &[&[&'static str]], resources: &[Resource]| Statement {
        sid,
        actions: actions.concat(),
        resources: resources.to_vec(),
        leading_keys: Vec::new(),
    };
    let items = |sid, actions: &[&[&'static str]], resources: &[Resource]| Statement {
        leading_keys: leading_keys.clone(),
        ..statement(sid, actions, resources)
    };
    let table = [Resource::Table];
    let mut found = match role {
        Role::Reader => vec![
            statement("Look", &[LOOK], &table),
            items("ReadItems", &[READ], &table),
        ],
        Role::Writer => vec![
            statement("Look", &[LOOK], &table),
            items("ReadItems", &[READ], &table),
            items("WriteItems", &[WRITE], &table),
        ],
        Role::Admin => {
            let actions = [READ, WRITE, LOOK, OPERATE];
            let indexes = statement("QueryIndexes", &[&["Query", "Scan"]], &[Resource::Indexes]);
            return Ok(vec![statement("Operate", &actions, &table), indexes]);
        }
        Role::StreamConsumer => {
            let places: [&[&str]; 3] = [&["CreateTable", "UpdateTimeToLive"], READ, WRITE];
            return Ok(vec![
                statement("FollowStream", &[FOLLOW], &[Resource::Streams]),
                statement("FindStream", &[LOOK], &table),
                statement("KeepPlace", &[&places.concat(), LOOK], &[Resource::Places]),
            ]);
        }
    };
    if !indexes.is_empty() {
        found.push(items("QueryIndexes", &[&["Query"]], &indexes));
    }
    Ok(found)
}

/// The partition keys that hold the tenant's part, with everybody else's values left open.
fn leading_keys(model: &TableModel<'_>, tenant: Tenant<'_>) -> Result<Vec<String>, NoSuchPart> {
    // A declared scope is what it is written as: its identifier is a part of the scope's name.
    let templates = || {
        let templates = model.entities.iter().flat_map(|entity| {
            let indexes = entity.indexes.iter().map(|index| &index.key.pk);
            std::iter::once(&entity.key.pk).chain(indexes)
        });
        templates.map(|template| template.with_scopes(&model.scopes))
    };
    let mut keys: Vec<String> = Vec::new();
    for template in templates().filter(|template| template.part(tenant.part).is_some()) {
        let key = pattern(&template, tenant);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if keys.is_empty() {
        let mut known: Vec<String> = templates()
            .flat_map(|template| template.fields().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        known.sort_unstable();
        known.dedup();
        return Err(NoSuchPart {
            part: tenant.part.to_owned(),
            known: known.join(", "),
        });
    }
    Ok(keys)
}

fn pattern(template: &Template<'_>, tenant: Tenant<'_>) -> String {
    let mut key = String::new();
    for (at, segment) in template.segments.iter().enumerate() {
        if at > 0 {
            key.push('#');
        }
        // `*`, `?` and `$` of the template itself mean themselves.
        for c in segment.literal.chars() {
            match c {
                '*' | '?' | '$' => {
                    key.push_str("${");
                    key.push(c);
                    key.push('}');
                }
                c => key.push(c),
            }
        }
        match &segment.part {
            Some(part) if part.field == tenant.part => {
                key.push_str("${aws:PrincipalTag/");
                key.push_str(tenant.principal_tag);
                key.push('}');
            }
            Some(_) => key.push('*'),
            None => {}
        }
    }
    key
}
