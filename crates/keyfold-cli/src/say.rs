//! The one place that writes to the terminal.

use std::io::Write as _;
use std::process::ExitCode;

use crate::failure::Failed;

/// Writes a text to standard output, as it is.
pub fn out(text: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever reads may have gone (`| head`): not a failure of ours.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes what failed to standard error; the exit code that goes with it.
pub fn failed(failed: &Failed) -> ExitCode {
    let code = failed.exit_code();
    let report = miette::Report::new(failed.clone());
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "{report:?}");
    code
}

/// Writes what accompanies an answer, such as progress, to standard error, as it is.
pub fn aside(text: &str) {
    let mut out = std::io::stderr().lock();
    // Whoever reads may have gone: not a failure of ours.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
