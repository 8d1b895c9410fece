//! A value that belongs to a person.

use std::fmt;

/// A personal value in memory: it can be used, but neither printed nor serialised by accident.
///
/// There is no `Display` and no `Serialize`; `Debug` prints only that something is there. Whoever
/// needs the value says so with [`Pii::expose`], which is easy to search for.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps a personal value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for the vault, a carrier's request, or the person's own screen.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Unwraps the value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pii(..)")
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
