//! Answers that no document promises.

use proptest::prelude::*;

use super::*;
use crate::{
    Carrier, Found, PollReply, Step,
    chronopost::{CARRIER, read_payload},
    wire::xml::{self, Element, Writer},
};

fn every_reader(answer: &HttpResponse) {
    let account = account();
    let call = call(&account);
    let asked = ["XN123456785FR".to_owned()];
    for shipment in [shipment(), Shipment { service: String::new(), ..shipment() }] {
        let _ = CARRIER.labels().unwrap().response(answer, &shipment);
        let _ = CARRIER.lookup().unwrap().response(&call, answer, &shipment);
        let _ = CARRIER.rates().unwrap().response(answer, &shipment);
        let _ = CARRIER.rates().unwrap().delivery_dates().unwrap().response(answer, &shipment);
    }
    let _ = CARRIER.voids().unwrap().response(answer);
    let _ = CARRIER.polling().unwrap().response(answer, &asked);
    let _ = CARRIER.pickups().unwrap().cancellation().unwrap().response(answer);
    let _ = CARRIER.service_points().unwrap().response(answer);
    let _ = CARRIER.account_check().unwrap().response(answer);
    let _ = read_payload(&answer.body);
}

/// Paths of all elements.
fn paths(element: &Element, here: Vec<usize>, all: &mut Vec<Vec<usize>>) {
    for (at, child) in element.children.iter().enumerate() {
        let mut path = here.clone();
        path.push(at);
        paths(child, path.clone(), all);
        all.push(path);
    }
}

fn change(root: &mut Element, path: &[usize], kind: usize) {
    let (last, above) = path.split_last().unwrap();
    let parent = above.iter().fold(root, |element, at| &mut element.children[*at]);
    match kind {
        0 => drop(parent.children.remove(*last)),
        1 => parent.children[*last].children.clear(),
        2 => parent.children[*last].text = "\u{e9}?-1".to_owned(),
        3 => parent.children[*last].text.clear(),
        4 => parent.children.push(parent.children[*last].clone()),
        _ => parent.children[*last].name.push('X'),
    }
}

fn written(element: &Element, writer: &mut Writer) {
    if element.children.is_empty() {
        writer.leaf(&element.name, &element.text);
    } else {
        writer.nest(&element.name, |w| element.children.iter().for_each(|child| written(child, w)));
    }
}

proptest! {
    #[test]
    fn no_bytes_are_a_panic(
        body in prop::collection::vec(any::<u8>(), 0..300), status in any::<u16>(),
    ) {
        let headers = vec![("content-type".to_owned(), "text/xml".to_owned())];
        every_reader(&HttpResponse { status, headers, body: body.into() });
    }

    /// Every element of every answer, taken out, emptied, doubled or spoiled: never a panic, never
    /// a parcel that is another's, and never a purchase of other numbers.
    #[test]
    fn no_changed_element_is_a_panic(
        case in prop::sample::select(FIXTURES.cases("")), at in any::<prop::sample::Index>(),
        kind in 0..6_usize, cut in any::<prop::sample::Index>(),
    ) {
        let mut answer = FIXTURES.response(&case);
        let whole = answer.body.clone();
        answer.body = whole.slice(..cut.index(whole.len() + 1));
        every_reader(&answer);
        if let Ok(mut root) = xml::parse(std::str::from_utf8(&whole).unwrap()) {
            let mut all = Vec::new();
            paths(&root, Vec::new(), &mut all);
            if !all.is_empty() {
                change(&mut root, at.get::<Vec<usize>>(&all), kind);
            }
            let mut writer = Writer::default();
            written(&root, &mut writer);
            answer.body = writer.finish().into();
            every_reader(&answer);
            let bought = CARRIER.labels().unwrap().response(&answer, &shipment());
            if let Ok(Step::Done(purchase)) = bought {
                prop_assert_eq!(purchase.labels.len(), 1);
            }
            let asked = ["XN123456785FR".to_owned()];
            let replies = CARRIER.polling().unwrap().response(&answer, &asked);
            for reply in replies.unwrap_or_default() {
                if let PollReply::Track(track) = reply {
                    prop_assert_eq!(&track.tracking_number, &asked[0]);
                }
            }
        }
    }

    /// A lookup proves nothing but by a whole answer that says code 0.
    #[test]
    fn a_cut_lookup_is_no_proof(cut in 0..300_usize) {
        let mut answer = FIXTURES.response("lookup_nothing");
        let length = answer.body.iter().rposition(|byte| *byte == b'>').unwrap();
        answer.body = answer.body.slice(..cut.min(length));
        let account = account();
        let found = CARRIER.lookup().unwrap().response(&call(&account), &answer, &shipment());
        prop_assert!(!matches!(found, Ok(Step::Done(Found::Nothing))));
    }
}
