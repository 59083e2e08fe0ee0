//! Every page from its samples: as text, and in a browser.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends by panicking, in its helpers too"
)]

mod gallery;
mod in_browser;
mod rendered;
