//! A simulated Colissimo SLS and La Poste Suivi, written from the carrier's documents and never
//! from `wire.rs`, so that the two can disagree.
//!
//! Owns the ledger, the numbers and the shape of answers. What it refuses is in `sim_rules.rs`,
//! what happens to a parcel in `sim_script.rs`, what tracking answers in `sim_suivi.rs`, what else
//! there is to ask in `sim_more.rs`. As the real one, it never deduplicates, voids or finds a parcel by reference.

use std::collections::HashMap;

use colibri_documents::{
    barcode::Barcode,
    label::{self, LabelSize, LabelSpec},
    zpl::Dpi,
};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    sim_more,
    sim_rules::{self, Fault, text},
    sim_script::{self, Script},
    sim_suivi,
};
use crate::{
    HttpResponse, LabelFormat, Method,
    sim::{
        LedgerEntry, SimOptions, SimRequest, Simulator,
        http::{self, header},
        thermal,
    },
};

const SLS: &str = "/sls-ws/SlsServiceWSRest/2.0/";
const BOUNDARY: &str = "uuid:c011b121-5e1a-4b0c-9d00-000000000001";
/// Keys that begin so are unknown to the carrier, or revoked.
const REFUSED: [&str; 2] = ["revoked", "wrong"];

/// One parcel sold.
pub(super) struct Sold {
    pub product: String,
    pub country: String,
    pub script: Script,
    pub(super) spec: LabelSpec,
}

/// The simulated carrier.
pub struct ColissimoSim {
    options: SimOptions,
    /// Requests answered: varies the shape of answers that the real one varies too.
    asked: u64,
    pub(super) parcels: HashMap<String, Sold>,
    ledger: Vec<LedgerEntry>,
    last_scan_at: Option<OffsetDateTime>,
}

impl ColissimoSim {
    /// A carrier that has sold nothing yet.
    #[must_use]
    pub fn new(options: SimOptions) -> Self {
        Self { options, asked: 0, parcels: HashMap::new(), ledger: Vec::new(), last_scan_at: None }
    }

