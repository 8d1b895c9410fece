//! How long parcels are usually silent on a way: gaps between news, counted in few classes, so that
//! what was learnt adds up whoever learnt it and in whatever order.

use colibri_carriers::Headline;
use time::Duration;

/// Upper ends of the classes, in hours; a longer gap counts in the last one. Fine where parcels are
/// asked about hourly, coarse where days pass.
pub const HOURS: [u16; 20] =
    [1, 2, 4, 6, 9, 12, 18, 24, 36, 48, 60, 72, 96, 120, 144, 168, 240, 336, 480, 720];

/// A way, and where on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// Carrier.
    pub carrier: String,
    /// Country it leaves from; empty when not known.
    pub origin: String,
    /// Country it goes to; empty when not known.
    pub destination: String,
    /// State during the silence.
    pub headline: Headline,
}

/// The class of a gap.
#[must_use]
pub fn class(gap: Duration) -> u16 {
    let fits = |hours: &&u16| gap <= Duration::hours(i64::from(**hours));
    let [.., last] = HOURS;
    HOURS.iter().find(fits).copied().unwrap_or(last)
}

/// How silence is judged: section `[tracking.alerts]`, where each key is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Without enough gaps.
    pub default: Duration,
    /// Never less than this.
    pub floor: Duration,
    /// Per cent by which silence is longer than the learnt percentile.
    pub stretch_percent: u32,
}

impl Patience {
    /// Silence after which a parcel is stuck, where this many hours are usual.
    #[must_use]
    pub fn usual(&self, learnt_hours: Option<u16>) -> Duration {
        learnt_hours.map_or(self.default, |hours| {
            let minutes = i64::from(hours) * 60 * i64::from(self.stretch_percent) / 100;
            Duration::minutes(minutes).max(self.floor)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_falls_into_the_smallest_class_that_holds_it() {
        assert_eq!(class(Duration::ZERO), 1);
        assert_eq!(class(Duration::hours(1)), 1);
        assert_eq!(class(Duration::minutes(61)), 2);
        assert_eq!(class(Duration::days(7)), 168);
        assert_eq!(class(Duration::days(99)), 720);
        assert!(HOURS.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn what_was_learnt_is_stretched_and_never_below_the_floor() {
        let days = Duration::days;
        let patience = Patience { default: days(5), floor: days(2), stretch_percent: 150 };
        assert_eq!(patience.usual(None), days(5));
        assert_eq!(patience.usual(Some(6)), days(2));
        assert_eq!(patience.usual(Some(96)), days(6));
    }
}
