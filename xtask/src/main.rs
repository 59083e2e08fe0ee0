//! What the repository does with itself, run as `cargo xtask <command>`.
//!
//! - `tidy`: the checks that neither the compiler nor clippy makes: who may depend on whom, front
//!   pages, links, licences ([tidy]).
//! - `test`: installs what the tests need and runs all of them ([test]).

mod markdown;
mod test;
mod tidy;

use std::env;
use std::process::ExitCode;

use anyhow::Context as _;
use cargo_metadata::camino::Utf8PathBuf;
use clap::Parser;

/// What the repository does with itself.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Check dependency directions, front pages, links, licences, module files and lints.
    Tidy,
    /// Install what the tests need, then run `cargo test --workspace`.
    Test {
        /// Passed on to `cargo test --workspace`, word for word.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let command = Command::parse();
    let root = root()?;
    match command {
        Command::Tidy => {
            let offences = tidy::run(&root)?;
            for offence in &offences {
                eprintln!("{offence}");
            }
            if offences.is_empty() {
                eprintln!("tidy: nothing to change");
                return Ok(ExitCode::SUCCESS);
            }
            eprintln!("tidy: {} to change", offences.len());
            Ok(ExitCode::FAILURE)
        }
        Command::Test { .. } => {
            // Word for word: the parser would keep a leading `--` for itself.
            let args: Vec<_> = env::args()
                .skip_while(|arg| arg != "test")
                .skip(1)
                .collect();
            test::run(&root, &args)
        }
    }
}

/// The repository's root: cargo names the folder of this crate's manifest, which is one below.
fn root() -> anyhow::Result<Utf8PathBuf> {
    let own = env::var("CARGO_MANIFEST_DIR")
        .context("CARGO_MANIFEST_DIR is not set: start this as `cargo xtask`")?;
    let root = Utf8PathBuf::from(own).parent().map(Utf8PathBuf::from);
    root.context("the xtask crate has no parent folder: it belongs one below the repository's root")
}
