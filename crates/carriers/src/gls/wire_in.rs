//! Answers of GLS, named as GLS names them, read leniently.
#![allow(clippy::module_name_repetitions, reason = "named as the carrier names them")]

use serde::Deserialize;
use serde_json::Value;

use crate::wire::lenient::{Many, One, Text};

/// Every shape of a body that says no.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody<'a> {
    #[serde(borrow)]
    pub fault: One<Fault<'a>>,
    pub errors: Many<ErrorEntry<'a>>,
    pub title: Text<'a>,
    pub detail: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fault<'a> {
    #[serde(borrow)]
    pub faultstring: Text<'a>,
    pub detail: One<FaultDetail<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FaultDetail<'a> {
    #[serde(borrow)]
    pub errorcode: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorEntry<'a> {
    #[serde(borrow)]
    pub code: Text<'a>,
    #[serde(rename = "type")]
    pub kind: Text<'a>,
    pub message: Text<'a>,
}

/// Track and Trace.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TrackBody<'a> {
    #[serde(borrow)]
    pub parcels: Option<Many<TrackParcel<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TrackParcel<'a> {
    #[serde(borrow)]
    pub requested: Text<'a>,
    pub unitno: Text<'a>,
    pub status: Text<'a>,
    pub status_date_time: Text<'a>,
    pub events: Many<Event<'a>>,
    pub error_code: Text<'a>,
    pub error_message: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    pub code: Text<'a>,
    pub city: Text<'a>,
    pub postal_code: Text<'a>,
    pub country: Text<'a>,
    pub description: Text<'a>,
    pub event_date_time: Text<'a>,
}

/// `shipments` and `shipments/reprintparcel`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct CreatedBody<'a> {
    #[serde(borrow)]
    pub created_shipment: One<CreatedShipment<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct CreatedShipment<'a> {
    #[serde(borrow)]
    pub parcel_data: Many<ParcelData<'a>>,
    pub print_data: Many<PrintData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ParcelData<'a> {
    #[serde(rename = "TrackID", borrow)]
    pub track_id: Text<'a>,
    pub parcel_number: Text<'a>,
    /// A list, or one text.
    pub shipment_unit_reference: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct PrintData {
    /// A list of files in Base64, or one.
    pub data: Value,
    pub label_format: Value,
}

/// `tracking/parcels`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct FoundBody<'a> {
    #[serde(borrow)]
    pub unit_items: Option<Many<UnitItem<'a>>>,
    pub created_shipment: One<CreatedShipment<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct UnitItem<'a> {
    #[serde(rename = "TrackID", borrow)]
    pub track_id: Text<'a>,
    pub parcel_number: Text<'a>,
    pub shipment_unit_reference: Value,
}

/// `shipments/cancel`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CancelBody<'a> {
    #[serde(rename = "Result", alias = "result", borrow)]
    pub result: Text<'a>,
}

/// `shipments/validate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ValidateBody<'a> {
    #[serde(alias = "success")]
    pub success: Value,
    #[serde(alias = "validationResult", borrow)]
    pub validation_result: One<ValidationResult<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ValidationResult<'a> {
    #[serde(borrow)]
    pub issues: Many<Issue<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Issue<'a> {
    #[serde(borrow)]
    pub rule: Text<'a>,
    pub location: Text<'a>,
    pub parameters: Value,
}

/// `shipments/endofday`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct EndOfDayBody {
    pub shipments: Value,
}

/// `sporadiccollection`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct CollectionBody<'a> {
    #[serde(borrow)]
    pub estimated_pick_up_date: Text<'a>,
}

/// `parcelshop/address`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ShopsBody<'a> {
    #[serde(borrow)]
    pub parcel_shop: Option<Many<Shop<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Shop<'a> {
    #[serde(rename = "ParcelShopID", borrow)]
    pub parcel_shop_id: Text<'a>,
    pub address: One<ShopAddress<'a>>,
    pub location: One<ShopLocation<'a>>,
    pub holidays: Many<Holiday<'a>>,
    pub working_day: Option<Many<WorkingDay<'a>>>,
    pub airline_distance: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ShopAddress<'a> {
    #[serde(borrow)]
    pub name1: Text<'a>,
    pub name2: Text<'a>,
    pub name3: Text<'a>,
    pub country_code: Text<'a>,
    #[serde(rename = "ZIPCode", alias = "Zipcode", alias = "ZipCode")]
    pub zip_code: Text<'a>,
    pub city: Text<'a>,
    pub street: Text<'a>,
    pub street_number: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ShopLocation<'a> {
    #[serde(borrow)]
    pub latitude: Text<'a>,
    pub longitude: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Holiday<'a> {
    #[serde(borrow)]
    pub start_date: Text<'a>,
    pub end_date: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct WorkingDay<'a> {
    #[serde(borrow)]
    pub day_of_week: Text<'a>,
    pub opening_hours: One<Hours<'a>>,
    pub breaks: One<Hours<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Hours<'a> {
    #[serde(borrow)]
    pub opening_hours: Many<Span<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Span<'a> {
    #[serde(borrow)]
    pub from: Text<'a>,
    pub to: Text<'a>,
}
