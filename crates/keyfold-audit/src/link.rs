//! Facts of all files, linked: who binds a name, what an import names, who calls a function.

pub mod eval;
pub mod flow;
pub mod modules;
mod own;
pub mod scope;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::facts::{ClassId, FileFacts, FnId, Id, Kind, Node, Span};
use crate::lang::Lang;
use crate::op::Op;
use scope::Binding;

/// A file of the project.
pub type FileId = u32;

/// A node of a file of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// The file.
    pub file: FileId,
    /// The node.
    pub node: Id,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Runs in production.
    Production,
    /// Tests and their fixtures.
    Test,
    /// Run by hand: migrations, seeds, tools.
    Script,
    /// Shows how to use something.
    Example,
    /// Defines infrastructure.
    Infrastructure,
}

/// A file with its facts and what is derived from them.
pub struct SourceFile {
    /// Relative to the project's root, with `/`.
    pub path: String,
    /// Its language.
    pub lang: Lang,
    /// What it is for.
    pub role: Role,
    /// What it says.
    pub facts: FileFacts,
    /// Parent of each node; itself at a root.
    pub parents: Vec<Id>,
    /// Innermost function of each node, lambdas count.
    pub owner: Vec<FnId>,
    /// Bindings of each function by name.
    pub scopes: Vec<FxHashMap<SmolStr, Vec<Binding>>>,
    /// Nodes that are names, by name.
    pub names: FxHashMap<SmolStr, Vec<Id>>,
    /// Imports by local name.
    pub imports: FxHashMap<SmolStr, usize>,
    /// `module.exports = { … }` and `export default { … }`.
    pub default_export: Option<Id>,
    /// `exports.x = …`.
    pub assigned_exports: FxHashMap<SmolStr, Id>,
    /// Some name, text or import in it speaks of the service.
    pub speaks: bool,
}

impl SourceFile {
    /// Derives what linking needs.
    pub fn new(path: String, lang: Lang, role: Role, facts: FileFacts) -> SourceFile {
        let mut file = SourceFile {
            parents: (0..u32::try_from(facts.nodes.len()).unwrap_or(u32::MAX)).collect(),
            owner: vec![0; facts.nodes.len()],
            scopes: (0..facts.functions.len())
                .map(|_| FxHashMap::default())
                .collect(),
            names: FxHashMap::default(),
            imports: FxHashMap::default(),
            default_export: None,
            assigned_exports: FxHashMap::default(),
            speaks: false,
            path,
            lang,
            role,
            facts,
        };
        for (at, import) in file.facts.imports.iter().enumerate() {
            file.imports.entry(import.local.clone()).or_insert(at);
        }
        for (id, node) in (0u32..).zip(&file.facts.nodes) {
            if let Kind::Name(name) = &node.kind {
                file.names.entry(name.clone()).or_default().push(id);
            }
        }
        let speaks = |text: &str| text.to_ascii_lowercase().contains("dynamo");
        file.speaks = file
            .facts
            .imports
            .iter()
            .any(|i| speaks(&i.module) || i.name.as_ref().is_some_and(|n| speaks(n)))
            || file.facts.nodes.iter().any(|node| match &node.kind {
                Kind::Name(text) | Kind::Str(text) | Kind::Member(_, text) => speaks(text),
                _ => false,
            })
            || file.facts.classes.iter().any(|class| speaks(&class.name));
        scope::fill(&mut file);
        file
    }

    /// The parent of a node, if it has one.
    pub fn parent(&self, id: Id) -> Option<Id> {
        let parent = self.parents[id as usize];
        (parent != id).then_some(parent)
    }

    /// The nodes above a node, from the nearest.
    pub fn ancestors(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    /// Whether `outer` is `id` or above it.
    pub fn contains(&self, outer: Id, id: Id) -> bool {
        outer == id || self.ancestors(id).any(|above| above == outer)
    }

    /// The node under an id.
    pub fn node(&self, id: Id) -> &Node {
        self.facts.node(id)
    }

    /// What a node is.
    pub fn kind(&self, id: Id) -> &Kind {
        self.facts.kind(id)
    }

    /// Where a node stands.
    pub fn span(&self, id: Id) -> Span {
        self.facts.span(id)
    }

    /// The innermost function that is not an unnamed lambda.
    pub fn named_function(&self, id: Id) -> FnId {
        let mut function = self.owner[id as usize];
        while function != 0 {
            let here = self.facts.function(function);
            if !here.lambda || !here.name.is_empty() {
                break;
            }
            function = here.parent.unwrap_or_default();
        }
        function
    }

    /// A function's name with its class, as a person says it.
    pub fn function_name(&self, function: FnId) -> String {
        let here = self.facts.function(function);
        match here.class {
            Some(class) if !self.facts.class(class).name.is_empty() => {
                format!("{}.{}", self.facts.class(class).name, here.name)
            }
            _ => here.name.to_string(),
        }
    }

    /// Inside a place the grammar could not read.
    pub fn in_error(&self, span: Span) -> bool {
        self.facts
            .errors
            .iter()
            .any(|error| error.start < span.end && span.start < error.end)
    }
}

/// Something with a name at a module's top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A function.
    Function(FileId, FnId),
    /// A class.
    Class(FileId, ClassId),
    /// A constant or variable: the binding's node.
    Binding(At),
}

