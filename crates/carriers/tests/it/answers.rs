//! Answers that no document promises: never a panic, and never "nothing happened" out of noise.

use colibri_carriers::{
    CarrierError, Found, HttpResponse, PollReply, Purchase, Step, all, read_payload, sim::Desk,
};
use proptest::prelude::*;

use crate::world::{Suite, worlds};

fn answer(status: u16, content_type: &str, body: &[u8]) -> HttpResponse {
    let headers = match content_type {
        "" => Vec::new(),
        text => vec![("content-type".to_owned(), text.to_owned())],
    };
    HttpResponse { status, headers, body: body.to_vec().into() }
}

const KINDS: &[&str] =
    &["", "text/html", "application/json", "multipart/mixed; boundary=b", "application/xml"];
const BODIES: &[&[u8]] = &[
    b"",
    b" ",
    b"<html><body>Bad Gateway</body></html>",
    b"{}",
    b"[]",
    b"null",
    b"0",
    b"\"\"",
    b"{",
    b"--b\r\n\r\n--b--",
    b"\xff\xfe\x00",
    b"{\"response\":{}}",
    b"{\"messages\":[]}",
];

/// Every noise with every kind and the given statuses.
fn noise(statuses: &[u16]) -> impl Iterator<Item = HttpResponse> {
    statuses.iter().flat_map(|status| {
        KINDS.iter().flat_map(|kind| BODIES.iter().map(|body| answer(*status, kind, body)))
    })
}

fn in_doubt(result: &Result<Step<Purchase>, CarrierError>) -> bool {
    matches!(result, Err(CarrierError::Garbled { .. }))
}

#[test]
fn noise_after_a_purchase_is_in_doubt() {
    for world in worlds(3) {
        let shipment = world.shipment();
        for answer in noise(&[200, 201, 207, 302, 500, 502, 504]) {
            let result = world.labels().response(&answer, &shipment);
            let (id, status) = (world.id(), answer.status);
            assert!(in_doubt(&result), "{id} {status} {:?}: {result:?}", answer.body);
        }
        for answer in noise(&[0, 100, 400, 401, 403, 404, 409, 422, 429, 503, 599, 999]) {
            let result = world.labels().response(&answer, &shipment);
            assert!(result.is_err(), "{} {}: a purchase out of noise", world.id(), answer.status);
        }
    }
}

#[test]
fn a_cut_answer_to_a_purchase_is_the_purchase_or_doubt() {
    for mut world in worlds(4) {
        let shipment = world.shipment();
        let request = world.labels().request(&world.call(), &shipment).unwrap();
        assert!(world.buys(&request), "{}", world.id());
        let whole = world.send(&request);
        let Ok(Step::Done(bought)) = world.labels().response(&whole, &shipment) else {
            panic!("{}: not bought", world.id())
        };
        let length = whole.body.len();
        let cuts = (0..200).map(|cut| cut * length / 200).chain(length.saturating_sub(40)..length);
        for cut in cuts {
            let cut_answer = HttpResponse { body: whole.body.slice(..cut), ..whole.clone() };
            match world.labels().response(&cut_answer, &shipment) {
                Ok(Step::Done(purchase)) => {
                    let (cut, full) = (&purchase.labels[0], &bought.labels[0]);
                    assert_eq!(cut.tracking_number, full.tracking_number, "{}", world.id());
                    assert!(cut.data.is_empty() || cut.data == full.data, "{}", world.id());
                }
                result => assert!(in_doubt(&result), "{} at {cut}: {result:?}", world.id()),
            }
        }
    }
}

#[test]
fn noise_in_tracking_costs_the_question_and_nothing_else() {
    let numbers = ["6A00000001236".to_owned()];
    for world in worlds(5) {
        let polling = world.carrier.polling().unwrap();
        let statuses = [0, 200, 201, 207, 302, 400, 401, 403, 404, 429, 500, 502, 503, 504, 999];
        for answer in noise(&statuses) {
            let replies = polling.response(&answer, &numbers).unwrap_or_default();
            assert!(replies.len() <= 1, "{}", world.id());
            let invented = replies.iter().any(|reply| matches!(reply, PollReply::Track(_)));
            assert!(!invented, "{} {}: a track out of noise", world.id(), answer.status);
        }
        for answer in noise(&[500, 502, 503, 504]) {
            let result = polling.response(&answer, &numbers);
            assert!(result.is_err(), "{} {}: {result:?}", world.id(), answer.status);
        }
    }
}

