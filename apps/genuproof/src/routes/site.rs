//! Pages, and what their forms and scripts send.

pub mod alerts;
pub mod analytics;
pub mod certificate;
pub mod compare;
pub mod custody;
pub mod dashboard;
pub mod diploma;
pub mod embed;
pub mod explore;
pub mod home;
pub mod integrations;
pub mod keys;
pub mod logs;
pub mod manual;
pub mod new_brand;
pub mod new_product;
pub mod ownership;
pub mod pricing;
pub mod product;
pub mod scan;
pub mod settle_alert;
pub mod sign_in;
pub mod sign_out;
pub mod status;
pub mod verify;

mod form;
mod verdict;
