//! What is read, fixture by fixture.

use serde_json::{Value, json};
use time::macros::{date, time};

use super::*;
use crate::{
    Carrier, CarrierError, Found, Headline, MappedStatus, ParcelTrack, PickupRequest, PollReply,
    Purchase, Scan, ServicePoint, Step, SubStatus,
    chronopost::{CARRIER, read_payload},
    fold,
};

fn compare(
    prefix: &str,
    least: usize,
    read: impl Fn(&HttpResponse) -> Result<Value, CarrierError>,
) {
    let cases = FIXTURES.cases(prefix);
    assert!(cases.len() >= least, "{prefix}: {}", cases.len());
    for case in cases {
        let told = match read(&FIXTURES.response(&case)) {
            Ok(told) => told,
            Err(error) => json!({ "error": error.to_string() }),
        };
        assert_eq!(told, FIXTURES.expected(&case), "{case}");
    }
}

fn labels(purchase: &Purchase) -> Vec<String> {
    assert_eq!(purchase.shipment_number, purchase.labels[0].tracking_number);
    let label = |label: &crate::Label| {
        format!("{} {:?} {}", label.tracking_number, label.format, label.data.len())
    };
    purchase.labels.iter().map(label).collect()
}

#[test]
fn purchases_are_bought_refused_or_in_doubt() {
    for labels_of in [CARRIER.labels().unwrap(), CARRIER.returns().unwrap()] {
        compare("label_", 20, |answer| match labels_of.response(answer, &shipment())? {
            Step::Done(purchase) => Ok(json!({ "bought": labels(&purchase) })),
            Step::Next(_) => panic!("one call buys"),
        });
    }
    let busy = CARRIER.labels().unwrap().response(&FIXTURES.response("label_busy"), &shipment());
    let Err(CarrierError::Later { retry_after, .. }) = busy else { panic!("busy") };
    assert_eq!(retry_after.unwrap().as_secs(), 30);
}

#[test]
fn cancellations_are_done_early_or_late() {
    let voids = CARRIER.voids().unwrap();
    compare("void_", 6, |answer| {
        voids.response(answer).map(|step| json!({ "void": matches!(step, Step::Done(())) }))
    });
}

#[test]
fn lookups_find_nothing_one_or_too_much() {
    let (lookup, account) = (CARRIER.lookup().unwrap(), account());
    compare("lookup_", 6, |answer| {
        Ok(match lookup.response(&call(&account), answer, &shipment())? {
            Step::Done(Found::Purchase(purchase)) => json!({ "found": labels(&purchase) }),
            Step::Done(Found::Nothing) => json!({ "found": "nothing" }),
            Step::Done(Found::Unclear(_)) => json!({ "found": "unclear" }),
            Step::Next(_) => panic!("one question"),
        })
    });
}

fn state(headline: Headline, sub: Option<SubStatus>) -> String {
    let sub = sub.map(|sub| format!("/{}", sub.as_str())).unwrap_or_default();
    format!("{}{sub}", headline.as_str())
}

fn line(scan: &Scan) -> String {
    let status = match scan.status {
        MappedStatus::State(headline, sub) => state(headline, sub),
        MappedStatus::NoChange => "no_change".to_owned(),
        MappedStatus::Unknown => "unknown".to_owned(),
    };
    let time = scan.time.map_or("-".to_owned(), |time| time.to_string());
    format!("{} {status} {time}", scan.code)
}

fn told(track: &ParcelTrack) -> Value {
    let (_, folded) = fold(&track.scans, None);
    json!({
        "number": track.tracking_number,
        "state": state(folded.headline, folded.sub),
        "scans": track.scans.iter().map(line).collect::<Vec<_>>(),
    })
}

#[test]
fn scans_are_read() {
    let polling = CARRIER.polling().unwrap();
    compare("track_", 12, |answer| {
        let replies = polling.response(answer, &["XN123456785FR".to_owned()])?;
        let reply = |reply: &PollReply| match reply {
            PollReply::Track(track) => told(track),
            PollReply::NotFound { .. } => json!("not found"),
            PollReply::Broken { .. } => json!("broken"),
        };
        Ok(json!({ "replies": replies.iter().map(reply).collect::<Vec<_>>() }))
    });
    assert!(polling.response(&FIXTURES.response("track_in_transit"), &[]).unwrap().is_empty());
}

#[test]
fn a_parcel_asked_by_its_geopost_number_is_answered_by_its_letter_number() {
    let asked = ["xn 1234567852486".to_owned()];
    let answer = FIXTURES.response("track_in_transit");
    let replies = CARRIER.polling().unwrap().response(&answer, &asked).unwrap();
    let [PollReply::Track(track)] = replies.as_slice() else { panic!("{replies:?}") };
    assert_eq!(track.tracking_number, asked[0]);
}

