//! Every crate that ours are built from has a licence that goes with MIT OR Apache-2.0.
//!
//! What only tests run is looked at as well, and may besides have a licence that asks for changes
//! to its own files to be published.

use std::collections::{HashMap, HashSet, VecDeque};

use anyhow::Context as _;
use cargo_metadata::camino::Utf8Path;
use cargo_metadata::{DependencyKind, NodeDep, Package, PackageId};
use spdx::{Expression, Licensee, ParseMode};

use super::Offence;
use super::dependencies::TESTKIT;
use super::manifest::locked_line;
use super::repository::{Repository, offence};

/// Permissive: they ask for a notice at most.
const ALLOWED: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Copyleft for a file, not for the program it is in; for what we do not ship.
const ALLOWED_IN_TESTS: [&str; 1] = ["MPL-2.0"];

/// Finds dependencies whose licence is not on the list, with the way they came in.
pub fn check(repository: &Repository) -> anyhow::Result<Vec<Offence>> {
    let allowed = licensees(&ALLOWED)?;
    let allowed_in_tests = [licensees(&ALLOWED)?, licensees(&ALLOWED_IN_TESTS)?].concat();
    let lock_file = Utf8Path::new("Cargo.lock");
    let lock = repository.text(lock_file)?;
    let members = repository.members();
    let ways = ways_in(repository, &members, |_| true);
    let shipping: Vec<_> = members.into_iter().filter(|m| *m.name != TESTKIT).collect();
    let shipped: HashSet<_> = ways_in(repository, &shipping, is_built_in)
        .into_keys()
        .collect();
    let mut found = Vec::new();
    for package in &repository.metadata.packages {
        let is_shipped = shipped.contains(&package.id);
        let allowed = if is_shipped {
            &allowed
        } else {
            &allowed_in_tests
        };
        if let Some(reason) = refuse(package, allowed) {
            let way = ways.get(&package.id).map(|way| way.join(" → "));
            let what = format!(
                "{reason} ({}): use another crate, or its feature that does without; \
                 the list is in xtask/src/tidy/licences.rs",
                way.unwrap_or_default()
            );
            let line = locked_line(&lock, &package.name, &package.version.to_string());
            found.push(offence(lock_file, line, what));
        }
    }
    Ok(found)
}

fn licensees(names: &[&str]) -> anyhow::Result<Vec<Licensee>> {
    let licensees = names.iter().map(|name| Licensee::parse(name));
    licensees
        .collect::<Result<_, _>>()
        .context("the list of licences")
}

fn refuse(package: &Package, allowed: &[Licensee]) -> Option<String> {
    let (name, version) = (&package.name, &package.version);
    let Some(written) = &package.license else {
        return Some(format!("`{name}` {version} names no licence"));
    };
    // Older crates write `MIT/Apache-2.0`, which cargo still accepts.
    let Ok(expression) = Expression::parse_mode(written, ParseMode::LAX) else {
        return Some(format!(
            "`{name}` {version} has a licence nobody can read: `{written}`"
        ));
    };
    let fits = expression.evaluate(|asked| allowed.iter().any(|licence| licence.satisfies(asked)));
    (!fits).then(|| format!("`{name}` {version} has the licence `{written}`"))
}

fn is_built_in(used: &NodeDep) -> bool {
    used.dep_kinds
        .iter()
        .any(|kind| kind.kind != DependencyKind::Development)
}

/// The shortest way from one of these crates to every other: the names along it.
fn ways_in<'r>(
    repository: &'r Repository,
    from: &[&'r Package],
    follow: impl Fn(&NodeDep) -> bool,
) -> HashMap<&'r PackageId, Vec<&'r str>> {
    let metadata = &repository.metadata;
    let packages = metadata.packages.iter();
    let names: HashMap<_, _> = packages.map(|p| (&p.id, p.name.as_str())).collect();
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let uses: HashMap<_, _> = nodes.map(|node| (&node.id, &node.deps)).collect();
    let name = |id| names.get(id).copied().unwrap_or_default();
    let mut next: VecDeque<_> = from.iter().map(|package| &package.id).collect();
    let mut ways: HashMap<_, _> = next.iter().map(|id| (*id, vec![name(*id)])).collect();
    while let Some(id) = next.pop_front() {
        let way = ways.get(id).cloned().unwrap_or_default();
        let used = uses.get(id).into_iter().copied().flatten();
        for used in used.filter(|used| follow(used)).map(|used| &used.pkg) {
            if !ways.contains_key(used) {
                ways.insert(used, [way.as_slice(), &[name(used)]].concat());
                next.push_back(used);
            }
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::fixture::Fixture;

    /// Our crate uses `near`, which uses `far`, which has this line for its licence.
    fn offences(licence: &str) -> Vec<String> {
        let near = "license = \"MIT\"\n[dependencies]\nfar = { path = \"../far\" }\n";
        Fixture::new()
            .member(
                "crates/ours",
                "[dependencies]\nnear = { path = \"../../outside/near\" }\n",
            )
            .package("outside/near", near)
            .package("outside/far", licence)
            .offences(check)
    }

    #[test]
    fn permissive_licences_are_silent_also_as_a_choice() {
        for licence in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0-only OR MIT",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert_eq!(
                offences(&format!("license = \"{licence}\"\n")),
                [""; 0],
                "{licence}"
            );
        }
    }

    #[test]
    fn what_is_not_on_the_list_is_found_with_the_way_it_came_in() {
        for licence in ["GPL-3.0-only", "MIT AND AGPL-3.0-only", "MPL-2.0"] {
            let found = offences(&format!("license = \"{licence}\"\n"));
            assert_eq!(found.len(), 1, "{licence}: {found:?}");
            let start = format!("Cargo.lock:6: `far` 1.0.0 has the licence `{licence}` ");
            assert!(found[0].starts_with(&start), "{found:?}");
            assert!(found[0].contains("(ours → near → far)"), "{found:?}");
        }
    }

    #[test]
    fn what_only_tests_run_may_ask_for_its_own_changes() {
        let far = "license = \"MPL-2.0\"\n";
        let uses = |table: &str| format!("[{table}]\nfar = {{ path = \"../../outside/far\" }}\n");
        for (folder, table, offences) in [
            ("crates/ours", "dependencies", 1),
            ("crates/ours", "build-dependencies", 1),
            ("crates/ours", "dev-dependencies", 0),
            ("crates/keyfold-testkit", "dependencies", 0),
        ] {
            let fixture = Fixture::new()
                .member(folder, &uses(table))
                .package("outside/far", far);
            assert_eq!(fixture.offences(check).len(), offences, "{folder} {table}");
        }
        let gpl = "license = \"GPL-3.0-only\"\n";
        let fixture = Fixture::new().member("crates/ours", &uses("dev-dependencies"));
        assert_eq!(fixture.package("outside/far", gpl).offences(check).len(), 1);
    }

    #[test]
    fn no_licence_and_an_unreadable_one_are_found() {
        assert!(offences("")[0].contains("`far` 1.0.0 names no licence"));
        assert!(offences("license = \"mine, all mine\"\n")[0].contains("nobody can read"));
    }
}
