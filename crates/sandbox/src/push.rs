//! Webhooks: takes those that are due from the simulator and delivers each until it is taken.
//!
//! Loopback only: a simulated carrier must never call a stranger. The order among pushes is not
//! kept, as no carrier keeps it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use colibri_carriers::sim::SimPush;
use colibri_kit::shutdown::Shutdown;
use futures::{StreamExt as _, stream::FuturesUnordered};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::time::{Instant, MissedTickBehavior};
use tracing::warn;

use crate::host::Host;

/// How often the simulator is asked for what is due, in real time. At sixty times the speed of
/// life this is three seconds.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// One attempt. Receivers answer at once or keep their caller waiting for something wrong.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// Attempts at the pace of [`ASK_EVERY`], before the pauses begin.
const QUICK_ATTEMPTS: u32 = 3;
/// First pause; each further one is twice as long.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
/// Longest pause: a receiver that comes back is served within this.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Attempts at one time: a receiver is a service, not a load test.
const FLYING_MAX: usize = 32;
/// Undelivered webhooks at which no more are asked for; the simulator keeps the rest.
const WAITING_MAX: usize = 10_000;

type Http = Client<HttpConnector, Full<Bytes>>;

struct Waiting {
    push: SimPush,
    attempts: u32,
}

/// Delivers one carrier's webhooks until the sandbox stops; those undelivered then are lost.
pub async fn run(host: Arc<Host>, shutdown: Shutdown) {
    let client: Http = Client::builder(TokioExecutor::new()).build_http();
    let mut waiting: BTreeMap<(Instant, u64), Waiting> = BTreeMap::new();
    let mut flying = FuturesUnordered::new();
    let mut entered = 0;
    let mut tick = tokio::time::interval(ASK_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.triggered() => return,
            Some(done) = flying.next(), if !flying.is_empty() => {
                let failed: Option<Waiting> = done;
                settle(&host, failed, &mut waiting, &mut entered);
            }
            _ = tick.tick() => {
                if waiting.len() < WAITING_MAX {
                    take(&host, &mut waiting, &mut entered);
                }
            }
        }
        while flying.len() < FLYING_MAX
            && let Some(entry) = waiting.first_entry()
            && entry.key().0 <= Instant::now()
        {
            flying.push(attempt(client.clone(), entry.remove()));
        }
    }
}

/// Asks the simulator for what is due.
fn take(host: &Host, waiting: &mut BTreeMap<(Instant, u64), Waiting>, entered: &mut u64) {
    let due = host.due();
    if due.is_empty() {
        return;
    }
    let now = Instant::now();
    let (sent, refused): (Vec<SimPush>, Vec<SimPush>) =
        due.into_iter().partition(|push| is_loopback(&push.url));
    let count = |list: &[SimPush]| u64::try_from(list.len()).unwrap_or(u64::MAX);
    let (more, never) = (count(&sent), count(&refused));
    host.count(|totals| {
        totals.pushes_waiting += more;
        totals.pushes_refused += never;
    });
    if never > 0 {
        warn!(carrier = host.id, refused = never, "webhooks not sent: only http on loopback is");
    }
    for push in sent {
        *entered += 1;
        waiting.insert((now, *entered), Waiting { push, attempts: 0 });
    }
}

/// Counts an attempt and keeps what failed for the next one.
fn settle(
    host: &Host,
    failed: Option<Waiting>,
    waiting: &mut BTreeMap<(Instant, u64), Waiting>,
    entered: &mut u64,
) {
    let Some(again) = failed else {
        host.count(|totals| {
            totals.pushes_delivered += 1;
            totals.pushes_waiting = totals.pushes_waiting.saturating_sub(1);
        });
        return;
    };
    host.count(|totals| totals.pushes_failed += 1);
    *entered += 1;
    waiting.insert((Instant::now() + pause(again.attempts), *entered), again);
}

fn pause(attempts: u32) -> Duration {
    match attempts.checked_sub(QUICK_ATTEMPTS) {
        None => ASK_EVERY,
        Some(late) => PAUSE_FIRST.saturating_mul(2_u32.saturating_pow(late)).min(PAUSE_MAX),
    }
}

/// Gives the webhook back when it was not taken.
async fn attempt(client: Http, mut waiting: Waiting) -> Option<Waiting> {
    waiting.attempts = waiting.attempts.saturating_add(1);
    let push = &waiting.push;
    let mut request = http::Request::post(&push.url);
    for (name, value) in &push.headers {
        request = request.header(name, value);
    }
    let sent = match request.body(Full::new(push.body.clone())) {
        Ok(request) => tokio::time::timeout(ATTEMPT_TIMEOUT, client.request(request)).await,
        Err(_) => return Some(waiting),
    };
    match sent {
        Ok(Ok(response)) if response.status().is_success() => None,
        _ => Some(waiting),
    }
}

/// Plain HTTP to this machine, by an address or the name that means nothing else.
fn is_loopback(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    uri.scheme() == Some(&http::uri::Scheme::HTTP)
        && (host == "localhost" || address.is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_never_called() {
        for (url, loopback) in [
            ("http://127.0.0.1:8080/hook", true),
            ("http://127.8.0.1/hook", true),
            ("http://[::1]:8080/hook", true),
            ("http://localhost:8080/hook", true),
            ("https://127.0.0.1/hook", false),
            ("http://192.0.2.7/hook", false),
            ("http://0.0.0.0/hook", false),
            ("http://hook.example/127.0.0.1", false),
            ("http://127.0.0.1@hook.example/", false),
            ("http://localhost.example/", false),
            ("/hook", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(url), loopback, "{url}");
        }
    }

    #[test]
    fn pauses_grow_and_end_at_half_a_minute() {
        let pauses: Vec<Duration> = (1..=12).map(pause).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses[1..5], [50, 1_000, 2_000, 4_000].map(Duration::from_millis));
        assert_eq!(pause(u32::MAX), PAUSE_MAX);
    }
}
