//! `GenuProof` lets a brand prove that a physical product is genuine.
//!
//! A registered product has a hash, a signature of the platform and a code that is printed as a QR code. Every step of its life
//! is an event that contains the hash of the event before it, and the whole chain is sealed with the platform's secret. Whoever
//! scans the code sees at once whether record, signature and chain are intact.
//!
//! | Module | What it is |
//! |---|---|
//! | [`domain`] | the rules: hashes, seals, verdicts, what a request may contain. Knows no HTTP and no `DynamoDB` |
//! | [`table`] | every entity, key and access pattern of the one table |
//! | [`store`] | the questions the application asks of it |
//! | [`pipeline`] | what follows from a change: alerts, verdicts |
//! | [`feed`] | alerts on their way to those who follow them |
//! | [`pages`] | what a person sees, from typed contexts |
//! | [`mcp`] | the same for AI clients |
//! | [`doctor`], [`import`] | examines a table, and puts right what can be; carries one of the first `GenuProof` over |
//! | [`outside`], [`limits`] | services elsewhere that are called; how often somebody may ask |
//! | [`routes`] | every address: a file for each endpoint and page |
//! | [`settings`], [`server`] | flags and variables; the server they make |

pub mod doctor;
pub mod domain;
pub mod feed;
pub mod import;
pub mod limits;
pub mod mcp;
pub mod outside;
pub mod pages;
pub mod pipeline;
pub mod routes;
pub mod server;
pub mod settings;
pub mod store;
pub mod table;

mod app;
