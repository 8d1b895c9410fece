//! What the vault decides, without I/O: how values are sealed, found again and let out.
//!
//! Time and randomness are arguments. Nothing here prints a value: `Debug` of keys and contents
//! tells only that something is there.

pub mod blob;
pub mod budget;
pub mod cipher;
pub mod content;
pub mod index;
pub mod keys;
pub mod policy;
pub mod record;
