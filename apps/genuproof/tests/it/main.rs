//! The application against the embedded engine.

mod brands;
mod chain;
mod http;
mod items;
mod legacy;
mod model;
mod registration;
mod scans;
mod seed;
mod tampering;
mod verification;
mod world;
