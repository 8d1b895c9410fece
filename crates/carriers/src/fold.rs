//! From a set of scans to one status.
//!
//! The result depends on the *set* of scans only: any permutation and any repetition of the same
//! scans folds to the same state. Owns cleaning, deduplication, order, direction and the sticky
//! ends. Deliberately ignorant of carriers: codes were mapped before. Silence is not a state here.

use colibri_types::CivilTime;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use self::order::{Entry, NANOS, deduplicate, order};
use crate::{Headline, MappedStatus, Party, Scan, SubStatus};

mod order;
#[cfg(test)]
mod tests;

/// Movement told this soon after a delivery is a late or wrong scan, not a new journey: depots
/// send their day's scans in the evening.
const DELIVERED_STICKS: i128 = 24 * 3600 * NANOS;
/// Clocks of hand scanners are wrong by minutes; beyond an hour a time is a step still to come.
const FUTURE_SLACK: Duration = Duration::hours(1);
/// The zone farthest ahead of UTC: a local time without offset is surely in the future only when
/// it is in the future even there.
const FARTHEST_ZONE: Duration = Duration::hours(14);

/// What a parcel's scans say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// State now. `Created` when nothing has moved the parcel yet.
    pub headline: Headline,
    /// Finer word.
    pub sub: Option<SubStatus>,
    /// The parcel is delivered now (a reopened one is not).
    pub delivered: bool,
    /// A delivered or cancelled parcel went on afterwards.
    pub reopened: bool,
    /// Failed attempts on the way out.
    pub attempts: u32,
    /// When it was last handed over to the addressee, as stated; kept when the parcel is reopened.
    pub delivered_at: Option<CivilTime>,
    /// Who must act now.
    pub party: Option<Party>,
    /// Index of the deciding scan in the cleaned list.
    pub last_scan: Option<usize>,
    /// The parcel is, or ended, on the way back.
    pub return_leg: bool,
    /// Scans whose code no table knows: to be counted, they moved nothing.
    pub unknown: u32,
    /// Scans dated more than an hour ahead of their receipt: kept, but they decide nothing.
    pub future: u32,
}

/// Cleans, deduplicates and orders scans, and folds them into one state.
///
/// `received_at` is when the newest of them reached us; without it no scan counts as future.
#[must_use]
pub fn fold(scans: &[Scan], received_at: Option<OffsetDateTime>) -> (Vec<Scan>, Folded) {
    let ordered = order(&deduplicate(scans));
    let mut walk = Walk::default();
    for (index, entry) in ordered.iter().enumerate() {
        if is_future(entry.scan, received_at) {
            walk.future += 1;
            continue;
        }
        match entry.scan.status {
            MappedStatus::State(headline, sub) => walk.step(index, entry, headline, sub),
            MappedStatus::Unknown => walk.unknown += 1,
            MappedStatus::NoChange => {}
        }
    }
    let folded = Folded {
        headline: walk.headline,
        sub: walk.sub,
        delivered: walk.headline == Headline::Delivered,
        reopened: walk.reopened,
        attempts: walk.attempts,
        delivered_at: walk.delivered_at,
        party: responsible(walk.sub),
        last_scan: walk.deciding,
        return_leg: walk.return_leg,
        unknown: walk.unknown,
        future: walk.future,
    };
    (ordered.into_iter().map(|entry| entry.scan.clone()).collect(), folded)
}

/// Who must act, by default, in a sub-status; `None`: nobody must.
#[must_use]
pub const fn responsible(sub: Option<SubStatus>) -> Option<Party> {
    use SubStatus as S;
    match sub {
        // Customs and address questions can be settled by either side; the shipper is our client
        // and holds the papers.
        Some(
            S::PickupFailed
            | S::CustomsHold
            | S::InfoRequired
            | S::Refused
            | S::AddressProblem
            | S::Undeliverable,
        ) => Some(Party::Shipper),
        Some(S::PaymentRequired | S::AvailableForPickup | S::FailedAttempt | S::Expired) => {
            Some(Party::Receiver)
        }
        Some(S::Damaged | S::Lost | S::Investigation) => Some(Party::Carrier),
        _ => None,
    }
}

