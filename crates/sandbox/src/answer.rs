//! What goes out: an answer spoilt as decided, and a body that may end before its promise.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use colibri_carriers::HttpResponse;
use hyper::body::{Body, Frame, SizeHint};

use crate::{Fault, draw::mix};

const STATUSES: [u16; 4] = [500, 502, 503, 504];
const PAGE: &str = "<!DOCTYPE html><html><head><title>Service unavailable</title></head>\
                    <body><h1>We will be back shortly</h1></body></html>";

/// An answer on its way.
pub struct Answer {
    pub response: HttpResponse,
    /// Bytes of the body that are sent before the connection is closed; all of them when absent.
    pub cut: Option<usize>,
}

impl Answer {
    pub const fn whole(response: HttpResponse) -> Self {
        Self { response, cut: None }
    }
}

/// A short answer of the sandbox itself.
pub fn plain(status: u16, text: &str) -> HttpResponse {
    typed(status, "text/plain; charset=utf-8", text)
}

pub fn typed(status: u16, content_type: &str, body: &str) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), content_type.to_owned())],
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

/// What goes out when the simulator was not asked.
pub fn instead(fault: Fault, variety: u64) -> HttpResponse {
    if fault == Fault::TooMany {
        let mut response = plain(429, "Too Many Requests\n");
        // Some gateways say when to come back and some do not.
        if variety.is_multiple_of(2) {
            response.headers.push(("retry-after".to_owned(), "1".to_owned()));
        }
        return response;
    }
    server_error(variety)
}

/// What goes out in place of the simulator's answer; `None`: not a byte.
pub fn spoil(response: HttpResponse, fault: Option<Fault>, variety: u64) -> Option<Answer> {
    let whole = Answer::whole;
    match fault {
        None => Some(whole(response)),
        Some(Fault::LostAnswer) => None,
        Some(Fault::Truncated) => {
            let cut = Some(response.body.len() / 2);
            Some(Answer { response, cut })
        }
        Some(Fault::Html) => {
            let status = if variety.is_multiple_of(2) { 200 } else { 502 };
            Some(whole(typed(status, "text/html; charset=utf-8", PAGE)))
        }
        Some(Fault::Garbled) => Some(whole(garbled(response, variety))),
        Some(Fault::WrongType) => Some(whole(wrong_type(response))),
        Some(Fault::ServerError | Fault::TooMany | Fault::ServerErrorAfterCommit) => {
            Some(whole(server_error(variety)))
        }
    }
}

fn server_error(variety: u64) -> HttpResponse {
    let index = usize::try_from(variety % 4).unwrap_or_default();
    plain(STATUSES.get(index).copied().unwrap_or(500), "upstream error\n")
}

/// Noise of the same length, and at least some: no prefix that a lenient reader could use.
fn garbled(mut response: HttpResponse, variety: u64) -> HttpResponse {
    let length = response.body.len().max(16);
    let mut noise = Vec::with_capacity(length + 8);
    let mut state = variety;
    while noise.len() < length {
        state = mix(state);
        // Never white space, which some readers skip, and never text of any kind.
        noise.extend(state.to_le_bytes().map(|byte| byte | 0x80));
    }
    noise.truncate(length);
    response.body = noise.into();
    response
}

fn wrong_type(mut response: HttpResponse) -> HttpResponse {
    response.headers.retain(|(name, _)| name != "content-type");
    response.headers.push(("content-type".to_owned(), "application/octet-stream".to_owned()));
    response
}

/// A body that promises a length and may send less before it breaks the connection.
pub struct AnswerBody {
    data: Bytes,
    promised: u64,
    /// The bytes before the break get one turn of the connection to leave.
    flushed: bool,
}

/// The body ended before its promise, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("answer cut on purpose")]
pub struct Cut;

impl AnswerBody {
    pub fn new(body: Bytes, cut: Option<usize>) -> Self {
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        match cut {
            None => Self { data: body, promised: length, flushed: false },
            // An empty body cannot be cut: one byte is promised that never comes.
            Some(cut) => {
                let data = body.slice(..cut.min(body.len()));
                Self { data, promised: length.max(1), flushed: false }
            }
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if !self.data.is_empty() {
            let data = std::mem::take(&mut self.data);
            let sent = u64::try_from(data.len()).unwrap_or(u64::MAX);
            self.promised = self.promised.saturating_sub(sent);
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if self.promised == 0 {
            return Poll::Ready(None);
        }
        if !self.flushed {
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Cut)))
    }

    fn is_end_stream(&self) -> bool {
        self.promised == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn sold() -> HttpResponse {
        typed(201, "application/json", r#"{"number":"1"}"#)
    }

    #[test]
    fn noise_is_no_text_and_differs() {
        let one = spoil(sold(), Some(Fault::Garbled), 1).unwrap().response;
        let two = spoil(sold(), Some(Fault::Garbled), 2).unwrap().response;
        assert_eq!((one.status, one.header("content-type")), (201, Some("application/json")));
        assert!(one.body.len() == 16 && one.body != two.body);
        assert!(std::str::from_utf8(&one.body).is_err());
    }

    #[test]
    fn answers_after_the_purchase_hide_it_as_named() {
        let spoilt = |fault, variety| spoil(sold(), Some(fault), variety).unwrap();
        assert!(spoil(sold(), Some(Fault::LostAnswer), 0).is_none());
        let cut = spoilt(Fault::Truncated, 0);
        assert_eq!((cut.cut, cut.response.status), (Some(7), 201));
        for variety in 0..8 {
            let error = spoilt(Fault::ServerErrorAfterCommit, variety).response;
            assert!((500..=504).contains(&error.status) && error.body != sold().body);
            let page = spoilt(Fault::Html, variety).response;
            assert!(matches!(page.status, 200 | 502));
            assert!(page.body.starts_with(b"<!DOCTYPE html>"));
        }
        let typed = spoilt(Fault::WrongType, 0).response;
        assert_eq!(typed.header("content-type"), Some("application/octet-stream"));
        assert_eq!(typed.body, sold().body);
    }

    #[test]
    fn a_gateway_that_refuses_sometimes_says_until_when() {
        let refused = |variety| instead(Fault::TooMany, variety);
        assert!((0..4).all(|variety| refused(variety).status == 429));
        assert_eq!(refused(0).header("retry-after"), Some("1"));
        assert_eq!(refused(1).header("retry-after"), None);
    }
}
