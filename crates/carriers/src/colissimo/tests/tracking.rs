use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    Carrier, CarrierError, Headline, MappedStatus, ParcelTrack, PollReply, Scan, SubStatus,
    colissimo::{CARRIER, read_payload, wording},
    fold,
};

fn poll(response: &HttpResponse, asked: &[String]) -> Result<Vec<PollReply>, CarrierError> {
    CARRIER.polling().unwrap().response(response, asked)
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
        "promised": track.promised.map(|time| time.to_string()),
        "scans": track.scans.iter().map(line).collect::<Vec<_>>(),
    })
}

#[test]
fn recorded_shapes_of_answers_are_read() {
    let cases = FIXTURES.cases("suivi_");
    assert!(cases.len() >= 18);
    for case in cases {
        let expected = FIXTURES.expected(&case);
        let asked = expected["asked"].as_array().unwrap();
        let asked: Vec<String> = asked.iter().map(|n| n.as_str().unwrap().to_owned()).collect();
        let response = FIXTURES.response(&case);
        match poll(&response, &asked) {
            Ok(replies) => {
                let replies: Vec<Value> = replies
                    .iter()
                    .map(|reply| match reply {
                        PollReply::Track(track) => told(track),
                        PollReply::NotFound { .. } => json!("not found"),
                        PollReply::Broken { .. } => json!("broken"),
                    })
                    .collect();
                assert_eq!(Value::from(replies), expected["replies"], "{case}");
            }
            Err(error) => assert_eq!(json!(error.to_string()), expected["error"], "{case}"),
        }
    }
}

