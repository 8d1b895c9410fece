#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use colibri_events::{
    orders::v1::Line,
    types::v1::{Date, Money, Parcel},
};
use proptest::prelude::*;
use prost_types::Timestamp;

use super::*;

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, b"a key of the tests")
}

fn tenant() -> TenantId {
    TenantId::from_uuid(uuid::Uuid::from_u128(7))
}

fn money(amount_minor: i64) -> Option<Money> {
    Some(Money { amount_minor, currency: "EUR".into() })
}

fn line() -> Line {
    Line {
        sku: "MUG".into(),
        name: "Mug".into(),
        quantity: 2,
        unit_price: money(1490),
        unit_weight_g: 420,
        ..Line::default()
    }
}

fn order() -> OrderInput {
    OrderInput {
        channel: "api".into(),
        external_id: "1001".into(),
        currency: "EUR".into(),
        lines: vec![line()],
        ship_to: Some(PbAddress {
            name: "Camille Exemple".into(),
            lines: vec!["12 rue des Essais".into()],
            city: "Lyon".into(),
            postcode: "69003".into(),
            country: "FR".into(),
            ..PbAddress::default()
        }),
        ..OrderInput::default()
    }
}

fn read(order: OrderInput) -> Result<Draft, Vec<Explanation>> {
    draft(tenant(), order.into(), &key())
}

/// Field and word of each reason for which the changed order is refused.
fn refused(change: impl FnOnce(&mut OrderInput)) -> Vec<(String, String)> {
    let mut changed = order();
    change(&mut changed);
    let reasons = read(changed).err().unwrap_or_default();
    reasons.into_iter().map(|reason| (reason.field, reason.code)).collect()
}

type Case = (&'static str, &'static str, fn(&mut OrderInput));

#[test]
fn each_rule_names_its_field_and_word() {
    let cases: &[Case] = &[
        ("channel", "REQUIRED", |o| o.channel.clear()),
        ("channel", "MALFORMED", |o| o.channel = "Shopify".into()),
        ("channel", "REQUIRED", |o| o.channel = "shopify:".into()),
        ("external_id", "REQUIRED", |o| o.external_id.clear()),
        ("external_id", "TOO_LONG", |o| o.external_id = "x".repeat(101)),
        ("external_id", "MALFORMED", |o| o.external_id = "a\0b".into()),
        ("number", "TOO_LONG", |o| o.number = "x".repeat(101)),
        ("currency", "UNKNOWN_CODE", |o| o.currency = "eur".into()),
        ("lines", "REQUIRED", |o| o.lines.clear()),
        ("lines", "TOO_MANY", |o| o.lines = vec![line(); 1001]),
        ("lines[0].sku", "REQUIRED", |o| o.lines[0].sku.clear()),
        ("lines[0].name", "TOO_LONG", |o| o.lines[0].name = "é".repeat(501)),
        ("lines[0].quantity", "REQUIRED", |o| o.lines[0].quantity = 0),
        ("lines[0].quantity", "OUT_OF_RANGE", |o| o.lines[0].quantity = 100_001),
        ("lines[0].unit_price", "REQUIRED", |o| o.lines[0].unit_price = None),
        ("lines[0].unit_price", "OUT_OF_RANGE", |o| o.lines[0].unit_price = money(-1)),
        ("lines[0].unit_price", "OUT_OF_RANGE", |o| o.lines[0].unit_price = money(100_000_000_001)),
        ("lines[0].unit_price", "MIXED_CURRENCY", |o| {
            o.lines[0].unit_price.as_mut().unwrap().currency = "USD".into();
        }),
        ("lines[0].unit_weight_g", "OUT_OF_RANGE", |o| o.lines[0].unit_weight_g = 1_000_001),
        ("lines[0].hs_code", "MALFORMED", |o| o.lines[0].hs_code = "6912".into()),
        ("lines[0].origin_country", "UNKNOWN_CODE", |o| o.lines[0].origin_country = "fr".into()),
        ("lines", "OUT_OF_RANGE", |o| {
            let dear = Line { quantity: 100_000, unit_price: money(100_000_000_000), ..line() };
            o.lines = vec![dear; 1000];
        }),
        ("shipping_paid", "OUT_OF_RANGE", |o| o.shipping_paid = money(-5)),
        ("wanted_by", "MALFORMED", |o| {
            o.wanted_by = Some(Date { year: 2026, month: 13, day: 1 });
        }),
        ("placed_at", "MALFORMED", |o| {
            o.placed_at = Some(Timestamp { seconds: 0, nanos: 0 });
        }),
        ("updated_at", "MALFORMED", |o| {
            o.updated_at = Some(Timestamp { seconds: 1_790_000_000, nanos: -1 });
        }),
        ("site_code", "MALFORMED", |o| o.site_code = "Lyon 1".into()),
        ("payment", "MALFORMED", |o| o.payment = "PAID".into()),
        ("options", "TOO_MANY", |o| o.options = vec!["a".into(); 21]),
        ("options[0]", "REQUIRED", |o| o.options = vec![String::new()]),
        ("cash_on_delivery", "REQUIRED", |o| o.options = vec!["cash_on_delivery".into()]),
        ("service_point", "REQUIRED", |o| o.options = vec!["service_point".into()]),
        ("options", "REQUIRED", |o| o.safe_place = "behind the gate".into()),
        ("service_point.id", "REQUIRED", |o| {
            o.options = vec!["service_point".into()];
            o.service_point = Some(colibri_events::types::v1::ServicePoint::default());
        }),
        ("insured_value", "MIXED_CURRENCY", |o| {
            let amount =
                colibri_events::types::v1::Money { amount_minor: 1, currency: "GBP".into() };
            o.insured_value = Some(amount);
        }),
        ("parcels", "TOO_MANY", |o| o.parcels = vec![Parcel::default(); 51]),
        ("parcels[0]", "MALFORMED", |o| {
            o.parcels = vec![Parcel { weight_g: 1, length_mm: 10, ..Parcel::default() }];
        }),
        ("note", "TOO_LONG", |o| o.note = "x".repeat(5001)),
        ("ship_to.country", "UNKNOWN_CODE", |o| {
            o.ship_to.as_mut().unwrap().country = "Atlantis".into();
        }),
        ("ship_to.country", "REQUIRED", |o| o.ship_to.as_mut().unwrap().country.clear()),
        ("ship_to", "TOO_LONG", |o| {
            o.ship_to.as_mut().unwrap().lines = vec!["x".repeat(500); 20];
        }),
    ];
    for (field, word, change) in cases {
        let found = refused(change);
        assert_eq!(found, [((*field).to_owned(), (*word).to_owned())], "{field}");
    }
    assert!(read(order()).is_ok());
}

