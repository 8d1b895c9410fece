//! Webhooks reach a receiver, also one that is away for a while, and never a stranger.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use colibri_carriers::{HttpRequest, Method, ups};
use colibri_kit::clock::Clock;
use colibri_sandbox::Totals;
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

use crate::world::World;

type Taken = Arc<Mutex<Vec<(Vec<(String, String)>, Bytes)>>>;

/// Refuses the first so many calls, then takes all.
struct Receiver {
    address: SocketAddr,
    taken: Taken,
    calls: Arc<AtomicU32>,
    woken: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    async fn new(refusals: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (taken, calls) = (Taken::default(), Arc::new(AtomicU32::new(0)));
        let woken = Arc::new(Notify::new());
        let state = (Arc::clone(&taken), Arc::clone(&calls), Arc::clone(&woken));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let state = state.clone();
                tokio::spawn(async move {
                    let service = service_fn(|request| take(request, &state, refusals));
                    let _ =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, taken, calls, woken, task }
    }

    /// Returns once so many webhooks were taken.
    async fn until(&self, count: usize) {
        while self.taken.lock().unwrap().len() < count {
            self.woken.notified().await;
        }
    }
}

async fn take(
    request: http::Request<Incoming>,
    (taken, calls, woken): &(Taken, Arc<AtomicU32>, Arc<Notify>),
    refusals: u32,
) -> Result<http::Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let refused = calls.fetch_add(1, Ordering::SeqCst) < refusals;
    if !refused {
        let headers = head.headers.iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        taken.lock().unwrap().push((headers, body));
        woken.notify_one();
    }
    let mut answer = http::Response::new(Full::default());
    *answer.status_mut() = if refused { 503 } else { 200 }.try_into().unwrap();
    Ok(answer)
}

/// A parcel bought, watched, and its whole story due at once.
async fn watched(seed: u64, url: &str) -> (World, String) {
    let world = World::new("ups", seed).await;
    let portal = format!("{}/portal/track-alert-webhook", world.sandbox.url("ups").unwrap());
    let body = format!(r#"{{"url":"{url}","apiKey":"example-credential"}}"#);
    let portal = HttpRequest::new(Method::Post, portal).body("application/json", body);
    assert_eq!(world.send(&portal).await.unwrap().status, 200);
    let number = world.buy(1).await.unwrap().unwrap().labels.remove(0).tracking_number;
    let subscription = ups::subscribe(&world.call(), std::slice::from_ref(&number));
    let answer = world.send(&subscription).await.unwrap();
    assert!(ups::subscribed(&answer).unwrap().is_empty());
    world.clock.advance(time::Duration::days(13));
    (world, number)
}

async fn settled(world: &World, done: impl Fn(&Totals) -> bool) -> Totals {
    loop {
        let totals = world.sandbox.totals("ups").unwrap();
        if done(&totals) {
            return totals;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_story_of_a_watched_parcel_is_pushed_and_can_be_read() {
    let receiver = Receiver::new(0).await;
    let (world, number) = watched(1, &format!("http://{}/hook", receiver.address)).await;
    receiver.until(3).await;
    let delivered =
        settled(&world, |totals| totals.pushes_delivered >= 3 && totals.pushes_waiting == 0).await;
    assert_eq!((delivered.pushes_failed, delivered.pushes_refused), (0, 0));
    let taken = receiver.taken.lock().unwrap().clone();
    assert_eq!(u64::try_from(taken.len()).unwrap(), delivered.pushes_delivered);
    let push = world.carrier.push().unwrap();
    for (headers, body) in &taken {
        assert!(push.verify(&world.account, headers, body));
        let tracks = push.parse(body).unwrap();
        assert_eq!(tracks[0].tracking_number, number);
        assert!(
            tracks[0].scans[0].time.and_then(|t| t.utc()).is_none_or(|t| t <= world.clock.now())
        );
    }
}

#[tokio::test]
async fn a_receiver_that_is_away_gets_everything_once_it_is_back() {
    let receiver = Receiver::new(5).await;
    let (world, _) = watched(1, &format!("http://{}/hook", receiver.address)).await;
    receiver.until(3).await;
    let totals =
        settled(&world, |totals| totals.pushes_delivered >= 3 && totals.pushes_waiting == 0).await;
    assert_eq!(totals.pushes_failed, 5);
    let bodies: Vec<Bytes> =
        receiver.taken.lock().unwrap().iter().map(|(_, body)| body.clone()).collect();
    assert_eq!(u64::try_from(bodies.len()).unwrap(), totals.pushes_delivered);
    // Delivered once each: what failed was kept, what was taken was not sent again.
    let calls = u64::from(receiver.calls.load(Ordering::SeqCst));
    assert_eq!(calls, totals.pushes_delivered + totals.pushes_failed);
}

#[tokio::test]
async fn a_stranger_is_never_called() {
    let (world, _) = watched(1, "http://192.0.2.7/hook").await;
    let totals = settled(&world, |totals| totals.pushes_refused >= 3).await;
    assert_eq!((totals.pushes_delivered, totals.pushes_waiting, totals.pushes_failed), (0, 0, 0));
}
