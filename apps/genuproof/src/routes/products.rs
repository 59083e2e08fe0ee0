//! Products.

pub mod append_event;
pub mod events;
pub mod list;
pub mod qr;
pub mod register;
pub mod search;
pub mod verify;
