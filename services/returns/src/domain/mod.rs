//! What is decided without reading a clock or a table.

pub mod about;
pub mod follow;
pub mod photo;
pub mod words;
