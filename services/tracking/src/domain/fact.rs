//! A scan as it is kept, and what becomes of two tellings of it.

use colibri_carriers::{Scan, fold};
use colibri_types::{CivilTime, ScanId};
use time::{Duration, OffsetDateTime, UtcOffset};
use uuid::Uuid;

use super::token::{self, Tokens, Words};

/// Without an offset a local time stands for UTC; in the zone farthest behind it is twelve hours
/// later than it reads. Only what is older everywhere is older.
const ANYWHERE: Duration = Duration::hours(12);

/// Whether a scan can only have happened before `begins`. A number may have carried another parcel
/// before: carriers use numbers again. Minutes are compared, since many carriers state no seconds.
fn is_before(time: CivilTime, begins: OffsetDateTime) -> bool {
    let minute = begins.replace_second(0).and_then(|at| at.replace_nanosecond(0));
    let begins = minute.unwrap_or(begins);
    let (offset, slack) =
        time.offset.map_or((UtcOffset::UTC, ANYWHERE), |offset| (offset, Duration::ZERO));
    time.order_key().assume_offset(offset) < begins.saturating_sub(slack)
}

/// How a fact reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The carrier called.
    Push,
    /// We asked.
    Poll,
}

impl Source {
    /// The word in tables and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Poll => "poll",
        }
    }
}

/// One fact about one parcel, without words and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Identity within the parcel.
    pub dedupe: [u8; 32],
    /// The scan; words and place are tokens.
    pub scan: Scan,
    /// Each telling so far dated it more than an hour ahead: a step still to come.
    pub future: bool,
    /// It happened before the label was asked for: of another parcel of the same number.
    pub before_label: bool,
}

impl Fact {
    /// A scan as told at `told_at`, and what of it must be sealed. `begins`: nothing of this parcel
    /// is older.
    #[must_use]
    pub fn read(
        tokens: &Tokens,
        parcel: Uuid,
        begins: OffsetDateTime,
        scan: &Scan,
        told_at: OffsetDateTime,
    ) -> (Self, Words) {
        let (scan, words) = tokens.hide(parcel, scan);
        let (_, folded) = fold(std::slice::from_ref(&scan), Some(told_at));
        let before_label = scan.time.is_some_and(|time| is_before(time, begins));
        let fact =
            Self { dedupe: token::dedupe(&scan), future: folded.future > 0, before_label, scan };
        (fact, words)
    }

    /// Empty padding of a carrier's list: no code, no words, no time.
    #[must_use]
    pub fn is_padding(&self) -> bool {
        self.scan.code.is_empty() && self.scan.description.is_empty() && self.scan.time.is_none()
    }

    /// Ref of its sealed words: the same fact always has the same, whoever brings it first.
    #[must_use]
    pub fn scan_id(&self, parcel: Uuid) -> ScanId {
        ScanId::derived(&parcel, &self.dedupe)
    }

    /// Does it take part in the parcel's state?
    #[must_use]
    pub const fn counts(&self) -> bool {
        !self.future && !self.before_label
    }

    /// This fact after another telling of it; `None` when that adds nothing. The richer copy is
    /// kept, by the fold's own order, so that the order of tellings leaves no trace.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Option<Self> {
        // Most polls tell what the one before told.
        if self == other {
            return None;
        }
        let both = [self.scan.clone(), other.scan.clone()];
        let (mut kept, _) = fold(&both, None);
        let scan = if kept.len() == 1 { kept.pop() } else { None };
        let merged = Self {
            dedupe: self.dedupe,
            scan: scan.unwrap_or_else(|| self.scan.clone()),
            future: self.future && other.future,
            before_label: self.before_label && other.before_label,
        };
        (merged != *self).then_some(merged)
    }
}
