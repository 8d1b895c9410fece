//! Work that reaches outside of this service.

pub mod leaving;
pub mod make;
pub mod papers;

/// Kind of the intent that draws and seals the papers of a declaration.
pub const PAPERS: &str = "papers";
