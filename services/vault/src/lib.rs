//! The only place where personal data and credentials can be opened.
//!
//! Owns: the key hierarchy, sealed records, documents and credentials, the blind index, the budget
//! of what each flow may open, and the journal of who opened what. Deliberately does not: know
//! orders, parcels or carriers, answer anybody from outside, or hand out keys.

pub mod domain;
