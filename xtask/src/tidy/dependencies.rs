//! Who may use whom, as ARCHITECTURE.md says it.
//!
//! The page's tables are the rules: this file reads them, so that they cannot say one thing while
//! another is enforced. They hold for what a crate is built from (`[dependencies]`,
//! `[build-dependencies]`). Tests may use more, and then two rules are left: no app uses an app,
//! and nothing but tests uses the testkit.

mod rules;

use cargo_metadata::camino::Utf8Path;
use cargo_metadata::{Dependency, DependencyKind, Package};

use super::Offence;
use super::manifest::{DependencyTable, dependency_line};
use super::repository::{Repository, offence};
use crate::markdown::{heading_line, table_under};
use rules::{OUTSIDE, Outside, PAGE, Rule, Verdict, WHO_USES_WHOM, Who};

const MAP: &str = "The map";
/// Marks a crate in the map that is designed and not made yet.
const LATER: &str = "later";
/// The crate that only tests use.
pub const TESTKIT: &str = "keyfold-testkit";

/// Finds dependencies between our crates, and uses of some others, that the page does not allow.
pub fn check(repository: &Repository) -> anyhow::Result<Vec<Offence>> {
    let page = repository.text(Utf8Path::new(PAGE))?;
    let members = repository.members();
    let mut found = Vec::new();
    let rules = rules::between_crates(&page, &mut found);
    let outside = rules::outside_crates(&page, &mut found);
    for member in &members {
        let Some(rule) = rules
            .iter()
            .find(|rule| rule.who.matches(repository, member))
        else {
            let line = heading_line(&page, WHO_USES_WHOM).unwrap_or(1);
            let what = format!(
                "`{}` has no row: add it to this table and to the map, with what it may use",
                member.name
            );
            found.push(offence(PAGE, line, what));
            continue;
        };
        let manifest = repository.relative(&member.manifest_path);
        let text = repository.text(&manifest)?;
        for dependency in &member.dependencies {
            let target = members.iter().find(|target| is(dependency, target));
            let refused = match target {
                Some(target) => refuse_ours(repository, rule, member, target, dependency),
                None => refuse_outside(repository, &outside, member, dependency),
            };
            if let Some(what) = refused {
                let line = dependency_line(&text, table_of(dependency), &dependency.name);
                found.push(offence(&manifest, line, what));
            }
        }
    }
    found.extend(made_but_marked_later(repository, &page));
    Ok(found)
}

fn refuse_ours(
    repository: &Repository,
    rule: &Rule,
    member: &Package,
    target: &Package,
    dependency: &Dependency,
) -> Option<String> {
    let (member_name, target_name) = (&member.name, &target.name);
    let apps = Who("apps/*".to_owned());
    let is_app = |package| apps.matches(repository, package);
    if member_name == target_name {
        // A crate's tests may use the crate itself with other features.
        return None;
    }
    if is_app(member) && is_app(target) {
        return Some(format!(
            "app `{member_name}` uses app `{target_name}`: what two apps need goes into \
             keyfold-web, keyfold-stream or keyfold"
        ));
    }
    if dependency.kind == DependencyKind::Development {
        return None;
    }
    if *target_name == TESTKIT {
        return Some(format!(
            "`{TESTKIT}` is for tests: move it to [dev-dependencies]"
        ));
    }
    match rule.uses.judge(repository, target, dependency.optional) {
        Verdict::Allowed => None,
        Verdict::OnlyByFeature => Some(format!(
            "`{member_name}` may use `{target_name}` by feature only: make it optional"
        )),
        Verdict::Refused => Some(format!(
            "`{member_name}` may not use `{target_name}`: take it out, or change \
             `{WHO_USES_WHOM}` in {PAGE} and say why"
        )),
    }
}

