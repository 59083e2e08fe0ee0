//! The request that creates the table: `aws dynamodb create-table --cli-input-json file://table.json`.

use keyfold_model::{IndexModel, KeyAttribute, Projection, TableModel};

use crate::tree::Tree;

/// `CreateTable`'s request, on demand. Time to live is another request: [`time_to_live`].
pub fn create_table(model: &TableModel<'_>, name: &str) -> Tree {
    let mut request = Tree::map([("TableName", name)]);
    request.add("AttributeDefinitions", attribute_definitions(model));
    request.add("KeySchema", key_schema(&model.pk, model.sk.as_ref()));
    let (local, global): (Vec<&IndexModel<'_>>, Vec<_>) =
        model.indexes.iter().partition(|index| index.local);
    if !global.is_empty() {
        request.add(
            "GlobalSecondaryIndexes",
            Tree::list(global.into_iter().map(index)),
        );
    }
    if !local.is_empty() {
        request.add(
            "LocalSecondaryIndexes",
            Tree::list(local.into_iter().map(index)),
        );
    }
    request.add("BillingMode", "PAY_PER_REQUEST");
    if let Some(view) = model.stream {
        let stream = [
            ("StreamEnabled", Tree::from(true)),
            ("StreamViewType", view.as_str().into()),
        ];
        request.add("StreamSpecification", Tree::map(stream));
    }
    request
}

/// `UpdateTimeToLive`'s request, for a table whose items expire.
pub fn time_to_live(model: &TableModel<'_>, name: &str) -> Option<Tree> {
    let ttl = model.ttl.as_ref()?;
    let setting = [
        ("Enabled", Tree::from(true)),
        ("AttributeName", (&**ttl).into()),
    ];
    Some(Tree::map([
        ("TableName", Tree::from(name)),
        ("TimeToLiveSpecification", Tree::map(setting)),
    ]))
}

pub(crate) fn attribute_definitions(model: &TableModel<'_>) -> Tree {
    Tree::list(model.key_attributes().into_iter().map(|attribute| {
        Tree::map([
            ("AttributeName", &*attribute.name),
            ("AttributeType", attribute.kind.as_str()),
        ])
    }))
}

pub(crate) fn key_schema(pk: &KeyAttribute<'_>, sk: Option<&KeyAttribute<'_>>) -> Tree {
    let element = |attribute: &KeyAttribute<'_>, role| {
        Tree::map([("AttributeName", &*attribute.name), ("KeyType", role)])
    };
    Tree::list(std::iter::once(element(pk, "HASH")).chain(sk.map(|sk| element(sk, "RANGE"))))
}

pub(crate) fn index(index: &IndexModel<'_>) -> Tree {
    Tree::map([
        ("IndexName", Tree::from(&*index.name)),
        ("KeySchema", key_schema(&index.pk, index.sk.as_ref())),
        ("Projection", projection(index)),
    ])
}

fn projection(index: &IndexModel<'_>) -> Tree {
    let mut projection = Tree::map([("ProjectionType", index.projection.as_str())]);
    if let Projection::Include(names) = &index.projection {
        projection.add(
            "NonKeyAttributes",
            Tree::list(names.iter().map(|name| &**name)),
        );
    }
    projection
}