    fn sls(&mut self, operation: &str, request: &SimRequest) -> HttpResponse {
        let key = header(request, "apikey").unwrap_or_default();
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return reply(422, "application/json", "{\"error\":\"unprocessable\"}");
        };
        let login = !text(&body, "/contractNumber").is_empty();
        if REFUSED.iter().any(|start| key.starts_with(start)) || (key.is_empty() && !login) {
            return reply(403, "application/json", "{\"error\":\"forbidden\"}");
        }
        if key.is_empty() && text(&body, "/password").is_empty() {
            return self.refused(&[Fault::new("30000", "password", "login or password wrong")]);
        }
        match operation {
            "checkGenerateLabel" => match sim_rules::check(&body, request.now) {
                faults if faults.is_empty() => done(None, None, None, false),
                faults => self.refused(&faults),
            },
            "generateLabel" => match sim_rules::check(&body, request.now) {
                faults if faults.is_empty() => self.sell(&body, request.now),
                faults => self.refused(&faults),
            },
            "getLabel" => self.again(&body, header(request, "accountnumber").is_some()),
            "getProductInter" => sim_more::products(&body),
            "getListMailBoxPickingDates" => sim_more::letter_box_days(&body, request.now),
            "planPickup" => self.messages(sim_more::plan(self, &body, request.now)),
            "generateBordereauByParcelsNumbers" => match sim_more::slip(self, &body, request.now) {
                Ok(parts) => multipart(200, &parts),
                Err(fault) => self.refused(&[fault]),
            },
            _ => reply(404, "text/html", "<html><body>Not Found</body></html>"),
        }
    }

    fn sell(&mut self, body: &Value, now: OffsetDateTime) -> HttpResponse {
        let product = text(body, "/letter/service/productCode");
        let country = text(body, "/letter/addressee/address/countryCode");
        let from = text(body, "/letter/sender/address/countryCode");
        let number = self.next_number(product, from, country);
        let Some(spec) = spec(body, &number, product) else {
            return reply(500, "text/plain", "technical error");
        };
        let script = sim_script::script(&self.options, &number, product, (from, country), now);
        self.last_scan_at = self.last_scan_at.max(script.last_told_at());
        self.ledger.push(LedgerEntry {
            kind: "label",
            reference: text(body, "/letter/service/orderNumber").to_owned(),
            tracking_number: number.clone(),
            at: now,
        });
        let format = text(body, "/outputFormat/outputPrintingType");
        let one_sheet = format.ends_with("_UL");
        let cn23 = !body["letter"]["customsDeclarations"].is_null() && !one_sheet;
        let file = draw(&spec, format);
        let papers =
            cn23.then(|| draw(&LabelSpec { service: "CN23".into(), ..spec.clone() }, format));
        let label_first = self.roll("part order", &number) < 0.2;
        let sold = Sold { product: product.to_owned(), country: country.to_owned(), script, spec };
        self.parcels.insert(number.clone(), sold);
        done(Some(&number), Some(&file), papers.as_deref(), label_first)
    }

    fn again(&self, body: &Value, account: bool) -> HttpResponse {
        let number = text(body, "/parcelNumber");
        match self.parcels.get(number) {
            _ if !account => {
                self.refused(&[Fault::new("30000", "accountNumber", "account number missing")])
            }
            Some(sold) => {
                let file = draw(&sold.spec, text(body, "/outputPrintingType"));
                done(Some(number), Some(&file), None, false)
            }
            None => self.refused(&[Fault::other("parcelNumber", "parcel number unknown")]),
        }
    }

    /// Prefix by product, a counter, and the check digit that real numbers have.
    fn next_number(&self, product: &str, from: &str, country: &str) -> String {
        let sold = self.ledger.len() as u64;
        // Seeds start in blocks of their own, so that two simulators share no numbers.
        let serial = (self.options.seed % 100_000) * 100_000 + sold;
        let s10 = |prefix: &str| {
            let serial = format!("{:08}", serial % 100_000_000);
            format!("{prefix}{serial}{}FR", s10_check(&serial))
        };
        let own = |prefix: &str| {
            let serial = format!("{serial:010}");
            format!("{prefix}{serial}{}", ean_check(&serial))
        };
        match product {
            "CORE" => own("8R"),
            "CORF" => s10("CQ"),
            "CORI" if sim_rules::is_overseas(from) => own("5R"),
            "CORI" => own("7R"),
            _ if country != "FR" && !sim_rules::is_overseas(country) => s10("CB"),
            _ => own("6A"),
        }
    }

    /// Errors come in the shapes that the real service has shown: mostly 400 with the JSON part
    /// alone, sometimes plain JSON, sometimes, from older machines, with 200.
    fn refused(&self, faults: &[Fault]) -> HttpResponse {
        let infos = json!({
            "messages": faults.iter().map(Fault::message).collect::<Vec<_>>(),
            "labelXmlV2Reponse": null,
            "labelV2Response": null,
        });
        match sim_script::roll(self.options.seed, "error shape", &self.asked.to_string()) {
            shape if shape < 0.5 => multipart(400, &[json_part(&infos)]),
            shape if shape < 0.75 => {
                reply(400, "application/json;charset=UTF-8", &infos.to_string())
            }
            _ => multipart(200, &[json_part(&infos)]),
        }
    }

    /// A yes without a label, or the refusal.
    fn messages(&self, fault: Option<Fault>) -> HttpResponse {
        match fault {
            None => reply(200, "application/json", &infos(None).to_string()),
            Some(fault) => self.refused(&[fault]),
        }
    }

    pub(super) fn roll(&self, what: &str, number: &str) -> f64 {
        sim_script::roll(self.options.seed, what, number)
    }
}

impl Simulator for ColissimoSim {
    fn carrier(&self) -> &'static str {
        "colissimo"
    }

    fn answer(&mut self, request: &SimRequest) -> HttpResponse {
        self.asked += 1;
        if let Some(operation) = request.path.strip_prefix(SLS) {
            return match request.method {
                Method::Post => self.sls(operation, request),
                _ => reply(405, "text/plain", ""),
            };
        }
        if request.path == sim_more::POINTS && request.method == Method::Post {
            return sim_more::points(request, self.options.seed);
        }
        match request.path.strip_prefix(sim_suivi::PATH) {
            Some(ids) if request.method == Method::Get => sim_suivi::answer(self, request, ids),
            _ => reply(404, "text/html", "<html><body>Not Found</body></html>"),
        }
    }

    fn buys(&self, request: &SimRequest) -> bool {
        request.method == Method::Post && request.path.strip_prefix(SLS) == Some("generateLabel")
    }

    fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    fn last_scan_at(&self) -> Option<OffsetDateTime> {
        self.last_scan_at
    }
}

pub(super) fn reply(status: u16, content_type: &str, body: &str) -> HttpResponse {
    http::reply(status, content_type, body.to_owned())
}

