//! How much of it: requests a second for one caller, requests and streams at once for all.
//!
//! Memory is bounded whatever callers do: they are spread over a fixed number of buckets by a hash
//! that differs per process. Two callers that meet in one share its rate until the next start.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hash},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{config::Config, error, problem::Problem};

/// Buckets of each kind: 64 bytes each, and with 50 busy callers they are all but surely apart.
const BUCKETS: usize = 4096;

/// Rates of many callers.
pub(crate) struct Rates {
    buckets: Vec<DefaultDirectRateLimiter>,
    hash: RandomState,
    clock: DefaultClock,
}

impl Rates {
    /// So many a second, and so many at once.
    pub(crate) fn new(per_s: NonZeroU32, burst: NonZeroU32) -> Self {
        Self::of(Quota::per_second(per_s).allow_burst(burst))
    }

    /// So many within a time, at once or spread.
    pub(crate) fn within(time: Duration, count: NonZeroU32) -> Self {
        let each = Quota::with_period(time.checked_div(count.get()).unwrap_or(time));
        // A time of nothing is no limit anybody configures: it is checked at the start.
        Self::of(each.unwrap_or_else(|| Quota::per_second(count)).allow_burst(count))
    }

    fn of(quota: Quota) -> Self {
        // One clock for all: each of its own would ask the processor what it is, which a virtual
        // machine answers in tens of microseconds, 20,000 times at each start.
        let clock = DefaultClock::default();
        let bucket = |_| RateLimiter::direct_with_clock(quota, clock.clone());
        Self { buckets: (0..BUCKETS).map(bucket).collect(), hash: RandomState::new(), clock }
    }

    /// Counts one request of `caller`.
    ///
    /// # Errors
    /// `GTW0013` with the time to wait.
    pub(crate) fn check(&self, caller: impl Hash) -> Result<(), Problem> {
        self.wait(caller).map_or(Ok(()), |wait| {
            let text = "too many requests, slow down";
            Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, error::RATE, text).after(wait))
        })
    }

    /// Counts one request of `caller`; the time to wait where it is too many.
    pub(crate) fn wait(&self, caller: impl Hash) -> Option<Duration> {
        let at = self.hash.hash_one(caller) % (BUCKETS as u64);
        let bucket = usize::try_from(at).ok().and_then(|at| self.buckets.get(at))?;
        bucket.check().err().map(|until| until.wait_time_from(self.clock.now()))
    }
}

/// All limits of a running gateway.
pub(crate) struct Limits {
    /// Of callers with a token.
    pub(crate) callers: Rates,
    /// Of accounts that webhooks come for.
    pub(crate) hooks: Rates,
    /// Of client ids that ask for tokens.
    pub(crate) tokens: Rates,
    requests: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl Limits {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            callers: Rates::new(config.rate_per_s, config.rate_burst),
            hooks: Rates::new(config.hook_rate_per_s, config.hook_rate_burst),
            tokens: Rates::new(config.token_rate_per_s, config.token_rate_burst),
            requests: Arc::new(Semaphore::new(config.concurrency_max)),
            streams: Arc::new(Semaphore::new(config.streams_max)),
        }
    }

    /// A place for a request.
    ///
    /// # Errors
    /// `GTW0014` when all are taken.
    pub(crate) fn request(&self) -> Result<OwnedSemaphorePermit, Problem> {
        place(&self.requests)
    }

    /// A place for a stream.
    ///
    /// # Errors
    /// `GTW0014` when all are taken.
    pub(crate) fn stream(&self) -> Result<OwnedSemaphorePermit, Problem> {
        place(&self.streams)
    }
}

fn place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
    places.clone().try_acquire_owned().map_err(|_| {
        let text = "the gateway is at its limit, try again";
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, error::OVERLOADED, text);
        problem.after(Duration::from_secs(1))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_caller_beyond_its_burst_waits_and_others_do_not() {
        let one = NonZeroU32::MIN;
        let rates = Rates::new(one, NonZeroU32::new(3).unwrap());
        for _ in 0..3 {
            rates.check("a").unwrap();
        }
        assert_eq!(rates.check("a").unwrap_err().code, error::RATE);
        // One of these may share the bucket of `a`, not all.
        assert!(["b", "c", "d", "e"].iter().any(|other| rates.check(other).is_ok()));
    }

    #[test]
    fn places_are_given_back() {
        let places = Arc::new(Semaphore::new(1));
        let held = place(&places).unwrap();
        assert_eq!(place(&places).unwrap_err().code, error::OVERLOADED);
        drop(held);
        assert!(place(&places).is_ok());
    }
}
