//! A simulated DPD France, written from the documents and not from the connector's types.
//!
//! Three services behind their real paths. Sells to anybody but the password `wrong`; does not
//! deduplicate; takes elements in schema order only; lists a purchase after half a minute and
//! finds it by reference after five, with neighbours; voids until the first scan. Numbers for the
//! round, attempts, shops and refusals are not publicly known: such steps are not told at all.
//!
//! Error ids beyond those that were recorded are plausible only; a connector may use that they
//! exist and never their words.

mod eprint;
mod pudo;
mod rules;
mod soap;
mod story;
mod webtrace;

use std::collections::BTreeMap;

use time::{Date, OffsetDateTime};

use crate::sim::{
    LedgerEntry, SimOptions, SimRequest, Simulator, http, journey::Happening, label::Printed,
    luck::draw,
};
use crate::{HttpResponse, Method};

/// Operations that spend money.
const BUYING: &[&str] = &[
    "CreateShipmentWithLabelsBc",
    "CreateShipmentBc",
    "CreateMultiShipmentBc",
    "CreateReverseInverseShipmentWithLabelsBc",
];

/// A parcel that was sold.
struct Sold {
    number: String,
    /// `referencenumber`, `reference2`, `reference3`.
    references: [String; 3],
    weight: String,
    day: Date,
    bought: OffsetDateTime,
    country: String,
    postcode: String,
    origin: String,
    destination: String,
    /// Sold as a way back.
    retour: bool,
    to_point: bool,
    story: Vec<Happening>,
    terminated: bool,
    printed: Printed,
}

/// A simulated DPD France.
pub struct DpdFrSim {
    options: SimOptions,
    /// Counter behind the numbers; begins where the seed says.
    serial: u64,
    pickups: u64,
    sold: Vec<Sold>,
    by_number: BTreeMap<String, usize>,
    ledger: Vec<LedgerEntry>,
    last_scan: Option<OffsetDateTime>,
}

impl DpdFrSim {
    /// A carrier that has sold nothing yet.
    #[must_use]
    pub fn new(options: SimOptions) -> Self {
        Self {
            options,
            serial: draw(options.seed, "dpd_fr serial", 0) % 500_000_000,
            pickups: draw(options.seed, "dpd_fr pickup", 0) % 500_000,
            sold: Vec::new(),
            by_number: BTreeMap::new(),
            ledger: Vec::new(),
            last_scan: None,
        }
    }

    fn find(&self, number: &str) -> Option<&Sold> {
        // Typed with the check character that labels show, numbers have fifteen.
        let number = if number.len() == 15 { number.get(..14)? } else { number };
        self.sold.get(*self.by_number.get(number)?)
    }

    fn next_number(&mut self) -> String {
        self.serial += 1;
        format!("10999{:09}", self.serial % 1_000_000_000)
    }

    fn book(&mut self, sold: Sold, told: bool) {
        self.last_scan = self.last_scan.max(story::ends(&sold.story));
        if told {
            self.ledger.push(LedgerEntry {
                kind: "label",
                reference: sold.references[0].clone(),
                tracking_number: sold.number.clone(),
                at: sold.bought,
            });
        }
        self.by_number.insert(sold.number.clone(), self.sold.len());
        self.sold.push(sold);
    }

    fn terminate(&mut self, number: &str, now: OffsetDateTime) {
        let Some(index) = self.by_number.get(number) else { return };
        let Some(sold) = self.sold.get_mut(*index) else { return };
        sold.terminated = true;
        self.ledger.push(LedgerEntry {
            kind: "void",
            reference: sold.references[0].clone(),
            tracking_number: number.to_owned(),
            at: now,
        });
    }
}

impl Simulator for DpdFrSim {
    fn carrier(&self) -> &'static str {
        "dpd_fr"
    }

    fn answer(&mut self, request: &SimRequest) -> HttpResponse {
        // The web server does not tell capitals apart.
        let path = request.path.to_ascii_lowercase();
        match (request.method, path.as_str()) {
            (
                Method::Post,
                "/dpd-eprintwebservice/eprintwebservice.asmx"
                | "/eprintwebservice/eprintwebservice.asmx",
            ) => self.eprint(request),
            (Method::Post, "/trace-service/webtrace_service.asmx") => self.webtrace(request),
            (Method::Get, "/mypudo/mypudo.asmx/getpudolist") => pudo::list(&self.options, request),
            _ => http::reply(404, "text/html", "<html><body>Not found</body></html>"),
        }
    }

    fn buys(&self, request: &SimRequest) -> bool {
        let action = http::header(request, "soapaction").unwrap_or_default().trim_matches('"');
        let operation = action.rsplit('/').next().unwrap_or_default();
        request.method == Method::Post && BUYING.contains(&operation)
    }

    fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    fn last_scan_at(&self) -> Option<OffsetDateTime> {
        self.last_scan
    }
}

#[cfg(test)]
mod tests;
