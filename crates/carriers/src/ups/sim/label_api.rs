//! Label recovery, by number and by reference.

use base64::Engine;
use serde_json::{Map, Value, json};

use super::{
    Failure, RECOVERY_DAYS, REFERENCE_DELAY, UpsSim, array_rule, at, body, day, files, reply,
    ship::{Sold, envelope},
    text,
};
use crate::{HttpResponse, sim::SimRequest, ups::BASE64};

impl UpsSim {
    pub(super) fn recover(
        &mut self,
        version: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let root = body(request)?;
        let order = at(&root, &["LabelRecoveryRequest"]);
        let code = text(order, &["LabelSpecification", "LabelImageFormat", "Code"]);
        if !matches!(code, "GIF" | "PDF" | "ZPL" | "EPL" | "SPL") {
            return Err(Failure::new(400, "300010", "Invalid label image format"));
        }
        let number = text(order, &["TrackingNumber"]);
        let found: Vec<(usize, usize)> = if number.is_empty() {
            let reference = text(order, &["ReferenceValues", "ReferenceNumber", "Value"]);
            let shipper = text(order, &["ReferenceValues", "ShipperNumber"]);
            self.carrying(reference, shipper, request)
        } else {
            self.by_number.get(number).copied().into_iter().collect()
        };
        let recent = |&(index, piece): &(usize, usize)| {
            let sold = self.sold.get(index)?;
            let usable = sold.voided.is_none() && request.now - sold.at <= RECOVERY_DAYS;
            usable.then_some((sold, piece))
        };
        let found: Vec<(&Sold, usize)> = found.iter().filter_map(recent).collect();
        let context = at(order, &["Request", "TransactionReference", "CustomerContext"]);
        let mut answer = Map::new();
        answer.insert("Response".to_owned(), envelope(context));
        match found.as_slice() {
            [] => return Err(Failure::new(400, "300020", "No shipment found")),
            [(sold, piece)] => {
                answer.insert("ShipmentIdentificationNumber".to_owned(), json!(sold.number));
                let result = array_rule(version, vec![label(sold, *piece, code)]);
                answer.insert("LabelResults".to_owned(), result);
            }
            several => {
                let all = several.iter().filter_map(|(sold, piece)| candidate(sold, *piece));
                answer.insert("TrackingCandidate".to_owned(), Value::Array(all.collect()));
            }
        }
        Ok(reply(200, &json!({ "LabelRecoveryResponse": answer })))
    }

    /// Packages that carry a reference of an account, once it can be searched.
    pub(super) fn carrying(
        &self,
        reference: &str,
        shipper: &str,
        request: &SimRequest,
    ) -> Vec<(usize, usize)> {
        let indices = self.by_reference.get(reference).map(Vec::as_slice).unwrap_or_default();
        let visible = |index: &&usize| {
            self.sold.get(**index).is_some_and(|sold| {
                request.now - sold.at >= REFERENCE_DELAY
                    && (shipper.is_empty() || sold.shipper == shipper)
            })
        };
        let pieces = |index: &usize| {
            let count = self.sold.get(*index).map_or(0, |sold| sold.pieces.len());
            let index = *index;
            (0..count).map(move |piece| (index, piece))
        };
        indices.iter().filter(visible).flat_map(pieces).collect()
    }
}

fn label(sold: &Sold, piece: usize, code: &str) -> Value {
    let number = sold.pieces.get(piece).map(|piece| piece.number.as_str()).unwrap_or_default();
    json!({
        "TrackingNumber": number,
        "LabelImage": {
            "LabelImageFormat": { "Code": code },
            "GraphicImage": BASE64.encode(files::label(sold, piece, code)),
        },
    })
}

fn candidate(sold: &Sold, piece: usize) -> Option<Value> {
    let day = day(sold.at);
    Some(json!({
        "TrackingNumber": sold.pieces.get(piece)?.number,
        "DestinationPostalCode": sold.to.postcode,
        "DestinationCountryCode": sold.to.country,
        "PickupDateRange": { "BeginDate": day, "EndDate": day },
    }))
}