fn refuse_outside(
    repository: &Repository,
    outside: &[Outside],
    member: &Package,
    dependency: &Dependency,
) -> Option<String> {
    if dependency.kind == DependencyKind::Development {
        return None;
    }
    let rule = outside.iter().find(|rule| rule.name == dependency.name)?;
    let (member_name, name) = (&member.name, &rule.name);
    match rule.users.judge(repository, member, dependency.optional) {
        Verdict::Allowed => None,
        Verdict::OnlyByFeature => Some(format!(
            "`{member_name}` may use `{name}` by feature only: make it optional"
        )),
        Verdict::Refused => Some(format!(
            "`{member_name}` may not use `{name}`, which is for {}: take it out, or change \
             `{OUTSIDE}` in {PAGE} and say why",
            rule.written
        )),
    }
}

fn made_but_marked_later(repository: &Repository, page: &str) -> Vec<Offence> {
    let rows = table_under(page, MAP).unwrap_or_default();
    let marked = rows
        .iter()
        .filter(|row| row.cells.iter().any(|cell| cell == LATER));
    let made = marked.filter_map(|row| {
        let Ok(names) = rules::names(row.cells.first()?) else {
            return None;
        };
        let exists = |name: &Who| {
            let is = |member: &&Package| {
                let folder = repository.relative(&member.manifest_path);
                *member.name == name.0 || folder.parent() == Some(Utf8Path::new(&name.0))
            };
            repository.members().iter().any(is)
        };
        let name = names.into_iter().find(exists)?;
        let what = format!("`{}` exists now: take the mark `{LATER}` away", name.0);
        Some(offence(PAGE, row.line, what))
    });
    made.collect()
}

/// Whether a dependency is this crate of ours, and not one of the same name from a registry.
fn is(dependency: &Dependency, target: &Package) -> bool {
    dependency.name == *target.name && dependency.path.is_some()
}

