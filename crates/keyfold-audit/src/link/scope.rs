//! Parents, owners and bindings of a file's nodes.

use smol_str::SmolStr;

use super::SourceFile;
use crate::facts::{ClassId, FnId, Id, Kind};

/// Where a bound name's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The value of an expression.
    Value(Id),
    /// A parameter: function, position.
    Param(FnId, usize),
    /// An element of a collection.
    Each(Id),
    /// Nothing known.
    Opaque,
    /// A function.
    Function(FnId),
    /// A class.
    Class(ClassId),
}

/// A step from a bound value to the part that a name gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field, by destructuring; `...` is the rest, `!` an error.
    Field(SmolStr),
    /// An element.
    Element(usize),
    /// `Ok(x)`, `Some(x)`.
    Unwrap,
}

/// A name bound in a function.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The node that binds it.
    pub node: Id,
    /// Where the value comes from.
    pub source: Source,
    /// From that value to this name.
    pub path: Vec<Step>,
    /// Declared type.
    pub ty: Option<Id>,
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Fills parents, owners, scopes and exports.
pub fn fill(file: &mut SourceFile) {
    for function in 0..small(file.facts.functions.len()) {
        let f = file.facts.function(function);
        let (lambda, body, params) = (f.lambda, f.body, f.params.clone());
        let (name, parent, class) = (f.name.clone(), f.parent, f.class);
        let decorators = f.decorators.clone();
        // A lambda's body is reached from where it stands.
        if (!lambda || class.is_some()) && !file.facts.nodes.is_empty() {
            walk(file, body, function);
        }
        for decorator in decorators {
            walk(file, decorator, parent.unwrap_or_default());
        }
        for (at, param) in params.iter().enumerate() {
            walk(file, param.pat, function);
            if let Some(default) = param.default {
                walk(file, default, function);
            }
            bind(
                file,
                function,
                param.pat,
                param.pat,
                Source::Param(function, at),
                Vec::new(),
                param.ty,
            );
        }
        if let (false, Some(parent), None) = (lambda, parent, class) {
            let binding = Binding {
                node: body,
                source: Source::Function(function),
                path: Vec::new(),
                ty: None,
            };
            add(file, parent, name, binding);
        }
    }
    for class in 0..small(file.facts.classes.len()) {
        let c = file.facts.class(class).clone();
        for value in c.fields.iter().filter_map(|field| field.value) {
            if file.parents[value as usize] == value && file.owner[value as usize] == 0 {
                walk(file, value, 0);
            }
        }
        for node in c
            .bases
            .iter()
            .chain(&c.decorators)
            .chain(c.fields.iter().flat_map(|f| &f.decorators))
        {
            walk(file, *node, 0);
        }
        if !c.name.is_empty() {
            let binding = Binding {
                node: 0,
                source: Source::Class(class),
                path: Vec::new(),
                ty: None,
            };
            add(file, 0, c.name.clone(), binding);
        }
    }
}

fn add(file: &mut SourceFile, function: FnId, name: SmolStr, binding: Binding) {
    file.scopes[function as usize]
        .entry(name)
        .or_default()
        .push(binding);
}

fn walk(file: &mut SourceFile, root: Id, function: FnId) {
    let mut stack = vec![(root, function)];
    let mut children = Vec::new();
    while let Some((id, function)) = stack.pop() {
        file.owner[id as usize] = function;
        let inner = match file.kind(id) {
            Kind::Lambda(lambda) => *lambda,
            _ => function,
        };
        children.clear();
        file.facts.children(id, |child| children.push(child));
        for child in &children {
            file.parents[*child as usize] = id;
        }
        stack.extend(children.iter().rev().map(|child| (*child, inner)));
        binds(file, id, function);
    }
}

