//! What an expression is, as far as the source says: a lazy evaluator over linked facts.
//!
//! Deliberately modest. Whatever it cannot see is [`Value::Unknown`], never a guess.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::scope::{Binding, Source, Step};
use super::{At, FileId, Item, Project, SourceFile, modules, own};
use crate::facts::{Arg, CallStyle, ClassId, Field, FnId, Id, Kind};
use crate::lang::Lang;
use crate::op::Op;
use crate::surfaces::{self, Handle};

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Known.
    Lit(SmolStr),
    /// Unknown: the last name of the expression, and the expression.
    Hole(SmolStr, At),
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not known.
    Unknown,
    /// A text with named holes.
    Text(Rc<Vec<Piece>>),
    /// A number, as written.
    Number(SmolStr),
    /// A truth value.
    Bool(bool),
    /// Nothing.
    Null,
    /// An object literal.
    Object(At),
    /// An array literal.
    Array(At),
    /// Something from outside the project, by its path; `()` marks what a call gave.
    Ext(SmolStr),
    /// A value of a `DynamoDB` library.
    Handle(Handle),
    /// A function of the project.
    Function(FileId, FnId),
    /// A class of the project.
    Class(FileId, ClassId),
    /// An instance of it.
    Instance(FileId, ClassId),
    /// A module of the project.
    Module(FileId),
}

impl Value {
    /// The handle, if it is one.
    pub fn handle(&self) -> Option<&Handle> {
        match self {
            Value::Handle(handle) => Some(handle),
            _ => None,
        }
    }

    /// A text without holes.
    pub fn text(&self) -> Option<SmolStr> {
        match self {
            Value::Text(pieces) => match &pieces[..] {
                [] => Some(SmolStr::default()),
                [Piece::Lit(text)] => Some(text.clone()),
                _ => None,
            },
            _ => None,
        }
    }
}

/// An operation found at a node.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which.
    pub op: Op,
    /// On what.
    pub handle: Handle,
    /// Where its parameters are written.
    pub params: ParamsAt,
    /// Only the shape of its arguments tells.
    pub by_shape: bool,
}

/// Where a request's parameters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsAt {
    /// The fields of an argument.
    Argument(At),
    /// The keyword arguments of a call.
    Keywords(At),
    /// The methods chained on the value of this node.
    Chain(At),
    /// Positional arguments of a mapper's method.
    Positional(At),
    /// The methods of a builder that an argument is, or is given to.
    Fluent(At),
    /// There are none.
    None,
}

/// A call as surfaces see it.
pub struct CallView<'a> {
    /// The call.
    pub at: At,
    /// Its arguments.
    pub args: &'a [Arg],
    /// How it is written.
    pub style: CallStyle,
}

impl CallView<'_> {
    /// The n-th positional argument.
    pub fn arg(&self, n: usize) -> Option<At> {
        self.args
            .iter()
            .filter(|arg| arg.name.is_none())
            .nth(n)
            .map(|arg| At {
                file: self.at.file,
                node: arg.value,
            })
    }

    /// A keyword argument.
    pub fn keyword(&self, name: &str) -> Option<At> {
        self.args
            .iter()
            .find(|arg| arg.name.as_deref() == Some(name))
            .map(|arg| At {
                file: self.at.file,
                node: arg.value,
            })
    }
}

/// A function, and what one call gives its parameters.
type Given = (FileId, FnId, Vec<(usize, Value)>);

/// The evaluator of one thread: it remembers what it has seen.
pub struct Eval<'p> {
    /// What it reads.
    pub project: &'p Project,
    memo: RefCell<FxHashMap<At, Value>>,
    found: RefCell<FxHashMap<At, Found>>,
    fields: RefCell<FxHashMap<(FileId, ClassId, SmolStr), Value>>,
    exports: RefCell<FxHashMap<(FileId, SmolStr), Value>>,
    results: RefCell<FxHashMap<(FileId, FnId), Value>>,
    depth: Cell<u32>,
    /// How many calls up a parameter may be followed; 0 inside the search for callers.
    callers: Cell<u32>,
    /// What one call gives a function's parameters, while that call is looked into.
    given: Option<Given>,
}

const DEPTH_MAX: u32 = 48;

/// Methods that give back the value they are called on, as far as types go.
const SAME: [&str; 22] = [
    "clone",
    "as_ref",
    "as_deref",
    "to_owned",
    "unwrap",
    "expect",
    "borrow",
    "as_mut",
    "into",
    "lock",
    "read",
    "get_ref",
    "into_inner",
    "unwrap_or_else",
    "deref",
    "promise",
    "__aenter__",
    "__enter__",
    "toString",
    "to_string",
    "as_str",
    "inner",
];

/// Functions that give back their first argument, as far as types go.
const WRAPPERS: [&str; 20] = [
    "Arc.new",
    "Rc.new",
    "Some",
    "Ok",
    "Box.new",
    "captureAWSClient",
    "captureAWSv3Client",
    "captureAWS",
    "String.from",
    "Promise.resolve",
    "Object.freeze",
    "Box.pin",
    "Data.new",
    "Extension",
    "str",
    "String",
    "Cow.from",
    "Mutex.new",
    "to_string",
    "aws.String",
];

