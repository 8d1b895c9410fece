//! Carriers that answer so many questions a day: the rest waits for the next one.

use colibri_events::tracking::v1::Headline;
use colibri_kit::telemetry::metrics;
use colibri_testkit::eventually;

use crate::{
    carriers::Sim,
    world::{PATIENCE, World},
};

/// A day in seven seconds.
const RATE: u32 = 12_500;
/// Of this account's contract: used up within hours by parcels that move.
const CALLS_A_DAY: i64 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn polls_beyond_a_days_quota_wait_for_the_next_day_and_none_is_lost() {
    let calls = CALLS_A_DAY.to_string();
    let contract = ("COLIBRI_TRACKING__WATCH__CARRIERS__GLS__CALLS_A_DAY", calls.as_str());
    let world = World::fast(RATE, &[contract]).await;
    let sim = Sim::start("gls", world.clock.clone(), 7).await;
    let account = world.account(&sim).await;
    let waits = metrics::counter("colibri_tracking_quota_waits_total", &[("carrier", "gls")]);
    let (waited, first) = (waits.get(), world.clock.now().date());
    let mut sent = Vec::new();
    for name in ["Alix Kanari", "Bela Kanari", "Cléo Kanari"] {
        sent.push(world.sealed(sim.id, account, &sim.buy(name)).await);
    }
    world.watched(&sent.iter().collect::<Vec<_>>()).await;
    for sent in &sent {
        eventually("the journey ends", PATIENCE, || async {
            let headline = world.get(sent, false).await.headline();
            matches!(headline, Headline::Delivered | Headline::Returned).then_some(())
        })
        .await;
    }
    // Counted before the clock is read: each was booked on one of these days.
    let asked = i64::try_from(sim.asked("/tracking/simple/")).unwrap();
    let days = (world.clock.now().date() - first).whole_days() + 1;
    assert!(asked <= CALLS_A_DAY * days, "{asked} questions in {days} days");
    assert!(asked > CALLS_A_DAY, "{asked}: a next day was waited for, and used");
    assert!(waits.get() > waited, "polls that waited are counted");
    let told: Vec<i32> = sqlx::query_scalar("select used from tracking.quota")
        .fetch_all(&world.bed.admin)
        .await
        .unwrap();
    assert_eq!(told.len(), 1, "one account, one row");
    assert!((1..=CALLS_A_DAY).contains(&i64::from(told[0])), "{told:?}");
    world.stop().await;
}
