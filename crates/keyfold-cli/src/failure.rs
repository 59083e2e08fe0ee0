//! A command that could not be done: what, what next, and the exit code.

use std::fmt::{self, Display};
use std::process::ExitCode;

use miette::Diagnostic;

/// Why a command ended without being done.
#[derive(Debug, Clone)]
pub struct Failed {
    message: String,
    hint: Option<String>,
    exit: Exit,
}

/// Exit codes; 0 is fine, and 1 is for commands that look for something and find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Found = 1,
    WrongUse = 2,
    NotFinished = 3,
}

impl Failed {
    /// It looked, and found what should not be, or refused for it.
    pub fn found(error: impl Display) -> Self {
        Self::new(&error.to_string(), Exit::Found)
    }

    /// It was asked in a way it cannot do.
    pub fn wrong_use(error: impl Display) -> Self {
        Self::new(&error.to_string(), Exit::WrongUse)
    }

    /// It began and could not go on.
    pub fn not_finished(error: impl Display) -> Self {
        Self::new(&error.to_string(), Exit::NotFinished)
    }

    /// The code the process ends with.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }

    /// Messages carry what to do next behind `hint:`.
    fn new(text: &str, exit: Exit) -> Self {
        let (message, hint) = match text.split_once("hint: ") {
            Some((message, hint)) => (
                message.trim_end().trim_end_matches('.'),
                Some(hint.trim().to_owned()),
            ),
            None => (text, None),
        };
        Self {
            message: message.to_owned(),
            hint,
            exit,
        }
    }
}

impl Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failed {}

impl Diagnostic for Failed {
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.hint
            .as_ref()
            .map(|hint| Box::new(hint) as Box<dyn Display>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_hint_is_the_help() {
        for text in [
            "the port is busy\nhint: choose another with --port-base",
            "the port is busy. hint: choose another with --port-base",
        ] {
            let failed = Failed::not_finished(text);
            assert_eq!(failed.to_string(), "the port is busy");
            assert_eq!(
                failed.help().unwrap().to_string(),
                "choose another with --port-base"
            );
        }
        assert!(Failed::wrong_use("no").help().is_none());
    }
}