#[test]
fn an_address_that_cannot_be_delivered_to_is_held_not_refused() {
    let mut bad = order();
    let address = bad.ship_to.as_mut().unwrap();
    (address.postcode, address.city) = ("6900".into(), "n/a".into());
    let draft = read(bad).unwrap();
    let codes: Vec<&str> = draft.address.iter().map(|reason| reason.code.as_str()).collect();
    assert!(codes.contains(&"ADR0007"), "{codes:?}");
    assert_eq!(draft.facts.zone, "", "no arbitrary text leaves as a zone");
    assert_eq!(reasons(&draft.address)[0].field, draft.address[0].field);
}

#[test]
fn what_is_kept_in_the_open_holds_nothing_of_the_person() {
    let mut full = order();
    full.note = "Papageienfreundin".into();
    full.number = "NUMMER".into();
    let draft = read(full).unwrap();
    let open = serde_json::to_string(&draft.facts).unwrap();
    for word in ["Camille", "Essais", "Lyon", "Papagei", "NUMMER"] {
        assert!(!open.contains(word), "{open}");
    }
    let back: Facts = serde_json::from_str(&open).unwrap();
    assert_eq!(back, draft.facts);
    let shown = format!("{draft:?}");
    assert!(!shown.contains("Camille") && !shown.contains("Essais"), "{shown}");
}

#[test]
fn content_has_one_fingerprint_whatever_its_version() {
    let of = |order: OrderInput| read(order).unwrap().fingerprint;
    let mut later = order();
    later.updated_at = Some(Timestamp { seconds: 1_790_000_000, nanos: 0 });
    later.number = "1001".into();
    assert_eq!(of(order()), of(later));
    let mut paid = order();
    paid.payment = "paid".into();
    assert_ne!(of(order()), of(paid));
    let held = Input { order: order(), channel_holds: vec!["CHANNEL_HOLD"] };
    assert_ne!(of(order()), draft(tenant(), held, &key()).unwrap().fingerprint);
    let other = hmac::Key::new(hmac::HMAC_SHA256, b"another key");
    assert_ne!(of(order()), draft(tenant(), order().into(), &other).unwrap().fingerprint);
}

proptest! {
    /// The total is the exact sum, or the order is refused: no amount wraps around.
    #[test]
    fn totals_are_exact_or_refused(
        lines in proptest::collection::vec((1_u32..=100_000, 0_i64..=100_000_000_000), 1..40)
    ) {
        let mut input = order();
        let of = |(quantity, price): &(u32, i64)| Line {
            quantity: *quantity,
            unit_price: money(*price),
            ..line()
        };
        input.lines = lines.iter().map(of).collect();
        let exact: i128 = lines.iter().map(|(q, p)| i128::from(*q) * i128::from(*p)).sum();
        match read(input) {
            Ok(draft) => prop_assert_eq!(i128::from(draft.facts.total_minor), exact),
            Err(_) => prop_assert!(exact > i128::from(i64::MAX)),
        }
    }

    /// Nothing that comes in breaks the reading, and what is refused says where.
    #[test]
    fn any_text_is_read_or_refused(
        channel in "\\PC{0,40}", id in "\\PC{0,110}", sku in "\\PC{0,110}",
        postcode in "\\PC{0,40}", country in "\\PC{0,20}", payment in "\\PC{0,10}",
        seconds in any::<i64>(), nanos in any::<i32>(), month in any::<u32>(),
    ) {
        let mut input = order();
        (input.channel, input.external_id, input.payment) = (channel, id, payment);
        input.lines[0].sku = sku;
        let address = input.ship_to.as_mut().unwrap();
        (address.postcode, address.country) = (postcode, country);
        input.updated_at = Some(Timestamp { seconds, nanos });
        input.wanted_by = Some(Date { year: 2026, month, day: 1 });
        match read(input) {
            Ok(draft) => prop_assert!(draft.facts.country.is_some()),
            Err(reasons) => prop_assert!(reasons.iter().all(|r| !r.field.is_empty())),
        }
    }
}
