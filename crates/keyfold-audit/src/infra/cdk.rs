//! Infrastructure written as a program: CDK in TypeScript, Python, Java and Go, Pulumi, SST.

use smol_str::SmolStr;

use super::{concerns, place};
use crate::facts::{Arg, Field, Id, Kind, LoopKind};
use crate::lang::Lang;
use crate::link::At;
use crate::link::eval::{Eval, Value};
use crate::link::scope::Source;
use crate::surfaces::object_field;
use crate::tables::{IamStatement, IndexDef, Infrastructure, StreamConsumer, Switch, TableDef};

/// What makes a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Maker {
    Table,
    TableV2,
    CfnTable,
    Pulumi,
    Sst,
}

/// A table with the names that the program has for it.
struct Made {
    table: TableDef,
    names: Vec<SmolStr>,
    file: u32,
}

pub(super) fn collect(eval: &Eval<'_>, found: &mut Infrastructure) {
    let mut made: Vec<Made> = Vec::new();
    for (id, file) in eval
        .project
        .ids()
        .filter(|(_, file)| !file.lang.is_document())
    {
        if !mentions(file) {
            continue;
        }
        for (node, kind) in (0u32..).zip(&file.facts.nodes) {
            if let Kind::Call(callee, args, _) = &kind.kind {
                let at = At { file: id, node };
                if let Some(maker) = maker(eval, at, *callee) {
                    made.push(table(eval, at, args, maker));
                }
            }
        }
    }
    for (id, file) in eval
        .project
        .ids()
        .filter(|(_, file)| !file.lang.is_document())
    {
        if !mentions(file) && made.iter().all(|made| made.file != id) {
            continue;
        }
        for (node, kind) in (0u32..).zip(&file.facts.nodes) {
            let at = At { file: id, node };
            match &kind.kind {
                Kind::Call(callee, args, _) => call(eval, at, *callee, args, &mut made, found),
                Kind::Object(fields) => environment(eval, at, fields, &made, found),
                _ => {}
            }
        }
    }
    found.tables.extend(made.into_iter().map(|made| made.table));
}

/// A file that has nothing of a library for infrastructure needs no look.
fn mentions(file: &crate::link::SourceFile) -> bool {
    let known = |module: &str| {
        ["aws-cdk", "aws_cdk", "awscdk", "pulumi", "sst"]
            .iter()
            .any(|name| module.contains(name))
    };
    file.path.ends_with("sst.config.ts")
        || file
            .facts
            .imports
            .iter()
            .any(|import| known(&import.module))
}

/// The path of a callee, with a construct's builder taken for the construct.
fn callee_path(eval: &Eval<'_>, at: At, callee: Id) -> Option<SmolStr> {
    let Value::Ext(path) = eval.value(At {
        file: at.file,
        node: callee,
    }) else {
        return None;
    };
    let file = eval.project.file(at.file);
    // `import software.amazon.awscdk.services.dynamodb.*`: the only library its short names can be of.
    let glob =
        file.facts.imports.iter().find(|import| {
            import.local == "*" && import.module.ends_with("awscdk.services.dynamodb")
        });
    match glob {
        Some(import) if !path.contains('/') && path.starts_with(['T', 'C']) => {
            Some(SmolStr::from(format!("{}.{path}", import.module)))
        }
        _ => Some(path),
    }
}

/// `super(scope, id, { … })` in a class that extends a construct.
fn extended(eval: &Eval<'_>, at: At, callee: Id) -> Option<SmolStr> {
    let file = eval.project.file(at.file);
    if !matches!(file.kind(callee), Kind::Name(name) if name == "self") {
        return None;
    }
    let class = file
        .facts
        .function(*file.owner.get(at.node as usize)?)
        .class?;
    eval.bases(at.file, class)
        .into_iter()
        .find_map(|base| match base {
            Value::Ext(path) => Some(SmolStr::from(path.trim_end_matches("()"))),
            _ => None,
        })
}

