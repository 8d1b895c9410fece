//! Recorded shapes, both ways: what is asked, and what an answer is read as.

use serde_json::{Value, json};

use super::*;
use crate::{
    AccountCheck, CarrierError, Check, Found, Lookup, ParcelTrack, Pickups, PointSearch, PollReply,
    Polling, Purchase, Push, Rates, ServicePoints, Step,
    dhl_express::{CARRIER, read_payload},
};

fn error(error: &CarrierError) -> Value {
    match error {
        CarrierError::Refused { code, .. } => json!({ "refused": code }),
        CarrierError::Later { code, .. } => json!({ "later": code }),
        CarrierError::Unauthorised { code } => json!({ "unauthorised": code }),
        CarrierError::Garbled { .. } => json!("garbled"),
    }
}

fn done<T>(result: Result<Step<T>, CarrierError>, show: impl Fn(T) -> Value) -> Value {
    match result {
        Ok(Step::Done(done)) => show(done),
        Ok(Step::Next(_)) => json!("next"),
        Err(told) => error(&told),
    }
}

fn purchase(purchase: Purchase) -> Value {
    let labels = purchase.labels.iter().map(|label| {
        json!([label.tracking_number, format!("{:?}", label.format), label.data.len()])
    });
    json!({
        "shipment": purchase.shipment_number,
        "labels": labels.collect::<Vec<_>>(),
        "charge": purchase.charge.map(|charge| charge.to_string()),
    })
}

fn tracks(tracks: &[ParcelTrack]) -> Value {
    let scan = |scan: &crate::Scan| {
        let status = match scan.status {
            crate::MappedStatus::State(headline, sub) => {
                let sub = sub.map(|sub| format!("/{}", sub.as_str())).unwrap_or_default();
                format!("{}{sub}", headline.as_str())
            }
            other => format!("{other:?}"),
        };
        let time = scan
            .time
            .map(|time| format!("{}{}", time.local_text(), time.offset_text().unwrap_or_default()));
        json!([scan.code, status, time, scan.location.text()])
    };
    let track = |track: &ParcelTrack| {
        json!({
            "number": track.tracking_number,
            "promised": track.promised.map(|time| time.local_text()),
            "scans": track.scans.iter().map(scan).collect::<Vec<_>>(),
        })
    };
    tracks.iter().map(track).collect()
}

fn track_case(case: &str) -> Value {
    let numbers = ["1234567891".to_owned()];
    match Polling::response(&CARRIER, &FIXTURES.response(case), &numbers) {
        Ok(replies) => match replies.as_slice() {
            [PollReply::Track(track)] => tracks(std::slice::from_ref(track)),
            [PollReply::NotFound { .. }] => json!("not found"),
            other => panic!("{case}: {other:?}"),
        },
        Err(told) => error(&told),
    }
}

fn search() -> PointSearch {
    PointSearch {
        near: contact("FR"),
        ship_date: date!(2026 - 11 - 20),
        weight: Grams(1_250),
        service: String::new(),
        limit: 3,
    }
}

/// What an answer is read as.
fn read(case: &str) -> Value {
    let answer = FIXTURES.response(case);
    let (account, wanted) = (account(), shipment("FR", "DE"));
    let call = call(&account);
    let (kind, _) = case.split_once('_').unwrap();
    match kind {
        "label" | "return" => {
            let labels = crate::Carrier::labels(&CARRIER).unwrap();
            done(labels.response(&answer, &wanted), purchase)
        }
        "check" => done(Check::response(&CARRIER, &answer), |()| json!("ok")),
        "account" => match AccountCheck::response(&CARRIER, &answer) {
            Ok(()) => json!("ok"),
            Err(told) => error(&told),
        },
        "lookup" => {
            done(Lookup::response(&CARRIER, &call, &answer, &wanted), |found| match found {
                Found::Purchase(found) => purchase(*found),
                Found::Nothing => json!("nothing"),
                Found::Unclear(_) => json!("unclear"),
            })
        }
        "track" => track_case(case),
        "push" => tracks(&Push::parse(&CARRIER, &answer.body).unwrap()),
        "unified" => tracks(&read_payload(&answer.body).unwrap()),
        "rates" => done(Rates::response(&CARRIER, &answer, &wanted), |rates| {
            rates.iter().map(|rate| json!([rate.service, rate.total.to_string()])).collect()
        }),
        "pickup" => {
            done(Pickups::response(&CARRIER, &answer, &super::others::pickup()), |pickup| {
                json!([pickup.confirmation, pickup.date.to_string()])
            })
        }
        "cancel" => match Pickups::cancellation(&CARRIER).unwrap().response(&answer) {
            Ok(()) => json!("ok"),
            Err(told) => error(&told),
        },
        "points" => match ServicePoints::response(&CARRIER, &answer) {
            Ok(points) => points.iter().map(|p| json!([p.id, p.distance_m])).collect(),
            Err(told) => error(&told),
        },
        "subscribe" => match Push::subscriptions(&CARRIER).unwrap().response(&answer) {
            Ok(refused) => json!(refused),
            Err(told) => error(&told),
        },
        other => panic!("no reader for {other}"),
    }
}

#[test]
fn answers_are_read_as_expected() {
    let cases = FIXTURES.cases("");
    assert!(cases.len() >= 24, "{} cases", cases.len());
    for case in cases {
        assert_eq!(read(&case), FIXTURES.expected(&case), "{case}");
    }
}

#[test]
fn requests_are_written_as_expected() {
    let account = account();
    let call = call(&account);
    let carrier: &dyn crate::Carrier = &CARRIER;
    let union = shipment("FR", "DE");
    let numbers = ["1234567891".to_owned()];
    let pickup = super::others::pickup();
    let booked = crate::Pickup {
        confirmation: "LYS261123000001".into(),
        date: pickup.date,
        location: "Atelier Exemple".into(),
        service: "U".into(),
    };
    let cancellation = Pickups::cancellation(&CARRIER).unwrap();
    let offer = Push::subscriptions(&CARRIER).unwrap();
    let url = "https://hooks.example/in/account-1";
    for (case, request) in [
        ("label_accepted", carrier.labels().unwrap().request(&call, &union).unwrap()),
        ("label_customs", carrier.labels().unwrap().request(&call, &shipment("FR", "CH")).unwrap()),
        (
            "return_accepted",
            carrier.returns().unwrap().request(&call, &shipment("DE", "FR")).unwrap(),
        ),
        ("check_accepted", Check::request(&CARRIER, &call, &union).unwrap()),
        ("account_accepted", AccountCheck::request(&CARRIER, &call)),
        ("lookup_found", Lookup::request(&CARRIER, &call, &union)),
        ("track_accepted", Polling::request(&CARRIER, &call, &numbers)),
        ("rates_accepted", Rates::request(&CARRIER, &call, &union).unwrap()),
        ("pickup_accepted", Pickups::request(&CARRIER, &call, &pickup).unwrap()),
        ("cancel_accepted", cancellation.request(&call, &booked)),
        ("points_accepted", ServicePoints::request(&CARRIER, &call, &search()).unwrap()),
        ("subscribe_accepted", offer.request(&call, &numbers, url)),
    ] {
        FIXTURES.assert_json_request(case, &request);
    }
}
