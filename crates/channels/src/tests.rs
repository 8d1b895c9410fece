//! What holds for every channel.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Channel, Code, all, find, read_text};

const ORDERS: [(&str, &str); 2] = [
    ("shopify", include_str!("shopify/fixtures/order.json")),
    ("woocommerce", include_str!("woocommerce/fixtures/order.json")),
];
const SECRET: &[u8] = b"colibri-fixture-secret";
const BODY: &str = "{\"id\":101,\"note\":\"Pièce d'essai / été\",\"total_price\":\"75.20\"}";
const SIGNATURE: &str = "alKCUWy2gaxK0ZZYFSxzEE36UZaWbcHMemFowg5O6bA=";

fn verify(channel: &dyn Channel, secret: &[u8], signature: &str, body: &[u8]) -> bool {
    let name = channel.info().signature_headers[0];
    channel.verify(secret, &[("content-type", "application/json"), (name, signature)], body)
}

#[test]
fn ids_are_unique_and_found() {
    for channel in all() {
        let info = channel.info();
        assert_eq!(find(info.id).unwrap().info(), info);
        assert!(info.signature_headers.iter().all(|h| *h == h.to_lowercase()));
    }
    assert!(find("nowhere").is_none());
    assert_eq!(read_text("nowhere", b"{}")[0].as_ref().unwrap_err().code, Code::ChannelUnknown);
}

#[test]
fn only_the_signature_of_exactly_these_bytes_is_accepted() {
    assert_eq!(BODY.len(), 64);
    let escaped = r#"{"id":101,"note":"Pi\u00e8ce d'essai / \u00e9t\u00e9","total_price":"75.20"}"#;
    let old = b"colibri-previous-secret".as_slice();
    for channel in all() {
        let check = |secret, signature: &str, body: &str| {
            verify(*channel, secret, signature, body.as_bytes())
        };
        assert!(check(SECRET, SIGNATURE, BODY));
        assert!(check(
            SECRET,
            "kpyy3dPeikl3vutIjNumvdmWp7wkB3EAGpOgAPX3WbE=",
            &format!("{BODY}\n")
        ));
        assert!(check(SECRET, "/XKqSgTDpzMroPFSq816fvHXdkKgljYCS3pt3lAv+Oc=", escaped));
        assert!(check(old, "DVIcrE1jDr5H020c0rwXJxpdaP0uIoq6AGPZmPVkvhI=", BODY));
        assert!(!check(SECRET, SIGNATURE, &format!("{BODY}\n")));
        assert!(!check(SECRET, SIGNATURE, escaped));
        assert!(!check(old, SIGNATURE, BODY));
        for wrong in [
            "",
            &format!(" {SIGNATURE}"),
            &format!("{SIGNATURE}\n"),
            SIGNATURE.trim_end_matches('='),
            &SIGNATURE.to_lowercase(),
            "6a5282516cb681ac4ad19658152c73104dfa519696",
            "YWJj",
        ] {
            assert!(!check(SECRET, wrong, BODY), "{wrong}");
        }
        let names = channel.info().signature_headers;
        assert!(!channel.verify(SECRET, &[], BODY.as_bytes()));
        let first = (names[0], SIGNATURE);
        let second = (*names.last().unwrap(), SIGNATURE);
        assert!(!channel.verify(SECRET, &[first, second], BODY.as_bytes()), "doubled");
    }
}

#[test]
fn an_empty_secret_verifies_nothing() {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b""), BODY.as_bytes());
    let signature = STANDARD.encode(tag);
    for channel in all() {
        assert!(!verify(*channel, b"", &signature, BODY.as_bytes()));
    }
}

#[test]
fn any_flipped_bit_fails() {
    let channel = find("shopify").unwrap();
    let body = BODY.as_bytes();
    for bit in 0..body.len() * 8 {
        let mut other = body.to_vec();
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!verify(channel, SECRET, SIGNATURE, &other), "body bit {bit}");
    }
    let tag = STANDARD.decode(SIGNATURE).unwrap();
    for bit in 0..tag.len() * 8 {
        let mut other = tag.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!verify(channel, SECRET, &STANDARD.encode(&other), body), "tag bit {bit}");
    }
    for bit in 0..SECRET.len() * 8 {
        let mut other = SECRET.to_vec();
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!verify(channel, &other, SIGNATURE, body), "secret bit {bit}");
    }
}

#[test]
fn saved_documents_of_every_form_are_read() {
    for (channel, text) in ORDERS {
        let one: Value = serde_json::from_str(text).unwrap();
        let alone = read_text(channel, text.as_bytes()).remove(0).unwrap();
        for (wrapped, count) in [
            (json!({"order": one}), 1),
            (json!({"orders": [one, one]}), 2),
            (json!([one]), 1),
            (json!([]), 0),
        ] {
            let read = read_text(channel, wrapped.to_string().as_bytes());
            assert_eq!(read.len(), count);
            for order in read {
                let mut order = order.unwrap();
                order.warnings.clear();
                assert_eq!(order.lines, alone.lines);
            }
        }
        let mixed = json!({"orders": [one, 5, {"id": 1}, one]}).to_string();
        let read = read_text(channel, mixed.as_bytes());
        let pointers: Vec<_> =
            read.iter().map(|r| r.as_ref().map_or_else(|e| e.pointer.as_str(), |_| "ok")).collect();
        assert_eq!(pointers, ["ok", "/orders/1", "/orders/2/currency", "ok"]);
        let broken = read_text(channel, &text.as_bytes()[..text.len() / 2]);
        let error = broken[0].as_ref().unwrap_err();
        assert_eq!((error.code, error.byte.is_some()), (Code::Malformed, true));
    }
}

