//! GenuProof's pages.

pub mod pages;
