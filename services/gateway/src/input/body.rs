//! Reading bodies: limits hold on the reader, never after the bytes are in memory.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use crate::{error, problem::Problem};

/// How slowly a body may come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Time it has in any case.
    pub(crate) grace: Duration,
    /// One more second for each so many bytes.
    pub(crate) bytes_per_s_min: u64,
}

impl Pace {
    fn until(self, start: Instant, received: usize) -> Instant {
        let received = u64::try_from(received).unwrap_or(u64::MAX);
        let seconds = received.checked_div(self.bytes_per_s_min).unwrap_or_default();
        // A day: further than any limit on sizes allows, and no overflow.
        start + self.grace + Duration::from_secs(seconds.min(86_400))
    }
}

fn too_large() -> Problem {
    let text = "the body is larger than this address takes";
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, error::BODY_TOO_LARGE, text)
}

/// All of a body.
///
/// # Errors
/// `GTW0004` above `max` bytes, `GTW0005` when it is compressed, `GTW0015` when it is too slow,
/// `GTW0008` when it breaks off.
pub(crate) async fn read(
    mut body: Body,
    headers: &HeaderMap,
    max: usize,
    pace: Pace,
) -> Result<Bytes, Problem> {
    let encoded = headers.get_all(header::CONTENT_ENCODING).iter();
    if encoded.into_iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let text = "compressed bodies are not taken";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error::MEDIA_TYPE, text));
    }
    let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    // The transport has checked that it is a number and one.
    let length = length.and_then(|text| text.parse::<u64>().ok());
    if length.is_some_and(|length| usize::try_from(length).map_or(true, |n| n > max)) {
        return Err(too_large());
    }
    let start = Instant::now();
    let mut all = BytesMut::new();
    loop {
        let frame = tokio::time::timeout_at(pace.until(start, all.len()), body.frame()).await;
        let frame = frame.map_err(|_| {
            let text = "the body came too slowly";
            Problem::new(StatusCode::REQUEST_TIMEOUT, error::BODY_SLOW, text)
        })?;
        match frame {
            None => return Ok(all.freeze()),
            Some(Ok(frame)) => {
                // Trailers say nothing here.
                let Ok(data) = frame.into_data() else { continue };
                if all.len().saturating_add(data.len()) > max {
                    return Err(too_large());
                }
                all.extend_from_slice(&data);
            }
            Some(Err(cause)) => {
                tracing::debug!(%cause, "a body broke off");
                let text = "the body broke off";
                return Err(Problem::new(StatusCode::BAD_REQUEST, error::MALFORMED, text));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use futures::stream;

    use super::*;

    const PACE: Pace = Pace { grace: Duration::from_secs(5), bytes_per_s_min: 1024 };

    fn pieces(pieces: &'static [&'static str], endless: bool) -> Body {
        use futures::StreamExt as _;
        let given = stream::iter(pieces.iter().map(|p| Ok::<_, std::io::Error>(*p)));
        match endless {
            true => Body::from_stream(given.chain(stream::pending())),
            false => Body::from_stream(given),
        }
    }

    async fn refused(body: Body, headers: &HeaderMap, max: usize) -> (u16, String) {
        let problem = read(body, headers, max, PACE).await.unwrap_err();
        (problem.status.as_u16(), problem.code)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_read_within_its_limits_and_not_beyond() {
        let none = HeaderMap::new();
        let all = read(pieces(&["ab", "cd"], false), &none, 4, PACE).await.unwrap();
        assert_eq!(&all[..], b"abcd");
        let large = (413, "GTW0004".to_owned());
        assert_eq!(refused(pieces(&["ab", "cd"], false), &none, 3).await, large);
        // Told before a byte is read.
        let told = HeaderMap::from_iter([(header::CONTENT_LENGTH, "5".parse().unwrap())]);
        assert_eq!(refused(pieces(&[], true), &told, 4).await, large);
        let gzip = HeaderMap::from_iter([(header::CONTENT_ENCODING, "gzip".parse().unwrap())]);
        assert_eq!(refused(pieces(&[], true), &gzip, 4).await, (415, "GTW0005".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_coming_is_given_up() {
        let slow = (408, "GTW0015".to_owned());
        assert_eq!(refused(pieces(&["ab"], true), &HeaderMap::new(), 9).await, slow);
    }

    #[test]
    fn bytes_buy_time() {
        let start = Instant::now();
        assert_eq!(PACE.until(start, 0) - start, Duration::from_secs(5));
        assert_eq!(PACE.until(start, 10_240) - start, Duration::from_secs(15));
    }
}
