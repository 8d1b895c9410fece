//! Collections: booked, listed, called off.

use serde_json::{Value, json};

use super::{
    Failure, UpsSim, at, body, draw, header, list, reply,
    ship::envelope,
    text,
    validate::{parse_day, refuse, thousandths},
};
use crate::{
    HttpResponse,
    sim::{SimRequest, clock},
};

/// A collection that was booked.
pub(super) struct Booking {
    prn: String,
    account: String,
    reference: String,
    contact: String,
    day: String,
    /// Street, postcode and day: one driver comes for them.
    stop: String,
    cancelled: bool,
}

/// A place's fields with their lengths; all must be there but the postcode.
const PLACE: [(&str, usize); 5] = [
    ("CompanyName", 27),
    ("ContactName", 22),
    ("AddressLine", 73),
    ("City", 50),
    ("CountryCode", 2),
];

fn site(order: &Value) -> Result<&Value, Failure> {
    let site = at(order, &["PickupAddress"]);
    for (name, most) in PLACE {
        if !(1..=most).contains(&text(site, &[name]).chars().count()) {
            return refuse("9510112", &format!("Missing or invalid {name}"));
        }
    }
    if text(site, &["PostalCode"]).len() > 8 {
        return refuse("9510113", "Invalid postal code");
    }
    if !(1..=25).contains(&text(site, &["Phone", "Number"]).len()) {
        return refuse("9510114", "Missing or invalid phone number");
    }
    if !matches!(text(site, &["ResidentialIndicator"]), "Y" | "N") {
        return refuse("9510115", "Missing or invalid residential indicator");
    }
    Ok(site)
}

fn pieces(order: &Value) -> Result<(), Failure> {
    let all = list(at(order, &["PickupPiece"]));
    let whole = |piece: &Value| {
        let service = text(piece, &["ServiceCode"]);
        service.len() == 3
            && super::lanes::exists(service.get(1..).unwrap_or_default())
            && text(piece, &["Quantity"]).parse::<u32>().is_ok_and(|n| (1..=999).contains(&n))
            && text(piece, &["DestinationCountryCode"]).len() == 2
            && matches!(text(piece, &["ContainerCode"]), "01" | "02" | "03")
    };
    if all.is_empty() || !all.iter().all(whole) {
        return refuse("9510120", "Missing or invalid pickup pieces");
    }
    let weight = text(order, &["TotalWeight", "Weight"]);
    let unit = text(order, &["TotalWeight", "UnitOfMeasurement"]);
    let heavy = thousandths(weight).is_some_and(|weight| weight > 0) && weight.len() <= 6;
    if !heavy || !matches!(unit, "KGS" | "LBS") {
        return refuse("9510121", "Missing or invalid weight");
    }
    if list(at(order, &["TrackingData"])).len() > 30 {
        return refuse("9510122", "Too many tracking numbers");
    }
    Ok(())
}

impl UpsSim {
    pub(super) fn book(&mut self, request: &SimRequest) -> Result<HttpResponse, Failure> {
        let root = body(request)?;
        let order = at(&root, &["PickupCreationRequest"]);
        let account = text(order, &["Shipper", "Account", "AccountNumber"]);
        if !matches!(account.len(), 6 | 10) {
            return refuse("9510100", "Missing or invalid account number");
        }
        let site = site(order)?;
        let country = text(site, &["CountryCode"]);
        let day = text(order, &["PickupDateInfo", "PickupDate"]);
        let today = clock::local(request.now, country).date();
        if parse_day(day).is_none_or(|wanted| wanted < today) {
            return refuse("9560131", "The pickup date is invalid");
        }
        let ready = text(order, &["PickupDateInfo", "ReadyTime"]).parse::<u16>();
        let close = text(order, &["PickupDateInfo", "CloseTime"]).parse::<u16>();
        if !matches!((&ready, &close), (Ok(ready), Ok(close)) if ready < close && *close <= 2359) {
            return refuse("9510118", "The location closes before the parcels are ready");
        }
        pieces(order)?;
        if !matches!(text(order, &["PaymentMethod"]), "00" | "01" | "03" | "04") {
            return refuse("9510130", "Missing or invalid payment method");
        }
        if text(order, &["SpecialInstruction"]).chars().count() > 57 {
            return refuse("9510131", "The instruction is too long");
        }
        let part = |name: &str| text(site, &[name]).to_uppercase();
        let stop = format!("{account} {day} {} {}", part("AddressLine"), part("PostalCode"));
        let known = self.bookings.iter().find(|old| old.stop == stop && !old.cancelled);
        // The same number for the same stop: one driver comes.
        let prn = match known {
            Some(old) => old.prn.clone(),
            None => {
                let count = u64::try_from(self.bookings.len()).unwrap_or_default();
                let rest = draw(self.options.seed, &stop, count) % 1_000_000_000;
                format!("29{rest:09}")
            }
        };
        self.bookings.push(Booking {
            prn: prn.clone(),
            account: account.to_owned(),
            reference: text(order, &["ReferenceNumber"]).to_owned(),
            contact: text(site, &["ContactName"]).to_owned(),
            day: day.to_owned(),
            stop,
            cancelled: false,
        });
        let context = at(order, &["Request", "TransactionReference", "CustomerContext"]);
        Ok(reply(
            200,
            &json!({ "PickupCreationResponse": {
                "Response": envelope(context),
                "PRN": prn,
                "RateStatus": { "Code": "04", "Description": "Rate not requested" },
            }}),
        ))
    }

    pub(super) fn unbook(
        &mut self,
        by: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let number = header(request, "prn").unwrap_or_default();
        if by != "02" {
            return refuse("9510140", "Collections are called off by their number");
        }
        let same = |booking: &&mut Booking| booking.prn == number && !booking.cancelled;
        let mut found = false;
        for booking in self.bookings.iter_mut().filter(same) {
            booking.cancelled = true;
            found = true;
        }
        if !found {
            return refuse("9510141", "There is no such collection to call off");
        }
        Ok(reply(
            200,
            &json!({ "PickupCancelResponse": {
                "Response": envelope(&Value::Null),
                "PickupType": "01",
            }}),
        ))
    }

    pub(super) fn pending(
        &mut self,
        kind: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let account = header(request, "accountnumber").unwrap_or_default();
        if !matches!(kind, "oncall" | "smart" | "both") || account.is_empty() {
            return refuse("9510150", "Missing or invalid account number or kind");
        }
        let open = self.bookings.iter().filter(|old| old.account == account && !old.cancelled);
        let all: Vec<Value> = open
            .map(|old| {
                json!({
                    "PickupType": "01",
                    "ServiceDate": old.day,
                    "PRN": old.prn,
                    "OnCallStatusCode": "002",
                    "PickupStatusMessage": "Received",
                    "BillingCode": "01",
                    "ContactName": old.contact,
                    "ReferenceNumber": old.reference,
                })
            })
            .collect();
        Ok(reply(
            200,
            &json!({ "PickupPendingStatusResponse": {
                "Response": envelope(&Value::Null),
                "PendingStatus": all,
            }}),
        ))
    }
}
