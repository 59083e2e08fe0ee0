//! Pages, and what their forms and scripts send.

pub mod certificate;
pub mod dashboard;
pub mod diploma;
pub mod home;
pub mod new_brand;
pub mod new_product;
pub mod scan;
pub mod sign_in;
pub mod sign_out;
pub mod verify;

mod form;
mod verdict;
