//! Whole journeys on a fast clock.

use std::sync::atomic::{AtomicU32, Ordering};

use colibri_carriers::{MappedStatus, fold};
use colibri_events::tracking::v1::Headline;
use colibri_testkit::eventually;

use crate::{
    carriers::{Sim, TOWN},
    neighbours,
    world::{PATIENCE, Sent, World},
};

/// A day and a half in five seconds.
const RATE: u32 = 25_000;

/// What tracking shows is what the carrier said, folded.
async fn shows_what_the_carrier_said(world: &World, sim: &Sim, sent: &Sent) {
    let (cleaned, folded) = fold(&sim.track(&sent.number).scans, None);
    let parcel = world.get(sent, true).await;
    let codes: Vec<&str> = parcel.scans.iter().map(|scan| scan.code.as_str()).collect();
    let expected: Vec<&str> = cleaned.iter().map(|scan| scan.code.as_str()).collect();
    assert_eq!(codes, expected, "{}", sent.number);
    let word = |status| match status {
        MappedStatus::State(headline, _) => headline.as_str(),
        MappedStatus::NoChange => "no_change",
        MappedStatus::Unknown => "unknown",
    };
    for (shown, scan) in parcel.scans.iter().zip(&cleaned) {
        assert_eq!(shown.headline, word(scan.status));
        assert_eq!(shown.text, scan.description.trim());
        let offset = scan.time.and_then(|time| time.offset_text()).unwrap_or_default();
        assert_eq!(shown.utc_offset, offset, "none is invented, none is lost");
    }
    assert_eq!(parcel.tracking_number, sent.number);
    assert_eq!((parcel.attempts, parcel.reopened), (folded.attempts, folded.reopened));
    let ends = ["delivered", "returned"];
    assert!(ends.contains(&folded.headline.as_str()), "{:?}", folded.headline);
}

async fn ended(world: &World, sent: &Sent) -> Headline {
    eventually("the journey ends", PATIENCE, || async {
        let headline = world.get(sent, false).await.headline();
        matches!(headline, Headline::Delivered | Headline::Returned).then_some(headline)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn parcels_of_both_carriers_are_polled_to_their_end() {
    let world = World::fast(RATE, &[]).await;
    for carrier in ["ups", "colissimo"] {
        let sim = Sim::start(carrier, world.clock.clone(), 7).await;
        let account = world.account(&sim).await;
        let mut sent = Vec::new();
        for name in ["Alix Kanari", "Bela Kanari", "Cléo Kanari"] {
            sent.push(world.sealed(sim.id, account, &sim.buy(name)).await);
        }
        world.watched(&sent.iter().collect::<Vec<_>>()).await;
        for sent in &sent {
            let end = ended(&world, sent).await;
            shows_what_the_carrier_said(&world, &sim, sent).await;
            let told = world.told(sent).await;
            let delivered = told.iter().filter(|name| *name == "parcel_delivered").count();
            assert_eq!(delivered, usize::from(end == Headline::Delivered), "{told:?}");
            assert_eq!(told[0], "parcel_status_changed");
        }
        if carrier == "ups" {
            let places = world.get(&sent[0], true).await.scans;
            assert!(places.iter().any(|scan| scan.place.contains(TOWN)), "{places:?}");
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_and_polled_is_one_scan() {
    let hook = ("COLIBRI_TRACKING__PUBLIC_URL", "https://hooks.example/in");
    let world = World::fast(RATE, &[hook]).await;
    let sim = Sim::start("ups", world.clock.clone(), 11).await;
    let account = world.account(&sim).await;
    sim.portal(&format!("https://hooks.example/in/{account}"));
    let sent = world.sealed("ups", account, &sim.buy("Alix Kanari")).await;
    world.watched(&[&sent]).await;
    eventually("the number is subscribed", PATIENCE, || async {
        (sim.asked("/subscription/") > 0).then_some(())
    })
    .await;
    let fresh = AtomicU32::new(0);
    eventually("pushes and polls bring it home", PATIENCE, || async {
        for push in sim.pushes() {
            assert!(push.url.ends_with(&account.to_string()));
            let received = world.webhook(account, "hook-credential", &push.body).await.unwrap();
            assert_eq!(received.unmatched, 0);
            fresh.fetch_add(received.fresh, Ordering::Relaxed);
        }
        let end = world.get(&sent, false).await.headline();
        matches!(end, Headline::Delivered | Headline::Returned).then_some(())
    })
    .await;
    assert!(fresh.into_inner() > 0, "no push was first");
    // A poll after the end brings the same scans once more.
    let polls = sim.asked("/track/v1/details/");
    eventually("it is polled again", PATIENCE, || async {
        (sim.asked("/track/v1/details/") > polls + 1).then_some(())
    })
    .await;
    shows_what_the_carrier_said(&world, &sim, &sent).await;
    let told = world.told(&sent).await;
    assert!(told.iter().filter(|name| *name == "parcel_delivered").count() <= 1, "{told:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_and_void_parcels_are_asked_for_less_and_not_at_all() {
    let world = World::fast(RATE, &[]).await;
    let sim = Sim::start("ups", world.clock.clone(), 3).await;
    let account = world.account(&sim).await;
    let unknown = world.sealed("ups", account, "1ZA1B2C36800000008").await;
    let void = world.sealed("ups", account, &sim.buy("Alix Kanari")).await;
    world.watched(&[&unknown, &void]).await;
    neighbours::voided(&world.labels, &void.bought).await;
    let parcel = world.shows(&void, Headline::Exception).await;
    assert_eq!(parcel.sub_status, "cancelled");
    assert_eq!(world.told(&void).await, ["parcel_status_changed"]);
    let misses = |sent: &Sent| {
        let id = sent.bought.parcel.to_uuid();
        let admin = world.bed.admin.clone();
        async move {
            let sql = "select misses, next_poll_at is null from tracking.parcel
                        where parcel_id = $1";
            sqlx::query_as::<_, (i32, bool)>(sql).bind(id).fetch_one(&admin).await.unwrap()
        }
    };
    eventually("misses are counted", PATIENCE, || async {
        (misses(&unknown).await.0 >= 3).then_some(())
    })
    .await;
    assert_eq!(world.get(&unknown, false).await.headline(), Headline::Created);
    assert!(misses(&void).await.1, "a void label is not asked for");
    world.stop().await;
}
