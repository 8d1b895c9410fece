use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    CarrierError, Headline, MappedStatus, PollReply, Scan, SubStatus, fold,
    mondial_relay::{TABLE, read_payload, statuses},
};

fn numbers() -> Vec<String> {
    vec!["12345678".to_owned()]
}

fn read(response: &HttpResponse) -> Result<Vec<PollReply>, CarrierError> {
    CARRIER.polling().unwrap().response(response, &numbers())
}

fn scans(case: &str) -> Vec<Scan> {
    match read(&FIXTURES.response(case)).unwrap().remove(0) {
        PollReply::Track(track) => track.scans,
        other => panic!("{case}: {other:?}"),
    }
}

#[test]
fn one_number_is_asked_for_and_signed() {
    let request = CARRIER.polling().unwrap().request(&call(&account()), &numbers());
    FIXTURES.assert_request("track_in_process", &request);
    let odd = ["</Expedition>".to_owned()];
    let request = CARRIER.polling().unwrap().request(&call(&account()), &odd);
    assert!(String::from_utf8_lossy(&request.body).contains("<Expedition>00000000</Expedition>"));
}

#[test]
fn answers_are_read_as_tracks_or_not() {
    let mut tracks = 0;
    for case in FIXTURES.cases("track_") {
        let told = match read(&FIXTURES.response(&case)) {
            Err(error) => json!({ "error": error.to_string() }),
            Ok(mut replies) => match replies.remove(0) {
                PollReply::NotFound { .. } => json!({ "not_found": true }),
                PollReply::Broken { error, .. } => json!({ "broken": error.to_string() }),
                PollReply::Track(track) => {
                    tracks += 1;
                    assert_eq!(
                        (track.tracking_number.as_str(), track.promised),
                        ("12345678", None)
                    );
                    let folded = fold(&track.scans, None).1;
                    let scans = track.scans.iter().map(|scan| {
                        let known = scan.status != MappedStatus::Unknown;
                        let code = if known { scan.code.as_str() } else { "?" };
                        json!([code, scan.time.map(|time| time.to_string())])
                    });
                    json!({
                        "scans": scans.collect::<Vec<Value>>(),
                        "headline": folded.headline.as_str(),
                        "sub": folded.sub.map(SubStatus::as_str),
                    })
                }
            },
        };
        assert_eq!(told, FIXTURES.expected(&case), "{case}");
    }
    assert!(tracks >= 10, "{tracks}");
}

