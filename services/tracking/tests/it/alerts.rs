//! Alerts: raised once, cleared when the parcel moves on, and never a headline.

use colibri_events::tracking::v1::{
    Alert, AlertKind, Headline, ListAlertsRequest, tracking_service_client::TrackingServiceClient,
};
use colibri_testkit::eventually;
use colibri_types::TenantId;
use time::Duration;
use tonic::Code;

use crate::{
    webhooks::{SECRET, event, event_at},
    world::{PATIENCE, Sent, World, code},
};

async fn open(world: &World, sent: &Sent) -> Vec<(AlertKind, u32)> {
    let listed = world.client().list_alerts(ListAlertsRequest::default()).await.unwrap();
    let id = sent.bought.parcel.to_string();
    let alerts: Vec<Alert> = listed.into_inner().alerts;
    let mut own: Vec<(AlertKind, u32)> = alerts
        .iter()
        .filter(|alert| alert.parcel_id == id)
        .map(|alert| (alert.kind(), alert.occurrence))
        .collect();
    own.sort_unstable_by_key(|(kind, _)| i32::from(*kind));
    own
}

async fn count(world: &World, sent: &Sent, name: &str) -> usize {
    world.told(sent).await.iter().filter(|told| *told == name).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_scan_calls_for_is_raised_once_and_cleared_by_the_next() {
    let world = World::slow().await;
    let account = world.ups().await;
    let sent = world.sealed("ups", account, "1ZA1B2C36800000401").await;
    let back = world.sealed("ups", account, "1ZA1B2C36800000402").await;
    world.watched(&[&sent, &back]).await;
    let tell = async |sent: &Sent, status: u16, minute: i64| {
        let body = event(&sent.number, status, minute);
        world.webhook(account, SECRET, body.as_bytes()).await.unwrap();
    };
    use AlertKind::{AddressProblem, DeliveryFailed, Returned};
    tell(&sent, 38, 60).await;
    assert_eq!(open(&world, &sent).await, []);
    tell(&sent, 22, 100).await;
    assert_eq!(open(&world, &sent).await, [(DeliveryFailed, 1)]);
    // Told again in other words of the body: the same alert.
    let again = format!("[{}]", event(&sent.number, 22, 100));
    world.webhook(account, SECRET, again.as_bytes()).await.unwrap();
    assert_eq!(count(&world, &sent, "parcel_alert_raised").await, 1);
    // The next attempt fails too, without a scan between.
    tell(&sent, 22, 200).await;
    assert_eq!(open(&world, &sent).await, [(DeliveryFailed, 2)]);
    tell(&sent, 21, 300).await;
    assert_eq!(open(&world, &sent).await, []);
    tell(&sent, 50, 400).await;
    assert_eq!(open(&world, &sent).await, [(AddressProblem, 1)]);
    assert_eq!(world.get(&sent, false).await.sub_status, "address_problem");
    tell(&sent, 11, 500).await;
    assert_eq!(open(&world, &sent).await, []);
    assert_eq!(world.get(&sent, false).await.headline(), Headline::Delivered);
    assert_eq!(count(&world, &sent, "parcel_alert_raised").await, 3);
    assert_eq!(count(&world, &sent, "parcel_alert_cleared").await, 3);

    tell(&back, 38, 60).await;
    tell(&back, 33, 100).await;
    assert_eq!(open(&world, &back).await, [(Returned, 1)]);
    tell(&back, 11, 200).await;
    assert_eq!(world.get(&back, false).await.headline(), Headline::Returned);
    assert_eq!(open(&world, &back).await, [(Returned, 1)], "it is back and somebody must know");
    tell(&sent, 22, 600).await;
    listed(&world).await;
    world.stop().await;
}

async fn listed(world: &World) {
    let ask = |kind: AlertKind, limit: u32, page: String| ListAlertsRequest {
        kind: kind.into(),
        limit,
        page,
    };
    let mut client = world.client();
    let all = ask(AlertKind::Unspecified, 1, String::new());
    let first = client.list_alerts(all).await.unwrap().into_inner();
    assert_eq!((first.alerts.len(), first.next_page.is_empty()), (1, false));
    assert_eq!(first.alerts[0].kind(), AlertKind::DeliveryFailed, "newest first");
    let next = ask(AlertKind::Unspecified, 1, first.next_page.clone());
    let rest = client.list_alerts(next).await.unwrap().into_inner();
    assert_eq!((rest.alerts.len(), rest.next_page.as_str()), (1, ""));
    assert_eq!(rest.alerts[0].kind(), AlertKind::Returned);
    let some = ask(AlertKind::Returned, 0, String::new());
    assert_eq!(client.list_alerts(some).await.unwrap().into_inner().alerts.len(), 1);
    for wrong in [
        ask(AlertKind::Unspecified, 501, String::new()),
        ask(AlertKind::Unspecified, 0, "!".into()),
        ask(AlertKind::Unspecified, 0, first.next_page.replace("delivery", "x")),
    ] {
        let refused = client.list_alerts(wrong).await.unwrap_err();
        assert_eq!((refused.code(), code(&refused).as_str()), (Code::InvalidArgument, "TRK0004"));
    }
    let stranger = world.bed.client(TenantId::generate(), &["tracking:read"]);
    let mut stranger = TrackingServiceClient::new(stranger);
    let theirs = stranger.list_alerts(ListAlertsRequest::default()).await.unwrap();
    assert!(theirs.into_inner().alerts.is_empty());
}

/// Some five hours a second.
const RATE: u32 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn silence_and_a_broken_promise_are_said_beside_the_headline() {
    let settings = [
        ("COLIBRI_TRACKING__ALERTS__LOOK_MS", "20"),
        ("COLIBRI_TRACKING__ALERTS__LEARN_S", "1"),
        ("COLIBRI_TRACKING__ALERTS__STUCK_AFTER_H", "60"),
        ("COLIBRI_TRACKING__ALERTS__STUCK_FLOOR_H", "1"),
    ];
    let world = World::fast(RATE, &settings).await;
    let account = world.ups().await;
    // What is usual for new parcels on this way: within four hours, seldom a day.
    let habits = "insert into tracking.lane_gap values
                    ('ups', 'FR', 'DE', 'created', 4, 98), ('ups', 'FR', 'DE', 'created', 24, 2),
                    ('ups', 'FR', 'DE', 'in_transit', 2, 49)";
    sqlx::query(habits).execute(&world.bed.admin).await.unwrap();
    learnt(&world).await;
    let mut sent = world.sealed("ups", account, "1ZA1B2C36800000403").await;
    sent.bought.promised = Some(sent.bought.at.date());
    world.watched(&[&sent]).await;
    use AlertKind::{Late, Stuck};
    // Six hours on: half as long again as is usual.
    let raised = quiet(&world, &sent).await;
    assert!((6..24).contains(&raised), "{raised} hours");
    eventually("it is late", PATIENCE, || async {
        (open(&world, &sent).await == [(Late, 1), (Stuck, 1)]).then_some(())
    })
    .await;
    assert_eq!(world.get(&sent, false).await.headline(), Headline::Created, "never a headline");
    // It speaks; too little is known of parcels in transit, so that days pass before the next one.
    let body = event_at(&sent.number, 5, world.clock.now() - Duration::minutes(5));
    world.webhook(account, SECRET, body.as_bytes()).await.unwrap();
    let parcel = world.get(&sent, false).await;
    assert_eq!((parcel.headline(), parcel.late), (Headline::InTransit, true));
    assert_eq!(open(&world, &sent).await, [(Late, 1)]);
    eventually("stuck again", PATIENCE, || async {
        (open(&world, &sent).await == [(Late, 1), (Stuck, 2)]).then_some(())
    })
    .await;
    let raised = quiet(&world, &sent).await;
    assert!(raised >= 60, "{raised} hours");
    let body = event_at(&sent.number, 11, world.clock.now() - Duration::minutes(5));
    world.webhook(account, SECRET, body.as_bytes()).await.unwrap();
    assert_eq!(open(&world, &sent).await, []);
    assert_eq!(count(&world, &sent, "parcel_alert_raised").await, 3);
    assert_eq!(count(&world, &sent, "parcel_alert_cleared").await, 3);
    // What was learnt from it reaches the table, on its way.
    eventually("its gaps are counted", PATIENCE, || async {
        let sql = "select sum(gaps)::int8 from tracking.lane_gap
                    where (carrier, origin, destination) = ('ups', 'FR', 'DE')";
        let gaps: i64 = sqlx::query_scalar(sql).fetch_one(&world.bed.admin).await.unwrap();
        (gaps == 151).then_some(())
    })
    .await;
    world.stop().await;
}

/// Waits until what is usual was read: a parcel on a way of its own tells.
async fn learnt(world: &World) {
    let before = world.clock.now();
    eventually("what is usual was exchanged twice", PATIENCE, || async {
        let real = (world.clock.now() - before) / i32::try_from(RATE).unwrap();
        (real > Duration::milliseconds(2_500)).then_some(())
    })
    .await;
}

/// Hours of silence before the last alert of this kind was raised.
async fn quiet(world: &World, sent: &Sent) -> i64 {
    eventually("it is stuck", PATIENCE, || async {
        let sql = "select (extract(epoch from a.raised_at - p.news_at) / 3600)::int8
                     from tracking.alert a join tracking.parcel p using (parcel_id)
                    where a.parcel_id = $1 and a.kind = 'stuck' and a.cleared_at is null";
        let id = sent.bought.parcel.to_uuid();
        sqlx::query_scalar(sql).bind(id).fetch_optional(&world.bed.admin).await.unwrap()
    })
    .await
}
