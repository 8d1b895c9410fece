//! Requests of `ShipIT`, named as GLS names them.
#![allow(clippy::module_name_repetitions, reason = "named as the carrier names them")]

use serde::Serialize;
use serde_json::value::RawValue;

/// A number as GLS reads it: the decimal text itself, never through a float.
pub(super) type Number = Box<RawValue>;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ShipmentBody<'a> {
    pub shipment: ShipmentOut<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printing_options: Option<PrintingOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_options: Option<ReturnOptions>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ShipmentOut<'a> {
    pub shipment_reference: Vec<String>,
    pub shipping_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incoterm_code: Option<&'static str>,
    pub identifier: &'a str,
    pub middleware: &'static str,
    pub product: &'static str,
    pub consignee: Consignee,
    pub shipper: Shipper<'a>,
    pub shipment_unit: Vec<ShipmentUnit>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<ShipmentService>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Consignee {
    pub category: &'static str,
    pub address: AddressOut,
}

#[derive(Serialize)]
pub(super) struct Shipper<'a> {
    #[serde(rename = "ContactID")]
    pub contact_id: &'a str,
    #[serde(rename = "AlternativeShipperAddress")]
    pub alternative: AddressOut,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddressOut {
    pub name1: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name3: Option<String>,
    pub country_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    #[serde(rename = "ZIPCode", skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
    pub city: String,
    pub street: String,
    #[serde(rename = "eMail", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_person: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile_phone_number: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ShipmentUnit {
    pub shipment_unit_reference: Vec<String>,
    /// Kilograms.
    pub weight: Number,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<UnitService>,
}

/// A service of the shipment: one key each.
#[derive(Serialize)]
pub(super) enum ShipmentService {
    Service(Named),
    ShopDelivery(ShopDelivery),
    Deposit(Deposit),
    PickAndReturn(PickAndReturn),
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    pub service_name: &'static str,
}

#[derive(Serialize)]
pub(super) struct ShopDelivery {
    #[serde(rename = "ServiceName")]
    pub service_name: &'static str,
    #[serde(rename = "ParcelShopID")]
    pub parcel_shop_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Deposit {
    pub service_name: &'static str,
    pub place_of_deposit: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PickAndReturn {
    pub service_name: &'static str,
    pub pickup_date: String,
}

/// A service of one parcel: one key each.
#[derive(Serialize)]
pub(super) enum UnitService {
    Cash(Cash),
    AddonLiability(AddonLiability),
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Cash {
    pub service_name: &'static str,
    pub reason: String,
    pub amount: Number,
    pub currency: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddonLiability {
    pub service_name: &'static str,
    pub amount: Number,
    pub currency: String,
    pub parcel_content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PrintingOptions {
    pub return_labels: ReturnLabels,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReturnLabels {
    pub template_set: &'static str,
    pub label_format: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReturnOptions {
    pub return_print_data: bool,
    pub return_routing_info: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Reprint<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parcel_number: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipment_reference: Option<&'a str>,
    pub creation_date: String,
    pub printing_options: PrintingOptions,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FindParcels<'a> {
    pub shipment_reference: &'a str,
    pub date_from: String,
    pub date_to: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SporadicCollection<'a> {
    #[serde(rename = "ContactID")]
    pub contact_id: &'a str,
    pub preferred_pick_up_date: String,
    pub number_of_parcels: u32,
    pub product: &'static str,
    /// Kilograms.
    pub expected_total_weight: Number,
    pub contains_haz_goods: bool,
    pub additional_information: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NearAddress {
    pub street: String,
    pub country_code: String,
    pub city: String,
    #[serde(rename = "ZIPCode")]
    pub zip_code: String,
    pub max_number_of_shops: u8,
}
