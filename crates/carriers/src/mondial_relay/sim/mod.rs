//! A simulated Mondial Relay, written from the reference and never from the connector's types.
//!
//! Owns the ledger, the numbers and the credit of prepaid brands. As the real one it never
//! deduplicates, voids or finds a shipment by reference: a second request is a second sale.
//!
//! The real carrier knows each brand's key and checks the signature with it. This one knows none
//! and accepts every well-formed signature that is not made with the key `wrong`, unless it is made
//! with a key of its own ([`MondialRelaySim::strict`]).
//!
//! For tests: relays whose number ends in 999 are closed; a recipient `PANNE AVANT` or `PANNE
//! APRES` breaks the service before or after the sale; brands that begin with `PP` are prepaid.

mod connect;
mod relays;
mod rules;
mod soap;
mod story;

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::{
    HttpResponse, LabelFormat, Method,
    sim::{
        LedgerEntry, SimOptions, SimRequest, Simulator,
        http::{query, reply},
        journey::{self, Happening, Lane},
        label::Printed,
        luck::draw,
    },
};

const FILES: &str = "/ww2/PDF/StickerMaker2.aspx";
/// Credit of a prepaid brand that has bought nothing, in cents; invented.
const CREDIT_CENTS: i64 = 5_000;
/// What every label costs a prepaid brand, in cents; invented.
const PRICE_CENTS: i64 = 450;

/// One shipment sold.
struct Sold {
    brand: String,
    story: Vec<Happening>,
    printed: Printed,
    /// Relay of delivery and its country; empty for a door.
    point: String,
    country: String,
    town: (String, String),
}

/// What a request asks to be sold, whichever interface it came by.
struct Order {
    brand: String,
    reference: String,
    mode: String,
    from: String,
    to: String,
    point: String,
    town: (String, String),
    printed: Printed,
}

/// The simulated carrier.
pub struct MondialRelaySim {
    options: SimOptions,
    key: Option<String>,
    sold: BTreeMap<String, Sold>,
    spent: BTreeMap<String, i64>,
    ledger: Vec<LedgerEntry>,
    last_scan_at: Option<OffsetDateTime>,
}

impl MondialRelaySim {
    /// A carrier that has sold nothing yet and takes every key but `wrong`.
    #[must_use]
    pub fn new(options: SimOptions) -> Self {
        let (sold, spent) = (BTreeMap::new(), BTreeMap::new());
        Self { options, key: None, sold, spent, ledger: Vec::new(), last_scan_at: None }
    }

    /// One that takes this key only, and so checks what is signed and in which order.
    #[must_use]
    pub fn strict(options: SimOptions, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..Self::new(options) }
    }

    /// May the brand buy one more?
    fn has_credit(&self, brand: &str) -> bool {
        let spent = self.spent.get(brand).copied().unwrap_or_default();
        !brand.starts_with("PP") || spent + PRICE_CENTS <= CREDIT_CENTS
    }

    /// Sells; the answer is the number.
    fn sell(&mut self, order: Order, now: OffsetDateTime) -> String {
        let serial = (self.options.seed % 1_000) * 10_000 + self.sold.len() as u64;
        let number = format!("{:08}", 90_000_000 + serial % 10_000_000);
        let lane = Lane {
            domestic: order.from == order.to,
            customs: false,
            to_point: !order.point.is_empty(),
            one_way: false,
        };
        let story = journey::journey(&self.options, &number, lane, now, None);
        self.last_scan_at = self.last_scan_at.max(journey::ends(&story));
        *self.spent.entry(order.brand.clone()).or_default() += PRICE_CENTS;
        self.ledger.push(LedgerEntry {
            kind: "label",
            reference: order.reference.clone(),
            tracking_number: number.clone(),
            at: now,
        });
        let printed = Printed {
            carrier: "Mondial Relay",
            service: order.mode,
            number: number.clone(),
            reference: order.reference,
            index: 1,
            count: 1,
            ..order.printed
        };
        let (brand, point, country) = (order.brand, order.point, order.to);
        let sold = Sold { brand, story, printed, point, country, town: order.town };
        self.sold.insert(number.clone(), sold);
        number
    }

    /// Relative address of a file, with a proof that nobody can guess.
    fn address(&self, brand: &str, number: &str, format: &str) -> String {
        let brand = brand.trim();
        let proof = self.proof(brand, number);
        format!("{FILES}?ens={brand}&expedition={number}&lg=FR&format={format}&crc={proof}")
    }

    fn proof(&self, brand: &str, number: &str) -> String {
        format!("{:016X}", draw(self.options.seed, &format!("{brand}/{number}"), 7))
    }

    fn file(&self, request: &SimRequest) -> HttpResponse {
        let (brand, number) = (query(request, "ens"), query(request, "expedition"));
        let format = query(request, "format");
        let known = ["A4", "A5", "10x15"].contains(&format.as_str());
        match self.sold.get(&number) {
            Some(sold) if known && query(request, "crc") == self.proof(&brand, &number) => {
                reply(200, "application/pdf", sold.printed.file(LabelFormat::Pdf))
            }
            _ => reply(200, "text/html", "<html><body>Etiquette indisponible</body></html>"),
        }
    }
}

impl Simulator for MondialRelaySim {
    fn carrier(&self) -> &'static str {
        "mondial_relay"
    }

    fn answer(&mut self, request: &SimRequest) -> HttpResponse {
        match (request.method, request.path.to_ascii_lowercase().as_str()) {
            (Method::Post, "/web_services.asmx") => self.soap(request),
            (Method::Post, "/api/shipment") => self.connect(request),
            (_, "/api/shipment") => reply(405, "text/plain", "method not allowed"),
            (Method::Get, path) if path == FILES.to_ascii_lowercase() => self.file(request),
            _ => reply(404, "text/html", "<html><body>Not Found</body></html>"),
        }
    }

    fn buys(&self, request: &SimRequest) -> bool {
        let body = String::from_utf8_lossy(&request.body);
        request.method == Method::Post
            && (request.path.eq_ignore_ascii_case("/api/shipment")
                || body.contains("WSI2_CreationEtiquette")
                || body.contains("WSI2_CreationExpedition"))
    }

    fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    fn last_scan_at(&self) -> Option<OffsetDateTime> {
        self.last_scan_at
    }
}
