//! What a file says, in one form for every language.
//!
//! A syntax tree is lowered into [`FileFacts`]: an arena of [`Node`]s with the few notions that
//! the rules need (names, members, calls, objects, templates, loops, bindings). Trees are dropped
//! after that, facts are what is cached and what linking and rules read.
//!
//! # How to add a language
//!
//! 1. Add it to [`Lang`](crate::lang::Lang): file extensions, grammar, comment marker.
//! 2. Write `lower/<language>.rs`: one function `lower(cx: &mut Lowering, node) -> Id`, a match over the
//!    grammar's node kinds. Use the makers of [`Lowering`](crate::lower::Lowering) (`name`, `member`,
//!    `call`, `let_`, `function` …); a kind you do not know is `cx.other(node)`, which lowers its
//!    children. What matters: receivers and arguments, strings and their concatenation, bindings with
//!    their declared types, loops, lambdas, classes with fields and bases, imports.
//!    Conventions that linking relies on:
//!    - `this`/`self` is `Name("self")`; a constructor is a method named `new`.
//!    - a named argument has `Arg::name`; a struct or data class literal is a `Call` with `new` set
//!      whose only argument is an `Object`; a builder is the chain of calls that it is.
//!    - `await x`, `x?`, `x!!`, parentheses and casts are not nodes: lower the operand itself
//!      (`await` sets `awaited` on the call).
//!    - a method that is read as a property (a getter, `@property`) has a decorator `Name("property")`.
//!    - an import is an [`Import`]; a namespace import has no `name`.
//! 3. Teach `link/modules.rs` how an import's text names a file of the project.
//! 4. Say in `surfaces/` which external names make clients and what their methods do.
//! 5. Add a fixture per surface in `tests/fixtures/<language>/`, marked with `//~ rule-id` and
//!    `//^ Operation`.
//!
//! Documents (YAML, JSON, HCL) lower to `Object`, `Array` and `Str` nodes in a module body; an HCL
//! block is a `Call` whose callee names the block type, with its labels and an `Object` as arguments.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A node of a file's arena.
pub type Id = u32;
/// A function of a file; 0 is the module's top level.
pub type FnId = u32;
/// A class, struct, trait or interface of a file.
pub type ClassId = u32;

/// Part of the key of a cached file: raise it whenever lowering changes.
pub const FACTS_VERSION: u32 = 2;

/// Where a node stands. Lines count from 1; columns are found when a finding is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Line of the first byte.
    pub line: u32,
    /// Line of the last byte.
    pub end_line: u32,
}

/// A node and its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arg {
    /// Name of a keyword argument; `**` for an unpacked mapping.
    pub name: Option<SmolStr>,
    /// Its value.
    pub value: Id,
}

/// A field of an object, dictionary or struct literal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Field {
    /// A key known in the source.
    Named(SmolStr, Id),
    /// A computed key.
    Computed(Id, Id),
    /// `...other`, `**other`, `..other`.
    Spread(Id),
}

/// Which kind of repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoopKind {
    /// Once per element of a collection.
    Each,
    /// While a condition holds, or for ever.
    While,
}

/// How a call is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallStyle {
    /// `new X(…)`, or a struct literal.
    pub new: bool,
    /// `await` stands before or after it.
    pub awaited: bool,
    /// A Rust macro.
    pub macro_call: bool,
}

