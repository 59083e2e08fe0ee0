//! The rules of `GenuProof`, as functions over plain values: no HTTP, no `DynamoDB`, no clock, no randomness of its own.
//!
//! | Question | Module |
//! |---|---|
//! | Which bytes are hashed? | [`canonical`] |
//! | What is a hash, a signature, a secret? | [`crypto`] |
//! | Which ids, codes and keys exist, and how are they drawn? | [`ids`], [`access`] |
//! | What does a product's hash and signature cover? | [`product`] |
//! | What does an event's hash cover? | [`event`], and [`event::legacy`] for those the first `GenuProof` wrote |
//! | Is the chain whole? How is it extended? | [`chain`], [`seal`] |
//! | Is the product genuine? | [`verdict`] |
//! | Is a scan unusual? Is a history? | [`watch`], [`gap`] |
//! | What is an alert, and what does an analyst make of it? | [`alert`], [`analyst`] |
//! | How does a dispute end? | [`dispute`] |
//! | Which device, from where? | [`fingerprint`], [`client`], [`place`] |
//! | What may a request contain? | [`input`] |
//! | What does a printed code look like? | [`links`], [`qr`] |
//! | What does a demonstration show? | [`demo`] |
//! | Which actors, places and journeys are offered? | [`catalogue`], [`journey`] |
//! | Who reports events, who is told of them? | [`integration`], [`hook`] |
//! | What may a plan? | [`plan`] |
//! | What is a line of the audit? | [`audit`] |
//!
//! What was stored is read leniently ([`stored`]): an attribute that somebody tampered with makes a product not authentic, it
//! never makes a reader fail.

pub mod access;
pub mod alert;
pub mod analyst;
pub mod audit;
pub mod canonical;
pub mod catalogue;
pub mod chain;
pub mod client;
pub mod crypto;
pub mod demo;
pub mod dispute;
pub mod event;
pub mod fingerprint;
pub mod gap;
pub mod hook;
pub mod ids;
pub mod input;
pub mod integration;
pub mod journey;
pub mod links;
pub mod place;
pub mod plan;
pub mod product;
pub mod qr;
pub mod seal;
pub mod stored;
pub mod verdict;
pub mod watch;
