//! What time it is. The one place that asks the machine; everything else is handed a [`Clock`],
//! so that a demo can live a week in an hour and a test can stand still.
//!
//! Deliberately no timers and no sleeping: waiting is real time and belongs to tokio.

use std::{
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// Tells the time, in UTC.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present instant.
    fn now(&self) -> OffsetDateTime;
}

/// A clock many tasks share.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// A clock that runs at another speed from an anchor on. Processes given the same three values
/// agree, because each computes from the machine's clock and keeps no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScaledClock {
    /// Machine time at which both clocks were anchored.
    pub start_real: OffsetDateTime,
    /// What this clock showed at that moment.
    pub start_virtual: OffsetDateTime,
    /// Virtual seconds per real second; 0 stands still.
    pub rate: u32,
}

impl ScaledClock {
    /// What this clock shows when the machine's clock shows `real`.
    #[must_use]
    pub fn at(&self, real: OffsetDateTime) -> OffsetDateTime {
        let passed = (real - self.start_real).whole_nanoseconds();
        let nanos = passed.saturating_mul(i128::from(self.rate));
        let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).unwrap_or(i64::MAX);
        let rest = i32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or(0);
        self.start_virtual.saturating_add(Duration::new(seconds, rest))
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> OffsetDateTime {
        self.at(OffsetDateTime::now_utc())
    }
}

/// A text names no clock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a clock is `system` or `scaled:real=<RFC 3339>,virtual=<RFC 3339>,rate=<0..>`")]
pub struct ParseClockError;

impl FromStr for ScaledClock {
    type Err = ParseClockError;

    fn from_str(text: &str) -> Result<Self, ParseClockError> {
        let (mut real, mut shown, mut rate) = (None, None, None);
        let body = text.strip_prefix("scaled:").ok_or(ParseClockError)?;
        for part in body.split(',') {
            match part.split_once('=').ok_or(ParseClockError)? {
                ("real", at) => real = OffsetDateTime::parse(at, &Rfc3339).ok(),
                ("virtual", at) => shown = OffsetDateTime::parse(at, &Rfc3339).ok(),
                ("rate", n) => rate = n.parse().ok(),
                _ => return Err(ParseClockError),
            }
        }
        Ok(Self {
            start_real: real.ok_or(ParseClockError)?,
            start_virtual: shown.ok_or(ParseClockError)?,
            rate: rate.ok_or(ParseClockError)?,
        })
    }
}

impl fmt::Display for ScaledClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let real = self.start_real.format(&Rfc3339).map_err(|_| fmt::Error)?;
        let shown = self.start_virtual.format(&Rfc3339).map_err(|_| fmt::Error)?;
        write!(f, "scaled:real={real},virtual={shown},rate={}", self.rate)
    }
}

/// The clock a configuration text names.
///
/// # Errors
/// [`ParseClockError`] when it is neither `system` nor a [`ScaledClock`].
pub fn parse(text: &str) -> Result<SharedClock, ParseClockError> {
    match text {
        "system" => Ok(Arc::new(SystemClock)),
        other => Ok(Arc::new(other.parse::<ScaledClock>()?)),
    }
}

/// A clock that moves only when told to: for tests.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<OffsetDateTime>>);

impl ManualClock {
    /// Stands at `at`.
    #[must_use]
    pub fn new(at: OffsetDateTime) -> Self {
        Self(Arc::new(Mutex::new(at)))
    }

    /// Moves forward, or back when `by` is negative.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use time::macros::datetime;

    use super::*;

    #[test]
    fn two_processes_with_one_anchor_agree_at_any_moment() {
        let text = "scaled:real=2026-03-01T10:00:00Z,virtual=2026-06-01T00:00:00Z,rate=60";
        let one: ScaledClock = text.parse().unwrap();
        let two: ScaledClock = one.to_string().parse().unwrap();
        assert_eq!(one, two);
        let real = datetime!(2026-03-01 10:00:01.5 UTC);
        assert_eq!(one.at(real), datetime!(2026-06-01 00:01:30 UTC));
        let before = datetime!(2026-03-01 09:59:59.5 UTC);
        assert_eq!(two.at(before), datetime!(2026-05-31 23:59:30 UTC));
    }

    #[test]
    fn a_rate_of_zero_stands_still() {
        let clock = ScaledClock {
            start_real: datetime!(2026-03-01 10:00 UTC),
            start_virtual: datetime!(2026-06-01 00:00 UTC),
            rate: 0,
        };
        assert_eq!(clock.now(), clock.start_virtual);
    }

    #[test]
    fn only_whole_descriptions_are_clocks() {
        assert!(parse("system").is_ok());
        let real = "real=2026-03-01T10:00:00Z";
        for bad in [
            "",
            "System",
            "scaled:",
            "scaled:rate=1",
            &format!("scaled:{real},virtual=2026,rate=1"),
            &format!("scaled:{real},virtual=2026-06-01T00:00:00Z,rate=-1"),
            &format!("scaled:{real},virtual=2026-06-01T00:00:00Z,rate=1,x=2"),
        ] {
            assert_eq!(parse(bad).unwrap_err(), ParseClockError, "{bad}");
        }
    }

    #[test]
    fn a_manual_clock_is_shared_by_its_clones() {
        let clock = ManualClock::new(datetime!(2026-03-01 10:00 UTC));
        clock.clone().advance(Duration::minutes(5));
        assert_eq!(clock.now(), datetime!(2026-03-01 10:05 UTC));
    }
}