/// State while walking through the scans, oldest first.
struct Walk {
    headline: Headline,
    sub: Option<SubStatus>,
    deciding: Option<usize>,
    delivered_instant: i128,
    delivered_at: Option<CivilTime>,
    attempts: u32,
    unknown: u32,
    future: u32,
    /// Somebody of the carrier has had the parcel in hand.
    physical: bool,
    picked_up: bool,
    return_leg: bool,
    reopened: bool,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            headline: Headline::Created,
            sub: None,
            deciding: None,
            delivered_instant: 0,
            delivered_at: None,
            attempts: 0,
            unknown: 0,
            future: 0,
            physical: false,
            picked_up: false,
            return_leg: false,
            reopened: false,
        }
    }
}

impl Walk {
    fn step(&mut self, index: usize, entry: &Entry<'_>, stated: Headline, sub: Option<SubStatus>) {
        let going_back = sub == Some(SubStatus::Returning) || stated == Headline::Returned;
        self.return_leg |= entry.scan.return_leg || going_back;
        let (headline, sub) = self.in_context(stated, sub);
        let physical = is_physical(headline, sub);
        if !self.moves(entry, headline, sub, physical) {
            return;
        }
        self.physical |= physical;
        self.picked_up |= headline == Headline::PickedUp;
        if headline == Headline::Delivered {
            self.delivered_instant = entry.instant;
            self.delivered_at = entry.scan.time;
        }
        if sub == Some(SubStatus::FailedAttempt) && !self.return_leg {
            self.attempts += 1;
        }
        (self.headline, self.sub, self.deciding) = (headline, sub, Some(index));
    }

    /// What a stated state means at this point of the journey.
    fn in_context(
        &self,
        stated: Headline,
        sub: Option<SubStatus>,
    ) -> (Headline, Option<SubStatus>) {
        use Headline as H;
        match stated {
            H::Delivered if self.return_leg => (H::Returned, sub),
            H::PickedUp | H::InTransit | H::Delayed | H::OutForDelivery if self.return_leg => {
                (H::Exception, Some(SubStatus::Returning))
            }
            // A parcel is taken in charge once; every later acceptance is a hub's.
            H::PickedUp if self.picked_up => (H::InTransit, None),
            _ => (stated, sub),
        }
    }

    /// Does this scan change the state? Notes the reopening on the way.
    fn moves(
        &mut self,
        entry: &Entry<'_>,
        headline: Headline,
        sub: Option<SubStatus>,
        physical: bool,
    ) -> bool {
        use Headline as H;
        use SubStatus as S;
        match (self.headline, self.sub) {
            (H::Returned, _) | (H::Exception, Some(S::Destroyed | S::Seized)) => return false,
            // Somebody used a label that was cancelled before hand-over.
            (H::Exception, Some(S::Cancelled)) if !self.physical => {
                self.reopened |= physical;
                return physical;
            }
            (H::Delivered, before) => {
                if headline == H::Delivered {
                    self.sub = before.or(sub);
                    return false;
                }
                let since = entry.instant.saturating_sub(self.delivered_instant);
                let late = since <= DELIVERED_STICKS;
                let goes_on = match headline {
                    H::Exception => sub != Some(S::Cancelled),
                    H::Returned => true,
                    _ => !late && headline != H::Created,
                };
                self.reopened |= goes_on;
                return goes_on;
            }
            _ => {}
        }
        // Data that arrives after the parcel does not take it out of the carrier's hands.
        headline != H::Created || !self.physical
    }
}

/// Has somebody had the parcel in hand to make this scan?
const fn is_physical(headline: Headline, sub: Option<SubStatus>) -> bool {
    use SubStatus as S;
    match headline {
        Headline::PickedUp
        | Headline::InTransit
        | Headline::OutForDelivery
        | Headline::Delivered
        | Headline::Returned => true,
        Headline::Exception => matches!(
            sub,
            Some(
                S::FailedAttempt
                    | S::Expired
                    | S::Refused
                    | S::Damaged
                    | S::Destroyed
                    | S::Seized
                    | S::Returning
            )
        ),
        Headline::Created | Headline::Delayed => false,
    }
}

fn is_future(scan: &Scan, received_at: Option<OffsetDateTime>) -> bool {
    let (Some(received_at), Some(time)) = (received_at, scan.time) else {
        return false;
    };
    let earliest = match time.offset {
        Some(_) => time.utc(),
        None => time.local.checked_sub(FARTHEST_ZONE).map(PrimitiveDateTime::assume_utc),
    };
    let limit = received_at.checked_add(FUTURE_SLACK);
    earliest.zip(limit).is_some_and(|(earliest, limit)| earliest > limit)
}
