//! What tests use; a dev-dependency only.
//!
//! | module | what it gives |
//! |---|---|
//! | [`browser`] | headless Chromium that looks at pages, clicks, and keeps screenshots |
//! | [`clock`] | a clock that is set by hand |
//! | [`seeded`] | randomness from a seed, so that a failure comes back |

pub mod browser;
pub mod clock;
pub mod seeded;
