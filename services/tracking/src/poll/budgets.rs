//! The pace of each account, in this process.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use colibri_kit::clock::SharedClock;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::domain::budget::{Budget, Share};

/// Shortest and longest sleep, real time: a business clock may change its speed meanwhile.
const SLEEP: (Duration, Duration) = (Duration::from_millis(1), Duration::from_secs(10));

/// Paces of the accounts that were asked so far. Bounded by their number.
#[derive(Debug)]
pub struct Budgets {
    clock: SharedClock,
    began: (Instant, OffsetDateTime),
    accounts: Mutex<HashMap<Uuid, Budget>>,
}

impl Budgets {
    pub fn new(clock: SharedClock) -> Self {
        let began = (Instant::now(), clock.now());
        Self { clock, began, accounts: Mutex::default() }
    }

    /// Seconds of the business clock per second, at least one: a clock that stands still, or has
    /// just begun, is waited for in real time.
    pub fn speed(&self) -> f64 {
        let (real, shown) = (self.began.0.elapsed(), self.clock.now() - self.began.1);
        if real < Duration::from_millis(100) {
            return 1.0;
        }
        (shown.as_seconds_f64() / real.as_secs_f64()).max(1.0)
    }

    /// Waits until this account may be asked once more.
    pub async fn admit(&self, account: Uuid, share: Share) {
        let now = self.clock.now();
        let at = {
            let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            accounts.entry(account).or_insert_with(|| Budget::new(share, now)).book(now)
        };
        loop {
            let left = at - self.clock.now();
            if !left.is_positive() {
                return;
            }
            let real = left.as_seconds_f64() / self.speed();
            let real = Duration::try_from_secs_f64(real).unwrap_or(SLEEP.1);
            tokio::time::sleep(real.clamp(SLEEP.0, SLEEP.1)).await;
        }
    }
}
