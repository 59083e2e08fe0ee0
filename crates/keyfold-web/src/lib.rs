//! What Keyfold's servers share: the design system and everything between a socket and a handler. It knows no entities.
//!
//! | module | what it gives |
//! |---|---|
//! | [`theme`] | a face as data: colour roles in light and dark, fonts; its CSS and its contrast |
//! | [`assets`] | stylesheet, scripts and fonts from the binary, with content-hashed URLs |
//! | [`error`] | one error type with three faces: `{"error": …}`, problem details, a page |
//! | [`body`] | JSON and form bodies with a limit; whatever is wrong with one is a 4xx that says what to change |
//! | [`query`] | query values read by rule |
//! | [`session`] | a signed cookie that carries an opaque subject |
//! | [`csrf`] | the proof that a change was made from our own page |
//! | [`client_address`] | who is calling, from trusted proxies only |
//! | [`headers`] | security headers, `no-store` |
//! | [`sse`] | answers that go on: server-sent events |
//! | [`serve`] | binding, draining, stopping |
//!
//! An application builds its router and passes it to [`error::faced`] and [`headers::secured`]; [`serve::serve`] runs it.

pub mod assets;
pub mod body;
pub mod client_address;
pub mod csrf;
pub mod error;
pub mod headers;
pub mod query;
pub mod serve;
pub mod session;
pub mod sse;
pub mod theme;
