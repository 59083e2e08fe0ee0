//! The application against the embedded engine.

mod http;
