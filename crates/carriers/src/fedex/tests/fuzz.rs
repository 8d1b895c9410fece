//! No body makes a panic, and a broken parcel never aborts its neighbours.

use serde_json::{Value, json};
use time::macros::{date, time};

use super::*;
use crate::{
    Carrier, Check, Labels, Lookup, PickupCancellation, PickupRequest, Pickups, PollReply, Polling,
    Rates, ServicePoints, Voids, fedex::CARRIER,
};

/// Reads a body with every reader there is.
fn read_everywhere(response: &HttpResponse) {
    let shipment = union_lane();
    let pickup = PickupRequest {
        reference: "P1".into(),
        address: lyon(),
        date: date!(2026 - 11 - 23),
        ready: time!(14:00),
        close: time!(18:00),
        service: String::new(),
        destination: None,
        parcels: 1,
        weight: Grams(1),
        tracking_numbers: vec![],
        instructions: String::new(),
    };
    let _ = CARRIER.token(response);
    let _ = Labels::response(&CARRIER, response, &shipment);
    let _ = Check::response(&CARRIER, response);
    let _ = Voids::response(&CARRIER, response);
    let _ = Rates::response(&CARRIER, response, &shipment);
    let _ = Pickups::response(&CARRIER, response, &pickup);
    let _ = PickupCancellation::response(&CARRIER, response);
    let _ = ServicePoints::response(&CARRIER, response);
    let _ = with_call(|call| Lookup::response(&CARRIER, call, response, &shipment));
    let numbers = ["123456789012".to_owned(), "000000000000".to_owned()];
    let replies = Polling::response(&CARRIER, response, &numbers);
    assert!(replies.is_err() || replies.is_ok_and(|replies| replies.len() == 2));
    let _ = crate::fedex::read_payload(&response.body);
}

/// Replaces the value at a position, counted depth first, by something odd.
fn mutate(value: &mut Value, position: &mut usize, odd: &Value) {
    if *position == 0 {
        *value = odd.clone();
    }
    *position = position.wrapping_sub(1);
    match value {
        Value::Array(all) => all.iter_mut().for_each(|value| mutate(value, position, odd)),
        Value::Object(all) => all.values_mut().for_each(|value| mutate(value, position, odd)),
        _ => {}
    }
}

fn odd(index: usize) -> Value {
    [
        json!(null),
        json!(""),
        json!("\u{e9}\u{1f4e6}"),
        json!(-1.5e300),
        json!(true),
        json!([[], {}]),
        json!({ "a": 1 }),
    ][index]
        .clone()
}

fn body(case: &str) -> Option<Value> {
    serde_json::from_slice(&FIXTURES.response(case).body).ok()
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_a_panic(
        body in proptest::collection::vec(0_u8.., 0..200),
        status in 100_u16..600,
    ) {
        read_everywhere(&HttpResponse { status, headers: Vec::new(), body: body.into() });
    }

    #[test]
    fn no_cut_makes_a_panic(which in 0_usize..46, part in 0_usize..100) {
        let cases = FIXTURES.cases("");
        let whole = FIXTURES.response(&cases[which % cases.len()]);
        let body = whole.body.slice(..whole.body.len() * part / 100);
        for status in [200, 400, 404, 500] {
            read_everywhere(&HttpResponse { status, body: body.clone(), ..whole.clone() });
        }
    }

    #[test]
    fn no_odd_value_makes_a_panic(
        which in 0_usize..46,
        position in 0_usize..160,
        index in 0_usize..7,
    ) {
        let cases = FIXTURES.cases("");
        let case = &cases[which % cases.len()];
        if let Some(mut value) = body(case) {
            mutate(&mut value, &mut position.clone(), &odd(index));
            read_everywhere(&HttpResponse {
                status: 200,
                body: value.to_string().into(),
                ..FIXTURES.response(case)
            });
        }
    }

    #[test]
    fn a_broken_parcel_never_aborts_its_neighbour(
        position in 0_usize..80,
        index in 0_usize..7,
    ) {
        let mut value = body("track_mixed").unwrap();
        let all = value.pointer_mut("/output/completeTrackResults").unwrap();
        let first = all.as_array().unwrap()[0].clone();
        let mut broken = first.to_string().replace("123456789012", "444444444444");
        let mut odd_one: Value = serde_json::from_str(&broken).unwrap();
        mutate(&mut odd_one, &mut position.clone(), &odd(index));
        broken = odd_one.to_string();
        all.as_array_mut().unwrap().insert(0, serde_json::from_str(&broken).unwrap());
        let answer = HttpResponse {
            status: 200,
            body: value.to_string().into(),
            ..FIXTURES.response("track_mixed")
        };
        let numbers = ["444444444444".to_owned(), "123456789012".to_owned()];
        let replies = Polling::response(&CARRIER, &answer, &numbers).unwrap();
        let PollReply::Track(track) = &replies[1] else { panic!("{replies:?}") };
        proptest::prop_assert_eq!(track.scans.len(), 3);
    }
}
