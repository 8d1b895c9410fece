//! How often an account at a carrier may be asked: an even pace with a small reserve, so that any
//! backlog, after a start or an outage, is worked off at the pace of every other day.

use colibri_carriers::Quota;
use time::{Duration, OffsetDateTime};

/// The pace of one account. Times are the business clock's: a carrier lives by it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Between two calls of an even stream.
    every: Duration,
    /// How far calls may run ahead of that stream.
    ahead: Duration,
    /// When the next call is due in the even stream.
    next: OffsetDateTime,
}

/// Part of an account's calls that asking for scans may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// What the carrier bears, in calls a second.
    pub calls_per_second: u16,
    /// Per cent of it, 1 to 90; the rest is for labels, and for calls that come together.
    pub percent: u32,
    /// What the carrier answers within a shorter while than a day, where it counts.
    pub quota: Option<Quota>,
}

impl Share {
    fn percent(self) -> u32 {
        self.percent.clamp(1, 90)
    }

    /// Between two calls of an even stream.
    #[must_use]
    pub fn every(self) -> Duration {
        let per_cent_seconds = u64::from(self.calls_per_second.max(1)) * u64::from(self.percent());
        let nanos = 100_000_000_000_u64.div_ceil(per_cent_seconds);
        let every = Duration::nanoseconds(i64::try_from(nanos).unwrap_or(i64::MAX));
        every.max(self.counted().unwrap_or(Duration::ZERO))
    }

    /// Between two calls that the carrier counts.
    fn counted(self) -> Option<Duration> {
        let quota = self.quota?;
        Some(Duration::seconds(quota.seconds.into()) / quota.calls.max(1))
    }

    /// Calls that may come at once.
    fn burst(self) -> u32 {
        // A carrier that counts a while counts all of it: nothing may come on top of an even pace.
        if self.counted().is_some() {
            return 1;
        }
        // With the even stream of a second they stay below what the carrier bears.
        (u32::from(self.calls_per_second) * (100 - self.percent()) / 100).max(1)
    }
}

impl Budget {
    /// Full, at this moment.
    #[must_use]
    pub fn new(share: Share, now: OffsetDateTime) -> Self {
        let every = share.every();
        let ahead = every.saturating_mul(i32::try_from(share.burst() - 1).unwrap_or(0));
        Self { every, ahead, next: now }
    }

    /// Books the next call; answers when it may leave.
    pub fn book(&mut self, now: OffsetDateTime) -> OffsetDateTime {
        let due = self.next.max(now);
        self.next = due.saturating_add(self.every);
        // What was not used before now does not add up: `due` never lies in the past.
        due.saturating_sub(self.ahead).max(now)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const START: OffsetDateTime = datetime!(2026-11-22 09:00 UTC);

    /// Most calls within any second.
    fn busiest(mut calls: Vec<OffsetDateTime>) -> usize {
        calls.sort_unstable();
        let within = |from: &OffsetDateTime| {
            let until = from.saturating_add(Duration::SECOND);
            calls.iter().filter(|call| *call >= from && **call < until).count()
        };
        calls.iter().map(within).max().unwrap_or(0)
    }

    proptest! {
        /// However many parcels are due at once, and whatever came before, no second sees more
        /// calls than the carrier bears.
        #[test]
        fn a_backlog_never_exceeds_the_accounts_budget(
            calls_per_second in 1_u16..50,
            percent in 1_u32..=90,
            backlog in 1_usize..300,
            pauses in prop::collection::vec(0_i64..3_000, 0..30),
        ) {
            let share = Share { calls_per_second, percent, quota: None };
            let mut budget = Budget::new(share, START);
            let mut now = START;
            let mut calls: Vec<OffsetDateTime> = (0..backlog).map(|_| budget.book(now)).collect();
            for pause in pauses {
                now += Duration::milliseconds(pause);
                calls.push(budget.book(now));
                calls.push(budget.book(now));
            }
            // One call a second is the least there is: at that pace two may touch a second.
            let most = usize::from(calls_per_second).max(2);
            prop_assert!(busiest(calls) <= most);
        }

        /// A backlog is worked off at the full pace of the share: nothing waits longer than that.
        #[test]
        fn a_backlog_takes_no_longer_than_it_must(calls_per_second in 1_u16..50, backlog in 1_u32..300) {
            let share = Share { calls_per_second, percent: 50, quota: None };
            let mut budget = Budget::new(share, START);
            let last = (0..backlog).map(|_| budget.book(START)).max().unwrap();
            prop_assert!(last - START <= share.every() * backlog);
        }
    }

    #[test]
    fn a_minutes_quota_is_never_exceeded() {
        let quota = Some(Quota::a_minute(100));
        let mut budget = Budget::new(Share { calls_per_second: 10, percent: 50, quota }, START);
        let calls: Vec<OffsetDateTime> = (0..1_000).map(|_| budget.book(START)).collect();
        for from in &calls {
            let until = *from + Duration::MINUTE;
            let within = calls.iter().filter(|call| (*from..until).contains(*call)).count();
            assert!(within <= 100, "{within} in a minute");
        }
        assert_eq!(calls.last().copied(), Some(START + Duration::milliseconds(600) * 999));
    }

    #[test]
    fn who_comes_seldom_never_waits() {
        let mut budget =
            Budget::new(Share { calls_per_second: 5, percent: 50, quota: None }, START);
        for second in 0..20 {
            let now = START + Duration::seconds(second);
            assert_eq!(budget.book(now), now);
        }
    }
}
