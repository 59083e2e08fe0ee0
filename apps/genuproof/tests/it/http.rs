//! Over HTTP: the real server on the real engine.

mod access;
mod alerts;
mod bad_requests;
mod brands;
mod browser;
mod chain;
mod concurrency;
mod documents;
mod events;
mod ownership;
mod pages;
mod process;
mod products;
mod sessions;
mod site;
mod verification;