/// What a node is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Kind {
    /// A name, or a path when the language writes paths (`a::b` in Rust is a `Member`).
    Name(SmolStr),
    /// A string without holes.
    Str(SmolStr),
    /// A number, as written.
    Num(SmolStr),
    /// A truth value.
    Bool(bool),
    /// `null`, `None`, `nil`, `undefined`.
    Null,
    /// Concatenation: template, f-string, `format!`, `+` of strings.
    Template(Vec<Id>),
    /// `obj.name`, `obj::name`, `obj->name`, `obj?.name`.
    Member(Id, SmolStr),
    /// `obj[index]`.
    Index(Id, Id),
    /// A call, a construction or a macro.
    Call(Id, Vec<Arg>, CallStyle),
    /// An object, dictionary or struct body.
    Object(Vec<Field>),
    /// A list, tuple or array.
    Array(Vec<Id>),
    /// `...x` as an element or argument.
    Spread(Id),
    /// A function as a value.
    Lambda(FnId),
    /// An operator other than concatenation.
    Binary(SmolStr, Id, Id),
    /// `!x`, `-x`, `not x`.
    Unary(SmolStr, Id),
    /// One of several values: `a ? b : c` (without the condition), `a || b`, `a ?? b`.
    Choice(Vec<Id>),
    /// A declaration: pattern, declared type, value.
    Let(Id, Option<Id>, Option<Id>),
    /// An assignment: target, operator (`=`, `+=` …), value.
    Assign(Id, SmolStr, Id),
    /// `return`, `yield`.
    Return(Option<Id>),
    /// `throw`, `raise`, `panic!`.
    Throw(Option<Id>),
    /// `break`, `continue`.
    Jump,
    /// Statements in order; the value is that of the last in expression languages.
    Block(Vec<Id>),
    /// Condition, then, else.
    If(Id, Id, Option<Id>),
    /// Kind, pattern, iterated value or condition, body.
    Loop(LoopKind, Option<Id>, Option<Id>, Id),
    /// Subject and arms: pattern, body.
    Match(Id, Vec<(Id, Id)>),
    /// Body, handlers (pattern, body), finally.
    Try(Id, Vec<(Option<Id>, Id)>, Option<Id>),
    /// `{ a, b: c }` as a pattern: key, pattern inside.
    PatObject(Vec<(SmolStr, Id)>),
    /// `[a, b]`, `(a, b)` as a pattern.
    PatArray(Vec<Id>),
    /// `Ok(x)`, `Some(x)`: constructor, patterns inside.
    PatWrap(SmolStr, Vec<Id>),
    /// A type: path as written, arguments.
    Type(SmolStr, Vec<Id>),
    /// A named function, where it is declared.
    FnDef(FnId),
    /// A class, where it is declared.
    ClassDef(ClassId),
    /// Anything else, with its children.
    Other(Vec<Id>),
}

/// A parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Param {
    /// Its name or pattern.
    pub pat: Id,
    /// Its declared type.
    pub ty: Option<Id>,
    /// Its default value.
    pub default: Option<Id>,
    /// Decorators or annotations, such as `@Inject(TABLE)`.
    pub decorators: Vec<Id>,
}

/// A function, method or lambda.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Function {
    /// Its own name; empty for a lambda that is not bound to a name.
    pub name: SmolStr,
    /// The class it belongs to.
    pub class: Option<ClassId>,
    /// The function it stands in; `None` for the module.
    pub parent: Option<FnId>,
    /// Parameters, without `self`.
    pub params: Vec<Param>,
    /// Declared return type.
    pub ret: Option<Id>,
    /// Its body: a block, or an expression.
    pub body: Id,
    /// Decorators, annotations, attributes.
    pub decorators: Vec<Id>,
    /// Visible outside the file.
    pub exported: bool,
    /// A test, or inside a test module.
    pub test: bool,
    /// A lambda.
    pub lambda: bool,
    /// A generator: its items are given out one by one.
    pub generator: bool,
    /// The whole declaration.
    pub span: Span,
}

/// A field of a class.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClassField {
    /// Its name.
    pub name: SmolStr,
    /// Its declared type.
    pub ty: Option<Id>,
    /// Its initial value.
    pub value: Option<Id>,
    /// Decorators, annotations, attributes.
    pub decorators: Vec<Id>,
    /// Where.
    pub span: Span,
}

/// A class, struct, trait, interface, enum or object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Class {
    /// Its name.
    pub name: SmolStr,
    /// What it extends, implements or derives.
    pub bases: Vec<Id>,
    /// Its fields.
    pub fields: Vec<ClassField>,
    /// Its methods.
    pub methods: Vec<FnId>,
    /// Classes inside it, as `PynamoDB`'s `Meta`.
    pub inner: Vec<ClassId>,
    /// Decorators, annotations, attributes.
    pub decorators: Vec<Id>,
    /// Visible outside the file.
    pub exported: bool,
    /// An interface or trait: what implements it has the bodies.
    pub interface: bool,
    /// The whole declaration.
    pub span: Span,
}

