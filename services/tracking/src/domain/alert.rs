//! When a parcel needs somebody's eye, and when it does not any more. An alert never changes a
//! state: silence and a broken promise are said beside it.

use colibri_carriers::{Headline, SubStatus};
use time::{Date, Duration, OffsetDateTime, Time};

use super::state::State;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Beyond the promise by more than the tenant's patience.
    Late,
    /// Tried, not handed over.
    DeliveryFailed,
    /// The address is unknown, incomplete or old.
    AddressProblem,
    /// Silent for longer than is usual on its way.
    Stuck,
    /// Turned back to its sender.
    Returned,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Late, Self::DeliveryFailed, Self::AddressProblem, Self::Stuck, Self::Returned];

    /// The word in tables and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::DeliveryFailed => "delivery_failed",
            Self::AddressProblem => "address_problem",
            Self::Stuck => "stuck",
            Self::Returned => "returned",
        }
    }

    /// Reads [`Kind::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// What is known of one kind of alert about a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Kind.
    pub kind: Kind,
    /// The last occurrence so far, from 1.
    pub occurrence: u32,
    /// ... is not cleared yet.
    pub open: bool,
}

/// A parcel as alerts see it.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// State now.
    pub state: &'a State,
    /// Last promised day.
    pub promised: Option<Date>,
    /// When headline or finer word last changed.
    pub state_at: OffsetDateTime,
    /// When something new was last learnt.
    pub news_at: OffsetDateTime,
    /// When nobody follows it any more.
    pub given_up_at: OffsetDateTime,
    /// Silence after which it is stuck.
    pub usual: Duration,
    /// Time after the promised day at which it is late.
    pub late_after: Duration,
    /// Time after which the end of a return needs nobody's eye any more.
    pub closes_after: Duration,
}

/// What to write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// New alerts.
    pub raise: Vec<(Kind, u32)>,
    /// Open ones that do not hold any more.
    pub clear: Vec<(Kind, u32)>,
}

/// Does a state by itself call for an alert? A cheap look, for every change.
#[must_use]
pub fn calls(state: &State) -> bool {
    state.return_leg
        || matches!(state.sub, Some(SubStatus::FailedAttempt | SubStatus::AddressProblem))
}

/// Is it somebody else's turn, so that the carrier's silence is no wonder?
#[must_use]
pub const fn waits(sub: Option<SubStatus>) -> bool {
    matches!(sub, Some(SubStatus::AvailableForPickup | SubStatus::HeldAtRequest))
}

impl Situation<'_> {
    /// The end of the promised day in UTC, and the patience after it: whatever the zone, the day
    /// is over nowhere earlier than fourteen hours before that.
    fn late_at(&self) -> Option<OffsetDateTime> {
        let day = self.promised?.next_day()?;
        Some(day.with_time(Time::MIDNIGHT).assume_utc().saturating_add(self.late_after))
    }

    fn stuck_at(&self) -> Option<OffsetDateTime> {
        let quiet = self.state.ended() || waits(self.state.sub);
        (!quiet).then(|| self.news_at.saturating_add(self.usual))
    }

    fn closed_at(&self) -> Option<OffsetDateTime> {
        self.state.ended().then(|| self.state_at.saturating_add(self.closes_after))
    }

    /// Which kinds hold at this moment.
    #[must_use]
    pub fn holds(&self, kind: Kind, now: OffsetDateTime) -> bool {
        if now >= self.given_up_at {
            return false;
        }
        let past = |at: Option<OffsetDateTime>| at.is_some_and(|at| at <= now);
        let state = self.state;
        match kind {
            Kind::Late => !state.ended() && !state.return_leg && past(self.late_at()),
            Kind::DeliveryFailed => state.sub == Some(SubStatus::FailedAttempt),
            Kind::AddressProblem => state.sub == Some(SubStatus::AddressProblem),
            Kind::Stuck => past(self.stuck_at()),
            Kind::Returned => {
                let back = state.return_leg && state.headline != Headline::Delivered;
                back && !past(self.closed_at())
            }
        }
    }

    /// The occurrence that holds now, where the state itself counts them.
    fn counted(&self, kind: Kind) -> Option<u32> {
        match kind {
            Kind::DeliveryFailed => Some(self.state.attempts.max(1)),
            // A promise is broken once, and a parcel turns back once.
            Kind::Late | Kind::Returned => Some(1),
            Kind::AddressProblem | Kind::Stuck => None,
        }
    }

    /// What must be raised and cleared.
    #[must_use]
    pub fn decide(&self, known: &[Known], now: OffsetDateTime) -> Decision {
        let mut decision = Decision::default();
        for kind in Kind::ALL.iter().copied() {
            let last = known.iter().find(|known| known.kind == kind);
            let holds = self.holds(kind, now);
            let wanted = match (self.counted(kind), last) {
                (Some(counted), _) => counted,
                (None, Some(last)) if last.open => last.occurrence,
                (None, last) => last.map_or(0, |last| last.occurrence).saturating_add(1),
            };
            let stands = |last: &&Known| holds && last.occurrence >= wanted;
            if let Some(last) = last.filter(|last| last.open && !stands(last)) {
                decision.clear.push((kind, last.occurrence));
            }
            // What was raised once is not raised again.
            if holds && last.is_none_or(|last| last.occurrence < wanted) {
                decision.raise.push((kind, wanted));
            }
        }
        decision
    }

    /// When time alone may change the answer; `None`: never.
    #[must_use]
    pub fn next_look(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let open = Kind::ALL.iter().any(|kind| self.holds(*kind, now));
        let ended = self.state.ended();
        let moments = [
            self.late_at().filter(|_| !ended && !self.state.return_leg),
            self.stuck_at(),
            self.closed_at().filter(|_| self.state.return_leg),
            // A parcel that goes on wants a look at its very end only.
            (open || !ended).then_some(self.given_up_at),
        ];
        moments.into_iter().flatten().filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests;
