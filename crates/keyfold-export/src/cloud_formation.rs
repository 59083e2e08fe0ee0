//! A `CloudFormation` template with the table, and its roles' policies where they are asked for.

use keyfold_model::{IndexModel, TableModel};

use crate::create_table;
use crate::iam::{self, NoSuchPart, Resource, Role, Tenant};
use crate::tree::Tree;

/// What goes into the infrastructure beside the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct With<'a> {
    /// The policies of the roles.
    pub policies: bool,
    /// Readers and writers confined to one tenant.
    pub tenant: Option<Tenant<'a>>,
}

/// The template. The table's name is a parameter, with this default.
///
/// # Errors
/// Where a tenant is asked for and no key names one.
pub fn cloud_formation(
    model: &TableModel<'_>,
    name: &str,
    with: With<'_>,
) -> Result<Tree, NoSuchPart> {
    let description = format!("The table of the design {}", model.name);
    let parameter = Tree::map([
        ("Type", "String"),
        ("Default", name),
        ("AllowedPattern", "[a-zA-Z0-9_.-]{3,255}"),
        ("Description", "The table's name"),
    ]);
    let mut resources = vec![("Table".to_owned(), table(model))];
    if with.policies {
        for role in Role::of(model) {
            let resource = policy(model, role, with.tenant)?;
            resources.push((format!("{}Policy", camel(role.as_str())), resource));
        }
    }
    let output = |value: Tree, about: &str| {
        Tree::map([("Description", Tree::from(about)), ("Value", value)])
    };
    let mut outputs = Tree::map([
        ("TableName", output(reference("Table"), "The table's name")),
        ("TableArn", output(attribute("Arn"), "The table's ARN")),
    ]);
    if model.stream.is_some() {
        outputs.add(
            "StreamArn",
            output(attribute("StreamArn"), "The stream's ARN"),
        );
    }
    Ok(Tree::map([
        ("AWSTemplateFormatVersion", Tree::from("2010-09-09")),
        ("Description", description.into()),
        ("Parameters", Tree::map([("TableName", parameter)])),
        ("Resources", Tree::Map(resources)),
        ("Outputs", outputs),
    ]))
}

fn table(model: &TableModel<'_>) -> Tree {
    let mut properties = Tree::map([
        ("TableName", reference("TableName")),
        (
            "AttributeDefinitions",
            create_table::attribute_definitions(model),
        ),
        (
            "KeySchema",
            create_table::key_schema(&model.pk, model.sk.as_ref()),
        ),
    ]);
    let (local, global): (Vec<&IndexModel<'_>>, Vec<_>) =
        model.indexes.iter().partition(|index| index.local);
    for (list, property) in [
        (global, "GlobalSecondaryIndexes"),
        (local, "LocalSecondaryIndexes"),
    ] {
        if !list.is_empty() {
            properties.add(
                property,
                Tree::list(list.into_iter().map(create_table::index)),
            );
        }
    }
    properties.add("BillingMode", "PAY_PER_REQUEST");
    if let Some(ttl) = &model.ttl {
        let setting = [
            ("AttributeName", Tree::from(&**ttl)),
            ("Enabled", true.into()),
        ];
        properties.add("TimeToLiveSpecification", Tree::map(setting));
    }
    if let Some(view) = model.stream {
        let setting = Tree::map([("StreamViewType", view.as_str())]);
        properties.add("StreamSpecification", setting);
    }
    properties.add(
        "PointInTimeRecoverySpecification",
        Tree::map([("PointInTimeRecoveryEnabled", true)]),
    );
    properties.add("DeletionProtectionEnabled", true);
    Tree::map([
        ("Type", Tree::from("AWS::DynamoDB::Table")),
        // A table is not thrown away with its stack.
        ("DeletionPolicy", "Retain".into()),
        ("UpdateReplacePolicy", "Retain".into()),
        ("Properties", properties),
    ])
}

fn policy(
    model: &TableModel<'_>,
    role: Role,
    tenant: Option<Tenant<'_>>,
) -> Result<Tree, NoSuchPart> {
    let statements = iam::statements(model, role, tenant)?;
    let below = |tail: &str| Tree::map([("Fn::Sub", format!("${{Table.Arn}}{tail}"))]);
    let document = iam::document(&statements, |resource| match resource {
        Resource::Table => attribute("Arn"),
        Resource::Index(name) => below(&format!("/index/{name}")),
        Resource::Indexes => below("/index/*"),
        Resource::Streams => below("/stream/*"),
        Resource::Places => below("-streams"),
    });
    let description = format!(
        "{} of the table of the design {}",
        camel(role.as_str()),
        model.name
    );
    Ok(Tree::map([
        ("Type", Tree::from("AWS::IAM::ManagedPolicy")),
        (
            "Properties",
            Tree::map([
                ("Description", Tree::from(description)),
                ("PolicyDocument", document),
            ]),
        ),
    ]))
}

fn reference(to: &str) -> Tree {
    Tree::map([("Ref", to)])
}

fn attribute(name: &str) -> Tree {
    Tree::map([("Fn::GetAtt", Tree::list(["Table", name]))])
}

/// `stream-consumer` as `StreamConsumer`.
fn camel(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect()
}
