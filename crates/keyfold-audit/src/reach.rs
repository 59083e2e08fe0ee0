//! How a function is reached: by a request, by a job, or nobody knows.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::Config;
use crate::facts::{FnId, Kind};
use crate::lang::Lang;
use crate::link::eval::{Eval, Value};
use crate::link::flow::callee_name;
use crate::link::{At, FileId, Project, Role};

/// How a function is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// From a route, a handler, a resolver, a consumer.
    Data,
    /// From a schedule, a command, a migration.
    Job,
    /// Not known.
    Unknown,
}

/// Entry points, and what they reach.
#[derive(Debug, Default)]
pub struct Reachability {
    reached: FxHashMap<(FileId, FnId), Reach>,
    /// Files that hold an entry point.
    pub entry_files: FxHashSet<FileId>,
    /// Entry functions.
    pub entries: FxHashSet<(FileId, FnId)>,
}

impl Reachability {
    /// How a function is reached.
    pub fn of(&self, project: &Project, file: FileId, function: FnId) -> Reach {
        if project.file(file).role == Role::Script {
            return Reach::Job;
        }
        let mut at = Some(function);
        while let Some(id) = at {
            if let Some(reach) = self.reached.get(&(file, id)) {
                return *reach;
            }
            at = project
                .file(file)
                .facts
                .function(id)
                .parent
                .filter(|p| *p != 0);
        }
        Reach::Unknown
    }
}

const VERBS: [&str; 11] = [
    "get", "post", "put", "patch", "delete", "all", "route", "options", "head", "use", "on",
];

/// Finds entry points and follows calls from them.
pub fn find(project: &Project, config: &Config) -> Reachability {
    let mut out = Reachability::default();
    let eval = Eval::new(project);
    let mut queue: Vec<((FileId, FnId), Reach)> = Vec::new();
    for (file, f) in project.ids() {
        if f.lang.is_document() || f.role == Role::Test {
            continue;
        }
        for (id, function) in (0u32..).zip(&f.facts.functions) {
            if let Some(reach) = entry(project, file, id) {
                queue.push(((file, id), reach));
            } else if config
                .entry_points
                .iter()
                .any(|name| *name == f.function_name(id) || *name == f.path)
                && id != 0
            {
                queue.push(((file, id), Reach::Data));
            }
            let _ = function;
        }
        routes(&eval, file, &mut queue);
    }
    for (entry, _) in &queue {
        out.entry_files.insert(entry.0);
        out.entries.insert(*entry);
    }
    // Data first: what both reach is on the data path.
    queue.sort_by_key(|(_, reach)| *reach);
    for (start, reach) in queue {
        let mut stack = vec![start];
        while let Some(at) = stack.pop() {
            if out.reached.contains_key(&at) {
                continue;
            }
            out.reached.insert(at, reach);
            callees(&eval, at, &mut stack);
        }
    }
    out
}

/// A function that the outside calls by itself.
fn entry(project: &Project, file: FileId, id: FnId) -> Option<Reach> {
    let f = project.file(file);
    let function = f.facts.function(id);
    let name = function.name.as_str();
    for decorator in &function.decorators {
        let callee = match f.kind(*decorator) {
            Kind::Call(callee, ..) => *callee,
            _ => *decorator,
        };
        let called = callee_name(f, callee);
        match called.as_str() {
            "get" | "post" | "put" | "patch" | "delete" | "route" | "Get" | "Post" | "Put"
            | "Patch" | "Delete" | "All" | "Query" | "Mutation" | "ResolveField" | "websocket"
            | "api_view" | "EventPattern" | "MessagePattern" | "SqsMessageHandler" | "resolver"
            | "GetMapping" | "PostMapping" | "PutMapping" | "DeleteMapping" | "PatchMapping"
            | "RequestMapping" | "post_mapping" | "GET" | "POST" | "PUT" | "DELETE" | "PATCH"
            | "KafkaListener" | "SqsListener" | "RabbitListener" | "QueryMapping"
            | "MutationMapping" | "SchemaMapping" | "Path" => {
                return Some(Reach::Data);
            }
            "Cron" | "Interval" | "schedule" | "command" | "task" | "Scheduled"
            | "periodic_task" | "on_schedule" => return Some(Reach::Job),
            "main" | "tokio" => {}
            _ => {}
        }
    }
    let scheduled = [
        "cron", "schedule", "nightly", "daily", "job", "worker", "batch",
    ]
    .iter()
    .any(|w| f.path.to_ascii_lowercase().contains(w));
    let as_reach = |scheduled: bool| if scheduled { Reach::Job } else { Reach::Data };
    if id == 0 {
        return (f.lang == Lang::Python && name == "__main__").then_some(Reach::Job);
    }
    match f.lang {
        // AWS Lambda's interfaces.
        Lang::Java | Lang::Kotlin
            if matches!(name, "handleRequest" | "handleStreamRequest")
                && function.class.is_some() =>
        {
            Some(as_reach(scheduled))
        }
        Lang::Python
            if function.parent == Some(0)
                && matches!(name, "lambda_handler" | "handler")
                && function.params.len() == 2 =>
        {
            Some(as_reach(scheduled))
        }
        Lang::TypeScript | Lang::JavaScript
            if name == "handler"
                && (function.exported || function.parent == Some(0) || function.lambda)
                && function.class.is_none() =>
        {
            Some(as_reach(scheduled))
        }
        _ => None,
    }
}

