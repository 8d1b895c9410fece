//! Label files and event streams, as the edge hands them out; carriers' webhooks, as it passes
//! them on.

use std::time::Duration;

use bytes::Bytes;
use colibri_events::tracking::v1::{Headline, Parcel, Scan};
use colibri_kit::fault::Fault;
use colibri_types::{AccountId, ParcelId};
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};

use crate::{
    standin::{self, Tracking},
    world::World,
};

const FILE: &[u8] = b"^XA^FO20,20^FDexample^FS^XZ";

#[tokio::test(flavor = "multi_thread")]
async fn a_label_is_served_in_a_type_its_reader_takes() {
    let services = vec![standin::labels("application/zpl", FILE)];
    let world = World::with(services, &[]).await;
    let api = world.api(&["labels:read"]);
    let parcel = ParcelId::generate();
    let path = format!("/v1/parcels/{parcel}/label");
    for accept in ["*/*", "application/zpl", "application/pdf;q=0.9, application/zpl;q=0.1"] {
        let label = api.get_with(&path, &[("accept", accept)]).await;
        assert_eq!(label.status.as_u16(), 200, "{accept}: {label:?}");
        assert_eq!(&label.body[..], FILE, "{accept}");
        assert_eq!(label.header("content-type"), "application/zpl", "{accept}");
    }
    let label = api.get(&path).await;
    assert_eq!(label.header("cache-control"), "no-store");
    let attached = format!("attachment; filename=\"{parcel}.zpl\"");
    assert_eq!(label.header("content-disposition"), attached);
    label.dressed();
    let tag = label.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() == 34, "{tag}");
    for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let same = api.get_with(&path, &[("if-none-match", &known)]).await;
        assert_eq!((same.status.as_u16(), same.body.len()), (304, 0), "{known}");
        assert_eq!(same.header("etag"), tag);
    }
    let other = api.get_with(&path, &[("if-none-match", "\"other\"")]).await;
    assert_eq!(other.status.as_u16(), 200);
    // There is one, but not of the wanted type: said so, with the type there is.
    let wrong = api.get_with(&path, &[("accept", "application/pdf, image/png")]).await;
    assert_eq!(wrong.problem(), (406, "GTW0003".to_owned()));
    assert!(wrong.json()["detail"].as_str().unwrap().contains("application/zpl"));
    world.stop().await;
}

fn parcel(version: u64, headline: Headline) -> Parcel {
    let scan = Scan { code: "X".into(), headline: "in_transit".into(), ..Scan::default() };
    Parcel { version, headline: headline.into(), scans: vec![scan], ..Parcel::default() }
}

/// A stream, read event by event.
struct Events(hyper::body::Incoming, String);

impl Events {
    async fn open(world: &World, headers: &[(&str, &str)]) -> Self {
        let path = format!("/v1/parcels/{}/tracking/stream", ParcelId::generate());
        let mut request = Request::get(format!("http://{}{path}", world.address)).header(
            "authorization",
            format!("Bearer {}", world.bed.token(world.tenant, &["tracking:read"])),
        );
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        let answer = client.request(request.body(Empty::new()).unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        Self(answer.into_body(), String::new())
    }

    /// Lines of the next event; `None` at the end.
    async fn next(&mut self) -> Option<Vec<String>> {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let event = event.lines().map(str::to_owned).collect();
                self.1 = rest.to_owned();
                return Some(event);
            }
            let frame = tokio::time::timeout(Duration::from_secs(20), self.0.frame());
            let data = frame.await.expect("an event or the end")?.unwrap().into_data().unwrap();
            self.1.push_str(std::str::from_utf8(&data).unwrap());
        }
    }
}

fn data(event: &[String]) -> Value {
    let line = event.iter().find_map(|line| line.strip_prefix("data: ")).unwrap();
    serde_json::from_str(line).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_each_change_once_and_ends_with_the_journey() {
    let (tracking, tell) = Tracking::new();
    let world = World::with(vec![tracking.service()], &[]).await;
    // The client was there before and has seen version 3.
    let mut events = Events::open(&world, &[("last-event-id", "3")]).await;
    tell.send(Ok(parcel(3, Headline::InTransit))).unwrap();
    tell.send(Ok(parcel(4, Headline::OutForDelivery))).unwrap();
    let event = events.next().await.unwrap();
    assert_eq!(event.get(..2).unwrap(), ["event: parcel", "id: 4"]);
    assert_eq!(data(&event)["headline"], "out_for_delivery");
    assert_eq!(data(&event)["scans"][0]["code"], "X");
    tell.send(Ok(parcel(5, Headline::Delivered))).unwrap();
    assert_eq!(data(&events.next().await.unwrap())["version"], 5);
    drop(tell);
    assert_eq!(events.next().await, None);
    deliveries(&world, &tracking).await;
    second_protocol(&world).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_fails_says_why_and_an_open_one_ends_at_shutdown() {
    let (tracking, tell) = Tracking::new();
    let world = World::with(vec![tracking.service()], &[]).await;
    let mut events = Events::open(&world, &[]).await;
    tell.send(Ok(parcel(1, Headline::Created))).unwrap();
    assert_eq!(data(&events.next().await.unwrap())["version"], 1);
    tell.send(Err(Fault::bug("canary of the inside"))).unwrap();
    let event = events.next().await.unwrap();
    assert_eq!(event.first().map(String::as_str), Some("event: problem"));
    let problem = data(&event);
    assert_eq!((&problem["code"], &problem["status"]), (&json!("KIT0007"), &json!(500)));
    assert!(!problem.to_string().contains("canary"));
    assert_eq!(events.next().await, None);
    world.stop().await;

    let (tracking, tell) = Tracking::new();
    let world = World::with(vec![tracking.service()], &[]).await;
    let mut events = Events::open(&world, &[]).await;
    tell.send(Ok(parcel(1, Headline::Created))).unwrap();
    events.next().await.unwrap();
    // Nothing more is told, and still nobody waits for this client.
    world.stop().await;
    assert_eq!(events.next().await, None);
}

/// The carrier's own proof passes, nothing of the way it came does.
async fn deliveries(world: &World, tracking: &Tracking) {
    let account = AccountId::generate();
    let headers = [
        ("X-Api-Key", "what the tenant typed"),
        ("Credential", "or here"),
        ("Authorization", "Bearer or there"),
        ("Cookie", "canary=1"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("User-Agent", "CarrierPush/1"),
        ("content-type", "application/json"),
    ];
    let path = format!("/v1/hooks/carriers/{account}");
    let taken = world.nobody().post_bytes(&path, &headers, "{ \"as\": \"it is\" }").await;
    assert_eq!(taken.status.as_u16(), 202, "{taken:?}");
    let delivered = tracking.delivered.lock().unwrap().pop().unwrap();
    assert_eq!(delivered.account_id, account.to_string());
    assert_eq!(&delivered.body[..], b"{ \"as\": \"it is\" }");
    let mut passed: Vec<(&str, &str)> =
        delivered.headers.iter().map(|h| (h.name.as_str(), h.value.as_str())).collect();
    passed.sort_unstable();
    let wanted = [
        ("authorization", "Bearer or there"),
        ("content-type", "application/json"),
        ("credential", "or here"),
        ("x-api-key", "what the tenant typed"),
    ];
    assert_eq!(passed, wanted);
}

async fn second_protocol(world: &World) {
    let client =
        Client::builder(TokioExecutor::new()).http2_only(true).build_http::<Empty<Bytes>>();
    let url = format!("http://{}/healthz", world.address);
    let answer = client.request(Request::get(url).body(Empty::new()).unwrap()).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, http::Version::HTTP_2));
}
