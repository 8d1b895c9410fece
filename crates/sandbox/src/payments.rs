//! A payment side to practise on: pays back what it is asked, keeps a ledger of its own, and goes
//! wrong on purpose.
//!
//! It does not forgive: whoever asks twice pays twice, whatever key they send, unless it is told to
//! know keys again. So its ledger shows every call too many. `POST /refunds`, `GET /refunds/{key}`,
//! both with a bearer token; `GET /_sandbox/ledger` is ours.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use colibri_carriers::HttpResponse;
use colibri_kit::shutdown::{Drained, Shutdown};
use serde::{Deserialize, Serialize};

use crate::{
    StartError,
    answer::plain,
    draw::{fraction, hash, mix},
    sandbox::bind,
    serve::{self, Target},
};

/// The token that it wants until it is told another.
pub const PAYMENT_TOKEN: &str = "sandbox-payment-token";
/// How long answers under way may take when it stops.
const STOP_DEADLINE: Duration = Duration::from_secs(5);

/// What goes wrong, as shares of the requests to pay back, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PaymentFaults {
    /// Paid, and the answer is lost.
    pub lost_answer: f64,
    /// The connection ends before anything is paid.
    pub lost_request: f64,
    /// Refused for good: the card is closed.
    pub refused: f64,
}

/// How it is made.
#[derive(Debug, Clone, Copy)]
pub struct PaymentOptions {
    /// Loopback; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Decides which requests are hit.
    pub seed: u64,
    /// What goes wrong.
    pub faults: PaymentFaults,
    /// A key that was paid is answered as it was, and not paid again.
    pub knows_keys: bool,
}

impl Default for PaymentOptions {
    fn default() -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { listen, seed: 1, faults: PaymentFaults::default(), knows_keys: false }
    }
}

/// One payment back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The caller's key.
    pub key: String,
    /// The caller's order.
    pub order_id: String,
    /// In the smallest unit of the currency.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// By which way.
    pub method: String,
}

#[derive(Debug, Default)]
struct Book {
    paid: Vec<Payment>,
    refused: BTreeMap<String, u32>,
    asked: u64,
}

/// What is behind the port.
#[derive(Debug)]
pub(crate) struct Counter {
    seed: u64,
    knows_keys: bool,
    faults: Mutex<PaymentFaults>,
    token: Mutex<String>,
    book: Mutex<Book>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Counter {
    /// Answers a request; None: the connection is closed without a byte.
    pub(crate) fn answer(&self, head: &http::request::Parts, body: &Bytes) -> Option<HttpResponse> {
        let told = head.headers.get(http::header::AUTHORIZATION);
        let wanted = format!("Bearer {}", held(&self.token));
        match (head.method.as_str(), head.uri.path()) {
            ("GET", "/_sandbox/ledger") => Some(json(200, &held(&self.book).paid)),
            _ if told.is_none_or(|told| told.as_bytes() != wanted.as_bytes()) => {
                Some(plain(401, "another token\n"))
            }
            ("POST", "/refunds") => self.pay(body),
            ("GET", path) => Some(self.look_up(path.strip_prefix("/refunds/")?)),
            _ => Some(plain(404, "nothing here\n")),
        }
    }

    fn pay(&self, body: &Bytes) -> Option<HttpResponse> {
        let Ok(payment) = serde_json::from_slice::<Payment>(body) else {
            return Some(plain(400, "no such request\n"));
        };
        if payment.amount_minor <= 0 || payment.key.is_empty() {
            return Some(plain(400, "an amount and a key\n"));
        }
        let mut book = held(&self.book);
        book.asked += 1;
        let draw = hash(&[payment.key.as_bytes()]) ^ mix(self.seed);
        let faults = *held(&self.faults);
        if self.knows_keys && book.paid.iter().any(|known| known.key == payment.key) {
            return Some(json(200, &serde_json::json!({ "state": "refunded" })));
        }
        let (lost, after, refused) = (fraction(draw), fraction(mix(draw)), fraction(!draw));
        if lost < faults.lost_request {
            return None;
        }
        if refused < faults.refused {
            *book.refused.entry(payment.key).or_default() += 1;
            return Some(json(200, &serde_json::json!({ "state": "refused" })));
        }
        book.paid.push(payment);
        if after < faults.lost_answer {
            return None;
        }
        Some(json(201, &serde_json::json!({ "state": "refunded" })))
    }

    fn look_up(&self, key: &str) -> HttpResponse {
        let book = held(&self.book);
        if book.paid.iter().any(|known| known.key == key) {
            return json(200, &serde_json::json!({ "state": "refunded" }));
        }
        if book.refused.contains_key(key) {
            return json(200, &serde_json::json!({ "state": "refused" }));
        }
        plain(404, "no such key\n")
    }
}

fn json(status: u16, body: &impl Serialize) -> HttpResponse {
    let mut response = plain(status, "");
    response.headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    response.body = serde_json::to_vec(body).unwrap_or_default().into();
    response
}

/// A running payment side. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Payments {
    counter: Arc<Counter>,
    url: String,
    shutdown: Shutdown,
}