fn maker(eval: &Eval<'_>, at: At, callee: Id) -> Option<Maker> {
    let path = extended(eval, at, callee).or_else(|| callee_path(eval, at, callee))?;
    let of_cdk = path.contains("aws-dynamodb")
        || path.contains("aws_dynamodb")
        || path.contains("awsdynamodb")
        || path.starts_with("software.amazon.awscdk.services.dynamodb");
    let name = path.rsplit(['.', '/']).next()?;
    if of_cdk {
        // `Table.Builder.create(this, "Orders")` begins a chain; the chain is read from there.
        let name = match path.strip_suffix(".Builder.create") {
            Some(of) => of.rsplit('.').next()?,
            None => name,
        };
        return match name {
            "Table" | "NewTable" => Some(Maker::Table),
            "TableV2" | "NewTableV2" => Some(Maker::TableV2),
            "CfnTable" | "NewCfnTable" => Some(Maker::CfnTable),
            _ => None,
        };
    }
    if path.contains("pulumi") && path.ends_with("dynamodb.Table") {
        return Some(Maker::Pulumi);
    }
    let sst = path == "sst.aws.Dynamo" || path.starts_with("sst/constructs") && name == "Table";
    sst.then_some(Maker::Sst)
}

/// The properties of a construct, however the language writes them.
enum Props {
    Object(At),
    Keywords(At),
    Chain(Vec<(SmolStr, At)>),
    Unknown,
}

impl Props {
    fn of(eval: &Eval<'_>, at: At) -> Props {
        if let Value::Object(object) = eval.value(at) {
            return Props::Object(object);
        }
        let file = eval.project.file(at.file);
        let here = |node: Id| At {
            file: at.file,
            node,
        };
        match file.kind(at.node) {
            Kind::Call(_, args, style)
                if style.new && args.iter().any(|arg| arg.name.is_none()) =>
            {
                match args
                    .iter()
                    .map(|arg| eval.value(here(arg.value)))
                    .find(|v| matches!(v, Value::Object(_)))
                {
                    Some(Value::Object(object)) => Props::Object(object),
                    _ => Props::chain(eval, at),
                }
            }
            Kind::Call(_, args, _) if args.iter().any(|arg| arg.name.is_some()) => {
                Props::Keywords(at)
            }
            Kind::Call(..) => Props::chain(eval, at),
            Kind::Name(name) => {
                let values = eval
                    .bindings(at, name)
                    .into_iter()
                    .filter_map(|(_, binding)| match binding.source {
                        Source::Value(value) if value != at.node => Some(here(value)),
                        _ => None,
                    });
                values
                    .last()
                    .map_or(Props::Unknown, |value| Props::of(eval, value))
            }
            _ => Props::Unknown,
        }
    }

    /// `TableProps.builder().partitionKey(…).build()`, read from its end.
    fn chain(eval: &Eval<'_>, at: At) -> Props {
        let file = eval.project.file(at.file);
        let mut chain = Vec::new();
        let mut node = at.node;
        while let Kind::Call(callee, args, _) = file.kind(node) {
            let Kind::Member(object, name) = file.kind(*callee) else {
                break;
            };
            if let Some(arg) = args.first() {
                chain.push((
                    name.clone(),
                    At {
                        file: at.file,
                        node: arg.value,
                    },
                ));
            }
            node = *object;
        }
        Props::Chain(chain)
    }

    /// What follows a call: `Table.Builder.create(…).partitionKey(…)`.
    fn following(eval: &Eval<'_>, at: At) -> Props {
        let file = eval.project.file(at.file);
        let mut top = at.node;
        for id in file.ancestors(at.node).take(60) {
            match file.kind(id) {
                Kind::Member(..) => {}
                Kind::Call(callee, ..) if file.contains(*callee, top) => top = id,
                _ => break,
            }
        }
        Props::chain(
            eval,
            At {
                file: at.file,
                node: top,
            },
        )
    }