impl<'p> Eval<'p> {
    /// An evaluator of a project.
    pub fn new(project: &'p Project) -> Eval<'p> {
        Eval {
            project,
            memo: RefCell::default(),
            found: RefCell::default(),
            fields: RefCell::default(),
            exports: RefCell::default(),
            results: RefCell::default(),
            depth: Cell::new(0),
            callers: Cell::new(1),
            given: None,
        }
    }

    /// The operation at a node, after it was evaluated.
    pub fn found(&self, at: At) -> Option<Found> {
        self.found.borrow().get(&at).cloned()
    }

    /// Notes an operation.
    pub fn note(&self, at: At, found: Found) {
        self.found.borrow_mut().insert(at, found);
    }

    /// What a node is.
    pub fn value(&self, at: At) -> Value {
        self.once(&self.memo, at, || self.compute(at))
    }

    /// A text without holes.
    pub fn text(&self, at: At) -> Option<SmolStr> {
        self.value(at).text()
    }

    fn compute(&self, at: At) -> Value {
        let file = self.project.file(at.file);
        let sub = |node: Id| At {
            file: at.file,
            node,
        };
        match file.kind(at.node) {
            Kind::Str(text) => Value::Text(Rc::new(vec![Piece::Lit(text.clone())])),
            Kind::Template(parts) => Value::Text(Rc::new(self.template(at.file, parts))),
            Kind::Num(text) => Value::Number(text.clone()),
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Null => Value::Null,
            Kind::Object(_) => Value::Object(at),
            Kind::Array(_) => Value::Array(at),
            Kind::Lambda(function) => Value::Function(at.file, *function),
            Kind::Name(name) => self.name(at, name),
            Kind::Member(obj, name) => {
                let obj_value = self.value(sub(*obj));
                self.member(&obj_value, name, Some(at))
            }
            Kind::Index(obj, index) => {
                let obj = self.value(sub(*obj));
                match self.text(sub(*index)) {
                    Some(name) => self.member(&obj, &name, None),
                    None => match obj {
                        Value::Ext(path) => Value::Ext(SmolStr::from(format!("{path}[]"))),
                        _ => Value::Unknown,
                    },
                }
            }
            Kind::Call(callee, args, style) => self
                .wrapper(at, *callee, args, *style)
                .unwrap_or_else(|| self.call(at, *callee, args, *style)),
            Kind::Choice(values) => Self::choice(values.iter().map(|v| self.value(sub(*v)))),
            Kind::If(_, then, None) if matches!(file.kind(*then), Kind::Choice(_)) => {
                self.value(sub(*then))
            }
            Kind::If(_, then, Some(other)) => {
                Self::choice([self.value(sub(*then)), self.value(sub(*other))].into_iter())
            }
            Kind::Match(_, arms) => {
                Self::choice(arms.iter().map(|(_, body)| self.value(sub(*body))))
            }
            Kind::Block(list) => match list.last() {
                Some(last) if !matches!(file.kind(*last), Kind::Let(..) | Kind::Loop(..)) => {
                    self.value(sub(*last))
                }
                _ => Value::Unknown,
            },
            Kind::Let(_, _, Some(value)) => self.value(sub(*value)),
            Kind::Assign(_, op, value) if op == "=" => self.value(sub(*value)),
            Kind::Spread(inner) => self.value(sub(*inner)),
            Kind::Type(..) => self.compute_type(at),
            _ => Value::Unknown,
        }
    }

    /// A handle wins; otherwise all must agree.
    fn choice(values: impl Iterator<Item = Value>) -> Value {
        let values: Vec<Value> = values.filter(|v| !matches!(v, Value::Null)).collect();
        if let Some(handle) = values.iter().find(|v| v.handle().is_some()) {
            return handle.clone();
        }
        match values.split_first() {
            Some((first, rest)) if rest.iter().all(|v| v == first) => first.clone(),
            // `process.env.TABLE || 'orders'`: the name in the environment wins, the other is its default.
            Some((Value::Ext(path), [Value::Text(_)])) => Value::Ext(path.clone()),
            _ => Value::Unknown,
        }
    }

    fn template(&self, file: FileId, parts: &[Id]) -> Vec<Piece> {
        let mut out: Vec<Piece> = Vec::new();
        for part in parts {
            let at = At { file, node: *part };
            for piece in self.pieces(at) {
                match (out.last_mut(), piece) {
                    (Some(Piece::Lit(before)), Piece::Lit(more)) => {
                        *before = SmolStr::from(format!("{before}{more}"));
                    }
                    (_, piece) => out.push(piece),
                }
            }
        }
        out
    }

    /// An expression as pieces of text: known text, or one hole.
    pub fn pieces(&self, at: At) -> Vec<Piece> {
        match self.value(at) {
            Value::Text(pieces) => pieces.to_vec(),
            Value::Number(text) => vec![Piece::Lit(text)],
            _ => vec![Piece::Hole(self.label(at), at)],
        }
    }

    /// The last name of an expression.
    pub fn label(&self, at: At) -> SmolStr {
        let file = self.project.file(at.file);
        match file.kind(at.node) {
            Kind::Name(name) => name.clone(),
            Kind::Member(obj, name) => {
                if SAME.contains(&name.as_str()) || matches!(name.as_str(), "id" | "value" | "0") {
                    let before = self.label(At {
                        file: at.file,
                        node: *obj,
                    });
                    if name == "id" && !before.is_empty() {
                        return SmolStr::from(format!("{before}.id"));
                    }
                    return before;
                }
                name.clone()
            }
            Kind::Index(_, index) => match file.kind(*index) {
                Kind::Str(text) => text.clone(),
                _ => SmolStr::default(),
            },
            Kind::Call(callee, args, _) => {
                let own = self.label(At {
                    file: at.file,
                    node: *callee,
                });
                match (own.as_str(), args.first()) {
                    ("encodeURIComponent" | "str" | "String" | "Number" | "int", Some(arg)) => self
                        .label(At {
                            file: at.file,
                            node: arg.value,
                        }),
                    _ => own,
                }
            }
            _ => SmolStr::default(),
        }
    }

    /// Bindings that may hold where a name is used: the nearest function that has any.
    pub fn bindings(&self, at: At, name: &str) -> Vec<(FnId, Binding)> {
        let file = self.project.file(at.file);
        let mut function = Some(file.owner[at.node as usize]);
        let mut innermost = true;
        while let Some(id) = function {
            if let Some(bindings) = file.scopes[id as usize].get(name) {
                let reach: Vec<Binding> = if innermost {
                    self.reaching(at, bindings)
                } else {
                    bindings.clone()
                };
                if !reach.is_empty() {
                    return reach.into_iter().map(|b| (id, b)).collect();
                }
            }
            function = file.facts.function(id).parent;
            innermost = false;
        }
        Vec::new()
    }

    /// Of several bindings in one function, those that can be the last before the use.
    fn reaching(&self, at: At, bindings: &[Binding]) -> Vec<Binding> {
        if let [one] = bindings {
            return vec![one.clone()];
        }
        let file = self.project.file(at.file);
        let place = file.span(at.node).start;
        let mut sorted: Vec<&Binding> = bindings.iter().collect();
        sorted.sort_by_key(|b| file.span(b.node).start);
        let mut out = Vec::new();
        for binding in sorted.iter().rev() {
            // Inside its own value a name is what it was before.
            let inside = file.contains(binding.node, at.node)
                && !matches!(file.kind(binding.node), Kind::Loop(..));
            let before = file.span(binding.node).start <= place && !inside;
            if before {
                out.push((*binding).clone());
                let home = file
                    .ancestors(binding.node)
                    .find(|a| matches!(file.kind(*a), Kind::Block(_) | Kind::Loop(..)));
                let dominates = match (binding.source, home) {
                    (Source::Param(..) | Source::Function(_) | Source::Class(_), _) | (_, None) => {
                        true
                    }
                    (_, Some(home)) => file.contains(home, at.node),
                };
                if dominates {
                    break;
                }
            } else if !inside {
                // The turn before: a binding later in a loop that both stand in.
                let looped = file
                    .ancestors(binding.node)
                    .any(|a| matches!(file.kind(a), Kind::Loop(..)) && file.contains(a, at.node));
                if looped
                    && (matches!(file.kind(binding.node), Kind::Assign(..))
                        || file.lang == Lang::Python)
                {
                    out.push((*binding).clone());
                }
            }
        }
        if out.is_empty() {
            out.extend(
                bindings
                    .iter()
                    .filter(|b| !file.contains(b.node, at.node))
                    .cloned(),
            );
        }
        out
    }

    fn name(&self, at: At, name: &SmolStr) -> Value {
        let file = self.project.file(at.file);
        if name == "self" {
            let mut function = Some(file.owner[at.node as usize]);
            while let Some(id) = function {
                if let Some(class) = file.facts.function(id).class {
                    return Value::Instance(at.file, class);
                }
                function = file.facts.function(id).parent;
            }
            return Value::Unknown;
        }
        let bindings = self.bindings(at, name);
        if !bindings.is_empty() {
            // A required module is an import.
            if let Some(import) = file.imports.get(name)
                && bindings.iter().all(|(f, _)| *f == 0)
                && file.lang.is_js()
            {
                let value = self.import(at.file, *import);
                if !matches!(value, Value::Unknown) {
                    return value;
                }
            }
            let values: Vec<Value> = bindings
                .iter()
                .map(|(_, b)| self.bound(at.file, b))
                .collect();
            return Self::choice(values.into_iter());
        }
        if let Some(value) = own::member(self, at, name) {
            return value;
        }
        if let Some(import) = file.imports.get(name) {
            return self.import(at.file, *import);
        }
        self.elsewhere(at.file, name)
    }

    /// What a binding gives its name.
    pub fn bound(&self, file: FileId, binding: &Binding) -> Value {
        if let Some(ty) = binding.ty {
            let value = self.type_value(At { file, node: ty });
            if !matches!(value, Value::Unknown) && (binding.path.iter().all(|s| *s == Step::Unwrap))
            {
                return match binding.source {
                    Source::Value(node) => self.told(value, At { file, node }),
                    _ => value,
                };
            }
        }
        let mut value = match binding.source {
            Source::Value(node) => self.value(At { file, node }),
            Source::Param(function, position) => self.param(file, function, position),
            Source::Each(node) => self.element(&self.value(At { file, node })),
            Source::Opaque => Value::Unknown,
            Source::Function(function) => Value::Function(file, function),
            Source::Class(class) => Value::Class(file, class),
        };
        for step in &binding.path {
            value = match step {
                Step::Field(name) => self.member(&value, name, None),
                Step::Unwrap => value,
                Step::Element(at) => match value {
                    Value::Array(array) => match self.project.kind(array) {
                        Kind::Array(items) => match items.get(*at) {
                            Some(item) => self.value(At {
                                file: array.file,
                                node: *item,
                            }),
                            None => Value::Unknown,
                        },
                        _ => Value::Unknown,
                    },
                    _ => Value::Unknown,
                },
            };
        }
        value
    }

    /// A declared type says what a value is; the value also says which table it is, and what a map holds.
    fn told(&self, declared: Value, given: At) -> Value {
        if matches!(declared, Value::Ext(_)) {
            // `Map<String, AttributeValue> values = …`: what is in it says more than what it holds.
            let value = self.value(given);
            return if matches!(value, Value::Object(_) | Value::Array(_)) {
                value
            } else {
                declared
            };
        }
        let Value::Handle(handle) = &declared else {
            return declared;
        };
        if handle.table.is_some()
            || !matches!(
                handle.kind,
                surfaces::HandleKind::Table | surfaces::HandleKind::Index
            )
        {
            return declared;
        }
        match self.value(given) {
            Value::Handle(made) if made.api == handle.api && made.kind == handle.kind => {
                Value::Handle(made)
            }
            _ => declared,
        }
    }

    fn element(&self, of: &Value) -> Value {
        match of {
            Value::Handle(handle) => surfaces::element(handle),
            Value::Array(at) => match self.project.kind(*at) {
                Kind::Array(items) => Self::choice(items.iter().map(|i| {
                    self.value(At {
                        file: at.file,
                        node: *i,
                    })
                })),
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    fn param(&self, file: FileId, function: FnId, position: usize) -> Value {
        let f = self.project.file(file).facts.function(function);
        let Some(param) = f.params.get(position) else {
            return Value::Unknown;
        };
        if let Some((at, of, values)) = &self.given
            && (*at, *of) == (file, function)
            && let Some((_, value)) = values.iter().find(|(n, _)| *n == position)
        {
            return value.clone();
        }
        if let Some(ty) = param.ty {
            let value = self.type_value(At { file, node: ty });
            if !matches!(value, Value::Unknown) {
                return value;
            }
        }
        for decorator in &param.decorators {
            if let Value::Handle(handle) = self.value(At {
                file,
                node: *decorator,
            }) {
                return Value::Handle(handle);
            }
        }
        if self.callers.get() == 0 {
            return Value::Unknown;
        }
        self.callers.set(self.callers.get() - 1);
        let mut values: Vec<Value> = Vec::new();
        for (call, _) in self.callers_of(file, function) {
            let given = self.argument_for(
                call,
                position,
                self.param_name(file, function, position).as_deref(),
            );
            values.push(given.map_or(Value::Unknown, |at| self.value(at)));
        }
        self.callers.set(self.callers.get() + 1);
        if values.is_empty()
            && let Some(default) = param.default
        {
            return self.value(At {
                file,
                node: default,
            });
        }
        let value = Self::choice(values.into_iter());
        match (&value, param.default) {
            (Value::Unknown, Some(default)) => match self.value(At {
                file,
                node: default,
            }) {
                Value::Handle(handle) => Value::Handle(handle),
                _ => Value::Unknown,
            },
            // A parameter that every caller gives the same constant is that constant.
            (
                Value::Text(_)
                | Value::Handle(_)
                | Value::Instance(..)
                | Value::Class(..)
                | Value::Ext(_)
                | Value::Object(_),
                _,
            ) => value,
            _ => Value::Unknown,
        }
    }

    /// The name of a parameter.
    pub fn param_name(&self, file: FileId, function: FnId, position: usize) -> Option<SmolStr> {
        let f = self.project.file(file);
        let param = f.facts.function(function).params.get(position)?;
        match f.kind(param.pat) {
            Kind::Name(name) => Some(name.clone()),
            _ => None,
        }
    }

    /// The argument a call gives for a parameter.
    pub fn argument_for(&self, call: At, position: usize, name: Option<&str>) -> Option<At> {
        let Kind::Call(_, args, _) = self.project.kind(call) else {
            return None;
        };
        let by_name =
            name.and_then(|name| args.iter().find(|arg| arg.name.as_deref() == Some(name)));
        let arg = by_name.or_else(|| args.iter().filter(|arg| arg.name.is_none()).nth(position))?;
        Some(At {
            file: call.file,
            node: arg.value,
        })
    }

    /// Calls of a function, and whether each is certain (its receiver is known).
    pub fn callers_of(&self, file: FileId, function: FnId) -> Vec<(At, bool)> {
        let f = self.project.file(file).facts.function(function);
        let class = f
            .class
            .map(|class| self.project.file(file).facts.class(class));
        let name = match class {
            Some(class) if f.name == "new" => class.name.clone(),
            _ => f.name.clone(),
        };
        if name.is_empty() {
            return Vec::new();
        }
        let mut calls: Vec<At> = self.project.calls(&name).to_vec();
        if f.name == "new" && class.is_some() && self.project.file(file).lang == Lang::Rust {
            calls.extend(self.project.calls("new"));
        }
        let unique = self.project.functions(&f.name).len() == 1;
        let mut out = Vec::new();
        for call in calls.into_iter().take(64) {
            let Kind::Call(callee, ..) = self.project.kind(call) else {
                continue;
            };
            let callee_at = At {
                file: call.file,
                node: *callee,
            };
            if self.project.file(call.file).lang.is_js() != self.project.file(file).lang.is_js() {
                continue;
            }
            match self.value(callee_at) {
                Value::Function(at, id) if (at, id) == (file, function) => out.push((call, true)),
                Value::Function(at, id) if self.overrides(at, id, file, function) => {
                    out.push((call, true));
                }
                Value::Class(at, id) if f.name == "new" && Some(id) == f.class && at == file => {
                    out.push((call, true));
                }
                Value::Unknown | Value::Ext(_) if unique && f.name.len() > 6 && f.name != "new" => {
                    out.push((call, false));
                }
                _ => {}
            }
        }
        out
    }

    /// The called method is an interface's, and this is its implementation.
    fn overrides(&self, at: FileId, called: FnId, file: FileId, function: FnId) -> bool {
        let f = self.project.file(at).facts.function(called);
        let own = self.project.file(file).facts.function(function);
        let (Some(interface), Some(class)) = (f.class, own.class) else {
            return false;
        };
        f.name == own.name
            && self.project.file(at).facts.class(interface).interface
            && self
                .bases(file, class)
                .contains(&Value::Class(at, interface))
    }

    /// What a class extends or implements.
    pub fn bases(&self, file: FileId, class: ClassId) -> Vec<Value> {
        let class = self.project.file(file).facts.class(class);
        class
            .bases
            .iter()
            .map(|base| match self.project.file(file).kind(*base) {
                Kind::Type(..) => match self.type_value(At { file, node: *base }) {
                    Value::Instance(file, class) => Value::Class(file, class),
                    other => other,
                },
                _ => self.value(At { file, node: *base }),
            })
            .collect()
    }

    fn import(&self, file: FileId, import: usize) -> Value {
        let import = &self.project.file(file).facts.imports[import];
        self.imported(file, &import.module, import.name.as_ref())
    }

    fn imported(&self, from: FileId, module: &str, name: Option<&SmolStr>) -> Value {
        let lang = self.project.file(from).lang;
        if let Some(value) = name.and_then(|name| own::imported(self, from, module, name)) {
            return value;
        }
        if let Some(target) = modules::resolve(self.project, from, module).filter(|t| *t != from) {
            let whole = self
                .project
                .file(target)
                .default_export
                .filter(|_| lang.is_js() && name.is_none());
            if let Some(node) = whole {
                // `require` of a module that is one value.
                let value = self.value(At { file: target, node });
                if !matches!(value, Value::Object(_) | Value::Unknown) {
                    return value;
                }
            }
            return match name {
                None => Value::Module(target),
                Some(name) => match self.exported(target, name) {
                    Value::Unknown if lang == Lang::Rust => self.elsewhere(from, name),
                    Value::Unknown => self.submodule(from, module, name),
                    value => value,
                },
            };
        }
        if let Some(name) = name {
            let sub = self.submodule(from, module, name);
            if !matches!(sub, Value::Unknown) {
                return sub;
            }
        }
        let dotted = match lang {
            Lang::Rust => SmolStr::from(module.replace("::", ".")),
            _ => SmolStr::new(module),
        };
        let local = lang == Lang::Rust
            && matches!(module.split("::").next(), Some("crate" | "super" | "self"));
        if local {
            return name.map_or(Value::Unknown, |name| self.elsewhere(from, name));
        }
        match name {
            Some(name) if name != "default" => {
                Value::Ext(SmolStr::from(format!("{dotted}.{name}")))
            }
            _ => Value::Ext(dotted),
        }
    }

    /// `from app import db`: the name is a module.
    fn submodule(&self, from: FileId, module: &str, name: &str) -> Value {
        let file = self.project.file(from);
        let path = match file.lang {
            Lang::Python if module.ends_with('.') => format!("{module}{name}"),
            Lang::Python => format!("{module}.{name}"),
            Lang::Rust => format!("{module}::{name}"),
            _ => return Value::Unknown,
        };
        if file.lang == Lang::Rust
            && !matches!(module.split("::").next(), Some("crate" | "super" | "self"))
        {
            return Value::Unknown;
        }
        match modules::resolve(self.project, from, &path) {
            Some(target) => Value::Module(target),
            None => Value::Unknown,
        }
    }

    /// What a module gives under a name.
    pub fn exported(&self, file: FileId, name: &str) -> Value {
        let key = (file, SmolStr::new(name));
        self.once(&self.exports, key, || self.exported_inner(file, name))
    }

    /// Works something out once; what needs itself, or lies too deep, is not known.
    fn once<K: Clone + Eq + std::hash::Hash>(
        &self,
        memo: &RefCell<FxHashMap<K, Value>>,
        key: K,
        work: impl FnOnce() -> Value,
    ) -> Value {
        if let Some(known) = memo.borrow().get(&key) {
            return known.clone();
        }
        if self.depth.get() >= DEPTH_MAX {
            return Value::Unknown;
        }
        memo.borrow_mut().insert(key.clone(), Value::Unknown);
        self.depth.set(self.depth.get() + 1);
        let value = work();
        self.depth.set(self.depth.get() - 1);
        memo.borrow_mut().insert(key, value.clone());
        value
    }

    fn exported_inner(&self, file: FileId, name: &str) -> Value {
        let f = self.project.file(file);
        let local = f
            .facts
            .exports
            .iter()
            .find(|(public, _)| public == name)
            .map(|(_, local)| local.clone());
        let local = local.unwrap_or_else(|| SmolStr::new(name));
        if let Some(bindings) = f.scopes[0].get(&local) {
            let values: Vec<Value> = bindings.iter().map(|b| self.bound(file, b)).collect();
            return Self::choice(values.into_iter());
        }
        if let Some(node) = f.assigned_exports.get(name) {
            return self.value(At { file, node: *node });
        }
        if let Some(node) = f.default_export {
            let at = At { file, node };
            if name == "default" {
                return self.value(at);
            }
            let value = self.value(at);
            let member = self.member(&value, name, None);
            if !matches!(member, Value::Unknown) {
                return member;
            }
        }
        if let Some(import) = f.imports.get(&local) {
            return self.import(file, *import);
        }
        for import in f.facts.imports.iter().filter(|i| i.local == "*") {
            if let Some(target) =
                modules::resolve(self.project, file, &import.module).filter(|t| *t != file)
            {
                let value = self.exported(target, name);
                if !matches!(value, Value::Unknown) {
                    return value;
                }
            }
        }
        Value::Unknown
    }

    /// A name that this file does not bind: a glob import, the package's, or the outside world's.
    fn elsewhere(&self, file: FileId, name: &SmolStr) -> Value {
        let f = self.project.file(file);
        if let Some(value) = own::beside(self, file, name) {
            return value;
        }
        for import in f
            .facts
            .imports
            .iter()
            .filter(|i| i.local == "*" && !i.reexport)
        {
            if let Some(target) =
                modules::resolve(self.project, file, &import.module).filter(|t| *t != file)
            {
                let value = self.exported(target, name);
                if !matches!(value, Value::Unknown) {
                    return value;
                }
            } else {
                let path = SmolStr::from(format!("{}.{name}", import.module.replace("::", ".")));
                if surfaces::knows(&path) {
                    return Value::Ext(path);
                }
            }
        }
        if matches!(f.lang, Lang::Rust | Lang::Java | Lang::Kotlin | Lang::Go) {
            let same: Vec<&Item> = self
                .project
                .items(name)
                .iter()
                .filter(|item| match item {
                    Item::Function(other, _) | Item::Class(other, _) => {
                        self.project.file(*other).lang == f.lang
                    }
                    Item::Binding(at) => self.project.file(at.file).lang == f.lang,
                })
                .collect();
            match same[..] {
                [Item::Function(file, id)] => return Value::Function(*file, *id),
                [Item::Class(file, id)] => return Value::Class(*file, *id),
                [Item::Binding(at)] => return self.value(*at),
                _ => {}
            }
            if f.lang == Lang::Rust
                && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                && let Some(target) = modules::resolve(self.project, file, name)
                    .filter(|_| self.project.by_stem(name).len() == 1)
            {
                return Value::Module(target);
            }
        }
        Value::Ext(name.clone())
    }

    /// A declared type's value: an instance, or a handle.
    pub fn type_value(&self, at: At) -> Value {
        match self.project.kind(at) {
            Kind::Type(..) => self.value(at),
            _ => Value::Unknown,
        }
    }

    fn compute_type(&self, at: At) -> Value {
        let Kind::Type(path, args) = self.project.kind(at) else {
            return Value::Unknown;
        };
        if !path.is_empty() && path != "|" {
            match self.type_path(at.file, path) {
                Value::Ext(path) => {
                    if let Some(handle) = surfaces::of_type(&path) {
                        return Value::Handle(handle);
                    }
                    if surfaces::own::is_client(self, &path) {
                        return Value::Handle(surfaces::own::client(
                            self.project.file(at.file).lang,
                        ));
                    }
                    if surfaces::knows(&path) {
                        return Value::Ext(SmolStr::from(format!("{path}()")));
                    }
                }
                Value::Class(file, class) => return self.instance(file, class),
                Value::Handle(handle) => return Value::Handle(handle),
                _ => {}
            }
        }
        for arg in args {
            let value = self.type_value(At {
                file: at.file,
                node: *arg,
            });
            if !matches!(value, Value::Unknown) {
                return value;
            }
        }
        Value::Unknown
    }

    /// An instance; a type alias is what it names, a class that extends a client is one.
    fn instance(&self, file: FileId, class: ClassId) -> Value {
        let c = self.project.file(file).facts.class(class);
        let modelled = || {
            self.class_handle(file, class, 4)
                .is_some_and(|handle| handle.api.is_mapper())
        };
        if c.interface && c.fields.is_empty() && c.methods.is_empty() && !modelled() {
            for base in &c.bases {
                let value = self.type_value(At { file, node: *base });
                if !matches!(value, Value::Unknown) {
                    return value;
                }
            }
        }
        match self.class_handle(file, class, 4) {
            Some(handle)
                if handle.kind == surfaces::HandleKind::Client
                    || handle.kind == surfaces::HandleKind::Document =>
            {
                Value::Handle(handle)
            }
            _ => Value::Instance(file, class),
        }
    }

    /// A class that extends a library's class is what that makes it: `PynamoDB`'s models.
    pub fn class_handle(&self, file: FileId, class: ClassId, depth: u32) -> Option<Handle> {
        if depth == 0 {
            return None;
        }
        let f = self.project.file(file);
        if !self.project.own.clients.is_empty()
            && surfaces::own::is_client(self, &f.facts.class(class).name)
        {
            return Some(surfaces::own::client(f.lang));
        }
        self.bases(file, class)
            .into_iter()
            .find_map(|base| match base {
                Value::Ext(path) => surfaces::of_subclass(path.trim_end_matches("()"), file, class),
                Value::Class(f, c) if (f, c) != (file, class) => {
                    let handle = self.class_handle(f, c, depth - 1)?;
                    Some(Handle {
                        model: Some((file, class)),
                        ..handle
                    })
                }
                Value::Handle(handle) if handle.kind == surfaces::HandleKind::Client => {
                    Some(handle)
                }
                _ => None,
            })
    }

    pub(super) fn type_path(&self, file: FileId, path: &str) -> Value {
        let mut parts = path.split(['.', ':']).filter(|part| !part.is_empty());
        let Some(head) = parts.next() else {
            return Value::Unknown;
        };
        let f = self.project.file(file);
        let head = SmolStr::new(head);
        let mut value = if let Some(import) = f.imports.get(&head) {
            self.import(file, *import)
        } else if let Some(bindings) = f.scopes[0].get(&head) {
            let values: Vec<Value> = bindings.iter().map(|b| self.bound(file, b)).collect();
            Self::choice(values.into_iter())
        } else {
            self.elsewhere(file, &head)
        };
        for part in parts {
            value = self.member(&value, part, None);
        }
        value
    }

    /// `obj.name`.
    pub fn member(&self, obj: &Value, name: &str, at: Option<At>) -> Value {
        match obj {
            Value::Ext(path) => {
                let path = path.strip_suffix(".default").unwrap_or(path);
                if name == "default" {
                    return Value::Ext(SmolStr::new(path));
                }
                if let Some(value) = own::of_package(self, path, name) {
                    return value;
                }
                let path = SmolStr::from(format!("{path}.{name}"));
                match surfaces::constant(&path) {
                    Some(handle) => Value::Handle(handle),
                    None => Value::Ext(path),
                }
            }
            Value::Object(object) => self.object_field(*object, name),
            Value::Module(file) => self.exported(*file, name),
            Value::Class(file, class) => {
                let c = self.project.file(*file).facts.class(*class);
                if let Some(handle) = self.class_handle(*file, *class, 4) {
                    let value = surfaces::class_member(self, &handle, name);
                    if !matches!(value, Value::Unknown) {
                        return value;
                    }
                }
                if let Some(field) = c.fields.iter().find(|f| f.name == name)
                    && let Some(value) = field.value
                {
                    return self.value(At {
                        file: *file,
                        node: value,
                    });
                }
                if let Some(inner) = c
                    .inner
                    .iter()
                    .find(|i| self.project.file(*file).facts.class(**i).name == name)
                {
                    return Value::Class(*file, *inner);
                }
                match self.method(*file, *class, name, 4) {
                    Value::Function(at, id) if self.is_property(at, id) => self.returned(at, id),
                    method => method,
                }
            }
            Value::Instance(file, class) => self.instance_member(*file, *class, name),
            Value::Handle(handle) => {
                if SAME.contains(&name) {
                    return Value::Unknown;
                }
                surfaces::member(self, handle, name, at)
            }
            _ => Value::Unknown,
        }
    }

    fn object_field(&self, object: At, name: &str) -> Value {
        let Kind::Object(fields) = self.project.kind(object) else {
            return Value::Unknown;
        };
        for field in fields.iter().rev() {
            match field {
                Field::Named(key, value) if key == name => {
                    return self.value(At {
                        file: object.file,
                        node: *value,
                    });
                }
                Field::Spread(value) => {
                    let spread = self.value(At {
                        file: object.file,
                        node: *value,
                    });
                    let found = self.member(&spread, name, None);
                    if !matches!(found, Value::Unknown) {
                        return found;
                    }
                }
                _ => {}
            }
        }
        Value::Unknown
    }

    fn method(&self, file: FileId, class: ClassId, name: &str, depth: u32) -> Value {
        let f = self.project.file(file);
        let c = f.facts.class(class);
        if let Some(method) = c
            .methods
            .iter()
            .find(|m| f.facts.function(**m).name == name)
        {
            return Value::Function(file, *method);
        }
        if depth == 0 {
            return Value::Unknown;
        }
        for (pf, pc) in own::parts(self, file, class) {
            let part = self.project.file(pf);
            if let Some(method) = part
                .facts
                .class(pc)
                .methods
                .iter()
                .find(|m| part.facts.function(**m).name == name)
            {
                return Value::Function(pf, *method);
            }
        }
        for base in self.bases(file, class) {
            if let Value::Class(bf, bc) = base
                && (bf, bc) != (file, class)
            {
                let found = self.method(bf, bc, name, depth - 1);
                if !matches!(found, Value::Unknown) {
                    return found;
                }
            }
        }
        Value::Unknown
    }

    pub(super) fn instance_member(&self, file: FileId, class: ClassId, name: &str) -> Value {
        let key = (file, class, SmolStr::new(name));
        self.once(&self.fields, key, || self.compute_member(file, class, name))
    }

    fn compute_member(&self, file: FileId, class: ClassId, name: &str) -> Value {
        let f = self.project.file(file);
        let c = f.facts.class(class);
        if let Some(field) = c.fields.iter().find(|field| field.name == name) {
            if let Some(ty) = field.ty {
                let mut value = self.type_value(At { file, node: ty });
                if !matches!(value, Value::Unknown) {
                    let mut given: Vec<At> = field
                        .value
                        .map(|node| At { file, node })
                        .into_iter()
                        .collect();
                    if given.is_empty() && matches!(f.lang, Lang::Java | Lang::Kotlin) {
                        c.methods.iter().for_each(|method| {
                            self.assigned_nodes(file, *method, name, &mut given);
                        });
                    }
                    for node in given {
                        value = self.told(value, node);
                    }
                    return value;
                }
            }
            if let Some(value) = field.value {
                let value = self.value(At { file, node: value });
                if !matches!(value, Value::Unknown) {
                    return value;
                }
            }
        }
        // `self.name = …` in any of its methods.
        let mut assigned = Vec::new();
        for method in &c.methods {
            self.assignments(file, *method, name, &mut assigned);
        }
        if !assigned.is_empty() {
            let value = Self::choice(assigned.into_iter());
            if !matches!(value, Value::Unknown) {
                return value;
            }
        }
        if let Some(value) = own::field(self, file, class, name) {
            return value;
        }
        let method = self.method(file, class, name, 4);
        if !matches!(method, Value::Unknown) {
            if let Value::Function(at, id) = method
                && self.is_property(at, id)
            {
                return self.returned(at, id);
            }
            // An interface's method with one implementation is that one.
            if c.interface
                && let Some(implementation) = self.implementation(file, class, name)
            {
                return implementation;
            }
            return method;
        }
        for base in self.bases(file, class) {
            if let Value::Class(bf, bc) = base
                && (bf, bc) != (file, class)
            {
                let found = self.instance_member(bf, bc, name);
                if !matches!(found, Value::Unknown) {
                    return found;
                }
            }
        }
        match self.class_handle(file, class, 4) {
            Some(handle) => surfaces::instance_member(&handle, name),
            None => Value::Unknown,
        }
    }

    fn implementation(&self, file: FileId, interface: ClassId, name: &str) -> Option<Value> {
        let mut found = None;
        for (at, id) in self.project.functions(name) {
            let Some(class) = self.project.file(*at).facts.function(*id).class else {
                continue;
            };
            if (*at, class) != (file, interface)
                && self
                    .bases(*at, class)
                    .contains(&Value::Class(file, interface))
            {
                if found.is_some() {
                    return None;
                }
                found = Some(Value::Function(*at, *id));
            }
        }
        found
    }

    fn assignments(&self, file: FileId, method: FnId, name: &str, out: &mut Vec<Value>) {
        let mut nodes = Vec::new();
        self.assigned_nodes(file, method, name, &mut nodes);
        out.extend(nodes.into_iter().map(|at| self.value(at)));
    }

    /// What a method assigns to a member of its object. Java leaves out `this` where nothing else is so named.
    fn assigned_nodes(&self, file: FileId, method: FnId, name: &str, out: &mut Vec<At>) {
        let f = self.project.file(file);
        let body = f.facts.function(method).body;
        let bare = matches!(f.lang, Lang::Java | Lang::Kotlin);
        let mut stack = vec![body];
        while let Some(id) = stack.pop() {
            if let Kind::Assign(target, op, value) = f.kind(id)
                && op == "="
                && !matches!(f.kind(*value), Kind::Null)
            {
                let own = match f.kind(*target) {
                    Kind::Member(obj, field) => {
                        field == name && matches!(f.kind(*obj), Kind::Name(own) if own == "self")
                    }
                    Kind::Name(field) => bare && field == name,
                    _ => false,
                };
                if own {
                    out.push(At { file, node: *value });
                }
            }
            f.facts.children(id, |child| stack.push(child));
        }
    }

    /// A helper of one's own, as the configuration names it.
    fn wrapper(&self, at: At, callee: Id, args: &[Arg], style: CallStyle) -> Option<Value> {
        if self.project.own.wrappers.is_empty() {
            return None;
        }
        let file = self.project.file(at.file);
        surfaces::own::wrapper(self, &dotted(file, callee), &CallView { at, args, style })
    }

    fn call(&self, at: At, callee: Id, args: &[Arg], style: CallStyle) -> Value {
        let file = self.project.file(at.file);
        let sub = |node: Id| At {
            file: at.file,
            node,
        };
        let view = CallView { at, args, style };
        if let Kind::Member(obj, name) = file.kind(callee) {
            let receiver = self.value(sub(*obj));
            match &receiver {
                Value::Handle(handle) => {
                    if let Some(value) = surfaces::method(self, handle, name, &view) {
                        return value;
                    }
                    if SAME.contains(&name.as_str()) {
                        return receiver;
                    }
                }
                Value::Instance(f, class) => {
                    if let Some(handle) = self.class_handle(*f, *class, 4)
                        && matches!(self.method(*f, *class, name, 4), Value::Unknown)
                        && let Some(value) = surfaces::instance_method(self, &handle, name, &view)
                    {
                        return value;
                    }
                }
                Value::Class(f, class) => {
                    if let Some(handle) = self.class_handle(*f, *class, 4)
                        && matches!(self.method(*f, *class, name, 4), Value::Unknown)
                        && let Some(value) = surfaces::class_method(self, &handle, name, &view)
                    {
                        return value;
                    }
                    if name == "new" && file.lang == Lang::Rust {
                        return self.instance(*f, *class);
                    }
                }
                Value::Unknown | Value::Ext(_) => {
                    if let Some(value) = surfaces::by_shape(self, &receiver, name, &view) {
                        return value;
                    }
                    if SAME.contains(&name.as_str()) && !matches!(receiver, Value::Unknown) {
                        return receiver;
                    }
                }
                Value::Text(_) if SAME.contains(&name.as_str()) => return receiver,
                // `Object.assign({}, a, b)`, `table.get.bind(table)` and others: not followed.
                _ => {}
            }
        }
        match self.value(sub(callee)) {
            Value::Ext(path) => {
                if path == "require"
                    && let Some(module) = view.arg(0).and_then(|arg| self.text(arg))
                {
                    return self.imported(at.file, &module, None);
                }
                if let Some(value) = surfaces::external_call(self, &path, &view) {
                    return value;
                }
                if surfaces::own::is_client(self, &path) {
                    return Value::Handle(surfaces::own::client(file.lang).made_at(at));
                }
                if WRAPPERS.iter().any(|w| {
                    path == *w || path.strip_suffix(w).is_some_and(|head| head.ends_with('.'))
                }) {
                    return view.arg(0).map_or(Value::Unknown, |arg| self.value(arg));
                }
                match path.as_str() {
                    "os.getenv" | "os.environ.get" | "System.getenv" | "std.env.var"
                    | "env.var" | "Deno.env.get" | "os.Getenv" => {
                        match view.arg(0).and_then(|arg| self.text(arg)) {
                            Some(name) => Value::Ext(SmolStr::from(format!("process.env.{name}"))),
                            None => Value::Unknown,
                        }
                    }
                    _ => Value::Ext(SmolStr::from(format!("{path}()"))),
                }
            }
            Value::Function(f, id)
                if file.lang == Lang::Rust
                    && let Some(value) = surfaces::declared(self, f, id, &view) =>
            {
                value
            }
            Value::Function(f, id) => match self.returned(f, id) {
                Value::Unknown => self.returned_here(f, id, at),
                value => value,
            },
            Value::Class(f, class) => match self.instance(f, class) {
                Value::Instance(..) => Value::Instance(f, class),
                other => other,
            },
            Value::Handle(handle) => {
                surfaces::called(self, &handle, &view).unwrap_or(Value::Unknown)
            }
            _ => Value::Unknown,
        }
    }

    /// A method that is read like a field.
    fn is_property(&self, file: FileId, function: FnId) -> bool {
        let f = self.project.file(file);
        f.facts
            .function(function)
            .decorators
            .iter()
            .any(|d| match f.kind(*d) {
                Kind::Name(name) => name == "property" || name == "cached_property",
                Kind::Member(_, name) => name == "cached_property",
                _ => false,
            })
    }

    /// What a function returns to one call, whose arguments say what its parameters are.
    fn returned_here(&self, file: FileId, function: FnId, call: At) -> Value {
        if self.given.is_some() || self.depth.get() > DEPTH_MAX / 2 {
            return Value::Unknown;
        }
        let count = self
            .project
            .file(file)
            .facts
            .function(function)
            .params
            .len();
        let values: Vec<(usize, Value)> = (0..count)
            .filter_map(|n| {
                let name = self.param_name(file, function, n);
                let value = self.value(self.argument_for(call, n, name.as_deref())?);
                matches!(
                    value,
                    Value::Text(_) | Value::Handle(_) | Value::Ext(_) | Value::Instance(..)
                )
                .then_some((n, value))
            })
            .collect();
        if values.is_empty() {
            return Value::Unknown;
        }
        let inner = Eval {
            given: Some((file, function, values)),
            depth: Cell::new(self.depth.get() + 4),
            ..Eval::new(self.project)
        };
        inner.returned(file, function)
    }

    /// What a function returns.
    pub fn returned(&self, file: FileId, function: FnId) -> Value {
        self.once(&self.results, (file, function), || {
            self.compute_returned(file, function)
        })
    }

    fn compute_returned(&self, file: FileId, function: FnId) -> Value {
        let f = self.project.file(file);
        let function_facts = f.facts.function(function);
        if let Some(ty) = function_facts.ret {
            let value = self.type_value(At { file, node: ty });
            if !matches!(value, Value::Unknown) {
                return value;
            }
        }
        let values: Vec<Value> = self
            .returns(file, function)
            .into_iter()
            .map(|node| self.value(At { file, node }))
            .collect();
        Self::choice(values.into_iter())
    }

    /// The expressions a function returns.
    pub fn returns(&self, file: FileId, function: FnId) -> Vec<Id> {
        let f = self.project.file(file);
        let body = f.facts.function(function).body;
        let mut out = Vec::new();
        let mut stack = vec![body];
        while let Some(id) = stack.pop() {
            match f.kind(id) {
                Kind::Return(Some(value)) => out.push(*value),
                Kind::Lambda(_) => {}
                _ => f.facts.children(id, |child| stack.push(child)),
            }
        }
        let value = match f.kind(body) {
            Kind::Block(list) if f.lang == Lang::Rust => list.last().copied(),
            Kind::Block(_) => None,
            _ => Some(body),
        };
        out.extend(
            value.filter(|v| {
                !matches!(f.kind(*v), Kind::Return(_) | Kind::Loop(..) | Kind::Let(..))
            }),
        );
        out
    }
}

/// A callee as it is written: `db.queryAll`.
fn dotted(file: &SourceFile, callee: Id) -> String {
    match file.kind(callee) {
        Kind::Name(name) => name.to_string(),
        Kind::Member(obj, name) => match file.kind(*obj) {
            Kind::Name(_) | Kind::Member(..) => format!("{}.{name}", dotted(file, *obj)),
            _ => name.to_string(),
        },
        _ => String::new(),
    }
}
