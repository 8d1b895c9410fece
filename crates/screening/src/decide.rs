//! What a likeness means: thresholds as data, and how old a list may be.

use time::{Duration, OffsetDateTime};

/// What becomes of a party. Nothing is ever refused on a name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nobody on the lists is like it.
    Clear,
    /// A person looks at it.
    Review,
    /// A person looks at it, and it is very like somebody.
    Hold,
}

/// From which score on, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Thresholds {
    review: u16,
    hold: u16,
}

/// No thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("thresholds are 500 to 1000 thousandths, the one of review not above the one of hold")]
pub struct ThresholdsError;

impl Default for Thresholds {
    /// 0.80 and 0.92, the figures of the trade.
    fn default() -> Self {
        Self { review: 800, hold: 920 }
    }
}

impl Thresholds {
    /// Below 500 everybody is like somebody: nothing below that is looked for.
    pub const REVIEW_MIN: u16 = 500;

    /// From `review` on a person looks, from `hold` on it is called a hold, in thousandths.
    ///
    /// # Errors
    /// [`ThresholdsError`].
    pub const fn new(review: u16, hold: u16) -> Result<Self, ThresholdsError> {
        if review < Self::REVIEW_MIN || hold > 1_000 || review > hold {
            return Err(ThresholdsError);
        }
        Ok(Self { review, hold })
    }

    /// The lower one, in thousandths.
    #[must_use]
    pub const fn review(self) -> u16 {
        self.review
    }

    /// What a score means.
    #[must_use]
    pub const fn verdict(self, score: u16) -> Verdict {
        if score >= self.hold {
            Verdict::Hold
        } else if score >= self.review {
            Verdict::Review
        } else {
            Verdict::Clear
        }
    }
}

/// May a list still be believed?
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Loaded within its limit.
    Fresh,
    /// Older: results say so.
    Stale,
}

impl Freshness {
    /// A day: authorities publish daily.
    pub const AGE_MAX: Duration = Duration::hours(24);

    /// Of a list that was loaded then.
    #[must_use]
    pub fn of(loaded: OffsetDateTime, now: OffsetDateTime, age_max: Duration) -> Self {
        if now - loaded > age_max { Self::Stale } else { Self::Fresh }
    }
}
