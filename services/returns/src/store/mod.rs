//! The SQL of returns. Nothing personal passes here.

pub mod cases;
pub mod declarations;
pub mod exchanges;
pub mod labels;
pub mod list;
pub mod orphans;
pub mod parcels;
pub mod quality;
pub mod rest;
pub mod sales;
