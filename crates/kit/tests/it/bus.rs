//! Relay, consumers, parking, roll back, rebuild.

use std::{fs, path::Path};

use colibri_kit::{db::Role, service::Runtime};
use colibri_testkit::{BedOptions, TestBed, eventually};
use sqlx::Connection as _;

use crate::support::*;

async fn bed(door: &Door) -> TestBed {
    let bed = TestBed::start_with(
        vec![producer(door), consumer()],
        BedOptions { durable: true, ..Default::default() },
    )
    .await;
    door.shell().await;
    bed
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_writers_are_heard_once_and_in_order() {
    let door = Door::default();
    let bed = bed(&door).await;
    let writers: Vec<_> = (0..8)
        .map(|w| {
            let door = door.clone();
            tokio::spawn(async move {
                for i in 0..50 {
                    publish(&door, &format!("key_{}", (w + i) % 7), "api").await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    heard_count(&bed.admin, 400).await;
    order_is_kept(&bed.admin).await;
    log_is_stream(&bed).await;
    assert_eq!(bed.stop().await, Vec::<String>::new(), "tasks left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_event_holds_its_key_and_nothing_else() {
    let door = Door::default();
    let bed = bed(&door).await;
    publish(&door, "bad", "poison").await;
    for _ in 0..5 {
        publish(&door, "bad", "api").await;
        publish(&door, "good", "api").await;
    }
    heard_count(&bed.admin, 5).await;
    let parked = eventually("six events parked", PATIENCE, || async {
        let rows: Vec<(i64, String, String)> =
            sqlx::query_as("select seq, key, code from pricing.parked order by seq")
                .fetch_all(&bed.admin)
                .await
                .unwrap();
        (rows.len() == 6).then_some(rows)
    })
    .await;
    assert_eq!(parked.first().map(|p| p.2.as_str()), Some("TST0001"));
    assert!(parked.iter().skip(1).all(|p| p.1 == "bad" && p.2 == "BUS0002"), "{parked:?}");
    // Undecodable bytes are parked too, and do not stop the lane.
    let js = bed.jetstream().await;
    let before = js.get_stream("EV_ORDERS_0").await.unwrap().cached_info().state.last_sequence;
    assert_eq!(before, 11);
    log_is_stream(&bed).await;
    bed.stop().await;
}

/// Copies a folder, as a backup of a store does.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nats_store_that_lost_its_end_is_refilled_from_the_log() {
    let door = Door::default();
    let mut bed = bed(&door).await;
    for i in 0..20 {
        publish(&door, &format!("key_{}", i % 3), "api").await;
    }
    heard_count(&bed.admin, 20).await;
    let (store, copied) = (bed.nats.store_dir(), bed.folder().join("copy"));
    bed.nats.kill9().unwrap();
    copy(&store, &copied);
    bed.nats.restart().unwrap();
    for i in 0..30 {
        publish(&door, &format!("key_{}", i % 3), "api").await;
    }
    heard_count(&bed.admin, 50).await;
    // The power fails; what was acknowledged since the copy is gone.
    bed.nats.kill9().unwrap();
    fs::remove_dir_all(&store).unwrap();
    copy(&copied, &store);
    bed.nats.restart().unwrap();
    for i in 0..10 {
        publish(&door, &format!("key_{}", i % 3), "api").await;
    }
    heard_count(&bed.admin, 60).await;
    order_is_kept(&bed.admin).await;
    log_is_stream(&bed).await;
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_stream_is_made_again_with_the_same_numbers() {
    let door = Door::default();
    let bed = bed(&door).await;
    for _ in 0..10 {
        publish(&door, "key", "api").await;
    }
    heard_count(&bed.admin, 10).await;
    let js = bed.jetstream().await;
    js.delete_stream("EV_ORDERS_0").await.unwrap();
    for _ in 0..10 {
        publish(&door, "key", "api").await;
    }
    heard_count(&bed.admin, 20).await;
    order_is_kept(&bed.admin).await;
    log_is_stream(&bed).await;
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_and_a_moved_position_apply_nothing_twice() {
    let door = Door::default();
    let bed = bed(&door).await;
    let other = Door::default();
    let second = second_process(&bed, &other).await;
    for i in 0..40 {
        let through = if i % 2 == 0 { &door } else { &other };
        publish(through, &format!("key_{}", i % 5), "api").await;
        if i % 10 == 5 {
            // Somebody else takes the position over: the epoch fences the present owner.
            sqlx::query("update pricing.position set epoch = epoch + 1")
                .execute(&bed.admin)
                .await
                .unwrap();
            sqlx::query("update orders.lane set epoch = epoch + 1")
                .execute(&bed.admin)
                .await
                .unwrap();
        }
    }
    heard_count(&bed.admin, 40).await;
    order_is_kept(&bed.admin).await;
    log_is_stream(&bed).await;
    second.stop().await;
    bed.stop().await;
}

async fn second_process(bed: &TestBed, door: &Door) -> Runtime {
    let runtime = bed.second(vec![producer(door), consumer()]).await;
    door.shell().await;
    runtime
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_sees_its_own_schema_only() {
    let door = Door::default();
    let bed = bed(&door).await;
    for (service, role) in [("pricing", Role::Rpc), ("pricing", Role::Log)] {
        let options = bed.role(service, role);
        let mut db = sqlx::PgConnection::connect_with(&options).await.unwrap();
        let own = sqlx::query("select 1 from pricing.heard").execute(&mut db).await;
        own.unwrap();
        let foreign = sqlx::query("select 1 from orders.thing").execute(&mut db).await;
        let denied = foreign.unwrap_err();
        let code = denied.as_database_error().and_then(|e| e.code().map(|c| c.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "insufficient privilege, not {denied}");
    }
    // The request role cannot read other tenants' events either.
    let mut db = sqlx::PgConnection::connect_with(&bed.role("orders", Role::Rpc)).await.unwrap();
    for table in ["outbox", "event_log", "position", "parked"] {
        let sql = sqlx::AssertSqlSafe(format!("select 1 from orders.{table}"));
        assert!(sqlx::query(sql).execute(&mut db).await.is_err(), "{table} is readable");
    }
    bed.stop().await;
}
