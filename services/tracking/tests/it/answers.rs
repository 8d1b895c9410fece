//! One set of scans, told in many ways; and who may see what comes of it.

use colibri_events::tracking::v1::{
    Headline, ListRequest, Parcel, WatchRequest, tracking_service_client::TrackingServiceClient,
};
use colibri_testkit::eventually;
use colibri_types::TenantId;
use tonic::Code;

use crate::{
    webhooks::{SECRET, event, list},
    world::{PATIENCE, Sent, World, code},
};

/// Status codes of UPS with the minute of the day: collected, sorted, on the van, nobody there, on
/// the van, an unknown one, delivered, and a late scan after that.
const STORY: &[(u16, i64)] =
    &[(38, 60), (5, 120), (21, 480), (22, 600), (21, 700), (197, 710), (11, 800), (5, 810)];

/// Everything of a parcel that the way of telling must not change.
fn essence(parcel: &Parcel) -> Parcel {
    let mut parcel = parcel.clone();
    parcel.parcel_id.clear();
    parcel.shipment_id.clear();
    parcel.tracking_number.clear();
    parcel.version = 0;
    for scan in &mut parcel.scans {
        scan.received_at = None;
    }
    parcel
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_and_any_repetition_give_one_state() {
    any_order("200").await;
}

/// Each call by itself, two at once: they overtake each other between reading and locking.
#[tokio::test(flavor = "multi_thread")]
async fn calls_that_overtake_each_other_give_one_state() {
    any_order("1").await;
}

async fn any_order(gather_max: &str) {
    let world = World::slow_with(&[("COLIBRI_TRACKING__GATHER_MAX", gather_max)]).await;
    let account = world.ups().await;
    let mut sent = Vec::new();
    for serial in 0..6 {
        let number = format!("1ZA1B2C3680000010{serial}");
        sent.push(world.sealed("ups", account, &number).await);
    }
    world.watched(&sent.iter().collect::<Vec<_>>()).await;
    let tell = |sent: &Sent, order: Vec<usize>, size: usize| {
        let number = sent.number.clone();
        let events: Vec<String> =
            order.iter().map(|at| event(&number, STORY[*at].0, STORY[*at].1)).collect();
        let bodies: Vec<Vec<u8>> = events.chunks(size).map(list).collect();
        bodies
    };
    let last = STORY.len() - 1;
    let mut tellings = vec![
        tell(&sent[0], (0..=last).collect(), STORY.len()),
        tell(&sent[1], (0..=last).collect(), 1),
        tell(&sent[2], (0..=last).rev().collect(), 1),
        tell(&sent[3], (0..=last).rev().chain(0..=last).collect(), 3),
        tell(&sent[4], vec![6, 3, 0, 5, 1, 7, 2, 4, 3, 6], 2),
    ];
    // The last one is told by everybody at once.
    let crowd = tell(&sent[5], (0..=last).chain([4, 2, 0]).collect(), 2);
    let calls = crowd.iter().map(|body| world.webhook(account, SECRET, body));
    for answer in futures::future::join_all(calls).await {
        answer.unwrap();
    }
    for body in tellings.drain(..).flatten() {
        world.webhook(account, SECRET, &body).await.unwrap();
    }
    let first = world.get(&sent[0], true).await;
    assert_eq!((first.headline(), first.attempts, first.scans.len()), (Headline::Delivered, 1, 8));
    for other in &sent {
        let parcel = world.get(other, true).await;
        assert_eq!(essence(&parcel), essence(&first), "{}", other.number);
        let told = world.told(other).await;
        let count = |name: &str| told.iter().filter(|told| *told == name).count();
        assert_eq!(count("parcel_delivered"), 1, "{told:?}");
        assert_eq!(count("parcel_delivery_failed"), 1, "{told:?}");
    }
    // Told at once, the journey is one step; told one by one, each step is told.
    let once = world.told(&sent[0]).await;
    let names = ["parcel_status_changed", "parcel_delivery_failed", "parcel_delivered"];
    assert_eq!(once, names);
    let stepwise = world.told(&sent[1]).await;
    let changes = stepwise.iter().filter(|name| *name == "parcel_status_changed").count();
    assert_eq!(changes, 6, "{stepwise:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parcels_are_watched_listed_and_nobody_elses() {
    let world = World::slow().await;
    let account = world.ups().await;
    let mut sent = Vec::new();
    for serial in 0..3 {
        let number = format!("1ZA1B2C3680000020{serial}");
        sent.push(world.sealed("ups", account, &number).await);
    }
    let day = time::OffsetDateTime::now_utc().date().previous_day().unwrap();
    sent[0].bought.promised = day.previous_day();
    world.watched(&sent.iter().collect::<Vec<_>>()).await;
    let id = sent[0].bought.parcel.to_string();

    let asked = WatchRequest { parcel_id: id.clone() };
    let mut watch = world.client().watch(asked.clone()).await.unwrap().into_inner();
    let now = watch.message().await.unwrap().unwrap();
    assert_eq!((now.headline(), now.version, now.late), (Headline::Created, 1, true));
    for (step, (status, minute)) in [(38, 60), (21, 480), (11, 800)].into_iter().enumerate() {
        let body = event(&sent[0].number, status, minute);
        world.webhook(account, SECRET, body.as_bytes()).await.unwrap();
        let next = watch.message().await.unwrap().unwrap();
        assert_eq!((next.version, next.scans.len()), (step as u64 + 2, step + 1));
    }
    assert!(watch.message().await.unwrap().is_none(), "a delivered parcel ends its watch");
    let mut ended = world.client().watch(asked).await.unwrap().into_inner();
    assert_eq!(ended.message().await.unwrap().unwrap().headline(), Headline::Delivered);
    assert!(ended.message().await.unwrap().is_none());

    // In pages; what changes while they are turned is on one of them.
    let page =
        |page: String, headline| ListRequest { limit: 2, page, headline, ..Default::default() };
    let mut client = world.client();
    let first = client.list(page(String::new(), 0)).await.unwrap().into_inner();
    assert_eq!(first.parcels.len(), 2);
    assert!(first.parcels.iter().all(|parcel| parcel.scans.is_empty()));
    let created = Headline::Created.into();
    let some = client.list(page(String::new(), created)).await.unwrap().into_inner();
    assert_eq!(some.parcels.len(), 2);
    assert!(some.parcels.iter().all(|parcel| parcel.headline() == Headline::Created));
    let shown = |parcel: &Sent| {
        first.parcels.iter().any(|p| p.parcel_id == parcel.bought.parcel.to_string())
    };
    let hidden = sent.iter().find(|parcel| !shown(parcel)).unwrap();
    let body = event(&hidden.number, 38, 900);
    world.webhook(account, SECRET, body.as_bytes()).await.unwrap();
    let rest = client.list(page(first.next_page.clone(), 0)).await.unwrap().into_inner();
    assert_eq!((rest.parcels.len(), rest.next_page.as_str()), (1, ""));
    assert_eq!(rest.parcels[0].parcel_id, hidden.bought.parcel.to_string());
    assert!(rest.parcels[0].version > 1, "it changed in between");
    for wrong in [ListRequest { limit: 501, ..Default::default() }, page("!".into(), 0)] {
        let refused = client.list(wrong).await.unwrap_err();
        assert_eq!((refused.code(), code(&refused).as_str()), (Code::InvalidArgument, "TRK0004"));
    }

    nobody_elses(&world, &id).await;

    // A stop ends the watches of this process instead of hanging on them.
    let parcel_id = sent[1].bought.parcel.to_string();
    let open = world.client().watch(WatchRequest { parcel_id }).await.unwrap();
    let mut open = open.into_inner();
    assert!(open.message().await.unwrap().is_some());
    let ended = tokio::spawn(async move { open.message().await });
    world.stop().await;
    assert!(!matches!(ended.await.unwrap(), Ok(Some(_))));
}

async fn nobody_elses(world: &World, id: &str) {
    // Another tenant, another client, a made-up id.
    let stranger = TenantId::generate();
    let mut other = TrackingServiceClient::new(world.bed.client(stranger, &["tracking:read"]));
    let refused = other.get(request(id)).await.unwrap_err();
    assert_eq!((refused.code(), code(&refused).as_str()), (Code::NotFound, "TRK0001"));
    let refused = other.watch(WatchRequest { parcel_id: id.to_owned() }).await.unwrap_err();
    assert_eq!(code(&refused), "TRK0001");
    assert!(other.list(ListRequest::default()).await.unwrap().into_inner().parcels.is_empty());
    for unknown in ["", "pcl_0", "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
        assert_eq!(code(&world.try_get(unknown, false).await.unwrap_err()), "TRK0001");
    }
    let mut own = TrackingServiceClient::new(world.bed.client(world.tenant, &["tracking:read"]));
    assert_eq!(own.get(request(id)).await.unwrap().into_inner().parcel_id, id);
    let mut poor = TrackingServiceClient::new(world.bed.client(world.tenant, &["orders:read"]));
    assert_eq!(poor.get(request(id)).await.unwrap_err().code(), Code::PermissionDenied);
}

fn request(id: &str) -> colibri_events::tracking::v1::GetRequest {
    colibri_events::tracking::v1::GetRequest { parcel_id: id.to_owned(), reveal: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_another_process_reaches_a_watch() {
    let world = World::slow().await;
    let account = world.ups().await;
    let sent = world.sealed("ups", account, "1ZA1B2C36800000301").await;
    world.watched(&[&sent]).await;
    let asked = WatchRequest { parcel_id: sent.bought.parcel.to_string() };
    let mut watch = world.client().watch(asked).await.unwrap().into_inner();
    assert!(watch.message().await.unwrap().is_some());
    // As if another process had written it: this one is told by nobody.
    let sql = "update tracking.parcel set version = 2, headline = 'delivered'";
    eventually("written", PATIENCE, || async {
        sqlx::query(sql).execute(&world.bed.admin).await.ok()
    })
    .await;
    let changed = watch.message().await.unwrap().unwrap();
    assert_eq!((changed.version, changed.headline()), (2, Headline::Delivered));
    assert!(watch.message().await.unwrap().is_none());
    world.stop().await;
}
