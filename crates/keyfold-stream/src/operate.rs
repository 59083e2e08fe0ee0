//! What operators do with pipelines, from outside: whatever runs them.
