//! Scans and the table behind them.

use proptest::prelude::*;

use super::*;
use crate::{
    Headline as H, MappedStatus, PollReply, Scan, ZoneSource, dpd_fr::TABLE, dpd_fr::read_payload,
    fold,
};

const ASKED: &str = "10999000000123";

fn scan(scan: &Scan) -> Value {
    json!({
        "code": scan.code, "words": scan.description, "status": format!("{:?}", scan.status),
        "time": scan.time.map(|time| time.to_string()), "zone": format!("{:?}", scan.zone_source),
        "city": scan.location.city, "sequence": scan.sequence, "return_leg": scan.return_leg,
    })
}

fn told(reply: &PollReply) -> Value {
    match reply {
        PollReply::Track(track) => {
            let scans: Vec<Value> = track.scans.iter().map(scan).collect();
            let promised = track.promised.map(|time| time.to_string());
            json!({ "number": track.tracking_number, "promised": promised, "scans": scans })
        }
        PollReply::NotFound { .. } => json!("not found"),
        PollReply::Broken { error: told, .. } => json!({ "broken": error(told) }),
    }
}

fn read(response: &HttpResponse) -> Result<Vec<PollReply>, CarrierError> {
    CARRIER.polling().unwrap().response(response, &[ASKED.to_owned()])
}

#[test]
fn answers_are_read_as_scans() {
    for case in FIXTURES.cases("scans_") {
        let told = match read(&FIXTURES.response(&case)) {
            Ok(replies) => {
                assert_eq!(replies.len(), 1, "{case}");
                told(&replies[0])
            }
            Err(told) => error(&told),
        };
        assert_told(&case, &told);
    }
    assert!(FIXTURES.cases("scans_").len() >= 9);
}

#[test]
fn nothing_of_the_addressee_enters_a_scan() {
    let answer = FIXTURES.response("scans_several");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for person in ["Alix Exemple", "35000", "Signature Exemple"] {
        assert!(text.contains(person), "{person} is in the answer");
        let scans = told(&read(&answer).unwrap()[0]).to_string();
        assert!(!scans.contains(person), "{person} is in {scans}");
    }
}

#[test]
fn recorded_payloads_are_read_without_a_question() {
    let tracks = read_payload(&FIXTURES.response("scans_several").body).unwrap();
    assert_eq!((tracks.len(), tracks[0].scans.len()), (1, 5));
    let unknown = read_payload(&FIXTURES.response("scans_unknown_number").body);
    assert!(unknown.is_err());
}

#[test]
fn the_way_back_ends_with_the_sender() {
    let Ok(replies) = read(&FIXTURES.response("scans_retour")) else { panic!("read") };
    let PollReply::Track(track) = &replies[0] else { panic!("known") };
    let (_, folded) = fold(&track.scans, Some(NOW));
    assert_eq!((folded.headline, folded.return_leg), (H::Returned, true));
    let codes: Vec<_> = track.scans.iter().map(|scan| (scan.code.as_str(), scan.status)).collect();
    assert!(codes.contains(&("271", MappedStatus::State(H::Returned, None))), "{codes:?}");
}

#[test]
fn the_table_says_what_the_rules_say() {
    let rules = [
        ("8", Some(H::Created), "O: "),
        ("28", Some(H::PickedUp), "O: "),
        ("44", Some(H::PickedUp), "O: "),
        ("89", Some(H::PickedUp), "O, judged: "),
        ("10", Some(H::InTransit), "O: "),
        ("230", Some(H::InTransit), "O, judged: "),
        ("40", Some(H::Delivered), "O: "),
        ("400", Some(H::Delivered), "O: "),
        ("271", None, "O, judged: "),
    ];
    assert_eq!(TABLE.len(), rules.len());
    for (row, (code, headline, mark)) in TABLE.iter().zip(rules) {
        let status = headline.map_or(MappedStatus::NoChange, |h| MappedStatus::State(h, None));
        assert_eq!((row.code, row.status), (code, status));
        assert!(row.source.starts_with(mark), "{code}: {}", row.source);
    }
}

/// One answer with one scan of that day, time and number.
fn answer(date: &str, time: &str, number: &str) -> HttpResponse {
    let escape = crate::wire::xml::escape;
    let body = format!(
        "<Envelope><Body><GetShipmentTraceResponse><GetShipmentTraceResult><ShipmentTrace>\
         <ShipmentNumber>{ASKED}</ShipmentNumber><Traces><clsTrace><ScanDate>{}</ScanDate>\
         <ScanTime>{}</ScanTime><StatusNumber>{}</StatusNumber><StatusDescription>x\
         </StatusDescription></clsTrace></Traces></ShipmentTrace></GetShipmentTraceResult>\
         </GetShipmentTraceResponse></Body></Envelope>",
        escape(date),
        escape(time),
        escape(number),
    );
    let headers = vec![("content-type".to_owned(), "text/xml; charset=utf-8".to_owned())];
    HttpResponse { status: 200, headers, body: body.into() }
}

fn only(response: &HttpResponse) -> Scan {
    let Ok(replies) = read(response) else { panic!("read") };
    let PollReply::Track(track) = &replies[0] else { panic!("known") };
    track.scans[0].clone()
}

#[test]
fn days_and_times_are_french_and_never_invented() {
    for (date, time, expected, zone) in [
        ("20.11.2026", "18:05", Some("2026-11-20T18:05+01:00"), ZoneSource::Place),
        ("20/07/2026", "18:05:09", Some("2026-07-20T18:05:09+02:00"), ZoneSource::Place),
        ("2026-11-20", "18:05", Some("2026-11-20T18:05+01:00"), ZoneSource::Place),
        ("2026-11-20T00:00:00", "18:05", Some("2026-11-20T18:05+01:00"), ZoneSource::Place),
        ("20.11.2026", "", Some("2026-11-20"), ZoneSource::None),
        ("20.11.2026", "25:05", Some("2026-11-20"), ZoneSource::None),
        ("11/20/2026", "18:05", None, ZoneSource::None),
        ("20.11.26", "18:05", None, ZoneSource::None),
        ("", "18:05", None, ZoneSource::None),
        ("20.11.2026.1", "18:05", None, ZoneSource::None),
    ] {
        let scan = only(&answer(date, time, "10"));
        let told = scan.time.map(|time| time.to_string());
        assert_eq!((told.as_deref(), scan.zone_source), (expected, zone), "{date} {time}");
    }
}

proptest! {
    #[test]
    fn a_number_outside_the_table_never_moves_a_parcel(number in "[0-9]{1,5}|[A-Z0-9]{1,6}") {
        let known = TABLE.iter().any(|row| row.code == number);
        let scan = only(&answer("20.11.2026", "18:05", &number));
        prop_assert_eq!(&scan.code, &number);
        prop_assert_eq!(scan.status == MappedStatus::Unknown, !known);
    }

    #[test]
    fn no_text_in_a_scan_is_a_panic(date in "\\PC{0,12}", time in "\\PC{0,8}", n in "\\PC{0,6}") {
        let _ = read(&answer(&date, &time, &n));
    }
}