/// An import, or a re-export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// The name it has in this file; `*` for a glob.
    pub local: SmolStr,
    /// The module, as written.
    pub module: SmolStr,
    /// The name it has there; `None` is the module itself, `default` the default export.
    pub name: Option<SmolStr>,
    /// It is only passed on.
    pub reexport: bool,
    /// Only its types are used.
    pub type_only: bool,
    /// Where.
    pub line: u32,
}

/// A comment that speaks to the auditor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directive {
    /// The line it stands on.
    pub line: u32,
    /// Nothing but the comment stands on that line.
    pub alone: bool,
    /// From `keyfold:` on.
    pub text: SmolStr,
}

/// All that is kept of a file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FileFacts {
    /// The arena.
    pub nodes: Vec<Node>,
    /// Functions; the first is the module.
    pub functions: Vec<Function>,
    /// Classes.
    pub classes: Vec<Class>,
    /// Imports.
    pub imports: Vec<Import>,
    /// `export { a as b }`: public name, local name.
    pub exports: Vec<(SmolStr, SmolStr)>,
    /// Go's package, Java's package.
    pub package: SmolStr,
    /// Comments for the auditor.
    pub directives: Vec<Directive>,
    /// Places the grammar could not read.
    pub errors: Vec<Span>,
    /// Lines of the file.
    pub lines: u32,
}

impl FileFacts {
    /// The node of an id.
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    /// What a node is.
    pub fn kind(&self, id: Id) -> &Kind {
        &self.nodes[id as usize].kind
    }

    /// Where a node stands.
    pub fn span(&self, id: Id) -> Span {
        self.nodes[id as usize].span
    }

    /// A function.
    pub fn function(&self, id: FnId) -> &Function {
        &self.functions[id as usize]
    }

    /// A class.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id as usize]
    }

    /// Calls `each` with every child of a node, in source order. The bodies of functions and
    /// classes are not children of the place that declares them, except those of lambdas.
    pub fn children(&self, id: Id, mut each: impl FnMut(Id)) {
        match self.kind(id) {
            Kind::Name(_)
            | Kind::Str(_)
            | Kind::Num(_)
            | Kind::Bool(_)
            | Kind::Null
            | Kind::Jump => {}
            Kind::Member(a, _) | Kind::Spread(a) | Kind::Unary(_, a) => each(*a),
            Kind::Index(a, b) | Kind::Binary(_, a, b) | Kind::Assign(a, _, b) => {
                each(*a);
                each(*b);
            }
            Kind::Call(callee, args, _) => {
                each(*callee);
                for arg in args {
                    each(arg.value);
                }
            }
            Kind::Object(fields) => {
                for field in fields {
                    match field {
                        Field::Named(_, value) | Field::Spread(value) => each(*value),
                        Field::Computed(key, value) => {
                            each(*key);
                            each(*value);
                        }
                    }
                }
            }
            Kind::Template(list)
            | Kind::Array(list)
            | Kind::Choice(list)
            | Kind::Block(list)
            | Kind::PatArray(list)
            | Kind::PatWrap(_, list)
            | Kind::Type(_, list)
            | Kind::Other(list) => list.iter().copied().for_each(each),
            Kind::Let(pat, ty, value) => {
                each(*pat);
                ty.iter().chain(value).copied().for_each(each);
            }
            Kind::Return(value) | Kind::Throw(value) => value.iter().copied().for_each(each),
            Kind::If(cond, then, other) => {
                each(*cond);
                each(*then);
                other.iter().copied().for_each(each);
            }
            Kind::Loop(_, pat, over, body) => {
                pat.iter().chain(over).copied().for_each(&mut each);
                each(*body);
            }
            Kind::Match(subject, arms) => {
                each(*subject);
                for (pat, body) in arms {
                    each(*pat);
                    each(*body);
                }
            }
            Kind::Try(body, handlers, finally) => {
                each(*body);
                for (pat, body) in handlers {
                    pat.iter().copied().for_each(&mut each);
                    each(*body);
                }
                finally.iter().copied().for_each(each);
            }
            Kind::PatObject(fields) => fields.iter().for_each(|(_, pat)| each(*pat)),
            Kind::Lambda(function) => each(self.function(*function).body),
            Kind::FnDef(_) | Kind::ClassDef(_) => {}
        }
    }
}
