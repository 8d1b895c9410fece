//! Waiting for a condition with a deadline, the one place that sleeps.

use std::time::{Duration, Instant};

/// First pause. Servers answer within 25 ms on an idle machine, so start fine.
const PAUSE_MIN: Duration = Duration::from_millis(2);
/// Longest pause: notice within this time, without burning a core on a slow start.
const PAUSE_MAX: Duration = Duration::from_millis(50);

/// Asks `condition` until it gives a value or an error, at most for `limit`. `None`: time is up.
pub(crate) fn poll<T, E>(
    limit: Duration,
    mut condition: impl FnMut() -> Result<Option<T>, E>,
) -> Result<Option<T>, E> {
    let start = Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        if let Some(value) = condition()? {
            return Ok(Some(value));
        }
        if start.elapsed() >= limit {
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
