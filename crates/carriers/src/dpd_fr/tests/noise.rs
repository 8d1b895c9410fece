//! Broken answers: never a panic, and never a purchase, a void or a "no" out of them.

use proptest::prelude::*;

use super::*;
use crate::wire::xml::{self, Element, Writer};

fn write(element: &Element, writer: &mut Writer) {
    if element.children.is_empty() {
        writer.leaf(&element.name, &element.text);
    } else {
        writer.nest(&element.name, |inner| {
            for child in &element.children {
                write(child, inner);
            }
        });
    }
}

/// Removes the n-th element below the root, in document order.
fn without(element: &mut Element, nth: &mut usize) -> bool {
    for index in 0..element.children.len() {
        if *nth == 0 {
            element.children.remove(index);
            return true;
        }
        *nth -= 1;
        if without(&mut element.children[index], nth) {
            return true;
        }
    }
    false
}

fn every_reader(answer: &HttpResponse) {
    let account = account();
    let call = call(&account);
    for shipment in [shipment(), several(2)] {
        let _ = CARRIER.labels().unwrap().response(answer, &shipment);
        let _ = CARRIER.returns().unwrap().response(answer, &shipment);
        let _ = CARRIER.lookup().unwrap().response(&call, answer, &shipment);
    }
    let _ = CARRIER.voids().unwrap().response(answer);
    let _ = CARRIER.pickups().unwrap().response(answer, &pickup());
    let _ = CARRIER.service_points().unwrap().response(answer);
    let _ = CARRIER.account_check().unwrap().response(answer);
    let numbers = ["10999000000123".to_owned(), String::new(), "é".to_owned()];
    let _ = CARRIER.polling().unwrap().response(answer, &numbers);
    let _ = super::super::read_payload(&answer.body);
}

#[test]
fn a_missing_element_is_never_a_panic() {
    let mut tried = 0;
    for case in FIXTURES.cases("") {
        let whole = FIXTURES.response(&case);
        let Ok(root) = xml::parse(&String::from_utf8_lossy(&whole.body)) else { continue };
        for nth in 0.. {
            let mut cut = root.clone();
            if !without(&mut cut, &mut { nth }) {
                break;
            }
            let mut writer = Writer::default();
            write(&cut, &mut writer);
            every_reader(&HttpResponse { body: writer.finish().into(), ..whole.clone() });
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}

#[test]
fn a_purchase_without_any_one_element_keeps_its_number_or_is_in_doubt() {
    let whole = FIXTURES.response("buy_classic");
    let root = xml::parse(&String::from_utf8_lossy(&whole.body)).unwrap();
    for nth in 0.. {
        let mut cut = root.clone();
        if !without(&mut cut, &mut { nth }) {
            break;
        }
        let mut writer = Writer::default();
        write(&cut, &mut writer);
        let answer = HttpResponse { body: writer.finish().into(), ..whole.clone() };
        match CARRIER.labels().unwrap().response(&answer, &shipment()) {
            Ok(Step::Done(bought)) => {
                assert_eq!(bought.labels[0].tracking_number, "10999000000123", "{nth}");
            }
            other => assert!(matches!(other, Err(CarrierError::Garbled { .. })), "{nth} {other:?}"),
        }
    }
}

#[test]
fn a_broken_relay_never_hides_its_neighbours() {
    let whole = FIXTURES.response("points_found");
    let text = String::from_utf8(whole.body.to_vec()).unwrap();
    let points = CARRIER.service_points().unwrap();
    let all = points.response(&whole).unwrap().len();
    for (good, bad) in
        [("<PUDO_ID>P00001</PUDO_ID>", "<PUDO_ID/>"), ("<NAME>Tabac Exemple</NAME>", "")]
    {
        assert!(text.contains(good), "{good}");
        let body = text.replacen(good, bad, 1).into();
        let left = points.response(&HttpResponse { body, ..whole.clone() }).unwrap();
        assert_eq!(left.len(), all - 1, "{good}");
    }
    for (good, bad) in [("<DISTANCE>320<", "<DISTANCE>near<"), ("48,117266", "north")] {
        assert!(text.contains(good), "{good}");
        let body = text.replacen(good, bad, 1).into();
        let left = points.response(&HttpResponse { body, ..whole.clone() }).unwrap();
        assert_eq!(left.len(), all, "{good}");
    }
}

proptest! {
    #[test]
    fn no_cut_and_no_flipped_byte_is_a_panic(
        case in prop::sample::select(FIXTURES.cases("")), at in any::<prop::sample::Index>(),
        byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let whole = FIXTURES.response(&case);
        let mut body = whole.body.to_vec();
        if !body.is_empty() {
            let at = at.index(body.len());
            if cut { body.truncate(at) } else { body[at] = byte }
        }
        every_reader(&HttpResponse { body: body.into(), ..whole });
    }

    #[test]
    fn no_soup_of_tags_is_a_panic(
        names in prop::collection::vec(prop::sample::select(vec![
            "Envelope", "Body", "Fault", "Error", "ErrorId", "BarcodeId", "Shipment", "label",
            "ShipmentTrace", "GetShipmentTraceResult", "Traces", "clsTrace", "ScanDate", "RESPONSE",
            "CreateShipmentWithLabelsBcResponse", "GetShippingResult", "PUDO_ITEMS", "PUDO_ITEM",
        ]), 0..12),
        status in prop::sample::select(vec![200_u16, 500]),
    ) {
        let open: String = names.iter().map(|name| format!("<{name}>1")).collect();
        let close: String = names.iter().rev().map(|name| format!("</{name}>")).collect();
        let headers = vec![("content-type".to_owned(), "text/xml".to_owned())];
        every_reader(&HttpResponse { status, headers, body: format!("{open}{close}").into() });
    }
}
