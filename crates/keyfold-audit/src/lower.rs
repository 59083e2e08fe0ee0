//! From a syntax tree to [`FileFacts`]: what every language's lowering shares.

pub mod document;
pub mod go;
pub mod java;
pub mod javascript;
pub mod kotlin;
pub mod python;
pub mod rust;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use keyfold_grammars::Grammar;
use keyfold_grammars::tree_sitter::{self, Node as Tree, ParseOptions, Parser};
use smol_str::SmolStr;

use crate::facts::{
    Arg, CallStyle, Class, ClassId, Directive, Field, FileFacts, FnId, Function, Id, Import, Kind,
    LoopKind, Node, Param, Span,
};
use crate::lang::Lang;

/// A tree deeper than this is cut: nobody writes it by hand, and recursion has an end.
const DEPTH_MAX: u32 = 220;

/// Why a file has no facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The grammar is not compiled in.
    NoGrammar,
    /// The grammar took longer than the limit.
    TooSlow,
}

/// Reads one file.
///
/// # Errors
/// [`Unread`] when the grammar is missing or took longer than `limit`; syntax errors are no error.
pub fn read(
    source: &str,
    lang: Lang,
    grammar: Grammar,
    limit: Duration,
) -> Result<FileFacts, Unread> {
    let language = grammar.language().ok_or(Unread::NoGrammar)?;
    let mut parser = Parser::new();
    parser
        .set_language(&language)
        .map_err(|_| Unread::NoGrammar)?;
    let started = Instant::now();
    let bytes = source.as_bytes();
    let mut progress = |_: &tree_sitter::ParseState| {
        if started.elapsed() > limit {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let tree = parser
        .parse_with_options(
            &mut |offset, _| bytes.get(offset..).unwrap_or_default(),
            None,
            Some(ParseOptions::new().progress_callback(&mut progress)),
        )
        .ok_or(Unread::TooSlow)?;
    let mut cx = Lowering::new(source, lang);
    let root = tree.root_node();
    let body = match lang {
        Lang::TypeScript | Lang::JavaScript => javascript::module(&mut cx, root),
        Lang::Python => python::module(&mut cx, root),
        Lang::Rust => rust::module(&mut cx, root),
        Lang::Java => java::module(&mut cx, root),
        Lang::Kotlin => kotlin::module(&mut cx, root),
        Lang::Go => go::module(&mut cx, root),
        Lang::Yaml => document::yaml(&mut cx, root),
        Lang::Json => document::json(&mut cx, root),
        Lang::Hcl => document::hcl(&mut cx, root),
    };
    cx.facts.functions[0].body = body;
    cx.facts.lines = u32::try_from(source.lines().count()).unwrap_or(u32::MAX);
    cx.comments(root);
    Ok(cx.facts)
}

/// The state of one file's lowering, and the makers of nodes.
pub struct Lowering<'s> {
    /// The text.
    pub source: &'s str,
    /// The language.
    pub lang: Lang,
    /// What was made so far.
    pub facts: FileFacts,
    functions: Vec<FnId>,
    classes: Vec<ClassId>,
    depth: u32,
    /// Inside a test module.
    pub in_test: bool,
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The place of a tree.
pub fn span_of(node: Tree<'_>) -> Span {
    Span {
        start: small(node.start_byte()),
        end: small(node.end_byte()),
        line: small(node.start_position().row) + 1,
        end_line: small(node.end_position().row) + 1,
    }
}

impl<'s> Lowering<'s> {
    fn new(source: &'s str, lang: Lang) -> Self {
        let mut facts = FileFacts::default();
        facts.functions.push(Function::default());
        Lowering {
            source,
            lang,
            facts,
            functions: vec![0],
            classes: Vec::new(),
            depth: 0,
            in_test: false,
        }
    }

    /// The text of a tree.
    pub fn text(&self, node: Tree<'_>) -> &'s str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    /// The text of a tree, kept.
    pub fn sym(&self, node: Tree<'_>) -> SmolStr {
        SmolStr::new(self.text(node))
    }

    /// Adds a node that stands where `node` does.
    pub fn add(&mut self, kind: Kind, node: Tree<'_>) -> Id {
        self.add_at(kind, span_of(node))
    }

    /// Adds a node at a place of its own.
    pub fn add_at(&mut self, kind: Kind, span: Span) -> Id {
        let id = small(self.facts.nodes.len());
        self.facts.nodes.push(Node { kind, span });
        id
    }

    /// A name.
    pub fn name(&mut self, node: Tree<'_>) -> Id {
        let name = self.sym(node);
        self.add(Kind::Name(name), node)
    }

    /// `obj.name`; its last line is that of the name.
    pub fn member(&mut self, obj: Id, name: Tree<'_>) -> Id {
        let (sym, of, end) = (self.sym(name), self.facts.span(obj), span_of(name));
        self.add_at(
            Kind::Member(obj, sym),
            Span {
                start: of.start,
                line: of.line,
                ..end
            },
        )
    }

    /// A call with positional and named arguments.
    pub fn call(&mut self, callee: Id, args: Vec<Arg>, style: CallStyle, node: Tree<'_>) -> Id {
        self.add(Kind::Call(callee, args, style), node)
    }

    /// A declaration.
    pub fn let_(&mut self, pat: Id, ty: Option<Id>, value: Option<Id>, node: Tree<'_>) -> Id {
        if let (Kind::Name(name), Some(value)) = (self.facts.kind(pat).clone(), value) {
            self.name_lambda(value, &name);
        }
        self.add(Kind::Let(pat, ty, value), node)
    }

    /// A lambda takes the name of what it is bound to.
    pub fn name_lambda(&mut self, value: Id, name: &SmolStr) {
        if let Kind::Lambda(function) = *self.facts.kind(value) {
            let function = &mut self.facts.functions[function as usize];
            if function.name.is_empty() {
                function.name = name.clone();
            }
        }
    }

    /// Marks a call as awaited, through what wraps it.
    pub fn awaited(&mut self, id: Id) -> Id {
        if let Kind::Call(_, _, style) = &mut self.facts.nodes[id as usize].kind {
            style.awaited = true;
        }
        id
    }

    /// A node that only has children.
    pub fn other(&mut self, node: Tree<'_>, lower: fn(&mut Self, Tree<'_>) -> Id) -> Id {
        let children = self.children(node, lower);
        self.add(Kind::Other(children), node)
    }

    /// The named children, lowered in order.
    pub fn children(&mut self, node: Tree<'_>, lower: fn(&mut Self, Tree<'_>) -> Id) -> Vec<Id> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .filter(|child| !child.is_extra())
            .map(|child| lower(self, child))
            .collect()
    }

    /// Guards recursion: `lower` is not run below the depth limit.
    pub fn nested(&mut self, node: Tree<'_>, lower: impl FnOnce(&mut Self) -> Id) -> Id {
        if self.depth >= DEPTH_MAX {
            self.facts.errors.push(span_of(node));
            return self.add(Kind::Other(Vec::new()), node);
        }
        self.depth += 1;
        let id = lower(self);
        self.depth -= 1;
        id
    }

    /// A block of statements.
    pub fn block(&mut self, statements: Vec<Id>, node: Tree<'_>) -> Id {
        self.add(Kind::Block(statements), node)
    }

    /// Opens a function: what `inside` lowers belongs to it. `inside` gives parameters, return type, body.
    pub fn function(
        &mut self,
        name: SmolStr,
        node: Tree<'_>,
        lambda: bool,
        inside: impl FnOnce(&mut Self, FnId) -> (Vec<Param>, Option<Id>, Id),
    ) -> FnId {
        let id = small(self.facts.functions.len());
        let class = if lambda {
            None
        } else {
            self.classes.last().copied()
        };
        self.facts.functions.push(Function {
            name,
            class,
            parent: self.functions.last().copied(),
            lambda,
            test: self.in_test,
            span: span_of(node),
            ..Function::default()
        });
        self.functions.push(id);
        // A function inside a method is not a method of its class.
        let classes = std::mem::take(&mut self.classes);
        let (params, ret, body) = inside(self, id);
        self.classes = classes;
        self.functions.pop();
        let function = &mut self.facts.functions[id as usize];
        function.params = params;
        function.ret = ret;
        function.body = body;
        if let (Some(class), false) = (class, lambda) {
            self.facts.classes[class as usize].methods.push(id);
        }
        id
    }

    /// Opens a class: methods and fields that `inside` lowers belong to it.
    pub fn class(
        &mut self,
        name: SmolStr,
        node: Tree<'_>,
        inside: impl FnOnce(&mut Self, ClassId),
    ) -> ClassId {
        let id = small(self.facts.classes.len());
        self.facts.classes.push(Class {
            name,
            span: span_of(node),
            ..Class::default()
        });
        if let Some(outer) = self.classes.last() {
            self.facts.classes[*outer as usize].inner.push(id);
        }
        self.reopen(id, inside);
        id
    }

    /// Opens a class again, as Rust's `impl` does.
    pub fn reopen(&mut self, id: ClassId, inside: impl FnOnce(&mut Self, ClassId)) {
        self.classes.push(id);
        inside(self, id);
        self.classes.pop();
    }

    /// The function that is being lowered.
    pub fn here(&self) -> FnId {
        self.functions.last().copied().unwrap_or_default()
    }

    /// The class that is being lowered.
    pub fn class_here(&self) -> Option<ClassId> {
        self.classes.last().copied()
    }

    /// An import.
    pub fn import(
        &mut self,
        local: impl Into<SmolStr>,
        module: impl Into<SmolStr>,
        name: Option<SmolStr>,
        node: Tree<'_>,
    ) {
        self.facts.imports.push(Import {
            local: local.into(),
            module: module.into(),
            name,
            reexport: false,
            type_only: false,
            line: span_of(node).line,
        });
    }

    /// Joins two values that are concatenated.
    pub fn concat(&mut self, left: Id, right: Id, node: Tree<'_>) -> Id {
        let mut parts = match self.facts.kind(left) {
            Kind::Template(parts) => parts.clone(),
            _ => vec![left],
        };
        match self.facts.kind(right) {
            Kind::Template(more) => parts.extend(more.clone()),
            _ => parts.push(right),
        }
        self.add(Kind::Template(parts), node)
    }

    /// A string that is surely text: `+` with one of these is concatenation.
    pub fn is_text(&self, id: Id) -> bool {
        matches!(self.facts.kind(id), Kind::Str(_) | Kind::Template(_))
    }

    /// A field of an object with a key known in the source.
    pub fn field(&mut self, key: &str, value: Id) -> Field {
        let key = SmolStr::new(key);
        self.name_lambda(value, &key);
        Field::Named(key, value)
    }

    /// A loop.
    pub fn loop_(
        &mut self,
        kind: LoopKind,
        pat: Option<Id>,
        over: Option<Id>,
        body: Id,
        node: Tree<'_>,
    ) -> Id {
        self.add(Kind::Loop(kind, pat, over, body), node)
    }

    /// Directives and syntax errors, in one pass over what can hold them.
    fn comments(&mut self, root: Tree<'_>) {
        if root.has_error() {
            self.syntax_errors(root);
        }
        for (row, line) in self.source.lines().enumerate() {
            let Some(at) = line.find("keyfold:") else {
                continue;
            };
            let before = line[..at].trim_end();
            // A page about suppressions suppresses nothing.
            if before.trim_start().starts_with("//!") || before.trim_start().starts_with("///") {
                continue;
            }
            if !["//", "#", "--", "/*", "*", "<!--", ";"]
                .iter()
                .any(|mark| before.ends_with(mark))
            {
                continue;
            }
            let code = before
                .trim_end_matches(['/', '#', '-', '*', '<', '!', ';'])
                .trim();
            self.facts.directives.push(Directive {
                line: small(row) + 1,
                alone: code.is_empty(),
                text: SmolStr::new(
                    line[at..]
                        .trim_end_matches("*/")
                        .trim_end_matches("-->")
                        .trim_end(),
                ),
            });
        }
    }

    fn syntax_errors(&mut self, root: Tree<'_>) {
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            if node.is_error() || node.is_missing() {
                self.facts.errors.push(span_of(node));
            }
            if node.has_error() && !node.is_error() && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }
}

/// The text inside quotes, with the escapes that matter to names resolved.
pub fn unquote(text: &str) -> SmolStr {
    let inner = text.trim_matches(|c| matches!(c, '"' | '\'' | '`'));
    if !inner.contains('\\') {
        return SmolStr::new(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('\n') | None => {}
            Some(other) => out.push(other),
        }
    }
    SmolStr::from(out)
}
