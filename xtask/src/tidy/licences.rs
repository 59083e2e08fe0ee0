//! Every crate that is built into ours has a licence that goes with MIT OR Apache-2.0.
//!
//! Tests' and build scripts' dependencies count too: they are in the same lock file, and nobody
//! should have to find out which is which.

use std::collections::{HashMap, VecDeque};

use anyhow::Context as _;
use cargo_metadata::camino::Utf8Path;
use cargo_metadata::{Package, PackageId};
use spdx::{Expression, Licensee, ParseMode};

use super::Offence;
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

/// Finds dependencies whose licence is not on the list, with the way they came in.
pub fn check(repository: &Repository) -> anyhow::Result<Vec<Offence>> {
    let allowed = ALLOWED.iter().map(|name| Licensee::parse(name));
    let allowed: Vec<_> = allowed
        .collect::<Result<_, _>>()
        .context("the list of licences")?;
    let lock_file = Utf8Path::new("Cargo.lock");
    let lock = repository.text(lock_file)?;
    let ways = ways_in(repository);
    let mut found = Vec::new();
    for package in &repository.metadata.packages {
        if let Some(reason) = refuse(package, &allowed) {
            let way = ways
                .get(&package.id)
                .map(|way| way.join(" → "))
                .unwrap_or_default();
            let what = format!(
                "{reason} ({way}): use another crate, or its feature that does without; \
                 the list is in xtask/src/tidy/licences.rs"
            );
            let line = locked_line(&lock, &package.name, &package.version.to_string());
            found.push(offence(lock_file, line, what));
        }
    }
    Ok(found)
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

/// The shortest way from one of our crates to every other: the names along it.
fn ways_in(repository: &Repository) -> HashMap<&PackageId, Vec<&str>> {
    let metadata = &repository.metadata;
    let names: HashMap<_, _> = metadata
        .packages
        .iter()
        .map(|p| (&p.id, p.name.as_str()))
        .collect();
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let uses: HashMap<_, _> = nodes.map(|node| (&node.id, &node.dependencies)).collect();
    let name = |id| names.get(id).copied().unwrap_or_default();
    let mut next: VecDeque<_> = metadata.workspace_members.iter().collect();
    let mut ways: HashMap<_, _> = next.iter().map(|id| (*id, vec![name(*id)])).collect();
    while let Some(id) = next.pop_front() {
        let way = ways.get(id).cloned().unwrap_or_default();
        for used in uses.get(id).into_iter().copied().flatten() {
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
    fn no_licence_and_an_unreadable_one_are_found() {
        assert!(offences("")[0].contains("`far` 1.0.0 names no licence"));
        assert!(offences("license = \"mine, all mine\"\n")[0].contains("nobody can read"));
    }
}
