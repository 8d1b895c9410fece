//! What is written to FedEx, under FedEx's own names. Numbers are written from exact decimals.

use serde::Serialize;
use serde_json::value::RawValue;

/// `{"value": ..}`, as FedEx wraps account numbers.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Value<'a> {
    pub value: &'a str,
}

/// A purchase, and the free check of one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShipBody<'a> {
    pub label_response_options: &'static str,
    pub account_number: Value<'a>,
    pub ship_action: &'static str,
    pub processing_option_type: &'static str,
    pub merge_label_doc_option: &'static str,
    pub requested_shipment: RequestedShipment<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestedShipment<'a> {
    pub ship_datestamp: String,
    pub pickup_type: &'a str,
    pub service_type: &'a str,
    pub packaging_type: &'static str,
    /// Pounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_weight: Option<Box<RawValue>>,
    pub total_package_count: usize,
    pub shipper: Party,
    pub recipients: Vec<Party>,
    pub shipping_charges_payment: Payment<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipment_special_services: Option<ShipmentSpecialServices>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customs_clearance_detail: Option<CustomsClearanceDetail<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_document_specification: Option<ShippingDocumentSpecification>,
    pub label_specification: LabelSpecification,
    pub requested_package_line_items: Vec<LineItem>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Party {
    pub address: Address,
    pub contact: Contact,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tins: Vec<Tin>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Address {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub street_lines: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub city: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state_or_province_code: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub postal_code: String,
    pub country_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residential: Option<bool>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Contact {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub person_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub company_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone_number: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email_address: String,
}

/// A tax number of a party.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tin {
    pub number: String,
    pub tin_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment<'a> {
    pub payment_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payor: Option<Payor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payor<'a> {
    pub responsible_party: ResponsibleParty<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResponsibleParty<'a> {
    pub account_number: Value<'a>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShipmentSpecialServices {
    pub special_service_types: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_shipment_detail: Option<ReturnShipmentDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_at_location_detail: Option<HoldAtLocationDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etd_detail: Option<EtdDetail>,
    #[serde(rename = "shipmentCODDetail", skip_serializing_if = "Option::is_none")]
    pub shipment_cod_detail: Option<ShipmentCodDetail>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReturnShipmentDetail {
    pub return_type: &'static str,
}

/// Papers that FedEx makes and hands to customs without print.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EtdDetail {
    pub requested_document_types: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HoldAtLocationDetail {
    pub location_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_contact_and_address: Option<LocationContactAndAddress>,
}

#[derive(Serialize)]
pub(super) struct LocationContactAndAddress {
    pub address: Address,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShipmentCodDetail {
    pub cod_collection_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomsClearanceDetail<'a> {
    pub duties_payment: Payment<'a>,
    pub total_customs_value: Amount,
    pub is_document_only: bool,
    pub commodities: Vec<Commodity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commercial_invoice: Option<CommercialInvoice>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Commodity {
    pub description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_of_manufacture: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub harmonized_code: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub part_number: String,
    pub quantity: u32,
    pub quantity_units: &'static str,
    pub unit_price: Amount,
    pub customs_value: Amount,
    pub weight: Weight,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommercialInvoice {
    pub shipment_purpose: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_of_sale: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freight_charge: Option<Amount>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub customer_references: Vec<CustomerReference>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShippingDocumentSpecification {
    pub shipping_document_types: [&'static str; 1],
    pub commercial_invoice_detail: CommercialInvoiceDetail,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommercialInvoiceDetail {
    pub document_format: DocumentFormat,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DocumentFormat {
    pub doc_type: &'static str,
    pub stock_type: &'static str,
}

#[derive(Serialize)]
pub(super) struct Amount {
    pub amount: Box<RawValue>,
    pub currency: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LabelSpecification {
    pub image_type: &'static str,
    pub label_stock_type: &'static str,
    pub label_format_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LineItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence_number: Option<usize>,
    pub weight: Weight,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub customer_references: Vec<CustomerReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_value: Option<Amount>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub item_description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_special_services: Option<PackageSpecialServices>,
}

#[derive(Serialize)]
pub(super) struct Weight {
    pub units: &'static str,
    pub value: Box<RawValue>,
}

#[derive(Serialize)]
pub(super) struct Dimensions {
    pub length: u32,
    pub width: u32,
    pub height: u32,
    pub units: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomerReference {
    pub customer_reference_type: &'static str,
    pub value: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PackageSpecialServices {
    pub special_service_types: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_option_type: Option<&'static str>,
    #[serde(rename = "packageCODDetail", skip_serializing_if = "Option::is_none")]
    pub package_cod_detail: Option<PackageCodDetail>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PackageCodDetail {
    pub cod_collection_amount: Amount,
}
