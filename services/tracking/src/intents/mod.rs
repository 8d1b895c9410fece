//! Outside work that is more than a question.

pub mod subscribe;
