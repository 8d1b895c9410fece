//! The purchase request and the recovery request, under UPS's own names. All numbers are text.

use serde::Serialize;

use super::{
    wire::{CodeOut, Flag},
    wire_extras::{
        AlternateDeliveryAddress, Cod, FreightCharges, GlobalTaxInformation, VendorInfo,
    },
};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ShipBody<'a> {
    pub shipment_request: ShipmentRequest<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ShipmentRequest<'a> {
    pub request: Request<'a>,
    pub shipment: ShipmentOut<'a>,
    pub label_specification: LabelSpecification,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_option: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_version: Option<&'static str>,
    pub transaction_reference: TransactionReference<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TransactionReference<'a> {
    pub customer_context: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ShipmentOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Only on the way back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_service: Option<CodeOut<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents_only_indicator: Flag,
    pub shipper: PartyOut<'a>,
    pub ship_to: PartyOut<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternate_delivery_address: Option<AlternateDeliveryAddress>,
    /// Where it is collected, when that is not the shipper's own place or must say more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ship_from: Option<PartyOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub global_tax_information: Option<GlobalTaxInformation>,
    pub payment_information: PaymentInformation<'a>,
    pub service: CodeOut<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference_number: Vec<ReferenceNumber>,
    pub shipment_date: String,
    pub shipment_rating_options: RatingOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_line_total: Option<Amount>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipment_indication_type: Vec<CodeOut<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipment_service_options: Option<ShipmentServiceOptions>,
    pub package: Vec<PackageOut>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PartyOut<'a> {
    pub name: String,
    pub attention_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipper_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    #[serde(rename = "EMailAddress", skip_serializing_if = "Option::is_none")]
    pub e_mail_address: Option<&'a str>,
    pub address: AddressOut,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_info: Option<VendorInfo>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Phone {
    pub number: String,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddressOut {
    pub address_line: Vec<String>,
    pub city: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_province_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    pub country_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residential_address_indicator: Flag,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PaymentInformation<'a> {
    pub shipment_charge: Vec<ShipmentCharge<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ShipmentCharge<'a> {
    #[serde(rename = "Type")]
    pub kind: &'static str,
    pub bill_shipper: BillShipper<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BillShipper<'a> {
    pub account_number: &'a str,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReferenceNumber {
    pub value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RatingOptions {
    pub negotiated_rates_indicator: Flag,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Amount {
    pub currency_code: String,
    pub monetary_value: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ShipmentServiceOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saturday_delivery_indicator: Flag,
    #[serde(rename = "COD", skip_serializing_if = "Option::is_none")]
    pub cod: Option<Cod>,
    #[serde(rename = "AccessPointCOD", skip_serializing_if = "Option::is_none")]
    pub access_point_cod: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_confirmation: Option<DeliveryConfirmation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub international_forms: Option<InternationalForms>,
}

impl ShipmentServiceOptions {
    /// Is there anything to send?
    pub fn any(&self) -> bool {
        self.saturday_delivery_indicator.is_some()
            || self.cod.is_some()
            || self.access_point_cod.is_some()
            || self.delivery_confirmation.is_some()
            || self.international_forms.is_some()
    }
}

#[derive(Clone, Copy, Serialize)]
pub(super) struct DeliveryConfirmation {
    #[serde(rename = "DCISType")]
    pub dcis_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InternationalForms {
    pub form_type: Vec<&'static str>,
    pub contacts: Contacts,
    pub product: Vec<Product>,
    pub invoice_number: String,
    pub invoice_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_order_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_of_shipment: Option<&'static str>,
    pub reason_for_export: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freight_charges: Option<FreightCharges>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration_statement: Option<String>,
    pub currency_code: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Contacts {
    pub sold_to: SoldTo,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SoldTo {
    pub name: String,
    pub attention_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    pub address: AddressOut,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Product {
    pub description: Vec<String>,
    pub unit: Unit,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commodity_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_country_code: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Unit {
    pub number: String,
    pub unit_of_measurement: CodeOut<'static>,
    pub value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PackageOut {
    /// Wanted on the way back only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub packaging: CodeOut<'static>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<DimensionsOut>,
    pub package_weight: PackageWeight,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference_number: Vec<ReferenceNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_service_options: Option<PackageServiceOptions>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DimensionsOut {
    pub unit_of_measurement: CodeOut<'static>,
    pub length: String,
    pub width: String,
    pub height: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PackageWeight {
    pub unit_of_measurement: CodeOut<'static>,
    pub weight: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PackageServiceOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_value: Option<Amount>,
    #[serde(rename = "COD", skip_serializing_if = "Option::is_none")]
    pub cod: Option<Cod>,
    #[serde(rename = "AccessPointCOD", skip_serializing_if = "Option::is_none")]
    pub access_point_cod: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_confirmation: Option<DeliveryConfirmation>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LabelSpecification {
    pub label_image_format: CodeOut<'static>,
    /// Asked of image labels only.
    #[serde(rename = "HTTPUserAgent", skip_serializing_if = "Option::is_none")]
    pub http_user_agent: Option<&'static str>,
    pub label_stock_size: LabelStockSize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub character_set: Option<&'static str>,
}

/// Inches. The image is 4 x 6 whatever is asked.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LabelStockSize {
    pub height: &'static str,
    pub width: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RecoveryBody<'a> {
    pub label_recovery_request: LabelRecoveryRequest<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LabelRecoveryRequest<'a> {
    pub request: Request<'a>,
    pub label_specification: LabelSpecification,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_values: Option<ReferenceValues<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReferenceValues<'a> {
    pub reference_number: ReferenceNumber,
    pub shipper_number: &'a str,
}