/// `app.get('/x', handler)`, `Router::new().route("/x", get(list))`, resolvers, `lambda_runtime::run`.
fn routes(eval: &Eval<'_>, file: FileId, queue: &mut Vec<((FileId, FnId), Reach)>) {
    let f = eval.project.file(file);
    let mut found: Vec<(At, Reach)> = Vec::new();
    for (node, n) in (0u32..).zip(&f.facts.nodes) {
        let Kind::Call(callee, args, _) = &n.kind else {
            continue;
        };
        let name = callee_name(f, *callee);
        let at = |id: u32| At { file, node: id };
        let http = match f.kind(*callee) {
            Kind::Member(obj, _) if VERBS.contains(&name.as_str()) => {
                // The first argument is a path, the rest are handlers.
                let path = args.first().is_some_and(|a| matches!(f.kind(a.value), Kind::Str(t) if t.starts_with('/') || t == "*" || t.is_empty()));
                let router = matches!(f.kind(*obj), Kind::Name(n) | Kind::Member(_, n) if {
                    let n = n.to_ascii_lowercase();
                    n.contains("app") || n.contains("router") || n.contains("route") || n.contains("server") || n.contains("fastify") || n.contains("api")
                });
                path && (router || args.len() > 1)
            }
            Kind::Name(_) => {
                f.lang == Lang::Rust
                    && matches!(
                        name.as_str(),
                        "get" | "post" | "put" | "patch" | "delete" | "service_fn" | "handler_fn"
                    )
            }
            Kind::Member(..) => {
                f.lang == Lang::Rust
                    && matches!(
                        name.as_str(),
                        "get" | "post" | "put" | "patch" | "delete" | "to" | "service_fn"
                    )
            }
            _ => false,
        };
        let http = http || go_route(f, *callee, &name, args.len());
        let scheduled = matches!(
            name.as_str(),
            "schedule" | "setInterval" | "scheduleJob" | "add_job"
        );
        if http || scheduled || matches!(name.as_str(), "middy" | "wrapHandler") {
            let reach = if scheduled { Reach::Job } else { Reach::Data };
            found.extend(args.iter().map(|arg| (at(arg.value), reach)));
        }
        let _ = node;
    }
    for (arg, reach) in found {
        if let Value::Function(at, id) = eval.value(arg) {
            queue.push(((at, id), reach));
        } else {
            // `wrap(handler)`, `[auth, handler]`, `controller.list.bind(controller)`.
            let mut inner = Vec::new();
            f.facts.children(arg.node, |child| inner.push(child));
            for node in inner {
                if let Value::Function(at, id) = eval.value(At { file, node }) {
                    queue.push(((at, id), reach));
                }
            }
        }
    }
}

/// `http.HandleFunc("/x", h)`, `r.GET("/x", h)`, `lambda.Start(handler)`; Kotlin's `get("/x") { … }`.
fn go_route(f: &crate::link::SourceFile, callee: u32, name: &str, args: usize) -> bool {
    match f.lang {
        Lang::Go => match f.kind(callee) {
            Kind::Member(of, _) => {
                let of = callee_name(f, *of);
                matches!(
                    name,
                    "HandleFunc"
                        | "Handle"
                        | "GET"
                        | "POST"
                        | "PUT"
                        | "PATCH"
                        | "DELETE"
                        | "Get"
                        | "Post"
                        | "Put"
                        | "Patch"
                        | "Delete"
                ) && args > 1
                    || of == "lambda" && name.starts_with("Start")
            }
            _ => false,
        },
        Lang::Kotlin => {
            matches!(f.kind(callee), Kind::Name(_))
                && matches!(name, "get" | "post" | "put" | "delete" | "patch")
                && args > 1
        }
        _ => false,
    }
}

/// The functions that a function calls or hands on.
fn callees(eval: &Eval<'_>, (file, function): (FileId, FnId), out: &mut Vec<(FileId, FnId)>) {
    let f = eval.project.file(file);
    let mut stack = vec![f.facts.function(function).body];
    while let Some(id) = stack.pop() {
        match f.kind(id) {
            Kind::Call(callee, args, _) => {
                match eval.value(At {
                    file,
                    node: *callee,
                }) {
                    Value::Function(at, id) => out.push((at, id)),
                    Value::Class(at, class) => {
                        let new = eval
                            .project
                            .file(at)
                            .facts
                            .class(class)
                            .methods
                            .iter()
                            .find(|m| eval.project.file(at).facts.function(**m).name == "new");
                        out.extend(new.map(|m| (at, *m)));
                    }
                    _ => {}
                }
                for arg in args {
                    if let (Kind::Name(_) | Kind::Member(..), Value::Function(at, id)) = (
                        f.kind(arg.value),
                        eval.value(At {
                            file,
                            node: arg.value,
                        }),
                    ) {
                        out.push((at, id));
                    }
                }
            }
            Kind::Lambda(lambda) => out.push((file, *lambda)),
            Kind::FnDef(inner) if function != 0 => out.push((file, *inner)),
            _ => {}
        }
        f.facts.children(id, |child| stack.push(child));
    }
}
