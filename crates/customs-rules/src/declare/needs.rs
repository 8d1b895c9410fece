//! Collecting what is missing, so that all of it is told at once.

use crate::assess::Missing;

/// Fields found missing so far.
#[derive(Default)]
pub(super) struct Needs(Vec<Missing>);

impl Needs {
    /// Notes a field of the parcel or of a line.
    pub(super) fn fault(&mut self, line: Option<u32>, field: &str, reason: impl Into<String>) {
        let fault = Missing { line, field: field.to_owned(), reason: reason.into() };
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    /// Notes a field unless it holds.
    pub(super) fn want(&mut self, holds: bool, field: &str, reason: &str) {
        if !holds {
            self.fault(None, field, reason);
        }
    }

    /// Notes a field of a line unless it holds.
    pub(super) fn want_of(&mut self, line: u32, holds: bool, field: &str, reason: &str) {
        if !holds {
            self.fault(Some(line), field, reason);
        }
    }

    /// Fields that somebody else found missing.
    pub(super) fn of(missing: Vec<Missing>) -> Self {
        Self(missing)
    }

    /// All of them.
    pub(super) fn all(self) -> Vec<Missing> {
        self.0
    }

    /// The value, where nothing is missing.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Missing>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }
}
