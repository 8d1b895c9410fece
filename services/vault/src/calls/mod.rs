//! What each RPC does, from a decoded request to an answer.

pub mod credentials;
pub mod documents;
mod gate;
pub mod journal;
pub mod matches;
pub mod put;
pub mod reveal;
