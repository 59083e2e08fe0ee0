//! Classes of Java and Kotlin that are mapped to a table by annotations.

use crate::facts::{Class, Id, Kind};
use crate::lang::Lang;
use crate::link::eval::Eval;
use crate::link::{At, SourceFile};
use crate::tables::{IndexDef, Infrastructure, TableDef};

pub(super) fn collect(eval: &Eval<'_>, found: &mut Infrastructure) {
    for (id, file) in eval
        .project
        .ids()
        .filter(|(_, file)| matches!(file.lang, Lang::Java | Lang::Kotlin))
    {
        for class in &file.facts.classes {
            if let Some(table) = mapped(eval, id, file, class) {
                found.tables.push(table);
            }
        }
    }
}

/// An annotation's name and its node.
fn marks<'f>(file: &'f SourceFile, decorators: &[Id]) -> Vec<(&'f str, Id)> {
    let name = |id: &Id| match file.kind(*id) {
        Kind::Call(callee, ..) => match file.kind(*callee) {
            Kind::Name(name) | Kind::Member(_, name) => Some((name.as_str(), *id)),
            _ => None,
        },
        _ => None,
    };
    decorators.iter().filter_map(name).collect()
}

/// An argument of an annotation: the named one, or the only one.
fn arguments(eval: &Eval<'_>, file: u32, mark: Id, names: &[&str]) -> Vec<String> {
    let f = eval.project.file(file);
    let Kind::Call(_, args, _) = f.kind(mark) else {
        return Vec::new();
    };
    let fits = |name: Option<&str>| name.map_or(names.contains(&""), |name| names.contains(&name));
    let mut out = Vec::new();
    for arg in args.iter().filter(|arg| fits(arg.name.as_deref())) {
        let items = match f.kind(arg.value) {
            Kind::Array(items) => items.clone(),
            _ => vec![arg.value],
        };
        out.extend(
            items
                .into_iter()
                .filter_map(|node| eval.text(At { file, node }))
                .map(|text| text.to_string()),
        );
    }
    out
}

fn mapped(eval: &Eval<'_>, id: u32, file: &SourceFile, class: &Class) -> Option<TableDef> {
    let of_class = marks(file, &class.decorators);
    let (kind, mark) = of_class.into_iter().find(|(name, _)| {
        matches!(
            *name,
            "DynamoDBTable" | "DynamoDbBean" | "DynamoDbImmutable"
        )
    })?;
    let mut table = TableDef {
        file: file.path.clone(),
        line: class.span.line,
        end_line: class.span.end_line,
        logical: Some(class.name.to_string()),
        source: if kind == "DynamoDBTable" {
            "dynamodbmapper"
        } else {
            "enhanced"
        },
        name: arguments(eval, id, mark, &["tableName", ""])
            .into_iter()
            .next()
            .or_else(|| schema_table(eval, &class.name)),
        open: true,
        ..TableDef::default()
    };
    let fields = class
        .fields
        .iter()
        .map(|field| (field.name.to_string(), field.decorators.clone()));
    let getters = class.methods.iter().map(|method| {
        let method = file.facts.function(*method);
        (property(&method.name), method.decorators.clone())
    });
    for (name, decorators) in fields.chain(getters) {
        attribute(eval, id, file, &name, &decorators, &mut table);
    }
    table.pk.is_some().then_some(table)
}

/// `getCustomerId` is `customerId`.
fn property(getter: &str) -> String {
    let bare = getter
        .strip_prefix("get")
        .or_else(|| getter.strip_prefix("is"))
        .filter(|rest| !rest.is_empty());
    let bare = bare.unwrap_or(getter);
    let mut chars = bare.chars();
    chars.next().map_or(String::new(), |head| {
        head.to_lowercase().chain(chars).collect()
    })
}

fn attribute(
    eval: &Eval<'_>,
    id: u32,
    file: &SourceFile,
    name: &str,
    decorators: &[Id],
    table: &mut TableDef,
) {
    let marks = marks(file, decorators);
    let renamed = marks
        .iter()
        .filter(|(mark, _)| mark.starts_with("DynamoD"))
        .flat_map(|(mark, node)| {
            let names: &[&str] = if *mark == "DynamoDbAttribute" {
                &["attributeName", "value", ""]
            } else {
                &["attributeName"]
            };
            arguments(eval, id, *node, names)
        })
        .next();
    let name = renamed.unwrap_or_else(|| name.to_owned());
    for (mark, node) in marks {
        let line = file.span(node).line;
        match mark {
            "DynamoDBHashKey" | "DynamoDbPartitionKey" => table.pk = Some(name.clone()),
            "DynamoDBRangeKey" | "DynamoDbSortKey" => table.sk = Some(name.clone()),
            "DynamoDbSecondaryPartitionKey" | "DynamoDBIndexHashKey" => {
                let names = [
                    "indexNames",
                    "globalSecondaryIndexName",
                    "globalSecondaryIndexNames",
                    "",
                ];
                for index in arguments(eval, id, node, &names) {
                    entry(&mut table.gsi, &index, line).pk = Some(name.clone());
                }
            }
            "DynamoDbSecondarySortKey" | "DynamoDBIndexRangeKey" => {
                let names = [
                    "indexNames",
                    "globalSecondaryIndexName",
                    "globalSecondaryIndexNames",
                    "",
                ];
                for index in arguments(eval, id, node, &names) {
                    entry(&mut table.gsi, &index, line).sk = Some(name.clone());
                }
                for index in arguments(
                    eval,
                    id,
                    node,
                    &["localSecondaryIndexName", "localSecondaryIndexNames"],
                ) {
                    entry(&mut table.lsi, &index, line).sk = Some(name.clone());
                }
            }
            _ => {}
        }
    }
}

fn entry<'t>(indexes: &'t mut Vec<IndexDef>, name: &str, line: u32) -> &'t mut IndexDef {
    let known = indexes.iter().position(|index| index.name == name);
    let at = known.unwrap_or_else(|| {
        indexes.push(IndexDef {
            name: name.to_owned(),
            line,
            ..IndexDef::default()
        });
        indexes.len() - 1
    });
    &mut indexes[at]
}

/// `enhanced.table("orders", TableSchema.fromBean(Order.class))` says where a class is kept.
fn schema_table(eval: &Eval<'_>, class: &str) -> Option<String> {
    for maker in ["fromBean", "fromClass", "fromImmutableClass"] {
        for call in eval.project.calls(maker) {
            let file = eval.project.file(call.file);
            let Kind::Call(_, args, _) = file.kind(call.node) else {
                continue;
            };
            let of = args.first().map(|arg| last_name(file, arg.value));
            if of != Some(class) {
                continue;
            }
            let Some(parent) = file.parent(call.node) else {
                continue;
            };
            if let Kind::Call(callee, args, _) = file.kind(parent)
                && matches!(file.kind(*callee), Kind::Member(_, name) if name == "table")
                && let Some(name) = args.first()
                && let Some(text) = eval.text(At {
                    file: call.file,
                    node: name.value,
                })
            {
                return Some(text.to_string());
            }
        }
    }
    None
}

/// `Order` of `Order.class` and `Order::class.java`.
fn last_name(file: &SourceFile, id: Id) -> &str {
    match file.kind(id) {
        Kind::Member(of, name) if name == "java" || name == "class" => last_name(file, *of),
        Kind::Name(name) | Kind::Member(_, name) => name,
        Kind::Other(parts) => parts.first().map_or("", |part| last_name(file, *part)),
        _ => "",
    }
}
