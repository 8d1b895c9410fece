//! A process that slept through its own replacement and goes on with what it believed; and the
//! same without the safeguard, to see that these tests would notice.

use colibri_testkit::{BedOptions, TestBed, eventually};
use sqlx::Connection as _;

use crate::{process::Process, support::*};

const ARMED: &str = "COLIBRI_CRASH_AT";
const WITHOUT: &str = "COLIBRI_WITHOUT";

async fn bed(services: Vec<Box<dyn colibri_kit::service::Definition>>) -> TestBed {
    TestBed::start_with(services, BedOptions { durable: true, ..Default::default() }).await
}

async fn publish_many(door: &Door, count: usize) {
    for i in 0..count {
        publish(door, &format!("key_{}", i % 5), "api").await;
    }
}

/// A consumer is stopped with a batch in its hands, another takes over, the first goes on alone.
async fn consumer_sleeps(door: &Door, without: &str) -> TestBed {
    let bed = bed(vec![producer(door)]).await;
    door.shell().await;
    publish_many(door, 15).await;
    let variables = [(ARMED, "consumer.received:1:pause"), (WITHOUT, without)];
    let sleeper = Process::start(&bed, "pricing", &variables);
    sleeper.stopped(&bed, "pricing_log").await;
    let second = Process::start(&bed, "pricing", &[(WITHOUT, without)]);
    heard_count(&bed.admin, 15).await;
    publish_many(door, 15).await;
    heard_count(&bed.admin, 30).await;
    drop(second);
    sleeper.go_on();
    // Only the sleeper can apply these, and it tries the batch in its hands before.
    publish_many(door, 15).await;
    eventually("the sleeper consumes again", PATIENCE, || async {
        let heard = "select count(*) from pricing.heard where version > 6";
        let heard: i64 = sqlx::query_scalar(heard).fetch_one(&bed.admin).await.unwrap();
        (heard >= 15).then_some(())
    })
    .await;
    drop(sleeper);
    bed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_slept_through_its_replacement_applies_nothing_twice() {
    let door = Door::default();
    let bed = consumer_sleeps(&door, "").await;
    heard_count(&bed.admin, 45).await;
    order_is_kept(&bed.admin).await;
    log_is_stream(&bed).await;
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_positions_compare_and_swap_effects_are_doubled_and_seen() {
    let door = Door::default();
    let bed = consumer_sleeps(&door, "consumer.position").await;
    let wrong = disorder(&bed.admin).await;
    assert!(!wrong.is_empty(), "the checker does not notice");
    let heard: i64 = sqlx::query_scalar("select count(*) from pricing.heard")
        .fetch_one(&bed.admin)
        .await
        .unwrap();
    assert!(heard > 45, "{heard} effects of 45 events");
    bed.stop().await;
}

/// Events as a business transaction writes them, in a process whose service does not run.
async fn write(bed: &TestBed, versions: std::ops::RangeInclusive<i64>) {
    let mut db = bed.admin.acquire().await.unwrap();
    for n in versions {
        let mut tx = db.begin().await.unwrap();
        write_event(&mut tx, "key", n).await;
        tx.commit().await.unwrap();
    }
}

/// A relay is stopped at `point`, another takes over and publishes more, the first goes on alone.
async fn relay_sleeps(point: &str, without: &str) -> (TestBed, Process) {
    let bed = bed(vec![consumer()]).await;
    let first = Process::start(&bed, "orders", &[]);
    eventually("the producer's schema", PATIENCE, || async {
        sqlx::query("select 1 from orders.lane where epoch > 0").fetch_one(&bed.admin).await.ok()
    })
    .await;
    write(&bed, 1..=10).await;
    heard_count(&bed.admin, 10).await;
    drop(first);
    write(&bed, 11..=20).await;
    let sleeper = Process::start(&bed, "orders", &[(ARMED, point), (WITHOUT, without)]);
    sleeper.stopped(&bed, "orders_log").await;
    let second = Process::start(&bed, "orders", &[(WITHOUT, without)]);
    heard_count(&bed.admin, 20).await;
    write(&bed, 21..=30).await;
    heard_count(&bed.admin, 30).await;
    drop(second);
    sleeper.go_on();
    write(&bed, 31..=40).await;
    (bed, sleeper)
}

async fn nothing_is_doubled((bed, sleeper): (TestBed, Process)) {
    heard_count(&bed.admin, 40).await;
    order_is_kept(&bed.admin).await;
    log_is_stream(&bed).await;
    drop(sleeper);
    bed.stop().await;
}

/// Whether the stream differs from its log when everybody has done what they would.
async fn doubled(bed: &TestBed) -> bool {
    eventually("the sleeper has gone on", PATIENCE, || async {
        // Doubled before or after the next events were numbered: the stream is longer than the
        // log, or as long and another.
        let report = compare(bed).await?;
        let ahead = i64::try_from(report.stream_last).unwrap() > report.head;
        let relayed = report.head == 40 && report.sent == 40;
        (ahead || !report.different.is_empty()).then_some(true).or(relayed.then_some(false))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_slept_before_it_published_publishes_nothing_twice() {
    nothing_is_doubled(relay_sleeps("relay.after_number:1:pause", "").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_slept_before_it_moved_its_cursor_moves_nothing_back() {
    nothing_is_doubled(relay_sleeps("relay.after_puback:1:pause", "").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_fence_of_a_batch_the_stream_is_doubled_and_seen() {
    // What the sleeper sends may be lost on a busy machine; then it relays as it should, and
    // another one sleeps.
    for _ in 0..5 {
        let (bed, sleeper) = relay_sleeps("relay.after_number:1:pause", "relay.fence").await;
        let doubled = doubled(&bed).await;
        if doubled {
            eventually("the lane is halted", PATIENCE, || async {
                let halted = "select note from orders.lane where state = 'halt'";
                sqlx::query(halted).fetch_optional(&bed.admin).await.unwrap()
            })
            .await;
            // Numbers that are not their sequence are applied by nobody.
            heard_count(&bed.admin, 30).await;
            order_is_kept(&bed.admin).await;
        }
        drop(sleeper);
        bed.stop().await;
        if doubled {
            return;
        }
    }
    panic!("five relays slept, and without a fence nothing was doubled");
}
