//! Buying labels: PDF by API 1, ZPL by API 2; the answer tells which of them spoke.

use super::{
    address::{API_1, API_2},
    connect,
    shipment::{self, Way},
    soap::{self, Stake},
    stickers,
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, LabelFormat, Labels, Purchase, Rejection,
    Shipment, Step, wire::xml,
};

/// Labels from the merchant.
pub(super) static OUTBOUND: Stickers = Stickers { way: Way::Out };
/// Labels towards the merchant, dropped at a relay.
pub(super) static RETURNS: Stickers = Stickers { way: Way::Back };

/// Labels of one direction.
pub(super) struct Stickers {
    way: Way,
}

impl Labels for Stickers {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let plan = |limits| shipment::plan(call.account, shipment, self.way, limits);
        match shipment.format {
            LabelFormat::Zpl | LabelFormat::Ipl => {
                connect::request(call, &plan(&API_2)?, shipment.format)
            }
            _ => Ok(stickers::request(call, &plan(&API_1)?)),
        }
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        let root = xml::parse(&soap::text(response, Stake::Money)?)?;
        if root.name == "ShipmentCreationResponse" {
            // This interface sells programs only.
            let program = match shipment.format {
                LabelFormat::Ipl => LabelFormat::Ipl,
                _ => LabelFormat::Zpl,
            };
            return connect::bought(&root, program).map(Step::Done);
        }
        let result = root.find(&format!("{}Result", stickers::CREATE));
        let result = result.ok_or_else(|| CarrierError::garbled("no result of a purchase"))?;
        stickers::bought(result, shipment.format).map(Step::Done)
    }

    fn label_request(&self, call: &Call<'_>, tracking_number: &str) -> Option<HttpRequest> {
        stickers::again(call, tracking_number)
    }

    fn label_response(
        &self,
        call: &Call<'_>,
        response: &HttpResponse,
        _shipment: &Shipment,
        tracking_number: &str,
    ) -> Result<Step<Purchase>, CarrierError> {
        stickers::file(call, response, tracking_number)
    }
}
