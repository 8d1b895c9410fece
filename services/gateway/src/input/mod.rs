//! What came in: heads, bodies, parameters. Owns limits and syntax; knows nothing of routes' sense.

pub(crate) mod body;
pub(crate) mod head;
pub(crate) mod json;
pub(crate) mod key;
pub(crate) mod query;
