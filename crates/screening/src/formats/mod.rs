//! The authorities' files, one module each: element and column names as they publish them.

pub(crate) mod csl;
pub(crate) mod eu;
pub(crate) mod ofac;
pub(crate) mod ofac_advanced;
pub(crate) mod own;
pub(crate) mod seco;
pub(crate) mod uk;
pub(crate) mod un;
mod xml;

use crate::list::{Name, Quality};

/// A name of the words that are there, in that order.
fn name<'a>(parts: impl IntoIterator<Item = Option<&'a str>>, quality: Quality) -> Name {
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    Name { text: parts.join(" "), quality }
}