impl Payments {
    /// Starts it.
    ///
    /// # Errors
    /// [`StartError`] for an address that is taken or not loopback.
    pub async fn start(options: PaymentOptions) -> Result<Self, StartError> {
        let (listener, url) = bind(options.listen).await?;
        let counter = Arc::new(Counter {
            seed: options.seed,
            knows_keys: options.knows_keys,
            faults: Mutex::new(options.faults),
            token: Mutex::new(PAYMENT_TOKEN.to_owned()),
            book: Mutex::default(),
        });
        let shutdown = Shutdown::new();
        let target = Target::Payments(Arc::clone(&counter));
        shutdown.spawn("payments", serve::listen(listener, target, shutdown.clone()));
        Ok(Self { counter, url, shutdown })
    }

    /// Base URL without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything that was paid back, in order, as often as it was paid.
    #[must_use]
    pub fn ledger(&self) -> Vec<Payment> {
        held(&self.counter.book).paid.clone()
    }

    /// Requests to pay back so far.
    #[must_use]
    pub fn asked(&self) -> u64 {
        held(&self.counter.book).asked
    }

    /// Changes what goes wrong from the next request on.
    pub fn set_faults(&self, faults: PaymentFaults) {
        *held(&self.counter.faults) = faults;
    }

    /// Wants another token from the next request on.
    pub fn set_token(&self, token: &str) {
        token.clone_into(&mut held(&self.counter.token));
    }

    /// Takes no more requests and ends.
    pub async fn stop(self) -> Drained {
        self.shutdown.drain(STOP_DEADLINE).await
    }
}

impl Drop for Payments {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn counter(faults: PaymentFaults, knows_keys: bool) -> Counter {
        let token = Mutex::new(PAYMENT_TOKEN.to_owned());
        Counter { seed: 7, knows_keys, faults: Mutex::new(faults), token, book: Mutex::default() }
    }

    fn ask(counter: &Counter, key: &str) -> Option<u16> {
        ask_with(counter, PAYMENT_TOKEN, key)
    }

    fn ask_with(counter: &Counter, token: &str, key: &str) -> Option<u16> {
        let body = serde_json::json!({
            "key": key, "order_id": "o", "amount_minor": 100, "currency": "EUR", "method": "card",
        });
        let body = Bytes::from(body.to_string());
        let head = http::Request::post("/refunds")
            .header("authorization", format!("Bearer {token}"))
            .body(())
            .unwrap();
        counter.answer(&head.into_parts().0, &body).map(|answer| answer.status)
    }

    #[test]
    fn who_asks_twice_pays_twice_unless_keys_are_known() {
        let strict = counter(PaymentFaults::default(), false);
        assert_eq!((ask(&strict, "a"), ask(&strict, "a")), (Some(201), Some(201)));
        assert_eq!(held(&strict.book).paid.len(), 2);
        assert_eq!(ask_with(&strict, "guessed", "b"), Some(401));
        assert_eq!(held(&strict.book).paid.len(), 2);
        let kind = counter(PaymentFaults::default(), true);
        assert_eq!((ask(&kind, "a"), ask(&kind, "a")), (Some(201), Some(200)));
        assert_eq!(held(&kind.book).paid.len(), 1);
    }

    #[test]
    fn a_lost_answer_is_paid_and_can_be_looked_up_and_a_lost_request_is_not() {
        let lost = counter(PaymentFaults { lost_answer: 1.0, ..PaymentFaults::default() }, false);
        assert_eq!(ask(&lost, "a"), None);
        assert_eq!(lost.look_up("a").status, 200);
        let none = counter(PaymentFaults { lost_request: 1.0, ..PaymentFaults::default() }, false);
        assert_eq!(ask(&none, "a"), None);
        assert_eq!((none.look_up("a").status, held(&none.book).paid.len()), (404, 0));
        let no = counter(PaymentFaults { refused: 1.0, ..PaymentFaults::default() }, false);
        assert_eq!(ask(&no, "a"), Some(200));
        assert!(held(&no.book).paid.is_empty());
    }
}
