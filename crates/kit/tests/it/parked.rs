//! Parked events: released in their order, discarded by name, and a stop when there are too many.

use colibri_kit::bus::{ParkedKey, ask_release, discard, parked};
use colibri_testkit::{TestBed, eventually};

use crate::support::*;

async fn bed(door: &Door) -> TestBed {
    let bed = TestBed::start(vec![producer(door), consumer()]).await;
    door.shell().await;
    bed
}

async fn keys(bed: &TestBed) -> Vec<ParkedKey> {
    let mut db = bed.admin.acquire().await.unwrap();
    parked(&mut db, "pricing").await.unwrap()
}

async fn held(bed: &TestBed, events: i64) -> ParkedKey {
    eventually(&format!("{events} events parked"), PATIENCE, || async {
        keys(bed).await.into_iter().find(|key| key.events == events)
    })
    .await
}

async fn ask(bed: &TestBed, key: &str) -> bool {
    let mut db = bed.admin.acquire().await.unwrap();
    ask_release(&mut db, "pricing", "orders", key, "ines").await.unwrap()
}

async fn allow(bed: &TestBed) {
    sqlx::query("insert into pricing.allowed values (true)").execute(&bed.admin).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_key_is_applied_in_its_order_and_flows_again() {
    let door = Door::default();
    let bed = bed(&door).await;
    publish(&door, "bad", "poison").await;
    for _ in 0..4 {
        publish(&door, "bad", "api").await;
    }
    let first = held(&bed, 5).await;
    assert_eq!((first.code.as_str(), first.seq, first.attempts), ("TST0001", 1, 0));

    // Nothing was mended: it stays, and says how often it was tried.
    assert!(ask(&bed, "bad").await);
    let tried = eventually("the release was tried", PATIENCE, || async {
        keys(&bed).await.into_iter().find(|key| key.attempts == 1 && key.asked_at.is_none())
    })
    .await;
    assert_eq!((tried.events, tried.code.as_str()), (5, "TST0001"));
    heard_count(&bed.admin, 0).await;

    allow(&bed).await;
    assert!(ask(&bed, "bad").await);
    heard_count(&bed.admin, 5).await;
    publish(&door, "bad", "api").await;
    heard_count(&bed.admin, 6).await;
    assert_eq!(keys(&bed).await, Vec::new());
    assert_eq!(disorder(&bed.admin).await, Vec::new());
    assert!(!ask(&bed, "bad").await, "what is not parked cannot be released");
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_event_is_kept_with_who_and_why_and_the_rest_follows() {
    let door = Door::default();
    let bed = bed(&door).await;
    publish(&door, "bad", "poison").await;
    publish(&door, "bad", "api").await;
    let first = held(&bed, 2).await;
    let mut db = bed.admin.acquire().await.unwrap();
    for (seq, why, gone) in [(99, "no such event", false), (first.seq, "a test order", true)] {
        let done = discard(&mut db, "pricing", "orders", seq, "ines", why).await.unwrap();
        assert_eq!(done, gone, "{seq}");
    }
    // A decision without a reason is none, and changes nothing.
    assert!(discard(&mut db, "pricing", "orders", first.seq + 1, "ines", "").await.is_err());
    assert_eq!(held(&bed, 1).await.code, "BUS0002");
    assert!(ask(&bed, "bad").await);
    heard_count(&bed.admin, 1).await;
    let kept: (String, i64, String, String) =
        sqlx::query_as("select key, seq, decided_by, why from pricing.discarded")
            .fetch_one(&mut *db)
            .await
            .unwrap();
    assert_eq!(kept, ("bad".into(), first.seq, "ines".into(), "a test order".into()));
    drop(db);
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_ours_stops_the_consumer_instead_of_parking_everything() {
    let door = Door::default();
    let bed = bed(&door).await;
    for n in 0..60 {
        publish(&door, &format!("key_{n}"), "poison").await;
        if n == 30 {
            eventually("more are parked than single accidents", PATIENCE, || async {
                (keys(&bed).await.len() > 20).then_some(())
            })
            .await;
        }
    }
    log_is_stream(&bed).await;
    // Between two looks a consumer that goes on takes what the stream has.
    for tries in 1..=2 {
        assert!(ask(&bed, "key_0").await);
        eventually("a look", PATIENCE, || async {
            let all = keys(&bed).await;
            all.iter().any(|k| k.key == "key_0" && k.attempts == tries).then_some(())
        })
        .await;
    }
    let stopped = keys(&bed).await.len();
    assert!(stopped < 60, "{stopped} were parked");
    allow(&bed).await;
    for key in keys(&bed).await {
        assert!(ask(&bed, &key.key).await);
    }
    heard_count(&bed.admin, 60).await;
    assert_eq!(keys(&bed).await, Vec::new());
    bed.stop().await;
}