#[test]
fn scans_keep_what_the_carrier_said() {
    let scans = scans("track_waiting_newest_first");
    let last = scans.last().unwrap();
    assert_eq!(last.description, "Colis disponible au Point Relais");
    assert_eq!(last.location.city.as_deref(), Some("RENNES"));
    assert_eq!(last.location.country, "FR".parse().ok());
    assert_eq!(scans[0].location.country, None);
    assert_eq!(scans.iter().map(|scan| scan.sequence).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn an_unknown_wording_is_counted_and_moves_nothing() {
    let scans = scans("track_unknown_wording");
    assert_eq!(scans[1].code, "EVENEMENT NDEG & SUITE");
    assert_eq!(scans[1].status, MappedStatus::Unknown);
    assert_eq!(fold(&scans, None).1.unknown, 1);
}

#[test]
fn only_the_first_of_several_numbers_was_asked_for() {
    let two = ["12345678".to_owned(), "12345679".to_owned()];
    let replies =
        CARRIER.polling().unwrap().response(&FIXTURES.response("track_in_process"), &two).unwrap();
    assert!(matches!(replies.as_slice(), [PollReply::Track(_), PollReply::Broken { .. }]));
}

#[test]
fn recorded_answers_are_read_without_their_number() {
    let tracks = read_payload(&FIXTURES.response("track_delivered").body).unwrap();
    assert_eq!((tracks.len(), tracks[0].tracking_number.as_str()), (1, ""));
    assert!(read_payload(&FIXTURES.response("track_unknown_number").body).unwrap().is_empty());
    assert!(read_payload(&FIXTURES.response("track_service_failed").body).is_err());
}

/// The rows of the shared map for this carrier: `STAT` alone decides in it. 94 is an answer and no
/// state.
#[test]
fn the_coarse_states_are_those_of_the_map() {
    let map = [("80", "created"), ("81", "in_transit"), ("82", "delivered"), ("83", "exception")];
    let stats: Vec<_> =
        TABLE.iter().filter(|row| row.code.bytes().all(|b| b.is_ascii_digit())).collect();
    assert_eq!(stats.len(), map.len());
    for (row, (code, headline)) in stats.iter().zip(map) {
        assert_eq!(row.code, code);
        assert_eq!(row.status, MappedStatus::State(Headline::parse(headline).unwrap(), None));
        assert_eq!(statuses::of_stat(code), row.status);
    }
    for unknown in ["", "84", "94", "RETOUR"] {
        assert_eq!(statuses::of_stat(unknown), MappedStatus::Unknown, "{unknown}");
    }
}

#[test]
fn every_wording_row_can_be_reached_and_order_matters() {
    for row in TABLE.iter().filter(|row| !row.code.starts_with('8')) {
        assert_eq!(statuses::of_wording(row.code), (row.code.to_owned(), row.status));
        let within = format!("  le colis : {}.", row.code.to_lowercase());
        assert_eq!(statuses::of_wording(&within).1, row.status, "{within}");
    }
    for (wording, headline, sub) in [
        ("Livré au Point Relais®", Headline::OutForDelivery, Some(SubStatus::AvailableForPickup)),
        ("Non remis au destinataire", Headline::Exception, Some(SubStatus::FailedAttempt)),
        ("Retour du colis non réclamé", Headline::Exception, Some(SubStatus::Returning)),
        ("Rendu à l'expéditeur", Headline::Returned, None),
        ("Prise en charge de votre colis", Headline::PickedUp, None),
    ] {
        let status = statuses::of_wording(wording).1;
        assert_eq!(status, MappedStatus::State(headline, sub), "{wording}");
    }
    assert_eq!(statuses::of_wording("Le colis sera livré demain").1, MappedStatus::NoChange);
    assert_eq!(statuses::of_wording("81").1, MappedStatus::Unknown, "a number is no wording");
}

proptest! {
    #[test]
    fn no_bytes_are_a_panic_and_none_are_a_track(
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let kind = ("content-type".to_owned(), "text/xml".to_owned());
        prop_assert!(read_payload(&body).is_err());
        let response = HttpResponse { status: 200, headers: vec![kind], body: body.into() };
        prop_assert!(read(&response).is_err());
    }

    #[test]
    fn half_an_answer_is_none(cut in any::<prop::sample::Index>()) {
        let whole = FIXTURES.response("track_waiting_newest_first");
        let length = whole.body.trim_ascii_end().len();
        let body = whole.body.slice(..cut.index(length));
        let read = read(&HttpResponse { body, ..whole });
        prop_assert!(read.is_err());
    }

    #[test]
    fn odd_values_cost_their_line_and_nothing_else(
        wording in "[^<&\u{0}-\u{1f}]{1,40}", date in "[0-9/]{0,12}", clock in "[0-9:]{0,6}",
    ) {
        let whole = FIXTURES.response("track_in_process");
        let text = String::from_utf8(whole.body.to_vec()).unwrap();
        let extra = format!(
            "<Tracing><ret_WSI2_sub_TracingColisDetaille><Libelle>{wording}</Libelle><Date>{date}\
             </Date><Heure>{clock}</Heure></ret_WSI2_sub_TracingColisDetaille>"
        );
        let text = text.replacen("<Tracing>", &extra, 1);
        let replies = read(&HttpResponse { body: text.into(), ..whole }).unwrap();
        let PollReply::Track(track) = &replies[0] else { panic!("{replies:?}") };
        let known = |scan: &&Scan| scan.description.starts_with("PRISE EN");
        prop_assert_eq!(track.scans.iter().filter(known).count(), 1);
        let lines = if wording.trim().is_empty() { 1 } else { 2 };
        prop_assert_eq!(track.scans.len(), lines);
    }

    /// The list has no promised order: any of them folds to the same state.
    #[test]
    fn any_order_of_lines_tells_the_same(seed in any::<prop::sample::Index>()) {
        let whole = FIXTURES.response("track_returned");
        let text = String::from_utf8(whole.body.to_vec()).unwrap();
        let tag = "<ret_WSI2_sub_TracingColisDetaille>";
        let (head, list) = text.split_once(tag).unwrap();
        let (list, tail) = list.split_once("</Tracing>").unwrap();
        let mut lines: Vec<&str> = list.split(tag).collect();
        let length = lines.len();
        lines.rotate_left(seed.index(length));
        if seed.index(2) == 1 {
            lines.reverse();
        }
        let list: String = lines.iter().map(|line| format!("{tag}{line}")).collect();
        let body = format!("{head}{list}</Tracing>{tail}");
        let replies = read(&HttpResponse { body: body.into(), ..whole }).unwrap();
        let PollReply::Track(track) = &replies[0] else { panic!("{replies:?}") };
        prop_assert_eq!(&track.scans, &scans("track_returned"));
    }
}
