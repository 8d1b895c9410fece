//! A producer and a consumer small enough to see what the backbone does.

use colibri_events::orders::v1::{OrderAccepted, OrderCancelled};
use colibri_kit::{
    bus::{LaneReport, Outgoing, Reconciler, flush, reconcile},
    db::Migration,
    fault::{BoxError, Fault},
    service::{Cx, Definition, Host, Service},
};
pub use colibri_testkit::{Door, PATIENCE};
use colibri_testkit::{TestBed, eventually, stand_in};
use sqlx::{PgConnection, PgPool};

/// A service `orders` that publishes what the test tells it.
pub fn producer(door: &Door) -> Box<dyn Definition> {
    stand_in("orders", door).build()
}

/// A service `pricing` that writes down what it hears. An order whose channel is `poison` is
/// rejected until the test allows it.
pub fn consumer() -> Box<dyn Definition> {
    Service::new("pricing", |_: Host| async { Ok::<_, BoxError>(()) })
        .migrations(&[Migration {
            name: "0001_test",
            sql: "create table {svc}.heard (n int8 generated always as identity, key text not null,
                                            version int8 not null);
                  create table {svc}.allowed (yes bool)",
        }])
        .on_slice::<OrderAccepted>(heard)
        .on::<OrderCancelled>(cancelled)
        .build()
}

async fn heard(cx: &mut Cx<()>, events: &[OrderAccepted]) -> Result<(), Fault> {
    let allowed: Option<bool> =
        sqlx::query_scalar("select yes from pricing.allowed").fetch_optional(cx.db()).await?;
    if allowed.is_none() && events.iter().any(|e| e.channel == "poison") {
        return Err(Fault::reject("TST0001", "not to be applied"));
    }
    for event in events {
        note(cx, &event.order_id, event.version).await?;
    }
    Ok(())
}

async fn cancelled(cx: &mut Cx<()>, event: &OrderCancelled) -> Result<(), Fault> {
    note(cx, &event.order_id, event.version).await
}

async fn note(cx: &mut Cx<()>, key: &str, version: u64) -> Result<(), Fault> {
    sqlx::query("insert into pricing.heard (key, version) values ($1, $2)")
        .bind(key)
        .bind(i64::try_from(version).unwrap())
        .execute(cx.db())
        .await?;
    Ok(())
}

/// Publishes versions of a thing, as a business transaction does: lock the row, then the event.
pub async fn publish(door: &Door, key: &str, channel: &str) -> u64 {
    let mut cx = door.begin().await;
    let version = door.lock(&mut cx, key).await;
    let event = OrderAccepted {
        order_id: key.to_owned(),
        tenant_id: "ten_1".to_owned(),
        channel: channel.to_owned(),
        version,
        ..Default::default()
    };
    cx.publish(&event, &version.to_string());
    cx.commit().await.unwrap();
    version
}

/// Waits until so many events were heard.
pub async fn heard_count(admin: &PgPool, wanted: i64) {
    eventually(&format!("{wanted} events heard"), PATIENCE, || async {
        let count: i64 =
            sqlx::query_scalar("select count(*) from pricing.heard").fetch_one(admin).await.ok()?;
        assert!(count <= wanted, "{count} effects of {wanted} events");
        (count == wanted).then_some(())
    })
    .await;
}

/// Keys whose versions were not heard once, in order, without a gap.
pub async fn disorder(admin: &PgPool) -> Vec<(String, Vec<i64>)> {
    sqlx::query_as(
        "select key, versions
           from (select key, array_agg(version order by n) as versions, count(*) as c
                   from pricing.heard group by key) k
          where versions <> (select array_agg(v) from generate_series(1, c) v)",
    )
    .fetch_all(admin)
    .await
    .unwrap()
}

/// Each key's versions were heard once, in order, without a gap.
pub async fn order_is_kept(admin: &PgPool) {
    assert_eq!(disorder(admin).await, vec![], "keys whose versions are not 1, 2, 3, …");
}

/// One event as a business transaction writes it: the row's lock first, then the event.
pub async fn write_event(db: &mut PgConnection, key: &str, version: i64) {
    sqlx::query(
        "insert into orders.thing (id, n) values ($1, $2) on conflict (id) do update set n = $2",
    )
    .bind(key)
    .bind(version)
    .execute(&mut *db)
    .await
    .unwrap();
    let event = OrderAccepted {
        order_id: key.to_owned(),
        tenant_id: "ten_1".to_owned(),
        version: u64::try_from(version).unwrap(),
        ..Default::default()
    };
    let event = Outgoing::new(&event, &version.to_string());
    flush(db, "orders", &[], &[event]).await.unwrap();
}

/// Log and stream of `orders`, compared over everything; `None` when a server does not answer.
pub async fn compare(bed: &TestBed) -> Option<LaneReport> {
    let js = bed.jetstream().await;
    let side = Reconciler { service: "orders", db: &bed.admin, js: &js, tail: 100_000 };
    reconcile(&side).await.ok()
}

/// Log and stream agree, to the byte, over everything.
pub async fn log_is_stream(bed: &TestBed) {
    eventually("log and stream agree", PATIENCE, || async {
        let report = compare(bed).await?;
        let whole = report.outbox == 0
            && report.head == report.sent
            && u64::try_from(report.head).ok() == Some(report.stream_last)
            && report.compared == report.stream_last;
        (whole && report.agrees()).then_some(())
    })
    .await;
}