    fn get(&self, eval: &Eval<'_>, name: &str) -> Option<At> {
        match self {
            Props::Object(object) => object_field(eval, *object, name)
                .or_else(|| object_field(eval, *object, &pascal(name))),
            Props::Keywords(call) => {
                let Kind::Call(_, args, _) = eval.project.kind(*call) else {
                    return None;
                };
                let wanted = snake(name);
                let found = args
                    .iter()
                    .find(|arg| arg.name.as_deref() == Some(wanted.as_str()));
                found.map(|arg| At {
                    file: call.file,
                    node: arg.value,
                })
            }
            Props::Chain(chain) => chain
                .iter()
                .find(|(field, _)| field == name)
                .map(|(_, at)| *at),
            Props::Unknown => None,
        }
    }
}

/// Go's fields begin with a capital.
fn pascal(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or(String::new(), |head| {
        head.to_uppercase().chain(chars).collect()
    })
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// A text with its holes in braces.
fn text(eval: &Eval<'_>, at: At) -> Option<String> {
    match eval.value(at) {
        Value::Text(pieces) => {
            let pieces = pieces.iter().map(|piece| match piece {
                crate::link::eval::Piece::Lit(text) => text.to_string(),
                crate::link::eval::Piece::Hole(name, _) => format!("{{{name}}}"),
            });
            Some(pieces.collect())
        }
        Value::Unknown | Value::Ext(_) => {
            // `jsii.String("PK")`.
            let file = eval.project.file(at.file);
            match file.kind(at.node) {
                Kind::Call(callee, args, _) if matches!(file.kind(*callee), Kind::Member(_, name) if name == "String") =>
                {
                    let arg = args.first()?;
                    text(
                        eval,
                        At {
                            file: at.file,
                            node: arg.value,
                        },
                    )
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The last name of an enum's value.
fn word(eval: &Eval<'_>, at: At) -> Option<String> {
    match eval.value(at) {
        Value::Text(_) => text(eval, at),
        Value::Ext(path) => {
            let path = path.trim_end_matches("()");
            let name = path.rsplit(['.', '/']).next()?;
            // Go writes the enum before its value: `BillingMode_PAY_PER_REQUEST`.
            let of_enum = name
                .split_once('_')
                .filter(|(of, _)| of.contains(|c: char| c.is_ascii_lowercase()));
            Some(of_enum.map_or(name, |(_, value)| value).to_owned())
        }
        _ => None,
    }
}

fn switch(eval: &Eval<'_>, at: Option<At>) -> Switch {
    let Some(at) = at else { return Switch::Absent };
    match eval.value(at) {
        Value::Bool(true) => Switch::On,
        Value::Bool(false) => Switch::Off,
        _ => {
            let file = eval.project.file(at.file);
            match file.kind(at.node) {
                Kind::Call(_, args, _) => match args.first().map(|arg| file.kind(arg.value)) {
                    Some(Kind::Bool(true)) => Switch::On,
                    Some(Kind::Bool(false)) => Switch::Off,
                    _ => Switch::Unknown,
                },
                _ => Switch::Unknown,
            }
        }
    }
}

fn key_name(eval: &Eval<'_>, props: &Props, name: &str) -> Option<String> {
    let key = props.get(eval, name)?;
    Props::of(eval, key)
        .get(eval, "name")
        .and_then(|name| text(eval, name))
}

fn key_type(eval: &Eval<'_>, props: &Props, name: &str) -> Option<(String, String)> {
    let key = Props::of(eval, props.get(eval, name)?);
    let kind = key.get(eval, "type").and_then(|kind| word(eval, kind))?;
    let short = match kind.as_str() {
        "STRING" => "S",
        "NUMBER" => "N",
        "BINARY" => "B",
        _ => return None,
    };
    Some((
        key.get(eval, "name").and_then(|name| text(eval, name))?,
        short.to_owned(),
    ))
}

fn elements(eval: &Eval<'_>, at: At) -> Option<Vec<At>> {
    match eval.value(at) {
        Value::Array(array) => match eval.project.kind(array) {
            Kind::Array(items) => Some(
                items
                    .iter()
                    .map(|node| At {
                        file: array.file,
                        node: *node,
                    })
                    .collect(),
            ),
            _ => None,
        },
        _ => None,
    }
}

fn index(eval: &Eval<'_>, at: At, props: &Props) -> IndexDef {
    let mut index = IndexDef {
        name: props
            .get(eval, "indexName")
            .and_then(|name| text(eval, name))
            .unwrap_or_default(),
        pk: key_name(eval, props, "partitionKey"),
        sk: key_name(eval, props, "sortKey"),
        projection: props
            .get(eval, "projectionType")
            .and_then(|kind| word(eval, kind)),
        line: eval.project.span(at).line,
        write_capacity: None,
    };
    // `CfnTable` has a key schema.
    for key in props
        .get(eval, "keySchema")
        .and_then(|list| elements(eval, list))
        .unwrap_or_default()
    {
        let key = Props::of(eval, key);
        let name = key
            .get(eval, "attributeName")
            .and_then(|name| text(eval, name));
        match key
            .get(eval, "keyType")
            .and_then(|kind| word(eval, kind))
            .as_deref()
        {
            Some("HASH") => index.pk = name,
            Some("RANGE") => index.sk = name,
            _ => {}
        }
    }
    index
}

fn table(eval: &Eval<'_>, at: At, args: &[Arg], maker: Maker) -> Made {
    let file = eval.project.file(at.file);
    let here = |node: Id| At {
        file: at.file,
        node,
    };
    let positional: Vec<At> = args
        .iter()
        .filter(|arg| arg.name.is_none())
        .map(|arg| here(arg.value))
        .collect();
    let id_place =
        usize::from(!(maker == Maker::Pulumi || maker == Maker::Sst && positional.len() < 3));
    let props = if args.iter().any(|arg| arg.name.is_some()) {
        Props::Keywords(at)
    } else if file.lang == Lang::Java && positional.len() < 3 {
        Props::following(eval, at)
    } else {
        positional
            .get(id_place + 1)
            .map_or(Props::Unknown, |props| Props::of(eval, *props))
    };
    let (path, line, end_line) = place(eval.project, at);
    let mut table = TableDef {
        file: path,
        line,
        end_line,
        logical: positional.get(id_place).and_then(|id| text(eval, *id)),
        source: match maker {
            Maker::Pulumi => "pulumi",
            Maker::Sst => "sst",
            _ => "cdk",
        },
        open: matches!(props, Props::Unknown) && positional.len() > id_place + 1,
        encryption: Some("AWS_OWNED".to_owned()),
        ..TableDef::default()
    };
    match maker {
        Maker::Pulumi => pulumi(eval, &props, &mut table),
        Maker::Sst => sst(eval, &props, &mut table),
        _ => construct(eval, &props, maker, &mut table),
    }
    Made {
        names: names(eval, at),
        file: at.file,
        table,
    }
}

fn construct(eval: &Eval<'_>, props: &Props, maker: Maker, table: &mut TableDef) {
    let get = |name: &str| props.get(eval, name);
    table.name = get("tableName").and_then(|name| text(eval, name));
    table.pk = key_name(eval, props, "partitionKey");
    table.sk = key_name(eval, props, "sortKey");
    table.attributes = ["partitionKey", "sortKey"]
        .iter()
        .filter_map(|name| key_type(eval, props, name))
        .collect();
    table.ttl = get("timeToLiveAttribute").and_then(|name| text(eval, name));
    let enabled = get("pointInTimeRecoverySpecification").and_then(|specification| {
        Props::of(eval, specification).get(eval, "pointInTimeRecoveryEnabled")
    });
    table.pitr = switch(eval, enabled.or_else(|| get("pointInTimeRecovery")));
    table.deletion_protection = switch(
        eval,
        get("deletionProtection").or_else(|| get("deletionProtectionEnabled")),
    );
    table.stream = get("stream")
        .or_else(|| get("dynamoStream"))
        .and_then(|view| word(eval, view));
    table.removal = get("removalPolicy").and_then(|policy| word(eval, policy));
    if let Some(kind) = get("encryption").and_then(|kind| word(eval, kind)) {
        table.encryption = match kind.as_str() {
            "AWS_MANAGED" | "awsManagedKey" => Some("AWS_MANAGED".to_owned()),
            "CUSTOMER_MANAGED" | "customerManagedKey" => Some("CUSTOMER_MANAGED".to_owned()),
            "DEFAULT" | "dynamoOwnedKey" => Some("AWS_OWNED".to_owned()),
            _ => None,
        };
    }
    let mode = get("billingMode")
        .or_else(|| get("billing"))
        .and_then(|mode| word(eval, mode));
    table.billing = match (mode.as_deref(), maker) {
        (Some("onDemand" | "PAY_PER_REQUEST"), _) | (None, Maker::TableV2) => {
            Some("PAY_PER_REQUEST".to_owned())
        }
        (Some("provisioned" | "PROVISIONED") | None, _) => Some("PROVISIONED".to_owned()),
        (Some(_), _) => None,
    };
    for (name, global) in [
        ("globalSecondaryIndexes", true),
        ("localSecondaryIndexes", false),
    ] {
        let Some(list) = get(name) else { continue };
        let Some(items) = elements(eval, list) else {
            table.open = true;
            continue;
        };
        for item in items {
            let made = index(eval, item, &Props::of(eval, item));
            if global {
                table.gsi.push(made);
            } else {
                table.lsi.push(made);
            }
        }
    }
    for replica in get("replicas")
        .and_then(|list| elements(eval, list))
        .unwrap_or_default()
    {
        table.replicas.extend(
            Props::of(eval, replica)
                .get(eval, "region")
                .and_then(|region| text(eval, region)),
        );
    }
    if maker == Maker::CfnTable
        && let Some(list) = get("keySchema")
    {
        let keys = index(eval, list, props);
        (table.pk, table.sk) = (keys.pk, keys.sk);
    }
}

/// Pulumi says it as Terraform does, in camel case.
fn pulumi(eval: &Eval<'_>, props: &Props, table: &mut TableDef) {
    let get = |name: &str| props.get(eval, name);
    let name_of = |name: &str| get(name).and_then(|name| text(eval, name));
    table.name = name_of("name");
    table.pk = name_of("hashKey");
    table.sk = name_of("rangeKey");
    table.billing = Some(name_of("billingMode").unwrap_or_else(|| "PROVISIONED".to_owned()));
    let inside = |name: &str, field: &str| {
        get(name).and_then(|block| Props::of(eval, block).get(eval, field))
    };
    table.ttl = inside("ttl", "attributeName").and_then(|name| text(eval, name));
    table.pitr = switch(eval, inside("pointInTimeRecovery", "enabled"));
    table.deletion_protection = switch(eval, get("deletionProtectionEnabled"));
    table.stream = name_of("streamViewType");
    for (name, global) in [
        ("globalSecondaryIndexes", true),
        ("localSecondaryIndexes", false),
    ] {
        for item in get(name)
            .and_then(|list| elements(eval, list))
            .unwrap_or_default()
        {
            let props = Props::of(eval, item);
            let part = |name: &str| props.get(eval, name).and_then(|value| text(eval, value));
            let made = IndexDef {
                name: part("name").unwrap_or_default(),
                pk: part("hashKey"),
                sk: part("rangeKey"),
                projection: part("projectionType"),
                line: eval.project.span(item).line,
                write_capacity: None,
            };
            if global {
                table.gsi.push(made);
            } else {
                table.lsi.push(made);
            }
        }
    }
}

fn sst(eval: &Eval<'_>, props: &Props, table: &mut TableDef) {
    let keys = |at: Option<At>| {
        let props = at.map_or(Props::Unknown, |at| Props::of(eval, at));
        let part = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| props.get(eval, name))
                .and_then(|at| text(eval, at))
        };
        (
            part(["hashKey", "partitionKey"]),
            part(["rangeKey", "sortKey"]),
        )
    };
    (table.pk, table.sk) = keys(props.get(eval, "primaryIndex"));
    table.ttl = props
        .get(eval, "ttl")
        .or_else(|| props.get(eval, "timeToLiveAttribute"))
        .and_then(|at| text(eval, at));
    table.billing = Some("PAY_PER_REQUEST".to_owned());
    table.pitr = Switch::Unknown;
    table.stream = props.get(eval, "stream").and_then(|view| word(eval, view));
    for (name, global) in [("globalIndexes", true), ("localIndexes", false)] {
        let Some(Value::Object(object)) = props.get(eval, name).map(|at| eval.value(at)) else {
            continue;
        };
        let Kind::Object(fields) = eval.project.kind(object) else {
            continue;
        };
        for field in fields {
            let Field::Named(name, value) = field else {
                continue;
            };
            let at = At {
                file: object.file,
                node: *value,
            };
            let (pk, sk) = keys(Some(at));
            let made = IndexDef {
                name: name.to_string(),
                pk,
                sk,
                line: eval.project.span(at).line,
                ..IndexDef::default()
            };
            if global {
                table.gsi.push(made);
            } else {
                table.lsi.push(made);
            }
        }
    }
}

/// The names a value is bound to: `const table = …`, `this.table = …`.
fn names(eval: &Eval<'_>, at: At) -> Vec<SmolStr> {
    let file = eval.project.file(at.file);
    let mut out = Vec::new();
    for id in file.ancestors(at.node).take(80) {
        match file.kind(id) {
            Kind::Let(pat, ..) => {
                if let Kind::Name(name) = file.kind(*pat) {
                    out.push(name.clone());
                }
                break;
            }
            Kind::Assign(target, ..) => {
                if let Kind::Name(name) | Kind::Member(_, name) = file.kind(*target) {
                    out.push(name.clone());
                }
            }
            Kind::Member(..) | Kind::Call(..) => {}
            _ => break,
        }
    }
    for class in &file.facts.classes {
        let fields = class.fields.iter().filter(|field| {
            field
                .value
                .is_some_and(|value| file.contains(value, at.node))
        });
        out.extend(fields.map(|field| field.name.clone()));
    }
    out
}

/// The table that an expression names, by the last name of it, and through one call's parameter.
fn named(eval: &Eval<'_>, at: At, made: &[Made]) -> Vec<usize> {
    let label = eval.label(at);
    let by_name = |label: &str, file: Option<u32>| -> Vec<usize> {
        let fits = |made: &Made| {
            made.names.iter().any(|name| name == label) && file.is_none_or(|file| file == made.file)
        };
        made.iter()
            .enumerate()
            .filter(|(_, made)| fits(made))
            .map(|(at, _)| at)
            .collect()
    };
    let here = by_name(&label, Some(at.file));
    if !here.is_empty() {
        return here;
    }
    // A helper's parameter: what its callers give.
    let file = eval.project.file(at.file);
    let function = file.named_function(at.node);
    let params = &file.facts.function(function).params;
    let place = params
        .iter()
        .position(|param| matches!(file.kind(param.pat), Kind::Name(name) if *name == label));
    if let Some(place) = place {
        let name = &file.facts.function(function).name;
        let mut given = Vec::new();
        for call in eval.project.calls(name) {
            if let Some(arg) = eval.argument_for(*call, place, Some(&label)) {
                given.extend(by_name(&eval.label(arg), Some(call.file)));
            }
        }
        if !given.is_empty() {
            given.sort_unstable();
            given.dedup();
            return given;
        }
    }
    let in_file: Vec<usize> = made
        .iter()
        .enumerate()
        .filter(|(_, made)| made.file == at.file)
        .map(|(at, _)| at)
        .collect();
    match in_file[..] {
        [_] => in_file,
        _ => Vec::new(),
    }
}

fn call(
    eval: &Eval<'_>,
    at: At,
    callee: Id,
    args: &[Arg],
    made: &mut [Made],
    found: &mut Infrastructure,
) {
    let file = eval.project.file(at.file);
    let here = |node: Id| At {
        file: at.file,
        node,
    };
    if let Kind::Member(object, name) = file.kind(callee) {
        let snaked = snake(name);
        match snaked.trim_start_matches('_') {
            "add_global_secondary_index" | "add_local_secondary_index" => {
                let props = if args.iter().any(|arg| arg.name.is_some()) {
                    Props::Keywords(at)
                } else {
                    args.first()
                        .map_or(Props::Unknown, |arg| Props::of(eval, here(arg.value)))
                };
                let global = snaked.contains("global");
                let indexes = repeated(eval, at, &props);
                for table in named(eval, here(*object), made) {
                    let table = &mut made[table].table;
                    if global {
                        table.gsi.extend(indexes.clone());
                    } else {
                        table.lsi.extend(indexes.clone());
                    }
                }
                return;
            }
            "auto_scale_write_capacity" | "auto_scale_read_capacity" => {
                for table in named(eval, here(*object), made) {
                    made[table].table.autoscaling = true;
                }
                return;
            }
            "grant_full_access" => {
                let (path, line, end_line) = place(eval.project, at);
                let tables = named(eval, here(*object), made);
                let logical = tables
                    .first()
                    .and_then(|table| made[*table].table.logical.clone());
                found.iam.push(IamStatement {
                    file: path,
                    line,
                    end_line,
                    allow: true,
                    actions: vec!["dynamodb:*".to_owned()],
                    resources: logical
                        .map(|name| format!("${{{name}.Arn}}"))
                        .into_iter()
                        .collect(),
                    conditions: Vec::new(),
                    principal: args
                        .first()
                        .map(|arg| eval.label(here(arg.value)).to_string()),
                });
                return;
            }
            "add_environment" => {
                if let [name, value, ..] = args
                    && let Some(name) = text(eval, here(name.value))
                    && let Some(table) = table_name_of(eval, here(value.value), made)
                {
                    found.environment.push((name, table));
                }
                return;
            }
            _ => {}
        }
    }
    let Some(path) = callee_path(eval, at, callee) else {
        return;
    };
    if path.ends_with("DynamoEventSource") {
        let table = args.first().map(|arg| named(eval, here(arg.value), made));
        let table = table.and_then(|tables| {
            tables
                .first()
                .and_then(|table| made[*table].table.logical.clone())
        });
        let props = if args.iter().any(|arg| arg.name.is_some()) {
            Props::Keywords(at)
        } else {
            args.get(1)
                .map_or(Props::Unknown, |arg| Props::of(eval, here(arg.value)))
        };
        let has = |names: &[&str]| names.iter().any(|name| props.get(eval, name).is_some());
        let (file, line, _) = place(eval.project, at);
        found.consumers.push(StreamConsumer {
            file,
            line,
            table,
            filter: has(&["filters"]),
            failure_handling: has(&["onFailure", "retryAttempts", "maxRecordAge"]),
        });
    } else if path.ends_with("PolicyStatement") && (path.contains("iam") || path.contains("Iam")) {
        policy(eval, at, args, found);
    }
}

/// An index added in a loop over literals is one for each.
fn repeated(eval: &Eval<'_>, at: At, props: &Props) -> Vec<IndexDef> {
    let one = index(eval, at, props);
    if !one.name.is_empty() && !one.name.contains('{') {
        return vec![one];
    }
    let file = eval.project.file(at.file);
    let over = file.ancestors(at.node).find_map(|id| match file.kind(id) {
        Kind::Loop(LoopKind::Each, _, Some(over), _) => Some(*over),
        Kind::Call(callee, ..) => match file.kind(*callee) {
            Kind::Member(list, name) if name == "forEach" || name == "map" => Some(*list),
            _ => None,
        },
        _ => None,
    });
    let items = over.and_then(|over| {
        elements(
            eval,
            At {
                file: at.file,
                node: over,
            },
        )
    });
    let Some(items) = items else { return vec![one] };
    let label = props.get(eval, "indexName").map(|name| eval.label(name));
    items
        .into_iter()
        .map(|item| {
            let name = text(eval, item).or_else(|| {
                let own = Props::of(eval, item);
                let field = label
                    .as_ref()
                    .and_then(|label| own.get(eval, label))
                    .or_else(|| own.get(eval, "name"));
                field.and_then(|name| text(eval, name))
            });
            let name = name.unwrap_or_default();
            let hole = format!("{{{}}}", label.as_deref().unwrap_or_default());
            let filled = |key: &Option<String>| key.as_ref().map(|key| key.replace(&hole, &name));
            IndexDef {
                pk: filled(&one.pk),
                sk: filled(&one.sk),
                name,
                ..one.clone()
            }
        })
        .collect()
}

fn policy(eval: &Eval<'_>, at: At, args: &[Arg], found: &mut Infrastructure) {
    let here = |node: Id| At {
        file: at.file,
        node,
    };
    let props = if args.iter().any(|arg| arg.name.is_some()) {
        Props::Keywords(at)
    } else {
        args.first()
            .map_or(Props::Unknown, |arg| Props::of(eval, here(arg.value)))
    };
    let list = |name: &str| {
        let items = props
            .get(eval, name)
            .and_then(|list| elements(eval, list))
            .unwrap_or_default();
        let items = items.into_iter().map(|item| {
            text(eval, item).unwrap_or_else(|| format!("${{{}}}", expression(eval, item)))
        });
        items.collect::<Vec<_>>()
    };
    let effect = props
        .get(eval, "effect")
        .and_then(|effect| word(eval, effect));
    let conditions = match props.get(eval, "conditions").map(|at| eval.value(at)) {
        Some(Value::Object(object)) => crate::tables::named_fields(eval, object)
            .into_iter()
            .flat_map(|(operator, keys)| match eval.value(keys) {
                Value::Object(keys) => crate::tables::named_fields(eval, keys)
                    .into_iter()
                    .map(|(key, _)| format!("{operator} {key}"))
                    .collect::<Vec<_>>(),
                _ => vec![operator],
            })
            .collect(),
        _ => Vec::new(),
    };
    let (file, line, end_line) = place(eval.project, at);
    let statement = IamStatement {
        file,
        line,
        end_line,
        allow: effect.is_none_or(|effect| effect.eq_ignore_ascii_case("allow")),
        actions: list("actions"),
        resources: list("resources"),
        conditions,
        principal: None,
    };
    if concerns(&statement) {
        found.iam.push(statement);
    }
}

/// `table.tableArn` as `table.Arn`.
fn expression(eval: &Eval<'_>, at: At) -> String {
    let file = eval.project.file(at.file);
    match file.kind(at.node) {
        Kind::Member(of, name) => {
            let of = eval.label(At {
                file: at.file,
                node: *of,
            });
            let name = match name.as_str() {
                "tableArn" | "table_arn" => "Arn",
                "tableStreamArn" | "table_stream_arn" => "StreamArn",
                name => name,
            };
            format!("{of}.{name}")
        }
        _ => eval.label(at).to_string(),
    }
}

/// The table of `table.tableName`, by its logical name.
fn table_name_of(eval: &Eval<'_>, at: At, made: &[Made]) -> Option<String> {
    let file = eval.project.file(at.file);
    let Kind::Member(of, name) = file.kind(at.node) else {
        return None;
    };
    if !matches!(name.as_str(), "tableName" | "table_name") {
        return None;
    }
    let tables = named(
        eval,
        At {
            file: at.file,
            node: *of,
        },
        made,
    );
    tables
        .first()
        .and_then(|table| made[*table].table.logical.clone())
}

fn environment(
    eval: &Eval<'_>,
    at: At,
    fields: &[Field],
    made: &[Made],
    found: &mut Infrastructure,
) {
    for field in fields {
        if let Field::Named(name, value) = field
            && let Some(table) = table_name_of(
                eval,
                At {
                    file: at.file,
                    node: *value,
                },
                made,
            )
        {
            found.environment.push((name.to_string(), table));
        }
    }
}
