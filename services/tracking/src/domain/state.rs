//! From a parcel's facts to its state, and from two states to what must be told.

use std::collections::HashMap;

use colibri_carriers::{Headline, MappedStatus, Party, Scan, SubStatus, fold};
use colibri_types::{CivilTime, Country};
use time::Date;

use super::{fact::Fact, token};

/// The scan that decided a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The carrier's code.
    pub code: String,
    /// When, as stated.
    pub time: Option<CivilTime>,
    /// Where.
    pub country: Option<Country>,
}

/// Where a parcel is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// State.
    pub headline: Headline,
    /// Finer word.
    pub sub: Option<SubStatus>,
    /// Who must act; `None`: nobody.
    pub party: Option<Party>,
    /// It moved again after an end.
    pub reopened: bool,
    /// Failed deliveries on the way out.
    pub attempts: u32,
    /// It is, or ended, on the way back.
    pub return_leg: bool,
    /// The deciding scan; `None` when no scan decided.
    pub decided: Option<Decided>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            headline: Headline::Created,
            sub: None,
            party: None,
            reopened: false,
            attempts: 0,
            return_leg: false,
            decided: None,
        }
    }
}

impl State {
    /// The state that these facts make, in whatever order they came. `voided`: we voided the
    /// label, which shows as cancelled from our own record until somebody uses it.
    #[must_use]
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>, voided: bool) -> Self {
        let counting = facts.into_iter().filter(|fact| fact.counts());
        let scans: Vec<Scan> = counting.map(|fact| fact.scan.clone()).collect();
        let (cleaned, folded) = fold(&scans, None);
        let decided = folded.last_scan.and_then(|index| cleaned.get(index)).map(|scan| Decided {
            code: scan.code.clone(),
            time: scan.time,
            country: scan.location.country,
        });
        let moved = cleaned.iter().any(|scan| moves(scan.status));
        if voided && !moved {
            return Self {
                headline: Headline::Exception,
                sub: Some(SubStatus::Cancelled),
                ..Self::default()
            };
        }
        Self {
            headline: folded.headline,
            sub: folded.sub,
            party: folded.party,
            reopened: folded.reopened || voided,
            attempts: folded.attempts,
            return_leg: folded.return_leg,
            decided,
        }
    }

    /// Nothing more is expected: a watch on it ends. Corrections may still come.
    #[must_use]
    pub const fn ended(&self) -> bool {
        matches!(self.headline, Headline::Delivered | Headline::Returned)
            || matches!(
                self.sub,
                Some(SubStatus::Cancelled | SubStatus::Destroyed | SubStatus::Seized)
            )
    }

    /// Beyond the promise: handed over after its day, or not handed over and the day is past.
    /// A parcel that came back or was cancelled is not late, it is something else.
    #[must_use]
    pub fn late(&self, promised: Option<Date>, today: Date) -> bool {
        let Some(promised) = promised else {
            return false;
        };
        let handed_over = self.decided.as_ref().and_then(|decided| decided.time);
        match self.headline {
            Headline::Delivered => handed_over.is_some_and(|time| time.local.date() > promised),
            _ if self.ended() => false,
            _ => today > promised,
        }
    }
}

const fn moves(status: MappedStatus) -> bool {
    use Headline as H;
    matches!(
        status,
        MappedStatus::State(
            H::PickedUp | H::InTransit | H::OutForDelivery | H::Delivered | H::Returned,
            _
        )
    )
}

/// What a change must be told as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// Headline, finer word or responsible party changed.
    pub status: bool,
    /// It was handed over.
    pub delivered: bool,
    /// A delivery was tried and failed.
    pub failed: bool,
}

impl Told {
    /// The difference between two states.
    #[must_use]
    pub fn between(before: &State, after: &State) -> Self {
        let delivered = |state: &State| state.headline == Headline::Delivered;
        Self {
            status: (before.headline, before.sub, before.party)
                != (after.headline, after.sub, after.party),
            delivered: delivered(after) && !delivered(before),
            failed: after.attempts > before.attempts,
        }
    }
}

/// The facts as a person reads them, oldest first, each once.
#[must_use]
pub fn timeline(facts: &[Fact]) -> Vec<&Fact> {
    let scans: Vec<Scan> = facts.iter().map(|fact| fact.scan.clone()).collect();
    let by_id: HashMap<[u8; 32], &Fact> = facts.iter().map(|fact| (fact.dedupe, fact)).collect();
    let (ordered, _) = fold(&scans, None);
    ordered.iter().filter_map(|scan| by_id.get(&token::dedupe(scan)).copied()).collect()
}
