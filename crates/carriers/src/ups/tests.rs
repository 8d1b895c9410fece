#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use secrecy::{ExposeSecret, SecretString};
use time::Duration;

use super::{
    testing::{account, answer},
    *,
};

#[test]
fn a_token_is_asked_for_outside_the_api_path() {
    let Auth::Token(request) = CARRIER.auth(&account()).unwrap() else { panic!("a token") };
    assert_eq!(request.url, "https://onlinetools.ups.com/security/v1/oauth/token");
    let header = |name: &str| {
        let found = request.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    let basic = BASE64.encode("example-client:example-secret");
    assert_eq!(header("authorization"), Some(format!("Basic {basic}").as_str()));
    assert_eq!(header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(header("x-merchant-id"), Some("A1B2C3"));
    assert_eq!(&request.body[..], b"grant_type=client_credentials");
    assert!(!format!("{request:?}{:?}", account()).contains("example-secret"));
}

#[test]
fn an_account_can_point_at_the_test_environment() {
    let mut account = account();
    account.hosts.insert("api".into(), "https://wwwcie.ups.com/".into());
    let Auth::Token(request) = CARRIER.auth(&account).unwrap() else { panic!("a token") };
    assert_eq!(request.url, "https://wwwcie.ups.com/security/v1/oauth/token");
}

#[test]
fn missing_and_malformed_fields_are_named() {
    for (field, value) in [
        ("client_id", ""),
        ("client_id", "a:b"),
        ("client_secret", ""),
        ("shipper_number", ""),
        ("shipper_number", "A1B2C"),
        ("shipper_number", "a1b2c3"),
    ] {
        let mut account = account();
        account.fields.insert(field.into(), SecretString::from(value));
        assert_eq!(CARRIER.auth(&account).unwrap_err().field, field, "{value}");
    }
}

#[test]
fn a_token_is_read_from_text_or_number() {
    let text = include_str!("fixtures/token/response.json");
    for body in [text.to_owned(), text.replace("\"14399\"", "14399")] {
        let token = CARRIER.token(&answer(200, &body)).unwrap();
        assert_eq!(token.value.expose_secret(), "abc.def.ghi");
        assert_eq!(token.valid_for, Duration::seconds(14_399));
    }
}

#[test]
fn refused_and_garbled_tokens_are_told_apart() {
    let refused = include_str!("fixtures/token-refused/response.json");
    let read = |status, body: &str| CARRIER.token(&answer(status, body)).unwrap_err();
    assert_eq!(read(401, refused), CarrierError::Unauthorised { code: "250002".into() });
    assert!(matches!(
        read(429, refused),
        CarrierError::Later { .. } | CarrierError::Unauthorised { .. }
    ));
    assert!(matches!(read(503, ""), CarrierError::Later { .. }));
    for body in ["", "<html>", "{}", r#"{"access_token":"a"}"#, r#"{"expires_in":"1"}"#] {
        assert!(matches!(read(200, body), CarrierError::Garbled { .. }), "{body}");
    }
}

/// Every recorded body of this folder.
const BODIES: [&str; 21] = [
    include_str!("fixtures/pickup-booked/response.json"),
    include_str!("fixtures/pickup-cancelled/response.json"),
    include_str!("fixtures/points-found/response.json"),
    include_str!("fixtures/points-none/response.json"),
    include_str!("fixtures/return-de-fr/response.json"),
    include_str!("fixtures/push-delivered/event.json"),
    include_str!("fixtures/push-out-for-delivery/event.json"),
    include_str!("fixtures/push-update/event.json"),
    include_str!("fixtures/recovery-none/response.json"),
    include_str!("fixtures/recovery-one/response.json"),
    include_str!("fixtures/recovery-several/response.json"),
    include_str!("fixtures/ship-fr-de/response.json"),
    include_str!("fixtures/ship-refused/response.json"),
    include_str!("fixtures/ship-us-us-two-parcels/response.json"),
    include_str!("fixtures/token/response.json"),
    include_str!("fixtures/track-lyon-berlin/response.json"),
    include_str!("fixtures/track-missing-pieces/response.json"),
    include_str!("fixtures/track-not-found/response.json"),
    include_str!("fixtures/track-several-packages/response.json"),
    include_str!("fixtures/void-accepted/response.json"),
    include_str!("fixtures/void-one-of-two/response.json"),
];

/// Reads a body with every reader there is.
fn read_everywhere(status: u16, body: &[u8]) {
    use super::testing::{berlin, lyon, shipment, with_call};
    let response = HttpResponse { status, headers: Vec::new(), body: body.to_vec().into() };
    let shipment = shipment(lyon(), berlin(), 1);
    let _ = CARRIER.token(&response);
    let _ = Labels::response(&CARRIER, &response, &shipment);
    let _ = Voids::response(&CARRIER, &response);
    let _ = Rates::response(&CARRIER, &response, &shipment);
    let _ = ServicePoints::response(&CARRIER, &response);
    let _ = crate::PickupCancellation::response(&CARRIER, &response);
    let _ = with_call(|call| Lookup::response(&CARRIER, call, &response, &shipment));
    let number = ["1ZA1B2C30310000002".to_owned()];
    let replies = Polling::response(&CARRIER, &response, &number);
    assert!(replies.is_err() || replies.is_ok_and(|replies| replies.len() == 1));
    let _ = Push::parse(&CARRIER, body);
    let _ = read_payload(body);
    let _ = subscribed(&response);
}

/// Replaces the value at a pointer-like position, counted depth first, by something odd.
fn mutate(value: &mut serde_json::Value, position: &mut usize, odd: &serde_json::Value) {
    if *position == 0 {
        *value = odd.clone();
    }
    *position = position.wrapping_sub(1);
    match value {
        serde_json::Value::Array(all) => all.iter_mut().for_each(|v| mutate(v, position, odd)),
        serde_json::Value::Object(all) => all.values_mut().for_each(|v| mutate(v, position, odd)),
        _ => {}
    }
}

proptest::proptest! {
    #[test]
    fn no_body_makes_a_panic(
        body in proptest::collection::vec(0_u8.., 0..200),
        status in 100_u16..600,
    ) {
        read_everywhere(status, &body);
    }

    #[test]
    fn no_truncation_makes_a_panic(which in 0_usize..BODIES.len(), part in 0_usize..100) {
        let body = BODIES[which].as_bytes();
        for status in [200, 400, 404, 500] {
            read_everywhere(status, &body[..body.len() * part / 100]);
        }
    }

    #[test]
    fn no_odd_value_makes_a_panic(
        which in 0_usize..BODIES.len(),
        position in 0_usize..120,
        odd in 0_usize..7,
    ) {
        let odd = [
            serde_json::json!(null),
            serde_json::json!(""),
            serde_json::json!("\u{e9}\u{1f4e6}"),
            serde_json::json!(-1.5),
            serde_json::json!(true),
            serde_json::json!([[], {}]),
            serde_json::json!({ "a": 1 }),
        ][odd].clone();
        let mut value: serde_json::Value = serde_json::from_str(BODIES[which]).unwrap();
        mutate(&mut value, &mut position.clone(), &odd);
        read_everywhere(200, value.to_string().as_bytes());
    }
}
