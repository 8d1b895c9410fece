//! The tracking service.

use time::{Duration, OffsetDateTime};

use super::{
    DpdFrSim, Sold,
    soap::{self, Fault, WEBTRACE},
    story::{self, Line},
};
use crate::{
    HttpResponse,
    sim::{SimRequest, clock},
    wire::xml::{Element, Writer},
};

/// After a purchase, until its reference can be searched here.
const REFERENCE_DELAY: Duration = Duration::minutes(5);
/// The agency's number, as told with each scan.
const CENTER: &str = "77";

impl DpdFrSim {
    pub(super) fn webtrace(&self, request: &SimRequest) -> HttpResponse {
        let answer = soap::operation(request, WEBTRACE)
            .and_then(|operation| self.trace(&operation, request.now));
        answer.unwrap_or_else(|fault| fault.answer(WEBTRACE))
    }

    fn trace(&self, operation: &Element, now: OffsetDateTime) -> Result<HttpResponse, Fault> {
        let request = operation.child("request").ok_or(Fault::Plain("no request"))?;
        let country = request.child("Customer").and_then(|c| c.get("countrycode"));
        if country != Some("250") {
            return Err(Fault::Stated("PermissionDenied", "customer not allowed".into()));
        }
        if !matches!(request.get("GetImages"), Some("true" | "false")) {
            return Err(Fault::Plain("the request cannot be read"));
        }
        let found: Vec<&Sold> = match operation.name.as_str() {
            "GetShipmentTrace" => {
                self.find(request.get("ShipmentNumber").unwrap_or_default()).into_iter().collect()
            }
            "GetShipmentTraceByReference" => {
                let modes = ["Equals", "Like", "SearchMode_Equals"];
                if !request.get("Searchmode").is_some_and(|mode| modes.contains(&mode)) {
                    return Err(Fault::Plain("the request cannot be read"));
                }
                self.near(request.get("Reference").unwrap_or_default(), now)
            }
            _ => return Err(Fault::Plain("an operation that is not simulated")),
        };
        let name = operation.name.as_str();
        Ok(soap::answer(name, WEBTRACE, |answer| {
            answer.nest(&format!("{name}Result"), |result| {
                if found.is_empty() {
                    result.nest("ShipmentTrace", |trace| {
                        trace.leaf("LastError", "Aucune expédition trouvée");
                    });
                }
                for sold in found {
                    result.nest("ShipmentTrace", |trace| self.shipment_trace(sold, now, trace));
                }
            });
        }))
    }

    /// Shipments of that reference, and neighbours that differ in the last character.
    fn near(&self, reference: &str, now: OffsetDateTime) -> Vec<&Sold> {
        fn stem(text: &str) -> &str {
            text.char_indices().next_back().map_or("", |(at, _)| text.get(..at).unwrap_or_default())
        }
        let matches = |known: &String| {
            !known.is_empty() && (known == reference || stem(known) == stem(reference))
        };
        let known = self.sold.iter().filter(|sold| sold.bought + REFERENCE_DELAY <= now);
        known.filter(|sold| sold.references.iter().any(matches)).collect()
    }

    fn shipment_trace(&self, sold: &Sold, now: OffsetDateTime, trace: &mut Writer) {
        let told = story::told(&self.options, sold, now);
        let flag = |value: bool| if value { "true" } else { "false" };
        trace
            .leaf("LastError", "")
            .leaf("ShipmentNumber", &sold.number)
            .leaf("DestinationCountry", &sold.country)
            .leaf("DestinationZipcode", &sold.postcode)
            .leaf("Weight", &sold.weight)
            .leaf("Receiver", sold.printed.recipient.first().map_or("", String::as_str));
        let names = ["Reference", "Reference2", "Reference3"];
        for (name, reference) in names.iter().zip(&sold.references) {
            trace.some(name, reference);
        }
        if !told.lines.is_empty() {
            trace.nest("DeliveryScheduled", |plan| {
                let day = (sold.day + Duration::days(2)).midnight().assume_utc();
                plan.leaf("EndDate", &date(day)).leaf("EndTime", "18:00");
            });
            trace.nest("Traces", |traces| {
                for line in &told.lines {
                    traces.nest("clsTrace", |scan| self::scan(sold, line, scan));
                }
            });
        }
        trace
            .leaf("IsB2C", flag(!sold.retour))
            .leaf("IsRetour", flag(told.retour))
            .some("PointRelaisName", if sold.to_point { "Relais Exemple" } else { "" })
            .leaf("BarcodeSource", "1")
            .leaf("BarcodeId", &sold.number);
    }
}

/// The day, as answers write it.
fn date(local: OffsetDateTime) -> String {
    format!("{:02}.{:02}.{}", local.day(), u8::from(local.month()), local.year())
}

fn scan(sold: &Sold, line: &Line, scan: &mut Writer) {
    let local = clock::local(line.at, "FR");
    let center = if line.origin { &sold.origin } else { &sold.destination };
    scan.leaf("ScanDate", &date(local))
        .leaf("ScanTime", &format!("{:02}:{:02}", local.hour(), local.minute()))
        .leaf("StatusNumber", &line.number.to_string())
        .leaf("StatusDescription", line.words)
        .leaf("CenterName", &center.to_uppercase())
        .leaf("CenterNumber", CENTER)
        .leaf("Remark", "");
}
