//! Whole journeys on a fast clock.

use std::sync::atomic::{AtomicU32, Ordering};

use colibri_carriers::{MappedStatus, fold};
use colibri_events::tracking::v1::Headline;
use colibri_testkit::eventually;
use time::{Duration, OffsetDateTime};

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
async fn what_ups_pushes_and_answers_is_one_scan() {
    pushed_and_polled("ups", "/subscription/", "/track/v1/details/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dhl_pushes_in_one_interface_and_answers_in_another_is_one_scan() {
    pushed_and_polled("dhl_express", "/push/v1/subscription", "/tracking").await;
}

async fn pushed_and_polled(carrier: &'static str, subscription: &str, polling: &str) {
    let hook = ("COLIBRI_TRACKING__PUBLIC_URL", "https://hooks.example/in");
    let world = World::fast(RATE, &[hook]).await;
    let sim = Sim::start(carrier, world.clock.clone(), 11).await;
    let account = world.account(&sim).await;
    if carrier == "ups" {
        sim.portal(&format!("https://hooks.example/in/{account}"));
    }
    let sent = world.sealed(carrier, account, &sim.buy("Alix Kanari")).await;
    world.watched(&[&sent]).await;
    eventually("the number is subscribed", PATIENCE, || async {
        (sim.asked(subscription) > 0).then_some(())
    })
    .await;
    let subscribed = "select pushed_until > purchased_at from tracking.parcel";
    eventually("the parcel is noted as pushed", PATIENCE, || async {
        let noted: Option<bool> =
            sqlx::query_scalar(subscribed).fetch_one(&world.bed.admin).await.unwrap();
        noted.filter(|noted| *noted)
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
    let polls = sim.asked(polling);
    eventually("it is polled again", PATIENCE, || async {
        (sim.asked(polling) > polls + 1).then_some(())
    })
    .await;
    shows_what_the_carrier_said(&world, &sim, &sent).await;
    let told = world.told(&sent).await;
    assert!(told.iter().filter(|name| *name == "parcel_delivered").count() <= 1, "{told:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_renewed_before_it_ends_while_its_parcel_travels() {
    let hook = ("COLIBRI_TRACKING__PUBLIC_URL", "https://hooks.example/in");
    let world = World::slow_with(&[hook]).await;
    let sim = Sim::start("ups", world.clock.clone(), 11).await;
    let account = world.account(&sim).await;
    sim.portal(&format!("https://hooks.example/in/{account}"));
    let travels = world.sealed("ups", account, &sim.buy("Alix Kanari")).await;
    let ended = world.sealed("ups", account, &sim.buy("Alix Kanari")).await;
    world.watched(&[&travels, &ended]).await;
    let times = async |sent: &Sent| -> Option<(OffsetDateTime, OffsetDateTime)> {
        let sql = "select pushed_until, renew_at from tracking.parcel
                    where parcel_id = $1 and renew_at is not null";
        let id = sent.bought.parcel.to_uuid();
        sqlx::query_as(sql).bind(id).fetch_optional(&world.bed.admin).await.unwrap()
    };
    let (until, renew_at) = eventually("both are subscribed", PATIENCE, async || {
        times(&ended).await?;
        times(&travels).await
    })
    .await;
    let now = world.clock.now();
    assert!(until > now + Duration::days(13) && renew_at < until - Duration::days(3));
    assert!(renew_at > now + Duration::days(10), "not sooner than needed");
    let asked = sim.asked("/subscription/");
    // Eleven days go by; one parcel has arrived meanwhile.
    for sql in [
        "update tracking.parcel set pushed_until = pushed_until - interval '11 days',
                renew_at = renew_at - interval '11 days'",
        "update tracking.parcel set headline = 'delivered' where parcel_id = $1",
    ] {
        let query = sqlx::query(sql);
        let query = match sql.contains("$1") {
            true => query.bind(ended.bought.parcel.to_uuid()),
            false => query,
        };
        query.execute(&world.bed.admin).await.unwrap();
    }
    eventually("the one that travels is subscribed again", PATIENCE, async || {
        let (until, _) = times(&travels).await?;
        (until > now + Duration::days(13)).then_some(())
    })
    .await;
    assert_eq!(sim.asked("/subscription/"), asked + 1);
    assert_eq!(times(&ended).await, None, "what has arrived is not asked for");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_in_another_hand_is_left_alone_until_its_lease_runs_out() {
    let world = World::slow().await;
    let sim = Sim::start("ups", world.clock.clone(), 5).await;
    let account = world.account(&sim).await;
    let held = world.sealed("ups", account, &sim.buy("Alix Kanari")).await;
    let free = world.sealed("ups", account, &sim.buy("Bela Kanari")).await;
    world.watched(&[&held, &free]).await;
    let admin = &world.bed.admin;
    let due = "update tracking.parcel
                  set next_poll_at = now() - interval '1 minute',
                      leased_until = case when parcel_id = $1
                                     then now() + interval '1 hour' end";
    let held_id = held.bought.parcel.to_uuid();
    sqlx::query(due).bind(held_id).execute(admin).await.unwrap();
    let told = |sent: &Sent| {
        let id = sent.bought.parcel.to_uuid();
        async move {
            let sql = "select polls, leased_until is null from tracking.parcel
                        where parcel_id = $1";
            sqlx::query_as::<_, (i64, bool)>(sql).bind(id).fetch_one(admin).await.unwrap()
        }
    };
    // Due again and again, the free one is asked for; the other is as old, and is not.
    for round in 1..=3 {
        eventually("the free one is asked for", PATIENCE, || async {
            (told(&free).await == (round, true)).then_some(())
        })
        .await;
        let again = "update tracking.parcel set next_poll_at = now() where parcel_id = $1";
        let free_id = free.bought.parcel.to_uuid();
        sqlx::query(again).bind(free_id).execute(admin).await.unwrap();
    }
    assert_eq!(told(&held).await, (0, false));
    assert_eq!(sim.asked(&held.number), 0);
    let over = "update tracking.parcel set leased_until = now() where parcel_id = $1";
    sqlx::query(over).bind(held_id).execute(admin).await.unwrap();
    eventually("the lease ran out", PATIENCE, || async {
        (told(&held).await == (1, true)).then_some(())
    })
    .await;
    assert_eq!(world.get(&held, false).await.scans.len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_reached_costs_its_parcels_nothing() {
    let world = World::slow().await;
    let sim = Sim::start("ups", world.clock.clone(), 5).await;
    let account = world.account(&sim).await;
    let sent = world.sealed("ups", account, &sim.buy("Alix Kanari")).await;
    world.watched(&[&sent]).await;
    let admin = &world.bed.admin;
    // Nobody listens there: nothing can be asked.
    let nowhere = [("api", "http://127.0.0.1:9".to_owned())];
    let (accounts, tenant) = (&world.accounts, world.tenant);
    neighbours::account_changed(accounts, tenant, account, "ups", &nowhere, 2).await;
    eventually("the account moved", PATIENCE, || async {
        let version: i64 = sqlx::query_scalar("select version from tracking.account")
            .fetch_one(admin)
            .await
            .ok()?;
        (version == 2).then_some(())
    })
    .await;
    let due = "update tracking.parcel set next_poll_at = now() - interval '1 minute'";
    sqlx::query(due).execute(admin).await.unwrap();
    let row = "select misses, polls, next_poll_at > now(), leased_until is null
                 from tracking.parcel";
    eventually("it is put back", PATIENCE, || async {
        let row: (i32, i64, bool, bool) = sqlx::query_as(row).fetch_one(admin).await.unwrap();
        (row == (0, 0, true, true)).then_some(())
    })
    .await;
    // An older telling of the account changes nothing; a newer one brings it home.
    neighbours::account_changed(accounts, tenant, account, "ups", &nowhere, 1).await;
    neighbours::account_changed(accounts, tenant, account, "ups", &sim.hosts(), 3).await;
    eventually("it is asked for at its new place", PATIENCE, || async {
        sqlx::query(due).execute(admin).await.unwrap();
        let polls: i64 =
            sqlx::query_scalar("select polls from tracking.parcel").fetch_one(admin).await.ok()?;
        (polls > 0).then_some(())
    })
    .await;
    assert_eq!(world.get(&sent, false).await.scans.len(), 1);
    world.stop().await;
}
