//! Lints live once, in the root manifest: every crate inherits them.

use super::Offence;
use super::manifest::inherits_lints;
use super::repository::{Repository, offence};

/// Finds crates that do not inherit the workspace's lints.
pub fn check(repository: &Repository) -> anyhow::Result<Vec<Offence>> {
    let mut found = Vec::new();
    for member in repository.members() {
        let file = repository.relative(&member.manifest_path);
        if !inherits_lints(&file, &repository.text(&file)?)? {
            let what = "the workspace's lints are not inherited: add `[lints]`, `workspace = true`";
            found.push(offence(file, 1, what));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::fixture::Fixture;

    #[test]
    fn a_crate_with_its_own_lints_or_none_is_found() {
        let fixture = Fixture::new()
            .member("crates/good", "[lints]\nworkspace = true\n")
            .member("crates/own", "[lints.rust]\nunsafe_code = \"allow\"\n")
            .member("crates/none", "");
        let found = fixture.offences(check);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].starts_with("crates/none/Cargo.toml:1: "),
            "{found:?}"
        );
        assert!(
            found[1].starts_with("crates/own/Cargo.toml:1: "),
            "{found:?}"
        );
    }
}
