//! The auditor without the rest of the command: `cargo run -p keyfold-audit --example audit -- PATHS`.
#![expect(clippy::print_stderr, reason = "a program of its own")]

use keyfold_audit::command::{Fix, Format, Options, run};
use keyfold_audit::finding::{Confidence, Severity};

fn main() -> std::process::ExitCode {
    let mut options = Options {
        fail_on: Some(Severity::High),
        today: "2026-01-01".to_owned(),
        no_cache: true,
        ..Options::default()
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--format" => options
                .formats
                .extend(args.next().as_deref().and_then(Format::from_name)),
            "--low" => options.min_confidence = Some(Confidence::Low),
            "--all" => options.all = true,
            "--inventory" => options.inventory = true,
            "--stats" => options.stats = true,
            "--cache" => options.no_cache = false,
            "--preview" => options.fix = Fix::Preview,
            "--fix" => options.fix = Fix::Apply,
            "--staged" => options.staged = true,
            "--init" => options.init = true,
            "--install-hook" => options.install_hook = true,
            "--baseline" => options.baseline = args.next().map(Into::into),
            "--write-baseline" => options.write_baseline = args.next().map(Into::into),
            "--output" => options.outputs.extend(args.next().map(Into::into)),
            "--explain" => options.explain = args.next(),
            "--fail-on" => {
                options.fail_on = args.next().as_deref().and_then(Severity::from_name);
            }
            // So that it stands in for `keyfold` where that is not built.
            "audit" => {}
            path => options.paths.push(path.into()),
        }
    }
    match run(&options, &mut std::io::stdout(), &mut std::io::stderr()) {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("{error}");
            2.into()
        }
    }
}
