//! Pages, and what their forms and scripts send.

pub mod alerts;
pub mod certificate;
pub mod custody;
pub mod dashboard;
pub mod diploma;
pub mod explore;
pub mod home;
pub mod new_brand;
pub mod new_product;
pub mod ownership;
pub mod product;
pub mod scan;
pub mod settle_alert;
pub mod sign_in;
pub mod sign_out;
pub mod verify;

mod form;
mod verdict;