#[test]
fn nothing_shown_for_debugging_is_personal() {
    for (channel, text) in ORDERS {
        let marked = text
            .replace("Camille", "Canari")
            .replace("camille.exemple", "canari")
            .replace("12 rue des Essais", "Canari")
            .replace("Lyon", "Canari")
            .replace("06 39 98 01 23", "0000canari")
            .replace("\"note\": null", "\"note\": \"canari\"")
            .replace("\"customer_note\": \"\"", "\"customer_note\": \"canari\"")
            .replace("\"tags\": \"\"", "\"tags\": \"canari\"");
        let order = read_text(channel, marked.as_bytes()).remove(0).unwrap();
        let shown = format!("{order:?}").to_lowercase();
        assert!(!shown.contains("canari"), "{shown}");
        let kept = serde_json::to_string(&order).unwrap().to_lowercase();
        assert!(kept.contains("canari"), "the vault gets it all the same");
    }
}

/// Pointers to every leaf of a document.
fn leaves(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                leaves(value, &format!("{at}/{key}"), out);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, &format!("{at}/{index}"), out);
            }
        }
        _ => out.push(at.to_owned()),
    }
}

#[test]
fn every_scalar_may_drift_and_the_order_is_read_or_refused_at_its_place() {
    let twins = [
        json!(null),
        json!(true),
        json!(""),
        json!([]),
        json!({}),
        json!(7),
        json!(1.5),
        json!("7"),
        json!("canari"),
        json!(-1),
        json!([1]),
        json!("1e999"),
    ];
    for (channel, text) in ORDERS {
        let base: Value = serde_json::from_str(text).unwrap();
        let mut pointers = Vec::new();
        leaves(&base, "", &mut pointers);
        assert!(pointers.len() > 90);
        for pointer in &pointers {
            for twin in &twins {
                let mut drifted = base.clone();
                *drifted.pointer_mut(pointer).unwrap() = twin.clone();
                match read_text(channel, drifted.to_string().as_bytes()).remove(0) {
                    Ok(order) => {
                        let text = serde_json::to_string(&order).unwrap();
                        assert_eq!(
                            serde_json::from_str::<crate::CanonicalOrder>(&text).unwrap(),
                            order
                        );
                    }
                    Err(error) => {
                        assert!(error.pointer.starts_with('/'), "{pointer} {twin}");
                        assert!(!error.to_string().contains("canari"));
                    }
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        for channel in all() {
            let _ = read_text(channel.info().id, &bytes);
            for topic in channel.info().topics {
                let _ = channel.parse(topic, &bytes);
            }
        }
    }

    #[test]
    fn truncated_and_damaged_orders_never_panic(cut in 0.0..1.0, at in 0.0..1.0, byte: u8) {
        for (channel, text) in ORDERS {
            let mut bytes = text.as_bytes().to_vec();
            let index = (bytes.len() as f64 * at) as usize;
            bytes[index] = byte;
            let _ = read_text(channel, &bytes);
            bytes.truncate((bytes.len() as f64 * cut) as usize);
            prop_assert!(read_text(channel, &bytes).iter().all(Result::is_err));
        }
    }

    /// Writing and reading an order gives the order, whatever its facts.
    #[test]
    fn an_order_survives_serialisation(
        minor in any::<i64>(), quantity in any::<u32>(), text in "\\PC{0,20}",
        offset in -47_i32..=56, second in 0_i64..3_000_000_000, flags in any::<[bool; 4]>(),
    ) {
        let mut order = read_text("shopify", ORDERS[0].1.as_bytes()).remove(0).unwrap();
        let some = |value: &str, keep: bool| keep.then(|| value.to_owned());
        order.external_id = text.clone();
        order.lines[0].unit_price.amount_minor = minor;
        order.lines[0].quantity = quantity;
        order.lines[0].hs_code = some("691200", flags[0]);
        order.lines[1].tax = None;
        order.note = some(&text, flags[1]).map(colibri_types::Pii::new);
        order.lines[0].customisation = some(&text, flags[2]).map(colibri_types::Pii::new);
        order.ship_to = if flags[3] { order.ship_to } else { None };
        let offset = time::UtcOffset::from_whole_seconds(offset * 900).unwrap();
        let instant = time::OffsetDateTime::from_unix_timestamp(second).unwrap().to_offset(offset);
        let local = time::PrimitiveDateTime::new(instant.date(), instant.time());
        order.placed_at = Some(colibri_types::CivilTime::at(
            local, offset, colibri_types::Precision::Second));
        let written = serde_json::to_string(&order).unwrap();
        prop_assert_eq!(serde_json::from_str::<crate::CanonicalOrder>(&written).unwrap(), order);
    }
}
