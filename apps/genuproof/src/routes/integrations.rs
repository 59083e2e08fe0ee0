//! Sources of events, and simulated journeys.

pub mod configure;
pub mod journeys;
pub mod list;
pub mod rotate;
pub mod simulate;
pub mod status;
