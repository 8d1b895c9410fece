//! One destination account: rate limit, circuit breaker, kill switch.

use std::{
    num::NonZeroU32,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use super::{EgressError, EgressLimits};

/// Longest wait for the rate limit; beyond it the intent goes back to its row.
const WAIT_MAX: Duration = Duration::from_secs(2);

pub(super) struct Lane {
    limiter: DefaultDirectRateLimiter,
    killed: AtomicBool,
    breaker: Mutex<Breaker>,
    limits: EgressLimits,
}

#[derive(Debug)]
struct Breaker {
    failures: u32,
    open_until: Option<Instant>,
    probing: bool,
}

impl Lane {
    pub(super) fn new(limits: EgressLimits) -> Self {
        let rate = NonZeroU32::new(limits.per_second).unwrap_or(NonZeroU32::MIN);
        Self {
            limiter: RateLimiter::direct(Quota::per_second(rate)),
            killed: AtomicBool::new(false),
            breaker: Mutex::new(Breaker { failures: 0, open_until: None, probing: false }),
            limits,
        }
    }

    pub(super) fn kill(&self, stopped: bool) {
        self.killed.store(stopped, Ordering::SeqCst);
    }

    /// Lets a call through, or says when to come again. Nothing has left when it refuses.
    pub(super) async fn admit(&self) -> Result<(), EgressError> {
        if self.killed.load(Ordering::SeqCst) {
            return Err(refuse("stopped by the kill switch", Some(Duration::from_secs(30))));
        }
        let waiting = self.limiter.until_ready();
        if tokio::time::timeout(WAIT_MAX, waiting).await.is_err() {
            return Err(refuse("rate limit", Some(WAIT_MAX)));
        }
        self.pass(Instant::now())
    }

    fn pass(&self, now: Instant) -> Result<(), EgressError> {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        match breaker.open_until {
            None => Ok(()),
            Some(until) if now < until => {
                Err(refuse("breaker open", Some(until.saturating_duration_since(now))))
            }
            Some(_) if breaker.probing => Err(refuse("breaker open", Some(self.limits.open_for))),
            Some(_) => {
                breaker.probing = true;
                Ok(())
            }
        }
    }

    pub(super) fn note(&self, good: bool) {
        self.note_at(good, Instant::now());
    }

    fn note_at(&self, good: bool, now: Instant) {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        breaker.probing = false;
        if good {
            breaker.failures = 0;
            breaker.open_until = None;
            return;
        }
        breaker.failures = breaker.failures.saturating_add(1);
        if breaker.failures >= self.limits.failures_max {
            breaker.open_until = Some(now + self.limits.open_for);
        }
    }
}

const fn refuse(reason: &'static str, after: Option<Duration>) -> EgressError {
    EgressError::NotSent { reason, after }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_breaker_lets_one_probe_through_and_closes_on_its_success() {
        let limits =
            EgressLimits { per_second: 10, failures_max: 2, open_for: Duration::from_secs(5) };
        let lane = Lane::new(limits);
        let start = Instant::now();
        lane.note_at(false, start);
        assert!(lane.pass(start).is_ok());
        lane.note_at(false, start);
        assert!(lane.pass(start).is_err());
        let later = start + Duration::from_secs(6);
        assert!(lane.pass(later).is_ok(), "one probe");
        assert!(lane.pass(later).is_err(), "only one");
        lane.note_at(true, later);
        assert!(lane.pass(later).is_ok());
    }
}
