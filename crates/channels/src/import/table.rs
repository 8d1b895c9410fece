//! Rows of cells, whatever file they come from.

use std::borrow::Cow;

use super::RowError;

/// How the file typed a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Written text; the only kind of a text file.
    Text,
    /// A number: `text` has a point, no grouping and no exponent.
    Number,
    /// A date: `text` is ISO 8601.
    Date,
    /// A number too long to have survived: its last digits are lost.
    Destroyed,
    /// A spreadsheet error such as a division by zero.
    Error,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) kind: Kind,
}

impl<'a> Cell<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), kind: Kind::Text }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kind != Kind::Error && self.text.trim().is_empty()
    }
}

/// One row, numbered as a spreadsheet would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) number: u64,
    pub(super) cells: Vec<Cell<'a>>,
}

impl Row<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }
}

/// What comes next in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item<'a> {
    Row(Row<'a>),
    /// This row cannot be read; the next ones can. The row holds what could be, its bad cells
    /// empty, so that its order can still be known.
    Bad(RowError, Row<'a>),
    /// Nothing after this can be read.
    Stop(RowError),
}

/// A table that can be read more than once: evidence first, then values.
pub(super) trait Table {
    /// Whether each row must have as many cells as the header. Text files write every cell;
    /// workbooks leave out empty ones.
    fn must_be_even(&self) -> bool;

    fn items(&self) -> Box<dyn Iterator<Item = Item<'_>> + '_>;
}