fn table_of(dependency: &Dependency) -> DependencyTable {
    match dependency.kind {
        DependencyKind::Development => DependencyTable::Development,
        DependencyKind::Build => DependencyTable::Build,
        _ => DependencyTable::Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::fixture::Fixture;

    const PAGE: &str = "\
# Architecture

## The map

| crate | |
|---|---|
| `low` | |
| `ghost` | later |

## Who may use whom

| crate | may use |
|---|---|
| `low` | nothing |
| `high` | `low`, `engine` by feature |
| `engine` | `low` |
| `apps/*` | everything but `cli`, `apps/*` |
| `cli` | everything |
| `keyfold-testkit` | everything |

## What stays where

| from outside | who may use it |
|---|---|
| `axum` | `engine` |
| `tokio` | everything but `low` |
";

    /// A workspace of these crates, each with what its manifest says after `[package]`.
    fn workspace(crates: &[(&str, &str)]) -> Fixture {
        let start = Fixture::new().file("ARCHITECTURE.md", PAGE);
        crates.iter().fold(start, |fixture, (folder, rest)| {
            fixture.member(folder, rest)
        })
    }

    #[test]
    fn what_the_table_allows_is_silent() {
        let fixture = workspace(&[
            ("crates/low", ""),
            (
                "crates/engine",
                "[dependencies]\nlow = { path = \"../low\" }\n",
            ),
            (
                "crates/high",
                "[dependencies]\nlow = { path = \"../low\" }\n\
                 engine = { path = \"../engine\", optional = true }\n\
                 [dev-dependencies]\nkeyfold-testkit = { path = \"../keyfold-testkit\" }\n",
            ),
            (
                "crates/keyfold-testkit",
                "[dependencies]\nlow = { path = \"../low\" }\n",
            ),
            (
                "crates/cli",
                "[dependencies]\none = { path = \"../../apps/one\" }\n",
            ),
            (
                "apps/one",
                "[dependencies]\nhigh = { path = \"../../crates/high\" }\n",
            ),
        ]);
        assert_eq!(fixture.offences(check), [""; 0]);
    }

    #[test]
    fn a_dependency_that_the_table_does_not_name_is_refused_at_its_line() {
        let fixture = workspace(&[
            (
                "crates/low",
                "[dependencies]\nengine = { path = \"../engine\" }\n",
            ),
            ("crates/engine", ""),
        ]);
        let found = fixture.offences(check);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/low/Cargo.toml:7: `low` may not use `engine`: "));
    }

    #[test]
    fn a_build_dependency_follows_the_table_and_a_dev_dependency_need_not() {
        let uses = |table| format!("[{table}]\nengine = {{ path = \"../engine\" }}\n");
        let built = workspace(&[
            ("crates/low", &uses("build-dependencies")),
            ("crates/engine", ""),
        ]);
        assert_eq!(built.offences(check).len(), 1);
        let tested = workspace(&[
            ("crates/low", &uses("dev-dependencies")),
            ("crates/engine", ""),
        ]);
        assert_eq!(tested.offences(check), [""; 0]);
    }

    #[test]
    fn what_is_allowed_by_feature_has_to_be_optional() {
        let fixture = workspace(&[
            (
                "crates/high",
                "[dependencies]\nengine = { path = \"../engine\" }\n",
            ),
            ("crates/engine", ""),
        ]);
        let found = fixture.offences(check);
        assert!(found[0].ends_with("`high` may use `engine` by feature only: make it optional"));
    }

    #[test]
    fn an_app_uses_no_app_not_even_in_tests() {
        let fixture = workspace(&[
            (
                "apps/one",
                "[dev-dependencies]\ntwo = { path = \"../two\" }\n",
            ),
            ("apps/two", ""),
        ]);
        let found = fixture.offences(check);
        assert!(found[0].starts_with("apps/one/Cargo.toml:7: app `one` uses app `two`: "));
    }

    #[test]
    fn the_testkit_is_refused_outside_tests_also_where_everything_is_allowed() {
        let fixture = workspace(&[
            (
                "crates/cli",
                "[dependencies]\nkeyfold-testkit = { path = \"../keyfold-testkit\" }\n",
            ),
            ("crates/keyfold-testkit", ""),
        ]);
        let found = fixture.offences(check);
        assert!(
            found[0].ends_with("`keyfold-testkit` is for tests: move it to [dev-dependencies]")
        );
    }

    #[test]
    fn a_crate_from_outside_stays_where_the_table_keeps_it() {
        let uses = "[dependencies]\naxum = { path = \"../../outside/axum\" }\n";
        let fixture = workspace(&[("crates/low", uses), ("crates/engine", uses)])
            .package("outside/axum", "license = \"MIT\"\n");
        let found = fixture.offences(check);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/low/Cargo.toml:7: `low` may not use `axum`, which "));
    }

    #[test]
    fn a_crate_from_outside_can_be_kept_out_of_some() {
        let uses = "[dependencies]\ntokio = { path = \"../../outside/tokio\" }\n";
        let fixture = workspace(&[("crates/low", uses), ("crates/engine", uses)])
            .package("outside/tokio", "license = \"MIT\"\n");
        let found = fixture.offences(check);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/low/Cargo.toml:7: `low` may not use `tokio`, which "));
    }

    #[test]
    fn a_crate_without_a_row_and_a_made_one_marked_later_are_named() {
        let found = workspace(&[("crates/ghost", "")]).offences(check);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].starts_with("ARCHITECTURE.md:8: `ghost` exists now"),
            "{found:?}"
        );
        assert!(
            found[1].starts_with("ARCHITECTURE.md:10: `ghost` has no row"),
            "{found:?}"
        );
    }

    #[test]
    fn a_page_without_its_tables_permits_nothing() {
        let found = workspace(&[("crates/low", "")])
            .file("ARCHITECTURE.md", "# A\n")
            .offences(check);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found
                .iter()
                .any(|what| what.contains("no table under the heading `Who may use whom`"))
        );
        assert!(
            found
                .iter()
                .any(|what| what.contains("no table under the heading `What stays where`"))
        );
        assert!(found.iter().any(|what| what.contains("`low` has no row")));
    }

    #[test]
    fn a_cell_that_cannot_be_read_is_an_offence_and_not_a_permission() {
        let page = PAGE.replace("| `low` | nothing |", "| `low` | engine and so on |");
        let fixture = workspace(&[("crates/engine", "")]).file("ARCHITECTURE.md", &page);
        let found = fixture.offences(check);
        assert!(found[0].starts_with("ARCHITECTURE.md:14: cannot read \"engine and so on\""));
    }
}