/// All files, and where things are.
pub struct Project {
    /// The files, by path.
    pub files: Vec<SourceFile>,
    by_path: FxHashMap<String, FileId>,
    by_stem: FxHashMap<SmolStr, Vec<FileId>>,
    items: FxHashMap<SmolStr, Vec<Item>>,
    methods: FxHashMap<SmolStr, Vec<(FileId, FnId)>>,
    calls: FxHashMap<SmolStr, Vec<At>>,
    /// What the configuration says of helpers and clients of one's own.
    pub own: Own,
}

/// Helpers and clients of one's own, which no library's name tells.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Types that are clients.
    pub clients: Vec<String>,
    /// Functions that do an operation: name, as `query_all` or `Db.query_all`.
    pub wrappers: Vec<(String, OwnCall)>,
}

/// What a helper does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnCall {
    /// The operation.
    pub op: Op,
    /// It pages by itself.
    pub pages: bool,
    /// Which argument names the table.
    pub table: Option<usize>,
}

impl Project {
    /// Links files. Their order decides nothing: they are sorted by path.
    pub fn new(mut files: Vec<SourceFile>) -> Project {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut project = Project {
            files,
            by_path: FxHashMap::default(),
            by_stem: FxHashMap::default(),
            items: FxHashMap::default(),
            methods: FxHashMap::default(),
            calls: FxHashMap::default(),
            own: Own::default(),
        };
        let Project {
            files,
            by_path,
            by_stem,
            items,
            methods,
            calls,
            own: _,
        } = &mut project;
        for (at, file) in (0u32..).zip(files.iter()) {
            by_path.insert(file.path.clone(), at);
            by_stem
                .entry(modules::stem(&file.path))
                .or_default()
                .push(at);
            for (id, function) in (0u32..).zip(&file.facts.functions).skip(1) {
                if function.parent == Some(0) && function.class.is_none() && !function.lambda {
                    items
                        .entry(function.name.clone())
                        .or_default()
                        .push(Item::Function(at, id));
                }
                if !function.name.is_empty() {
                    methods
                        .entry(function.name.clone())
                        .or_default()
                        .push((at, id));
                }
            }
            for (id, class) in (0u32..).zip(&file.facts.classes) {
                if !class.name.is_empty() {
                    items
                        .entry(class.name.clone())
                        .or_default()
                        .push(Item::Class(at, id));
                }
            }
            for (name, bindings) in &file.scopes[0] {
                for binding in bindings {
                    if matches!(binding.source, scope::Source::Value(_)) {
                        let at = At {
                            file: at,
                            node: binding.node,
                        };
                        items
                            .entry(name.clone())
                            .or_default()
                            .push(Item::Binding(at));
                    }
                }
            }
            for (id, node) in (0u32..).zip(&file.facts.nodes) {
                if let Kind::Call(callee, ..) = &node.kind
                    && let Kind::Name(name) | Kind::Member(_, name) = file.kind(*callee)
                {
                    calls
                        .entry(name.clone())
                        .or_default()
                        .push(At { file: at, node: id });
                }
            }
        }
        project
    }

    /// A file.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id as usize]
    }

    /// What a node is.
    pub fn kind(&self, at: At) -> &Kind {
        self.file(at.file).kind(at.node)
    }

    /// Where a node stands.
    pub fn span(&self, at: At) -> Span {
        self.file(at.file).span(at.node)
    }

    /// Version 3 of the SDK for JavaScript is imported somewhere, or version 2 nowhere.
    pub fn newer_js(&self, file: FileId) -> bool {
        let imports = |file: &SourceFile, head: &str| {
            file.facts
                .imports
                .iter()
                .any(|i| i.module.starts_with(head))
        };
        let own = self.file(file);
        if imports(own, "@aws-sdk/") || imports(own, "aws-sdk") {
            return imports(own, "@aws-sdk/");
        }
        let all = || self.files.iter().filter(|f| f.lang.is_js());
        all().any(|f| imports(f, "@aws-sdk/")) && !all().any(|f| imports(f, "aws-sdk"))
    }

    /// The file of a path.
    pub fn by_path(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// Files whose module is so named.
    pub fn by_stem(&self, stem: &str) -> &[FileId] {
        self.by_stem.get(stem).map_or(&[], Vec::as_slice)
    }

    /// Items of that name, anywhere.
    pub fn items(&self, name: &str) -> &[Item] {
        self.items.get(name).map_or(&[], Vec::as_slice)
    }

    /// Functions and methods of that name, anywhere.
    pub fn functions(&self, name: &str) -> &[(FileId, FnId)] {
        self.methods.get(name).map_or(&[], Vec::as_slice)
    }

    /// Calls of something so named, anywhere.
    pub fn calls(&self, name: &str) -> &[At] {
        self.calls.get(name).map_or(&[], Vec::as_slice)
    }

    /// Every file with its id.
    pub fn ids(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0u32..).zip(&self.files)
    }
}