#[test]
fn payloads_are_read_without_a_question_and_without_signatories() {
    let tracks = read_payload(&FIXTURES.response("track_delivered_then_late_scan").body).unwrap();
    let scans = &tracks[0].scans;
    assert_eq!(tracks[0].tracking_number, "XN123456785FR");
    assert_eq!(scans[1].location.text().as_deref(), Some("RENNES CHRONOPOST, 35000"));
    let sequence: Vec<u32> = scans.iter().map(|scan| scan.sequence).collect();
    assert_eq!(sequence, [0, 1, 2, 3]);
    for scan in scans {
        let all = format!("{} {} {:?}", scan.code, scan.description, scan.location);
        assert!(!all.contains("SECRET"), "{all}");
    }
    let entities = read_payload(&FIXTURES.response("track_postponed_and_unknown").body).unwrap();
    assert_eq!(entities[0].scans[1].description, "Trié, report de 24 h & avis");
    assert_eq!(read_payload(&FIXTURES.response("track_nothing_yet").body), Ok(Vec::new()));
    assert!(read_payload(&FIXTURES.response("track_refused").body).is_err());
    assert!(read_payload(&FIXTURES.response("label_accepted").body).is_err());
    let back = read_payload(&FIXTURES.response("track_returned").body).unwrap();
    let legs: Vec<bool> = back[0].scans.iter().map(|scan| scan.return_leg).collect();
    assert_eq!(legs, [false, false, true]);
}

#[test]
fn prices_are_read() {
    let rates = CARRIER.rates().unwrap();
    let every = Shipment { service: String::new(), ..shipment() };
    for (prefix, least, asked) in [("rates_", 7, shipment()), ("products_", 2, every)] {
        compare(prefix, least, |answer| {
            let Step::Done(rates) = rates.response(answer, &asked)? else { panic!("one question") };
            let line = |rate: &crate::Rate| {
                assert!(rate.charges.is_empty() && rate.delivery.is_none());
                format!("{} {} {}", rate.service, rate.name, rate.total)
            };
            Ok(json!({ "rates": rates.iter().map(line).collect::<Vec<_>>() }))
        });
    }
    let dates = rates.delivery_dates().unwrap();
    compare("date_", 4, |answer| {
        let date = dates.response(answer, &shipment())?;
        Ok(json!({ "date": date.map(|date| date.to_string()) }))
    });
}

#[test]
fn accounts_are_in_when_a_price_is_told_or_denied() {
    let check = CARRIER.account_check().unwrap();
    assert!(check.response(&FIXTURES.response("rates_one")).is_ok());
    assert!(check.response(&FIXTURES.response("rates_not_there")).is_ok());
    let out = check.response(&FIXTURES.response("rates_password"));
    assert!(matches!(out, Err(CarrierError::Unauthorised { .. })), "{out:?}");
}

#[test]
fn collections_are_read() {
    let pickups = CARRIER.pickups().unwrap();
    let wanted = PickupRequest {
        reference: "PICKUP0001".to_owned(),
        address: shipment().sender,
        date: date!(2026 - 11 - 23),
        ready: time!(14:00),
        close: time!(18:30),
        service: "01".to_owned(),
        destination: None,
        parcels: 1,
        weight: Grams(1_000),
        tracking_numbers: Vec::new(),
        instructions: String::new(),
    };
    compare("pickup_", 5, |answer| match pickups.response(answer, &wanted)? {
        Step::Done(pickup) => {
            Ok(json!({ "pickup": format!("{} {}", pickup.confirmation, pickup.date) }))
        }
        Step::Next(_) => panic!("one call books"),
    });
    let off = pickups.cancellation().unwrap();
    compare("off_", 3, |answer| off.response(answer).map(|()| json!({ "off": true })));
}

fn described(point: &ServicePoint) -> String {
    let (latitude, longitude) = point.position.unwrap();
    let mut text = format!(
        "{} {} {} {latitude} {longitude} {}",
        point.id,
        point.distance_m.unwrap(),
        point.weight_max.unwrap().0,
        if point.locker { "locker" } else { "shop" },
    );
    for (day, spans) in point.hours.iter().flatten().enumerate() {
        let span = |(from, to): &crate::Opening| {
            format!("{:02}:{:02}-{:02}:{:02}", from.hour(), from.minute(), to.hour(), to.minute())
        };
        let spans: Vec<String> = spans.iter().map(span).collect();
        if !spans.is_empty() {
            text.push_str(&format!(" {}:{}", day + 1, spans.join(",")));
        }
    }
    for (from, to) in &point.closures {
        text.push_str(&format!(" shut {from}..{to}"));
    }
    text
}

#[test]
fn points_are_read_nearest_first() {
    let points = CARRIER.service_points().unwrap();
    compare("points_", 5, |answer| {
        let points = points.response(answer)?;
        Ok(json!({ "points": points.iter().map(described).collect::<Vec<_>>() }))
    });
}
