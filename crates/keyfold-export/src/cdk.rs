//! The properties that `new dynamodb.TableV2(this, "Table", props)` takes, as JSON.
//!
//! CDK's enums are text in JavaScript and TypeScript (`AttributeType.STRING` is `"S"`), so the file can be given to
//! the construct as it is.

use keyfold_model::{IndexModel, KeyAttribute, Projection, TableModel};

use crate::tree::Tree;

/// The properties of a `TableV2`, which is on demand unless it is told otherwise.
pub fn cdk(model: &TableModel<'_>, name: &str) -> Tree {
    let mut props = Tree::map([
        ("tableName", Tree::from(name)),
        ("partitionKey", key(&model.pk)),
    ]);
    if let Some(sk) = &model.sk {
        props.add("sortKey", key(sk));
    }
    let (local, global): (Vec<&IndexModel<'_>>, Vec<_>) =
        model.indexes.iter().partition(|index| index.local);
    if !global.is_empty() {
        props.add(
            "globalSecondaryIndexes",
            Tree::list(global.into_iter().map(index)),
        );
    }
    if !local.is_empty() {
        props.add(
            "localSecondaryIndexes",
            Tree::list(local.into_iter().map(index)),
        );
    }
    if let Some(ttl) = &model.ttl {
        props.add("timeToLiveAttribute", &**ttl);
    }
    if let Some(view) = model.stream {
        props.add("dynamoStream", view.as_str());
    }
    props.add(
        "pointInTimeRecoverySpecification",
        Tree::map([("pointInTimeRecoveryEnabled", true)]),
    );
    props.add("deletionProtection", true);
    props.add("removalPolicy", "retain");
    props
}

fn key(attribute: &KeyAttribute<'_>) -> Tree {
    Tree::map([
        ("name", &*attribute.name),
        ("type", attribute.kind.as_str()),
    ])
}

fn index(index: &IndexModel<'_>) -> Tree {
    let mut props = Tree::map([("indexName", &*index.name)]);
    if !index.local {
        props.add("partitionKey", key(&index.pk));
    }
    if let Some(sk) = &index.sk {
        props.add("sortKey", key(sk));
    }
    props.add("projectionType", index.projection.as_str());
    if let Projection::Include(names) = &index.projection {
        props.add(
            "nonKeyAttributes",
            Tree::list(names.iter().map(|name| &**name)),
        );
    }
    props
}