#[test]
fn noise_never_proves_that_nothing_was_bought_or_that_all_was_voided() {
    for world in worlds(6) {
        let shipment = world.shipment();
        for answer in noise(&[0, 200, 201, 302, 429, 500, 502, 503, 504, 999]) {
            if let Some(lookup) = world.carrier.lookup() {
                let found = lookup.response(&world.call(), &answer, &shipment);
                let proved = matches!(found, Ok(Step::Done(Found::Nothing | Found::Purchase(_))));
                assert!(!proved, "{} {}: {found:?}", world.id(), answer.status);
            }
            if let Some(voids) = world.carrier.voids() {
                let voided = voids.response(&answer);
                assert!(voided.is_err(), "{} {}: {voided:?}", world.id(), answer.status);
            }
        }
        for answer in noise(&[200, 401, 403, 500]) {
            assert!(world.carrier.token(&answer).is_err(), "{}", world.id());
        }
    }
}

#[test]
fn a_push_without_proof_is_refused() {
    for world in worlds(7) {
        let Some(push) = world.carrier.push() else { continue };
        for headers in [vec![], vec![("authorization".to_owned(), "Bearer guess".to_owned())]] {
            assert!(!push.verify(&world.account, &headers, b"{}"), "{}", world.id());
        }
        for body in BODIES.iter().filter(|body| !body.starts_with(b"{")) {
            let parsed = push.parse(body).unwrap_or_default();
            assert!(parsed.is_empty(), "{}: {parsed:?}", world.id());
        }
    }
}

fn every_reader(world: &Desk, answer: &HttpResponse) {
    let shipment = world.shipment();
    let _ = world.labels().response(answer, &shipment);
    let _ = world.carrier.token(answer);
    let _ = world.carrier.voids().map(|voids| voids.response(answer));
    let call = world.call();
    let _ = world.carrier.lookup().map(|lookup| lookup.response(&call, answer, &shipment));
    let _ = world.carrier.push().map(|push| push.parse(&answer.body));
    let numbers = ["6A00000001236".to_owned(), "1ZA1B2C30310000002".to_owned()];
    let _ = world.carrier.polling().map(|polling| polling.response(answer, &numbers));
}

proptest! {
    #[test]
    fn no_bytes_are_a_panic(
        body in prop::collection::vec(any::<u8>(), 0..200),
        status in any::<u16>(), kind in prop::sample::select(KINDS),
    ) {
        for world in worlds(8) {
            every_reader(&world, &answer(status, kind, &body));
            prop_assert!(read_payload(world.id(), &body).is_some());
        }
    }

    #[test]
    fn no_json_is_a_panic(body in json(), status in prop::sample::select(vec![200_u16, 207, 400])) {
        for world in worlds(9) {
            every_reader(&world, &answer(status, "application/json", body.as_bytes()));
        }
    }
}

/// JSON with the names that carriers use, in places where they do not belong.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["null", "0", "\"\"", "\"200\"", "true", "[]", "{}"]);
    let name = prop::sample::select(vec![
        "shipment",
        "event",
        "code",
        "label",
        "date",
        "returnCode",
        "messages",
        "id",
        "type",
        "labelV2Response",
        "parcelNumber",
        "trackResponse",
        "package",
        "activity",
        "status",
        "statusCode",
        "ShipmentResponse",
        "ShipmentResults",
        "PackageResults",
        "TrackingNumber",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 4, move |inner| {
        let member = (name.clone(), inner.clone()).prop_map(|(n, v)| format!("\"{n}\":{v}"));
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..4).prop_map(|all| format!("{{{}}}", all.join(","))),
        ]
    })
}

#[test]
fn every_carrier_reads_payloads_and_an_unknown_one_does_not() {
    for carrier in all() {
        assert!(read_payload(carrier.info().id, b"").is_some_and(|read| read.is_err()));
    }
    assert!(read_payload("nobody", b"{}").is_none());
}
