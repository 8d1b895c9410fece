//! Reading and writing that several connectors share: lenient JSON, XML, text, times, zones.
//!
//! Owns no carrier's format and no meaning; a helper comes here with its second user.

pub(crate) mod body;
pub(crate) mod border;
pub(crate) mod decimal;
pub(crate) mod lenient;
pub(crate) mod oauth;
pub(crate) mod party;
pub(crate) mod when;
pub(crate) mod xml;
pub(crate) mod zone;
