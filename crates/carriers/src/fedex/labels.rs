//! Buying, the free check of a purchase, and labels for the way back.
//!
//! Labels come once, in the answer; FedEx keeps none to ask for again.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use colibri_types::Money;

use super::{
    Fedex,
    common::{self, Stake},
    order::{self, Way},
    wire::{CheckBody, Document, Piece, ShipAnswer, TransactionShipment},
};
use crate::{
    Call, CarrierError, Check, HttpRequest, HttpResponse, Label, LabelFormat, Labels, Method,
    Purchase, Rejection, Shipment, Step, wire::lenient::Text,
};

const SHIPMENTS: &str = "/ship/v1/shipments";

/// Labels that a customer sticks on to send goods back; the account pays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Returns;

pub(super) static RETURNS: Returns = Returns;

impl Labels for Fedex {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let body = order::body(call, shipment, Way::Out)?;
        Ok(common::call(call, Method::Post, SHIPMENTS, &body))
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        bought(response, shipment)
    }
}

impl Labels for Returns {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let body = order::body(call, shipment, Way::Back)?;
        Ok(common::call(call, Method::Post, SHIPMENTS, &body))
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        bought(response, shipment)
    }
}

impl Check for Fedex {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let body = order::body(call, shipment, Way::Out)?;
        Ok(common::call(call, Method::Post, "/ship/v1/shipments/packages/validate", &body))
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: CheckBody<'_> = common::json(&text)?;
        common::output(body.output.0, &text, Stake::Nothing)?;
        Ok(Step::Done(()))
    }
}

fn bought(response: &HttpResponse, shipment: &Shipment) -> Result<Step<Purchase>, CarrierError> {
    if !common::is_success(response) {
        return Err(common::failure(response, Stake::Money));
    }
    let text = common::text(&response.body);
    let body: ShipAnswer<'_> = common::json(&text)?;
    let output = common::output(body.output.0, &text, Stake::Money)?;
    match output.transaction_shipments.0.as_slice() {
        [sold] => purchase(sold, shipment).map(Step::Done),
        [] if output.job_id.get().is_some() => {
            Err(CarrierError::garbled("a job instead of labels, which were asked for at once"))
        }
        all => Err(CarrierError::garbled(format!("{} shipments for one", all.len()))),
    }
}

fn purchase(sold: &TransactionShipment<'_>, shipment: &Shipment) -> Result<Purchase, CarrierError> {
    let mut pieces: Vec<&Piece<'_>> = sold.piece_responses.0.iter().collect();
    if pieces.len() != shipment.parcels.len() {
        let (got, asked) = (pieces.len(), shipment.parcels.len());
        return Err(CarrierError::garbled(format!("{got} pieces for {asked} parcels")));
    }
    // A stable sort: pieces without a number of their own stay in FedEx's order.
    pieces.sort_by_key(|piece| sequence(&piece.package_sequence_number));
    let labels: Option<Vec<Label>> =
        pieces.iter().map(|piece| label(piece, shipment.format)).collect();
    let labels = labels.ok_or_else(|| CarrierError::garbled("a piece without a number"))?;
    let first = labels.first().map(|label| label.tracking_number.clone());
    Ok(Purchase {
        shipment_number: sold.master_tracking_number.owned().or(first).unwrap_or_default(),
        charge: charge(sold, &pieces),
        labels,
    })
}

/// Place among the pieces, from one; 0 when it is not told.
pub(super) fn sequence(text: &Text<'_>) -> u32 {
    text.get().and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// What the account is charged: of the rates, that of the kind FedEx says it uses.
fn charge(sold: &TransactionShipment<'_>, pieces: &[&Piece<'_>]) -> Option<Money> {
    let rating = sold.completed_shipment_detail.get().and_then(|d| d.shipment_rating.get());
    let rated = rating.and_then(|rating| {
        let actual = rating.actual_rate_type.get();
        let details = &rating.shipment_rate_details.0;
        let used = details.iter().find(|detail| detail.rate_type.get() == actual)?;
        let net = common::money(&used.total_net_fed_ex_charge, used.currency.get());
        net.or_else(|| common::money(&used.total_net_charge, used.currency.get()))
    });
    match pieces {
        [one] => rated.or_else(|| common::money(&one.net_charge_amount, one.currency.get())),
        // Of several pieces FedEx tells all on the first, or each its own: no sum is sure.
        _ => rated,
    }
}

fn label(piece: &Piece<'_>, asked: LabelFormat) -> Option<Label> {
    let documents = &piece.package_documents.0;
    let is_label = |document: &&Document<'_>| document.content_type.get() == Some("LABEL");
    let document = documents.iter().find(is_label).or(documents.first());
    let file = document.and_then(|document| file(document.encoded_label.get()));
    Some(Label::of(piece.tracking_number.owned()?, file, asked))
}

/// The file behind base64. A file that cannot be read is no file; the purchase stands.
pub(super) fn file(base64: Option<&str>) -> Option<Bytes> {
    let plain: String = base64?.chars().filter(|c| !c.is_whitespace()).collect();
    BASE64.decode(plain).ok().map(Bytes::from)
}
