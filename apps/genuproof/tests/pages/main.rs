//! Every page from its samples: as text, and in a browser.

mod gallery;
mod in_browser;
mod rendered;
