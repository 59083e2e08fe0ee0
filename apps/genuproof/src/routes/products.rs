//! Products.

pub mod append_event;
pub mod batch;
pub mod certificate;
pub mod claim;
pub mod claim_state;
pub mod dispute;
pub mod disputes;
pub mod events;
pub mod explore;
pub mod history;
pub mod list;
pub mod og;
pub mod passport;
pub mod qr;
pub mod recall;
pub mod register;
pub mod rule;
pub mod search;
pub mod transfer;
pub mod verify;