#[test]
fn a_payload_alone_is_read_as_the_reply_to_its_question() {
    for case in FIXTURES.cases("suivi_") {
        let Value::Array(replies) = &FIXTURES.expected(&case)["replies"] else { continue };
        let expected: Vec<&Value> = replies.iter().filter(|reply| reply.is_object()).collect();
        if let [first, ..] = expected.as_slice() {
            let tracks = read_payload(&FIXTURES.response(&case).body).unwrap();
            assert_eq!(told(&tracks[0]), **first, "{case}");
        }
    }
    let code = |body: &str| match read_payload(body.as_bytes()).unwrap_err() {
        CarrierError::Refused { code, .. } => format!("refused {code}"),
        other => other.to_string(),
    };
    assert_eq!(code(r#"{"returnCode":404,"idShip":"6A00000001236"}"#), "refused 404");
    assert_eq!(code(r#"[{"returnCode":400,"idShip":"X"}]"#), "refused 400");
    assert_eq!(code(r#"{"code":"TOO_MANY_REQUESTS","message":"."}"#), "busy (TOO_MANY_REQUESTS)");
    assert!(code("").starts_with("unreadable"));
    assert_eq!(read_payload(b"[]"), Ok(Vec::new()));
}

#[test]
fn the_question_is_written_to_the_byte() {
    let account = account();
    let ids = ["6A00000001236".to_owned(), "6a 1234567890 5/../?".to_owned()];
    let request = CARRIER.polling().unwrap().request(&call(&account), &ids);
    FIXTURES.assert_request("poll_two", &request);
    assert_eq!(CARRIER.polling().unwrap().batch_max(), 10);
}

#[test]
fn incidents_are_read_from_the_wording() {
    use MappedStatus::{NoChange, State, Unknown};
    use {Headline as H, SubStatus as S};
    let bad = |sub| State(H::Exception, Some(sub));
    for (code, label, expected) in [
        ("DR1", "Incident : livraison impossible", State(H::Exception, None)),
        ("ET1", "Votre colis a pris du retard", State(H::Delayed, None)),
        ("ET1", "Votre colis sera livré avec du retard", State(H::Delayed, None)),
        ("ET1", "Votre colis arrivera sans retard", State(H::InTransit, None)),
        ("PC1", "Le colis a été refusé", bad(S::Refused)),
        ("ET1", "Votre colis est perdu", bad(S::Lost)),
        ("ET1", "Votre colis a été détruit.", bad(S::Destroyed)),
        ("ET1", "VOTRE COLIS EST ENDOMMAGÉ", bad(S::Damaged)),
        ("ET1", "Votre colis est en cours de retour vers l'expéditeur", bad(S::Returning)),
        ("PC1", "Votre envoi a été renvoyé à l'expéditeur", bad(S::Returning)),
        ("ET1", "Adresse incomplète : nous recherchons", bad(S::AddressProblem)),
        ("ET1", "L\u{2019}adresse indiquée est incomple\u{300}te", bad(S::AddressProblem)),
        ("ET1", "Votre colis est de retour sur notre site", State(H::InTransit, None)),
        ("ND1", "Vous étiez absent", bad(S::FailedAttempt)),
        ("ND1", "Destinataire inconnu à l'adresse", bad(S::AddressProblem)),
        ("ND1", "Le destinataire n'habite plus à cette adresse", bad(S::AddressProblem)),
        ("ND1", "Refusé par le destinataire", bad(S::Refused)),
        ("ND1", "Non distribué", bad(S::FailedAttempt)),
        ("RE1", "Refusé, le colis repart", bad(S::Returning)),
        (
            "AG1",
            "À défaut de retrait, retour à l'expéditeur",
            State(H::OutForDelivery, Some(S::AvailableForPickup)),
        ),
        (
            "AG1",
            "Disponible jusqu'au 12. Il sera ensuite retourné à l'expéditeur.",
            State(H::OutForDelivery, Some(S::AvailableForPickup)),
        ),
        ("PB2", "L'incident est résolu", State(H::InTransit, None)),
        ("DO3", "La douane a pris du retard", State(H::Delayed, Some(S::CustomsHold))),
        ("MD2", "Votre colis va être livré", State(H::OutForDelivery, None)),
        ("DI1", "Votre colis va être livré demain", NoChange),
        ("DI1", "Votre colis a été livré avec retard", State(H::Delivered, None)),
        ("DI1", "Votre colis endommagé a été livré", State(H::Delivered, Some(S::Damaged))),
        ("DI1", "Livré endommagé", State(H::Delivered, Some(S::Damaged))),
        ("PC1", "Des retards sont possibles", State(H::PickedUp, None)),
        ("ET1", "Returned to sender", bad(S::Returning)),
        ("DI2", "Refusé, retourné et remis à l'expéditeur", State(H::Returned, None)),
        ("di1", "", State(H::Delivered, None)),
        ("ZZ9", "Rien de connu", Unknown),
        ("ZZ9", "Incident", State(H::Exception, None)),
        ("", "", Unknown),
    ] {
        assert_eq!(wording::status(code, label, false), expected, "{code} {label}");
    }
    let product = wording::status("PC1", "Votre retour est pris en charge", true);
    assert_eq!(product, State(H::PickedUp, None));
    let back = wording::status("ET1", "Retour à l'expéditeur", true);
    assert_eq!(back, bad(S::Returning));
}

proptest! {
    #[test]
    fn no_bytes_are_a_panic(
        body in prop::collection::vec(any::<u8>(), 0..300), status in any::<u16>(),
    ) {
        let response = HttpResponse { status, headers: Vec::new(), body: body.clone().into() };
        let _ = poll(&response, &["6A00000001236".to_owned()]);
        let _ = read_payload(&body);
    }

    #[test]
    fn no_wording_is_a_panic(label in ".{0,80}", code in "[A-Z]{2}[0-9]") {
        let _ = wording::status(&code, &label, false);
    }

    /// Every value of every answer, replaced by something else: never a panic, and a list costs
    /// at most the item that was touched.
    #[test]
    fn a_mutated_member_costs_one_item_at_most(
        case in prop::sample::select(FIXTURES.cases("suivi_")), at in any::<prop::sample::Index>(),
        kind in 0..6_usize, cut in any::<prop::sample::Index>(),
    ) {
        let body = FIXTURES.response(&case).body;
        let whole = read_payload(&body).map(|tracks| tracks.len());
        let _ = read_payload(&body[..cut.index(body.len() + 1)]);
        if let Ok(mut json) = serde_json::from_slice::<Value>(&body) {
            let mut paths = Vec::new();
            walk(&json, String::new(), &mut paths);
            let path = at.get(&paths);
            let odd = [json!(null), json!(1.5), json!("?"), json!([]), json!({}), json!([[]])];
            *json.pointer_mut(path).unwrap() = odd[kind].clone();
            let read = read_payload(json.to_string().as_bytes()).map(|tracks| tracks.len());
            if let (Ok(before), true) = (whole, path.len() > 1 && json.is_array()) {
                prop_assert!(read.is_ok_and(|after| after + 1 >= before) || before == 1);
            }
        }
    }
}

fn walk(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, format!("{path}/{at}"), paths);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                walk(member, format!("{path}/{key}"), paths);
            }
        }
        _ => {}
    }
    paths.push(path);
}
