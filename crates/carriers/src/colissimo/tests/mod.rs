#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod extras;
mod labels;
mod round_trip;
mod tracking;

use std::{fs, path::PathBuf};

use colibri_types::{Dimensions, Grams, Millimetres};
use time::{
    OffsetDateTime,
    macros::{date, datetime},
};

use crate::{Account, Call, Contact, HttpRequest, HttpResponse, LabelFormat, Parcel, Shipment};

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-20 14:00 UTC);

pub(super) fn account() -> Account {
    let fields = [
        ("api_key", "invented-sls-key"),
        ("suivi_key", "invented-okapi-key"),
        ("contract_number", "000000"),
        ("commercial_name", "Atelier Exemple"),
        ("declared_freight_cents", "890"),
    ];
    let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned().into()));
    Account { fields: fields.into(), hosts: Default::default() }
}

pub(super) fn call(account: &Account) -> Call<'_> {
    Call { account, token: None, now: NOW, call_id: "call-1" }
}

pub(super) fn shipment() -> Shipment {
    let country = Some("FR".parse().unwrap());
    Shipment {
        attempt_ref: "ATT0000000001".to_owned(),
        order_number: "COM-77".to_owned(),
        service: "DOS".to_owned(),
        ship_date: date!(2026 - 11 - 20),
        sender: Contact {
            name: "Service Expédition".to_owned(),
            company: "Atelier Exemple".to_owned(),
            lines: vec!["12 rue du Modèle".to_owned()],
            city: "LYON".to_owned(),
            postcode: "69002".to_owned(),
            country,
            ..Contact::default()
        },
        recipient: Contact {
            name: "Alix Exemple".to_owned(),
            lines: vec!["3 impasse Fictive".to_owned(), "Bâtiment B".to_owned()],
            city: "RENNES".to_owned(),
            postcode: "35000".to_owned(),
            country,
            phone: "+33 6 39 98 00 03".to_owned(),
            email: "alix@example.org".to_owned(),
            ..Contact::default()
        },
        parcels: vec![Parcel {
            parcel_id: "pcl-1".to_owned(),
            weight: Grams(1_251),
            dimensions: Some(Dimensions {
                length: Millimetres(300),
                width: Millimetres(201),
                height: Millimetres(150),
            }),
            items: Vec::new(),
        }],
        format: LabelFormat::Pdf,
        options: Vec::new(),
        incoterm: None,
        customs: None,
    }
}

pub(super) fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/colissimo/fixtures")
}

/// Names of the fixtures that start so.
pub(super) fn cases(prefix: &str) -> Vec<String> {
    let entries = fs::read_dir(fixtures()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with(prefix)).collect();
    names.sort();
    names
}

pub(super) fn expected(case: &str) -> serde_json::Value {
    let file = fs::read(fixtures().join(case).join("expect.json")).unwrap();
    serde_json::from_slice(&file).unwrap()
}

/// `response.http`: status, headers, an empty line, and the body's bytes.
pub(super) fn response(case: &str) -> HttpResponse {
    let file = fs::read(fixtures().join(case).join("response.http")).unwrap();
    let head_end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let head = std::str::from_utf8(&file[..head_end]).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().parse().unwrap();
    let split = |line: &str| line.split_once(": ").map(|(k, v)| (k.to_owned(), v.to_owned()));
    HttpResponse {
        status,
        headers: lines.map(|line| split(line).unwrap()).collect(),
        body: file[head_end + 2..].to_vec().into(),
    }
}

/// `request.http` of a case, as the request would be written.
pub(super) fn assert_request(case: &str, request: &HttpRequest) {
    let mut written = format!("{} {}\n", request.method.as_str(), request.url);
    for (name, value) in &request.headers {
        written.push_str(&format!("{name}: {value}\n"));
    }
    written.push('\n');
    written.push_str(std::str::from_utf8(&request.body).unwrap());
    let path = fixtures().join(case).join("request.http");
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written.trim_end(), expected.trim_end(), "{case}");
}
