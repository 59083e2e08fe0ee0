//! The page of everything that fails: what happened, what is safe, what next.

use maud::{Markup, html};

use keyfold_web::error::Failure;

use super::Site;
use super::shell::{Place, Shell};

/// The error page of a failure.
pub fn render(site: &Site, failure: &Failure) -> String {
    let status = failure.status().as_u16();
    let title = title(status);
    let head = format!("{title} · GenuProof");
    let mut shell = Shell::new(&head, failure.message(), Place::Home);
    shell.listed = false;
    shell
        .render(site, &body(status, title, failure))
        .into_string()
}

fn body(status: u16, title: &str, failure: &Failure) -> Markup {
    html! {
        div class="narrow oops" {
            p class="code" { (status) @if let Some(code) = failure.code() { " · " (code) } }
            h1 { (title) }
            p class="lead" { (sentence(failure.message())) }
            p class="muted" { (next(status)) }
            div class="row" {
                a class="button main" href="/verify" { "Verify a product" }
                a class="button" href="/" { "Go to the start" }
            }
        }
    }
}

fn title(status: u16) -> &'static str {
    match status {
        404 => "There is no such page",
        405 => "That cannot be done here",
        401 => "Sign in first",
        403 => "That is not allowed",
        429 => "Too many requests",
        503 => "Not available for a moment",
        500.. => "Something went wrong",
        _ => "That could not be read",
    }
}

fn next(status: u16) -> &'static str {
    match status {
        404 => "Check the address, or start from one of these.",
        405 => {
            "The page exists, but it was called in a way it does not answer. Open it by its link instead."
        }
        401 => "Open the dashboard and sign in with your brand’s key.",
        429 | 503 => "Wait a moment and load the page again.",
        500.. => {
            "Nothing is half done: a change was either stored whole or not at all, and the page it was made on shows which. If this happens again, tell whoever runs this site at what time."
        }
        _ => "Go back, change it and send it again.",
    }
}

fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let mut text: String = letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default();
    if !text.ends_with(['.', '?']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_becomes_a_sentence() {
        assert_eq!(sentence("there is nothing here"), "There is nothing here.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence(""), ".");
    }
}
