//! What Java, Kotlin and Go say in their own ways: members without `this`, imports by package, types
//! whose parts stand in several files.

use smol_str::SmolStr;

use super::eval::{Eval, Value};
use super::{At, FileId, Item};
use crate::facts::{ClassId, Field, Kind};
use crate::lang::Lang;

/// A bare name that is a member of the class around it.
pub(super) fn member(eval: &Eval<'_>, at: At, name: &str) -> Option<Value> {
    let file = eval.project.file(at.file);
    if !matches!(file.lang, Lang::Java | Lang::Kotlin) {
        return None;
    }
    let mut function = Some(file.owner[at.node as usize]);
    let mut class = None;
    while let Some(id) = function {
        if let Some(of) = file.facts.function(id).class {
            class = Some(of);
            break;
        }
        function = file.facts.function(id).parent;
    }
    // A field's initial value stands in no function: the class it lies in.
    let class = class.or_else(|| {
        let place = file.span(at.node);
        let around = (0u32..)
            .zip(&file.facts.classes)
            .filter(|(_, c)| c.span.start <= place.start && place.end <= c.span.end);
        around
            .min_by_key(|(_, c)| c.span.end - c.span.start)
            .map(|(id, _)| id)
    });
    let mut class = class?;
    for _ in 0..4 {
        let value = eval.instance_member(at.file, class, name);
        if !matches!(value, Value::Unknown) {
            return Some(value);
        }
        let declares = file
            .facts
            .class(class)
            .fields
            .iter()
            .any(|field| field.name == name);
        if declares {
            return Some(Value::Unknown);
        }
        let outer = (0u32..)
            .zip(&file.facts.classes)
            .find(|(_, c)| c.inner.contains(&class));
        class = outer?.0;
    }
    None
}

/// `import com.acme.OrderRepository`: the class of the project in that package.
pub(super) fn imported(
    eval: &Eval<'_>,
    from: FileId,
    module: &str,
    name: &SmolStr,
) -> Option<Value> {
    let lang = eval.project.file(from).lang;
    if !matches!(lang, Lang::Java | Lang::Kotlin) {
        return None;
    }
    let in_package = |file: FileId, package: &str| {
        let f = eval.project.file(file);
        matches!(f.lang, Lang::Java | Lang::Kotlin) && f.facts.package == package
    };
    for item in eval.project.items(name) {
        match item {
            Item::Class(file, class) if in_package(*file, module) => {
                return Some(Value::Class(*file, *class));
            }
            Item::Function(file, function) if in_package(*file, module) => {
                return Some(Value::Function(*file, *function));
            }
            Item::Binding(at) if in_package(at.file, module) => return Some(eval.value(*at)),
            _ => {}
        }
    }
    // `import static com.acme.Tables.ORDERS`.
    let (package, of) = module.rsplit_once('.')?;
    eval.project.items(of).iter().find_map(|item| match item {
        Item::Class(file, class) if in_package(*file, package) => {
            Some(eval.member(&Value::Class(*file, *class), name, None))
        }
        _ => None,
    })
}

/// A name of the same package needs no import, and wins over what a glob import could give.
pub(super) fn beside(eval: &Eval<'_>, file: FileId, name: &str) -> Option<Value> {
    let f = eval.project.file(file);
    if !matches!(f.lang, Lang::Java | Lang::Kotlin) {
        return None;
    }
    eval.project.items(name).iter().find_map(|item| match item {
        Item::Class(other, class) => {
            let o = eval.project.file(*other);
            let same =
                matches!(o.lang, Lang::Java | Lang::Kotlin) && o.facts.package == f.facts.package;
            same.then_some(Value::Class(*other, *class))
        }
        _ => None,
    })
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `db.NewStore` of a package of the project: its folder is the end of the import's path.
pub(super) fn of_package(eval: &Eval<'_>, path: &str, name: &str) -> Option<Value> {
    if !path.contains('/')
        || path.contains('(')
        || path.starts_with("github.com/aws/")
        || !name.starts_with(char::is_uppercase)
    {
        return None;
    }
    let here = |file: FileId| {
        let f = eval.project.file(file);
        let folder = folder(&f.path);
        f.lang == Lang::Go
            && !folder.is_empty()
            && (path.ends_with(&format!("/{folder}"))
                || path == folder
                || tail(folder) == tail(path) && shares(folder, path))
    };
    eval.project.items(name).iter().find_map(|item| match item {
        Item::Function(file, function) if here(*file) => Some(Value::Function(*file, *function)),
        Item::Class(file, class) if here(*file) => Some(Value::Class(*file, *class)),
        Item::Binding(at) if here(at.file) => Some(eval.value(*at)),
        _ => None,
    })
}

fn tail(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Two folders whose last two parts are the same are one, where the project's root is a module in a folder.
fn shares(folder: &str, path: &str) -> bool {
    let ends = |text: &str| text.rsplit('/').nth(1).map(str::to_owned);
    ends(folder).is_none() || ends(folder) == ends(path)
}

/// The other parts of a Go type: its methods may stand in any file of the package.
pub(super) fn parts(eval: &Eval<'_>, file: FileId, class: ClassId) -> Vec<(FileId, ClassId)> {
    let f = eval.project.file(file);
    if f.lang != Lang::Go {
        return Vec::new();
    }
    let name = &f.facts.class(class).name;
    let home = folder(&f.path);
    let mut parts = Vec::new();
    for item in eval.project.items(name) {
        if let Item::Class(other, id) = item
            && (*other, *id) != (file, class)
            && folder(&eval.project.file(*other).path) == home
        {
            parts.push((*other, *id));
        }
    }
    parts
}

/// A field of a Go struct: declared in another part, or set where the struct is made.
pub(super) fn field(eval: &Eval<'_>, file: FileId, class: ClassId, name: &str) -> Option<Value> {
    let f = eval.project.file(file);
    if f.lang != Lang::Go {
        return None;
    }
    for (pf, pc) in parts(eval, file, class) {
        let part = eval.project.file(pf);
        let Some(field) = part
            .facts
            .class(pc)
            .fields
            .iter()
            .find(|field| field.name == name)
        else {
            continue;
        };
        if let Some(ty) = field.ty {
            let value = eval.type_value(At { file: pf, node: ty });
            if !matches!(value, Value::Unknown) {
                return Some(value);
            }
        }
    }
    let type_name = f.facts.class(class).name.clone();
    let mut found: Option<Value> = None;
    for call in eval.project.calls(&type_name).iter().take(16) {
        let Kind::Call(_, args, style) = eval.project.kind(*call) else {
            continue;
        };
        if !style.new || eval.project.file(call.file).lang != Lang::Go {
            continue;
        }
        let Some(Kind::Object(fields)) = args
            .first()
            .map(|arg| eval.project.file(call.file).kind(arg.value))
        else {
            continue;
        };
        let set = fields.iter().find_map(|field| match field {
            Field::Named(key, value) if key == name => Some(At {
                file: call.file,
                node: *value,
            }),
            _ => None,
        });
        let Some(set) = set else { continue };
        match (eval.value(set), &found) {
            (Value::Unknown, _) => {}
            (value, None) => found = Some(value),
            (value, Some(other)) if value == *other => {}
            _ => return None,
        }
    }
    found
}
