//! What a call in progress carries along: its id and the moment it must be done.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

#[derive(Debug, Clone)]
struct Call {
    id: String,
    until: Instant,
}

tokio::task_local! {
    static CALL: Call;
}

/// Runs `work` as a call with this id that has this long. Calls to other services made inside
/// carry the id on and get no more time than is left. Not inherited by spawned tasks.
pub async fn within<F: Future>(id: String, time: Duration, work: F) -> F::Output {
    let until = Instant::now() + time;
    CALL.scope(Call { id, until }, work).await
}

/// Id of the call in progress.
#[must_use]
pub fn request_id() -> Option<String> {
    CALL.try_with(|call| call.id.clone()).ok()
}

/// Time left of the call in progress; `None` outside a call.
#[must_use]
pub fn deadline() -> Option<Duration> {
    CALL.try_with(|call| call.until.saturating_duration_since(Instant::now())).ok()
}

/// Reads `grpc-timeout`: up to eight digits and a unit. `None` when it is none.
pub(super) fn parse_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    if digits.is_empty() || digits.len() > 8 || !plain {
        return None;
    }
    let n: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(n * 3600)),
        "M" => Some(Duration::from_secs(n * 60)),
        "S" => Some(Duration::from_secs(n)),
        "m" => Some(Duration::from_millis(n)),
        "u" => Some(Duration::from_micros(n)),
        "n" => Some(Duration::from_nanos(n)),
        _ => None,
    }
}

/// Writes `grpc-timeout` in milliseconds, at least one.
pub(super) fn show_timeout(time: Duration) -> String {
    // Eight digits is what the protocol allows: 27 hours.
    let ms = time.as_millis().clamp(1, 99_999_999);
    format!("{ms}m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_and_written() {
        assert_eq!(parse_timeout("5S"), Some(Duration::from_secs(5)));
        assert_eq!(parse_timeout("100m"), Some(Duration::from_millis(100)));
        assert_eq!(parse_timeout("99999999H"), Some(Duration::from_secs(99_999_999 * 3600)));
        for bad in ["", "S", "5", "123456789S", "-5S", "+5S", "5.0S", "5é", "5s"] {
            assert_eq!(parse_timeout(bad), None, "{bad}");
        }
        for ms in [1, 999, 60_000, 99_999_999] {
            let time = Duration::from_millis(ms);
            assert_eq!(parse_timeout(&show_timeout(time)), Some(time));
        }
        assert_eq!(show_timeout(Duration::ZERO), "1m");
    }

    #[tokio::test]
    async fn a_call_knows_its_id_and_its_time_and_others_do_not() {
        assert_eq!((request_id(), deadline()), (None, None));
        let time = Duration::from_secs(3600);
        within("r1".to_owned(), time, async {
            assert_eq!(request_id().as_deref(), Some("r1"));
            assert!(deadline().is_some_and(|left| left <= time && !left.is_zero()));
        })
        .await;
    }
}
