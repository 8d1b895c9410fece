//! The SQL of returns. Nothing personal passes here.

pub mod cases;
pub mod labels;
pub mod list;
pub mod parcels;
pub mod rest;
pub mod sales;