fn binds(file: &mut SourceFile, id: Id, function: FnId) {
    match file.kind(id).clone() {
        Kind::Let(pat, ty, value) => {
            let source = value.map_or(Source::Opaque, Source::Value);
            bind(file, function, id, pat, source, Vec::new(), ty);
        }
        Kind::Assign(target, op, value) if op == "=" => match file.kind(target).clone() {
            Kind::Name(name) => {
                // The name lives where it was declared.
                let mut home = Some(function);
                while let Some(at) = home
                    && !file.scopes[at as usize].contains_key(&name)
                {
                    home = file.facts.function(at).parent;
                }
                let binding = Binding {
                    node: id,
                    source: Source::Value(value),
                    path: Vec::new(),
                    ty: None,
                };
                add(file, home.unwrap_or(function), name, binding);
            }
            Kind::PatObject(_) | Kind::PatArray(_) | Kind::Array(_) => {
                bind(
                    file,
                    function,
                    id,
                    target,
                    Source::Value(value),
                    Vec::new(),
                    None,
                );
            }
            Kind::Member(obj, name) => exports(file, obj, &name, value),
            _ => {}
        },
        Kind::Loop(_, Some(pat), Some(over), _) => {
            bind(
                file,
                function,
                id,
                pat,
                Source::Each(over),
                Vec::new(),
                None,
            );
        }
        Kind::Match(subject, arms) => {
            for (pat, _) in arms {
                if matches!(
                    file.kind(pat),
                    Kind::PatWrap(..) | Kind::PatObject(_) | Kind::PatArray(_) | Kind::Name(_)
                ) {
                    bind(
                        file,
                        function,
                        pat,
                        pat,
                        Source::Value(subject),
                        Vec::new(),
                        None,
                    );
                }
            }
        }
        Kind::Try(_, handlers, _) => {
            for pat in handlers.into_iter().filter_map(|(pat, _)| pat) {
                bind(file, function, pat, pat, Source::Opaque, Vec::new(), None);
            }
        }
        _ => {}
    }
}

fn exports(file: &mut SourceFile, obj: Id, name: &SmolStr, value: Id) {
    match file.kind(obj) {
        Kind::Name(module) if module == "module" && name == "exports" => {
            file.default_export = Some(value);
        }
        Kind::Name(exports) if exports == "exports" => {
            file.assigned_exports.insert(name.clone(), value);
        }
        Kind::Member(module, exports)
            if exports == "exports"
                && matches!(file.kind(*module), Kind::Name(m) if m == "module") =>
        {
            file.assigned_exports.insert(name.clone(), value);
        }
        _ => {}
    }
}

/// Axum's and actix's extractors, and what carries one value: the pattern inside gets it.
const WRAPS: [&str; 9] = [
    "Ok",
    "Some",
    "State",
    "Extension",
    "Json",
    "Path",
    "Query",
    "Data",
    "Form",
];

fn bind(
    file: &mut SourceFile,
    function: FnId,
    node: Id,
    pat: Id,
    source: Source,
    path: Vec<Step>,
    ty: Option<Id>,
) {
    let with = |step: Step| {
        let mut path = path.clone();
        path.push(step);
        path
    };
    match file.kind(pat).clone() {
        Kind::Name(name) if name != "_" => {
            // A constant as a pattern of a match binds nothing.
            if matches!(source, Source::Value(_))
                && node == pat
                && name.chars().next().is_some_and(char::is_uppercase)
            {
                return;
            }
            add(
                file,
                function,
                name,
                Binding {
                    node,
                    source,
                    path,
                    ty,
                },
            );
        }
        Kind::PatObject(fields) => {
            for (key, inner) in fields {
                bind(
                    file,
                    function,
                    node,
                    inner,
                    source,
                    with(Step::Field(key)),
                    None,
                );
            }
        }
        Kind::PatArray(items) | Kind::Array(items) => {
            for (at, inner) in items.into_iter().enumerate() {
                bind(
                    file,
                    function,
                    node,
                    inner,
                    source,
                    with(Step::Element(at)),
                    None,
                );
            }
        }
        Kind::PatWrap(ctor, items) => {
            for (at, inner) in items.into_iter().enumerate() {
                let step = match ctor.as_str() {
                    "Err" => Step::Field(SmolStr::new_static("!")),
                    ctor if WRAPS.contains(&ctor) => Step::Unwrap,
                    _ => Step::Element(at),
                };
                bind(file, function, node, inner, source, with(step), ty);
            }
        }
        Kind::Spread(inner) => bind(file, function, node, inner, source, path, ty),
        _ => {}
    }
}
