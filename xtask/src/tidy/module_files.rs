//! A module is `foo.rs` beside `foo/`: ten open tabs called `mod.rs` tell nobody anything.

use super::Offence;
use super::repository::{Repository, offence};

/// Finds `mod.rs` files.
#[expect(clippy::unnecessary_wraps, reason = "the checks have one signature")]
pub fn check(repository: &Repository) -> anyhow::Result<Vec<Offence>> {
    let named_mod = repository
        .files
        .iter()
        .filter(|file| file.file_name() == Some("mod.rs"));
    let found = named_mod.map(|file| {
        let folder = file.parent().unwrap_or(file);
        offence(
            file,
            1,
            format!("rename it to `{folder}.rs`, beside the folder `{folder}/`"),
        )
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::fixture::Fixture;

    #[test]
    fn a_module_file_is_found_and_its_new_name_told() {
        let fixture = Fixture::new()
            .file("crates/one/src/model.rs", "")
            .file("src/mod_x.rs", "");
        assert_eq!(fixture.offences(check), [""; 0]);
        let fixture = fixture.file("crates/one/src/key/mod.rs", "");
        let expected = "crates/one/src/key/mod.rs:1: rename it to `crates/one/src/key.rs`, \
                        beside the folder `crates/one/src/key/`";
        assert_eq!(fixture.offences(check), [expected]);
    }

    #[test]
    fn what_git_ignores_is_not_looked_at() {
        let fixture = Fixture::new().file("target/debug/build/x/mod.rs", "");
        assert_eq!(fixture.offences(check), [""; 0]);
    }
}
