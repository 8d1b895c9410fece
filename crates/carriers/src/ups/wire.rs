//! What UPS writes and reads, under UPS's own names. Only the elements that decide something here.
//!
//! Written strictly (the request types), read leniently (see `lenient`).

use serde::{Deserialize, Serialize};

use crate::wire::lenient::{Many, One, Text};

/// Body of every error answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody<'a> {
    #[serde(borrow)]
    pub response: One<Errors<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Errors<'a> {
    #[serde(borrow)]
    pub errors: Many<CodeMessage<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CodeMessage<'a> {
    #[serde(borrow)]
    pub code: Text<'a>,
    pub message: Text<'a>,
}

/// Answer of ship, void and label recovery: one wrapper per operation, read by one reader.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ShippingBody<'a> {
    #[serde(borrow)]
    pub shipment_response: One<ShipmentResponse<'a>>,
    pub void_shipment_response: One<VoidShipmentResponse<'a>>,
    pub label_recovery_response: One<LabelRecoveryResponse<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ShipmentResponse<'a> {
    #[serde(borrow)]
    pub shipment_results: One<ShipmentResults<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ShipmentResults<'a> {
    #[serde(borrow)]
    pub shipment_identification_number: Text<'a>,
    pub shipment_charges: One<ShipmentCharges<'a>>,
    pub negotiated_rate_charges: One<NegotiatedRateCharges<'a>>,
    pub package_results: Many<PackageResults<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ShipmentCharges<'a> {
    #[serde(borrow)]
    pub total_charges: One<Charge<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct NegotiatedRateCharges<'a> {
    #[serde(borrow)]
    pub total_charge: One<Charge<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Charge<'a> {
    #[serde(borrow)]
    pub currency_code: Text<'a>,
    pub monetary_value: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct PackageResults<'a> {
    #[serde(borrow)]
    pub tracking_number: Text<'a>,
    pub shipping_label: One<ShippingLabel<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ShippingLabel<'a> {
    #[serde(borrow)]
    pub image_format: One<Code<'a>>,
    pub graphic_image: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Code<'a> {
    #[serde(borrow)]
    pub code: Text<'a>,
    pub description: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct VoidShipmentResponse<'a> {
    #[serde(borrow)]
    pub summary_result: One<VoidResult<'a>>,
    /// The test environment was seen to spell it without the `s`.
    #[serde(alias = "PackageLevelResult")]
    pub package_level_results: Many<VoidResult<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct VoidResult<'a> {
    #[serde(borrow)]
    pub status: One<Code<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct LabelRecoveryResponse<'a> {
    #[serde(borrow)]
    pub shipment_identification_number: Text<'a>,
    pub label_results: Many<LabelResults<'a>>,
    pub tracking_candidate: Many<TrackingCandidate<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct LabelResults<'a> {
    #[serde(borrow)]
    pub tracking_number: Text<'a>,
    pub label_image: One<LabelImage<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct LabelImage<'a> {
    #[serde(borrow)]
    pub label_image_format: One<Code<'a>>,
    pub graphic_image: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct TrackingCandidate<'a> {
    #[serde(borrow)]
    pub tracking_number: Text<'a>,
}

/// Answer of the Track API, by number and by reference.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TrackBody<'a> {
    #[serde(borrow)]
    pub track_response: One<TrackResponse<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TrackResponse<'a> {
    #[serde(borrow)]
    pub shipment: Many<TrackShipment<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TrackShipment<'a> {
    #[serde(borrow)]
    pub inquiry_number: Text<'a>,
    pub package: Many<Package<'a>>,
    pub warnings: Many<CodeMessage<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Package<'a> {
    #[serde(borrow)]
    pub tracking_number: Text<'a>,
    pub activity: Many<Activity<'a>>,
    pub delivery_date: Many<DeliveryDate<'a>>,
    pub delivery_time: One<DeliveryTime<'a>>,
    pub alternate_tracking_number: Many<AlternateTrackingNumber<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Activity<'a> {
    #[serde(borrow)]
    pub date: Text<'a>,
    pub time: Text<'a>,
    pub gmt_date: Text<'a>,
    pub gmt_time: Text<'a>,
    pub gmt_offset: Text<'a>,
    pub location: One<TrackLocation<'a>>,
    pub status: One<Status<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TrackLocation<'a> {
    #[serde(borrow)]
    pub address: One<Address<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Address<'a> {
    #[serde(borrow)]
    pub city: Text<'a>,
    pub state_province: Text<'a>,
    pub postal_code: Text<'a>,
    pub country_code: Text<'a>,
    pub country: Text<'a>,
}

/// A status in the Track API (`statusCode`) and in a push (`descriptionCode`).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Status<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    pub code: Text<'a>,
    pub status_code: Text<'a>,
    pub description_code: Text<'a>,
    pub description: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct DeliveryDate<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    pub date: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DeliveryTime<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    pub end_time: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AlternateTrackingNumber<'a> {
    #[serde(borrow)]
    pub number: Text<'a>,
}

/// Body of a Track Alert push: one event of one parcel.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TrackingEvent<'a> {
    #[serde(borrow)]
    pub tracking_number: Text<'a>,
    pub local_activity_date: Text<'a>,
    pub local_activity_time: Text<'a>,
    pub activity_location: One<Address<'a>>,
    pub activity_status: One<Status<'a>>,
    pub scheduled_delivery_date: Text<'a>,
    pub actual_delivery_date: Text<'a>,
    pub gmt_activity_date: Text<'a>,
    pub gmt_activity_time: Text<'a>,
    pub gmt_offset: Text<'a>,
    pub delivery_end_time: Text<'a>,
}

/// Answer to a Track Alert subscription.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Subscribed {
    pub valid_tracking_numbers: Vec<String>,
    pub invalid_tracking_numbers: Vec<String>,
}

/// A presence flag: written as empty text when set, left out otherwise.
pub(super) type Flag = Option<&'static str>;

/// A flag that is set.
pub(super) const PRESENT: Flag = Some("");

/// An element that only holds a code.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CodeOut<'a> {
    pub code: &'a str,
}
