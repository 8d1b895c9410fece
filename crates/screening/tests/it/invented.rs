//! Invented names, from syllables: the same for every run.
include!("../../examples/invented/mod.rs");
