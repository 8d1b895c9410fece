//! When to ask the carrier again: by state, age, promise and luck, on the business clock.

use colibri_carriers::{Headline, SubStatus};
use serde::Deserialize;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::state::State;

/// Seldom enough for anything that is not forgotten.
const DAY: Duration = Duration::days(1);
/// A parcel that was silent this long rarely speaks within hours: Sundays and holidays included.
const QUIET: Duration = Duration::days(5);
/// ... and after this it is asked for once a day, until the carrier has forgotten it.
const SILENT: Duration = Duration::days(20);
/// Intervals of a quiet parcel are this much longer.
const QUIET_FACTOR: i32 = 3;
/// Days around the promised one on which scans come thick.
const PROMISE_DAYS: Duration = Duration::days(2);

/// How often to ask: section `[tracking.poll]`, where each key is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Pace {
    pub created_s: u32,
    pub moving_s: u32,
    pub delayed_s: u32,
    pub out_for_delivery_s: u32,
    pub pickup_point_s: u32,
    pub exception_s: u32,
    pub ended_s: u32,
    pub ended_days: u32,
    pub lasts_days: u32,
    pub not_found_s: u32,
    pub promise_divisor: u32,
    pub push_factor: u32,
    pub jitter_percent: u32,
}

/// What decides when to ask next.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// State now.
    pub state: &'a State,
    /// When the label was bought.
    pub purchased_at: OffsetDateTime,
    /// When headline or finer word last changed.
    pub state_at: OffsetDateTime,
    /// When something new was last learnt.
    pub news_at: OffsetDateTime,
    /// Last promised day.
    pub promised: Option<Date>,
    /// The carrier calls us about this parcel.
    pub pushed: bool,
    /// Answers in a row that told nothing: not found, unreadable, or none at all.
    pub misses: u32,
    /// Now.
    pub now: OffsetDateTime,
    /// 0 to 1000: where in the spread of the interval.
    pub spread: u32,
}

impl Pace {
    /// How long to wait before asking again; `None`: never again.
    #[must_use]
    pub fn next(&self, parcel: &Situation<'_>) -> Option<Duration> {
        let cancelled = parcel.state.sub == Some(SubStatus::Cancelled);
        let since = parcel.now - parcel.state_at;
        let forgotten = parcel.now - parcel.purchased_at > days(self.lasts_days);
        let settled = parcel.state.ended() && since > days(self.ended_days);
        if cancelled || settled || forgotten {
            return None;
        }
        if parcel.misses > 0 {
            return Some(self.spread(self.after_misses(parcel.misses), parcel.spread));
        }
        let mut wait = self.plain(parcel.state);
        if !parcel.state.ended() {
            wait = self.by_age(wait, parcel);
        }
        if parcel.pushed {
            wait = wait.saturating_mul(factor(self.push_factor));
        }
        Some(self.spread(wait.min(DAY), parcel.spread))
    }

    fn plain(&self, state: &State) -> Duration {
        use SubStatus as S;
        match (state.headline, state.sub) {
            (Headline::Created, _) => seconds(self.created_s),
            (Headline::PickedUp | Headline::InTransit, _) => seconds(self.moving_s),
            (Headline::Delayed, _) => seconds(self.delayed_s),
            (Headline::OutForDelivery, Some(S::AvailableForPickup)) => seconds(self.pickup_point_s),
            (Headline::OutForDelivery, _) => seconds(self.out_for_delivery_s),
            // After a failed attempt the parcel is on the road again soon.
            (Headline::Exception, Some(S::FailedAttempt)) => seconds(self.moving_s),
            (Headline::Exception, Some(S::Destroyed | S::Seized))
            | (Headline::Delivered | Headline::Returned, _) => seconds(self.ended_s),
            (Headline::Exception, _) => seconds(self.exception_s),
        }
    }

    /// Quiet parcels are asked for less, parcels near their promised day more.
    fn by_age(&self, wait: Duration, parcel: &Situation<'_>) -> Duration {
        let quiet = parcel.now - parcel.news_at;
        if quiet > SILENT {
            return DAY;
        }
        if quiet > QUIET {
            return wait.saturating_mul(QUIET_FACTOR);
        }
        let near = parcel.promised.is_some_and(|day| {
            let today = parcel.now.date();
            today >= day && today - day <= PROMISE_DAYS
        });
        let on_the_way = matches!(
            parcel.state.headline,
            Headline::PickedUp | Headline::InTransit | Headline::Delayed
        );
        if near && on_the_way { wait / factor(self.promise_divisor) } else { wait }
    }

    /// Doubles with each miss, up to a day.
    fn after_misses(&self, misses: u32) -> Duration {
        let doubled = 1_i32 << misses.saturating_sub(1).min(16);
        seconds(self.not_found_s).saturating_mul(doubled).min(DAY)
    }

    /// Spread around the interval, so that parcels bought together are not asked for together.
    fn spread(&self, wait: Duration, spread: u32) -> Duration {
        let percent = i64::from(self.jitter_percent.min(90));
        let offset = i64::from(spread.min(1000)) - 500;
        let millis = i64::try_from(wait.whole_milliseconds()).unwrap_or(i64::MAX / 1_000_000);
        let shift = millis.saturating_mul(percent).saturating_mul(offset) / 50_000;
        Duration::milliseconds(millis.saturating_add(shift).max(1))
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::seconds(i64::from(seconds))
}

fn days(days: u32) -> Duration {
    Duration::days(i64::from(days))
}

fn factor(factor: u32) -> i32 {
    i32::try_from(factor).unwrap_or(i32::MAX).max(1)
}

/// 0 to 1000, from a parcel's id and how often something happened to it: an even spread without
/// drawing a random number.
#[must_use]
pub fn spread(parcel: Uuid, round: u64) -> u32 {
    let (high, low) = parcel.as_u64_pair();
    let mixed = (high ^ low ^ round).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from((mixed >> 32) % 1001).unwrap_or(500)
}
