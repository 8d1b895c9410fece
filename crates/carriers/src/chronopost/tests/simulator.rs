//! The simulator checks by itself what the connector checks before: here it is asked directly.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use time::Duration;

use super::*;
use crate::{
    Carrier, Method,
    chronopost::CARRIER,
    sim::{ScanFaults, SimOptions, Simulator},
    wire::xml::{self, Element},
};

fn sim() -> Box<dyn Simulator> {
    crate::chronopost::simulator(SimOptions { seed: 7, faults: ScanFaults::default() })
}

fn purchase() -> (SimRequest, String) {
    let account = account();
    let request = CARRIER.labels().unwrap().request(&call(&account), &shipment()).unwrap();
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    (SimRequest::of(&request, NOW), body)
}

fn get(sim: &mut dyn Simulator, path: &str, query: &str, now: OffsetDateTime) -> HttpResponse {
    sim.answer(&SimRequest {
        method: Method::Get,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: Default::default(),
        now,
    })
}

fn result(answer: &HttpResponse) -> Element {
    let root = xml::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
    root.find("return").cloned().unwrap_or(root)
}

#[test]
fn values_are_refused_with_their_codes() {
    let (request, body) = purchase();
    let mut sim = sim();
    for (from, to, code) in [
        ("<password>999999<", "<password>wrong<", "30"),
        ("<accountNumber>99999999<", "<accountNumber>1<", "30"),
        ("<shipperName>Atelier", "<shipperName></shipperName><shipperName2>Atelier", "500"),
        ("<recipientCity>RENNES<", "<recipientCity><", "31"),
        (
            "<recipientCity>RENNES<",
            "<recipientCity>RENNES RENNES RENNES RENNES RENNES RENNES \
          RENNES RENNES<",
            "32",
        ),
        (
            "<recipientAdress1>3 impasse Fictive<",
            "<recipientAdress1>3 impasse tout \u{e0} fait \
          trop longue pour une ligne<",
            "32",
        ),
        ("<recipientCity>RENNES<", "<recipientCity>\u{141}OMZA<", "33"),
        ("<evtCode>DC<", "<evtCode>XX<", "33"),
        ("<mode>THE<", "<mode>GIF<", "33"),
        ("<idEmit>CHRFR<", "<idEmit>CHR<", "33"),
        ("<weight>1.26<", "<weight>31.00<", "33"),
        ("<productCode>01<", "<productCode>ZZ<", "33"),
        ("<productCode>01<", "<productCode>17<", "35"),
        ("<recipientZipCode>35000<", "<recipientZipCode>350<", "38"),
        ("<weight>1.26<", "<weight>lourd<", "34"),
        ("<numberOfParcel>1<", "<numberOfParcel>0<", "33"),
        ("<numberOfParcel>1<", "<numberOfParcel>101<", "33"),
        ("<recipientPreAlert>22<", "<recipientPreAlert>11<", "33"),
        ("<evtCode>", "<unknown/><evtCode>", "500"),
        ("<city>", "<city>", "0"),
    ] {
        assert!(body.contains(from) || code == "0", "{from}");
        let asked = SimRequest { body: body.replace(from, to).into(), ..request.clone() };
        let answer = sim.answer(&asked);
        let told = match answer.status {
            200 => result(&answer).get("errorCode").unwrap().to_owned(),
            status => status.to_string(),
        };
        assert_eq!(told, code, "{from} {to}");
    }
    assert_eq!(sim.ledger().len(), 1);
}

#[test]
fn form_is_faulted() {
    let (request, body) = purchase();
    let mut sim = sim();
    let moved = body.replace("<version>2.0</version>", "");
    let moved = moved.replace("<modeRetour>", "<version>2.0</version><modeRetour>");
    for spoiled in [
        body.replace("</soapenv:Envelope>", ""),
        body.replace("shippingMultiParcelV5", "shippingMultiParcelV9"),
        body.replace("cxf.shipping", "cxf.tracking"),
        body.replace("headerValue>", "cxf:headerValue>"),
        moved,
    ] {
        let answer = sim.answer(&SimRequest { body: spoiled.into(), ..request.clone() });
        assert_eq!(answer.status, 500);
        assert!(result(&answer).find("faultcode").is_some());
    }
    let elsewhere = SimRequest { path: "/other".to_owned(), ..request };
    assert_eq!(sim.answer(&elsewhere).status, 404);
    assert!(sim.ledger().is_empty());
}

#[test]
fn reserved_labels_are_given_again_in_either_format() {
    let (request, body) = purchase();
    let mut sim = sim();
    let reserved = body.replace("withReservation>0<", "withReservation>2<");
    let asked = SimRequest { body: reserved.into(), ..request };
    assert!(sim.buys(&asked));
    let bought = result(&sim.answer(&asked));
    let number = bought.get("reservationNumber").unwrap().to_owned();
    let parcel = bought.child("resultMultiParcelValue").unwrap();
    let (letter, geopost) =
        (parcel.get("skybillNumber").unwrap(), parcel.get("geoPostNumeroColis").unwrap());
    assert!(letter.starts_with("XZ") && super::super::numbers::is_letter(letter), "{letter}");
    assert_eq!(super::super::numbers::letter_of(geopost).as_deref(), Some(letter));
    let path = "/shipping-cxf/ShippingServiceWS/getReservedSkybillWithTypeAndModeAuth";
    for (mode, magic) in [("THE", "%PDF-"), ("Z2D", "^XA")] {
        let query =
            format!("numberSearch={number}&mode={mode}&accountNumber=99999999&password=999999");
        let again = result(&get(&mut *sim, path, &query, NOW));
        let file = BASE64.decode(again.get("skybill").unwrap()).unwrap();
        assert!(file.starts_with(magic.as_bytes()), "{mode}");
    }
    let query = "numberSearch=1&mode=THE&accountNumber=99999999&password=999999";
    assert_eq!(result(&get(&mut *sim, path, query, NOW)).get("errorCode"), Some("29"));
}

#[test]
fn one_event_is_marked_and_the_oldest_comes_first() {
    let (request, _) = purchase();
    let mut sim = sim();
    let bought = result(&sim.answer(&request));
    let number = bought.find("skybillNumber").unwrap().text.clone();
    let path = "/tracking-cxf/TrackingServiceWS/trackSkybillV2";
    let query = format!("language=fr_FR&skybillNumber={number}");
    for hours in [0, 10, 20, 40, 400] {
        let answer = get(&mut *sim, path, &query, NOW + Duration::hours(hours));
        let list = result(&answer).child("listEventInfoComp").cloned().unwrap();
        let events: Vec<&Element> = list.all("events").collect();
        let marked = events.iter().filter(|event| event.get("highPriority") == Some("true"));
        assert_eq!(marked.count(), 1, "{hours}");
        let dates: Vec<_> = events.iter().filter_map(|event| event.get("eventDate")).collect();
        assert!(dates.is_sorted() && dates.len() == events.len());
    }
    assert_eq!(get(&mut *sim, path, "language=&skybillNumber=X", NOW).status, 500);
    let mut codes = std::collections::BTreeSet::new();
    for serial in 0..20 {
        let query = format!("language=fr_FR&skybillNumber=XN{serial:09}FR");
        let none = result(&get(&mut *sim, path, &query, NOW));
        assert!(none.child("listEventInfoComp").is_none());
        codes.insert(none.get("errorCode").unwrap().to_owned());
    }
    assert_eq!(codes.len(), 2, "nothing yet has two forms");
}
