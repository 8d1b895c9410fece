//! How much a flow may open: a token bucket that grows with the tenant's business.
//!
//! A burst beyond what new orders explain is stopped, not only noticed. The vault cannot see
//! orders; it counts the persons it was given.

use time::{Duration, OffsetDateTime};

/// The rule of one flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Reveals without any business; given back evenly over a day.
    pub base: u32,
    /// Reveals for each new person.
    pub per_person: u32,
}

/// What one actor has left in one flow of one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Reveals left.
    pub left: i64,
    /// Persons that were counted in.
    pub persons: i64,
    /// Up to when the base was given back.
    pub refilled_at: OffsetDateTime,
}

const DAY_S: i64 = 86_400;

impl Bucket {
    /// A bucket that was never used.
    #[must_use]
    pub fn new(now: OffsetDateTime, persons: i64, rule: Rule) -> Self {
        let earned = persons.saturating_mul(i64::from(rule.per_person));
        Self { left: earned.saturating_add(i64::from(rule.base)), persons, refilled_at: now }
    }

    /// The bucket now, after `persons` in all.
    #[must_use]
    pub fn refill(self, now: OffsetDateTime, persons: i64, rule: Rule) -> Self {
        let (back, refilled_at) = self.back(now, rule);
        // Persons never become fewer here: a count read too early is made good at the next look.
        let new = persons.saturating_sub(self.persons).max(0);
        let earned = new.saturating_mul(i64::from(rule.per_person));
        Self {
            left: self.left.saturating_add(back).saturating_add(earned),
            persons: self.persons.max(persons),
            refilled_at,
        }
    }

    /// What time gives back: never above the base, whole reveals only, the rest of the time kept.
    fn back(self, now: OffsetDateTime, rule: Rule) -> (i64, OffsetDateTime) {
        let base = i64::from(rule.base);
        let room = base.saturating_sub(self.left).max(0);
        let passed = (now - self.refilled_at).whole_seconds();
        if passed <= 0 {
            return (0, self.refilled_at);
        }
        let due = passed.saturating_mul(base) / DAY_S;
        if room <= due {
            return (room, now);
        }
        let spent_s = due.saturating_mul(DAY_S).checked_div(base).unwrap_or(passed);
        (due, self.refilled_at.saturating_add(Duration::seconds(spent_s)))
    }

    /// Takes up to `wanted`; answers how many were there.
    #[must_use]
    pub fn take(self, wanted: u32) -> (Self, u32) {
        let granted = u32::try_from(self.left.clamp(0, i64::from(wanted))).unwrap_or_default();
        (Self { left: self.left - i64::from(granted), ..self }, granted)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const RULE: Rule = Rule { base: 200, per_person: 3 };
    const START: OffsetDateTime = datetime!(2026-11-22 08:00 UTC);

    #[test]
    fn a_burst_stops_and_new_persons_open_it_again() {
        let (bucket, granted) = Bucket::new(START, 0, RULE).take(500);
        assert_eq!((granted, bucket.left), (200, 0));
        assert_eq!(bucket.take(1).1, 0);
        let bucket = bucket.refill(START, 2, RULE);
        assert_eq!(bucket.take(500).1, 6);
        // The same persons do not count twice.
        assert_eq!(bucket.take(6).0.refill(START, 2, RULE).left, 0);
    }

    #[test]
    fn time_gives_the_base_back_and_no_more() {
        let empty = Bucket::new(START, 0, RULE).take(200).0;
        assert_eq!(empty.refill(START + Duration::hours(12), 0, RULE).left, 100);
        assert_eq!(empty.refill(START + Duration::days(30), 0, RULE).left, 200);
        let rich = Bucket::new(START, 1_000, RULE);
        assert_eq!(rich.refill(START + Duration::days(30), 1_000, RULE).left, 3_200);
        // A clock that went back gives nothing and takes nothing.
        assert_eq!(empty.refill(START - Duration::days(1), 0, RULE).left, 0);
    }

    proptest! {
        #[test]
        fn never_more_than_base_persons_and_time_explain(
            steps in proptest::collection::vec((0..20_000_i64, 0..5_i64, 0..300_u32), 1..40),
            base in 0..500_u32,
        ) {
            let rule = Rule { base, ..RULE };
            let (mut now, mut persons, mut opened) = (START, 0, 0_i64);
            let mut bucket = Bucket::new(now, persons, rule);
            for (seconds, more, wanted) in steps {
                now += Duration::seconds(seconds);
                persons += more;
                let (next, granted) = bucket.refill(now, persons, rule).take(wanted);
                bucket = next;
                opened += i64::from(granted);
                let time = (now - START).whole_seconds() * i64::from(base) / DAY_S;
                prop_assert!(bucket.left >= 0 && granted <= wanted);
                prop_assert!(opened <= i64::from(base) + 3 * persons + time);
            }
        }

        #[test]
        fn looking_often_gives_as_much_as_looking_once(looks in 1..200_i64, seconds in 0..400_i64) {
            let empty = Bucket::new(START, 0, RULE).take(200).0;
            let mut bucket = empty;
            for look in 1..=looks {
                bucket = bucket.refill(START + Duration::seconds(look * seconds), 0, RULE);
            }
            let once = empty.refill(START + Duration::seconds(looks * seconds), 0, RULE);
            // Rounded down to whole seconds at each look: at most one reveal late.
            prop_assert!(bucket.left >= once.left - 1 && bucket.left <= once.left + 1);
        }
    }
}