/// Success. The service loses the accents of its own message.
fn done(
    number: Option<&str>,
    label: Option<&[u8]>,
    cn23: Option<&[u8]>,
    label_first: bool,
) -> HttpResponse {
    let mut parts = vec![json_part(&infos(number))];
    let file = |id: &str, bytes: &[u8]| part(id, "application/octet-stream", bytes);
    parts.extend(label.map(|bytes| file("label", bytes)));
    parts.extend(cn23.map(|bytes| file("cn23", bytes)));
    if label_first {
        parts.reverse();
    }
    multipart(200, &parts)
}

/// The JSON of a success.
pub(super) fn infos(number: Option<&str>) -> Value {
    json!({
        "messages": [{
            "id": "0", "type": "INFOS", "messageContent": "Demande traite", "replacementValues": [],
        }],
        "labelXmlV2Reponse": null,
        "labelV2Response": number.map(|number| json!({
            "label": null, "cn23": null, "parcelNumber": number, "parcelNumberPartner": null,
            "pdfUrl": null, "fields": null,
        })),
    })
}

pub(super) fn json_part(infos: &Value) -> Vec<u8> {
    part("jsonInfos", "application/json;charset=UTF-8", infos.to_string().as_bytes())
}

pub(super) fn part(id: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\n\
         Content-ID: <{id}>\r\n\r\n"
    );
    [head.as_bytes(), body, b"\r\n"].concat()
}

fn multipart(status: u16, parts: &[Vec<u8>]) -> HttpResponse {
    let mut body = parts.concat();
    body.extend_from_slice(format!("--{BOUNDARY}--").as_bytes());
    let content_type =
        format!("multipart/mixed; boundary=\"{BOUNDARY}\"; type=\"application/json\"");
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), content_type)],
        body: body.into(),
    }
}

fn spec(body: &Value, number: &str, product: &str) -> Option<LabelSpec> {
    let lines = |side: &str| -> Vec<String> {
        let field = |name: &str| text(body, &format!("/letter/{side}/address/{name}")).to_owned();
        let joined = |a: &str, b: &str| format!("{} {}", field(a), field(b)).trim().to_owned();
        let all = [
            field("companyName"),
            joined("firstName", "lastName"),
            field("line0"),
            field("line1"),
            field("line2"),
            field("line3"),
            joined("zipCode", "city"),
            field("countryCode"),
        ];
        all.into_iter().filter(|line| !line.is_empty()).collect()
    };
    let weight = sim_rules::weight_g(body);
    let reference = text(body, "/letter/sender/senderParcelRef");
    Some(LabelSpec {
        carrier_name: "Colissimo (simulated)".to_owned(),
        service: product.to_owned(),
        tracking_number: number.to_owned(),
        barcode: Barcode::code128(number).ok()?,
        sender: lines("sender"),
        recipient: lines("addressee"),
        weight_g: u32::try_from(weight).ok(),
        reference: (!reference.is_empty()).then(|| reference.to_owned()),
        parcel_index: 1,
        parcel_count: 1,
        routing: Vec::new(),
        size: LabelSize::Cm10x15,
        note: Some("SPECIMEN - NOT VALID FOR CARRIAGE".to_owned()),
    })
}

/// The file, with bytes in it that begin like a delimiter and are none.
pub(super) fn draw(spec: &LabelSpec, format: &str) -> Vec<u8> {
    if format.starts_with("ZPL") {
        let dpi = if format.contains("300dpi") { Dpi::Dpi300 } else { Dpi::Dpi203 };
        return label::zpl(spec, dpi).into_bytes();
    }
    if format.starts_with("DPL") {
        return thermal::program(spec, LabelFormat::Dpl);
    }
    let mut pdf = label::pdf(spec);
    pdf.extend_from_slice(b"\n%\r\n--uuid:\r\n");
    pdf
}

/// Weights 3, 1, 3, .. from the right over the digits; complement to ten.
fn ean_check(digits: &str) -> u32 {
    let weights = [3, 1].into_iter().cycle();
    let sum: u32 = digits.bytes().rev().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    (10 - sum % 10) % 10
}

/// The check digit of the postal union's S10.
fn s10_check(digits: &str) -> u32 {
    let weights = [8, 6, 4, 2, 3, 5, 9, 7];
    let sum: u32 = digits.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    match sum % 11 {
        0 => 5,
        1 => 0,
        rest => 11 - rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_the_carriers() {
        for (digits, check) in [("1234567890", 5), ("0000000123", 6), ("2026112000", 2)] {
            assert_eq!(ean_check(digits), check, "{digits}");
        }
        for (digits, check) in [("12345678", 5), ("00000012", 0), ("00000015", 5)] {
            assert_eq!(s10_check(digits), check, "{digits}");
        }
    }
}
