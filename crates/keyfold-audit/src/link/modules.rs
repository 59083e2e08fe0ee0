//! From the text of an import to a file of the project.

use smol_str::SmolStr;

use super::{FileId, Project};
use crate::lang::Lang;

/// The name a file has as a module: its name without extension, or its folder's for an index file.
pub fn stem(path: &str) -> SmolStr {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or(path);
    let name = name.split('.').next().unwrap_or(name);
    match name {
        "index" | "mod" | "__init__" | "lib" | "main" => {
            SmolStr::new(parts.find(|p| *p != "src").unwrap_or(name))
        }
        _ => SmolStr::new(name),
    }
}

/// The file that `module` names in an import of `from`.
pub fn resolve(project: &Project, from: FileId, module: &str) -> Option<FileId> {
    let file = project.file(from);
    match file.lang {
        Lang::TypeScript | Lang::JavaScript => javascript(project, &file.path, module),
        Lang::Python => python(project, &file.path, module),
        Lang::Rust => rust(project, from, module),
        _ => None,
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn join(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

const JS_ENDINGS: [&str; 15] = [
    "",
    ".ts",
    ".tsx",
    ".js",
    ".jsx",
    ".mjs",
    ".cjs",
    ".mts",
    ".cts",
    ".d.ts",
    "/index.ts",
    "/index.tsx",
    "/index.js",
    "/index.mjs",
    "/index.jsx",
];

fn javascript(project: &Project, path: &str, module: &str) -> Option<FileId> {
    let bare = module
        .strip_suffix(".js")
        .or_else(|| module.strip_suffix(".mjs"))
        .unwrap_or(module);
    if module.starts_with('.') {
        let base = join(folder(path), bare);
        return JS_ENDINGS
            .iter()
            .find_map(|ending| project.by_path(&format!("{base}{ending}")));
    }
    // Aliases of the compiler's settings: a file of the project by its last parts.
    let alias = ["@/", "~/", "#/", "src/", "app/", "lib/"]
        .iter()
        .find_map(|a| bare.strip_prefix(a));
    let aliased = bare.starts_with(['@', '#', '$']) || alias.is_some();
    if !aliased || bare.starts_with("@aws") {
        return None;
    }
    let tail = alias.or_else(|| bare.split_once('/').map(|(_, tail)| tail))?;
    unique_suffix(project, tail).or_else(|| unique_suffix(project, &format!("{tail}/src")))
}

/// The one file that ends in `tail` with some ending of JavaScript.
fn unique_suffix(project: &Project, tail: &str) -> Option<FileId> {
    let last = SmolStr::new(
        tail.trim_end_matches("/src")
            .rsplit('/')
            .next()
            .unwrap_or(tail),
    );
    let mut found = None;
    for id in project.by_stem(&last) {
        let path = &project.file(*id).path;
        let fits = JS_ENDINGS.iter().skip(1).any(|ending| {
            path.strip_suffix(ending)
                .is_some_and(|base| base == tail || base.ends_with(&format!("/{tail}")))
        });
        if fits && found.replace(*id).is_some() {
            return None;
        }
    }
    found
}

fn python(project: &Project, path: &str, module: &str) -> Option<FileId> {
    let dots = module.chars().take_while(|c| *c == '.').count();
    let tail = module[dots..].replace('.', "/");
    let try_at = |base: &str| {
        [format!("{base}.py"), format!("{base}/__init__.py")]
            .iter()
            .find_map(|p| project.by_path(p))
    };
    if dots > 0 {
        let mut base = folder(path);
        for _ in 1..dots {
            base = folder(base);
        }
        return try_at(&join(base, &tail));
    }
    // Beside the file, then upward, then by unique suffix.
    let mut base = folder(path);
    loop {
        if let Some(found) = try_at(&join(base, &tail)) {
            return Some(found);
        }
        if base.is_empty() {
            break;
        }
        base = folder(base);
    }
    let last = tail.rsplit('/').next().unwrap_or(&tail);
    let mut fits = project.by_stem(last).iter().filter(|id| {
        let path = &project.file(**id).path;
        path.ends_with(&format!("/{tail}.py")) || path.ends_with(&format!("/{tail}/__init__.py"))
    });
    let found = fits.next()?;
    fits.next().is_none().then_some(*found)
}

/// By the last part of the path: `crate::db::orders` is the file `orders.rs` or `orders/mod.rs`.
fn rust(project: &Project, from: FileId, module: &str) -> Option<FileId> {
    let here = &project.file(from).path;
    let last = module
        .rsplit("::")
        .find(|part| !matches!(*part, "self" | "super" | "crate"));
    let Some(last) = last else {
        let base = folder(here);
        return ["lib.rs", "main.rs", "mod.rs"]
            .iter()
            .find_map(|name| project.by_path(&join(base, name)));
    };
    // The nearest one: the longest common folder.
    let common = |id: &FileId| {
        let path = &project.file(*id).path;
        path.bytes()
            .zip(here.bytes())
            .take_while(|(a, b)| a == b)
            .count()
    };
    let files = project.by_stem(last).iter();
    files
        .filter(|id| project.file(**id).lang == Lang::Rust)
        .max_by_key(|id| common(id))
        .copied()
}
