//! Scans that cannot be taken at their word, and numbers typed by hand.

use colibri_events::tracking::v1::{Headline, RedetectRequest};
use colibri_kit::telemetry::metrics;
use time::{Duration, OffsetDateTime};

use crate::{
    carriers::{Sim, TOWN},
    webhooks::{SECRET, event_at},
    world::World,
};

#[tokio::test(flavor = "multi_thread")]
async fn odd_scans_are_kept_flagged_counted_and_decide_nothing() {
    let world = World::slow().await;
    let account = world.ups().await;
    let mut sent = world.sealed("ups", account, "1ZA1B2C36800000501").await;
    let now = OffsetDateTime::now_utc();
    let asked = now - Duration::hours(2);
    sent.bought.asked = Some(asked);
    world.watched(&[&sent]).await;
    let unknown = [("carrier", "ups"), ("code", "Z/197")];
    let counted = metrics::counter("colibri_tracking_unknown_codes_total", &unknown).get();
    let source = [("carrier", "ups"), ("source", "push")];
    let ages = metrics::histogram_counts("colibri_tracking_freshness_minutes", &source);
    let measured = ages.count();
    // Of last week's parcel of this number, of the minute before this one, in the past, of an unknown meaning, and yet to come.
    for (status, at) in [
        (11, now - Duration::days(6)),
        (5, asked - Duration::minutes(1)),
        (5, asked + Duration::minutes(1)),
        (197, now - Duration::minutes(30)),
        (11, now + Duration::hours(3)),
    ] {
        let body = event_at(&sent.number, status, at);
        world.webhook(account, SECRET, body.as_bytes()).await.unwrap();
    }
    let parcel = world.get(&sent, true).await;
    assert_eq!(parcel.headline(), Headline::InTransit);
    let shown: Vec<_> = parcel.scans.iter().map(|s| (s.before_label, s.future)).collect();
    assert_eq!(
        shown,
        [(true, false), (true, false), (false, false), (false, false), (false, true)]
    );
    let words: Vec<_> = parcel.scans.iter().map(|s| (s.text.as_str(), s.place.as_str())).collect();
    assert_eq!(words[0], ("", ""), "another parcel's words stay sealed");
    assert_eq!(words[1], ("", ""), "nor those of the minute before the label");
    assert_eq!(words[2], ("Ottokar Kanari 5", TOWN));
    assert_eq!(parcel.scans[3].headline, "unknown");
    let shown = parcel.scans[3].code.as_str();
    let unknown = [("carrier", "ups"), ("code", shown)];
    let count = metrics::counter("colibri_tracking_unknown_codes_total", &unknown).get();
    assert!(count > counted || shown != "Z/197" && count >= 1, "{shown} is counted");
    assert_eq!(world.told(&sent).await, ["parcel_status_changed"]);
    assert!(ages.count() > measured, "the age of the deciding scan is measured");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_typed_by_hand_is_given_to_likely_carriers() {
    let world = World::slow().await;
    let sim = Sim::start("ups", world.clock.clone(), 1).await;
    world.account(&sim).await;
    let ask = |number: &str| RedetectRequest { number: number.to_owned(), country: String::new() };
    let number = sim.buy("Alix Kanari");
    let spaced = format!(" {} {}", &number[..2], number[2..].to_lowercase());
    let found = world.client().redetect(ask(&spaced)).await.unwrap().into_inner().candidates;
    assert_eq!((found[0].carrier.as_str(), found[0].contracted), ("ups", true));
    assert_eq!(found[0].check, "passed");
    assert!(found.iter().all(|other| other.contracted == (other.carrier == "ups")));
    let nobodys = world.client().redetect(ask("so viel zum Thema")).await.unwrap().into_inner();
    assert!(nobodys.candidates.is_empty());
    world.stop().await;
}
