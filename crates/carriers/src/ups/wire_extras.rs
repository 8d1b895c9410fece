//! More of the purchase request: points, money on delivery, tax numbers. All numbers are text.

use serde::Serialize;

use super::wire_ship::{AddressOut, Amount};

#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AlternateDeliveryAddress {
    pub name: String,
    pub attention_name: String,
    #[serde(rename = "UPSAccessPointID")]
    pub ups_access_point_id: String,
    pub address: AddressOut,
}

#[derive(Clone, Serialize)]
pub(super) struct Cod {
    #[serde(rename = "CODFundsCode")]
    pub funds_code: &'static str,
    #[serde(rename = "CODAmount")]
    pub amount: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FreightCharges {
    pub monetary_value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GlobalTaxInformation {
    pub agent_tax_identification_number: Vec<AgentTaxNumbers>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AgentTaxNumbers {
    pub agent_role: &'static str,
    pub tax_identification_number: Vec<TaxNumber>,
}

#[derive(Serialize)]
pub(super) struct TaxNumber {
    #[serde(rename = "IdentificationNumber")]
    pub number: String,
    #[serde(rename = "IDNumberCustomerRole")]
    pub role: &'static str,
    #[serde(rename = "IDNumberEncryptionIndicator")]
    pub encrypted: &'static str,
    #[serde(rename = "IDNumberPurposeCode")]
    pub purpose: &'static str,
    #[serde(rename = "IDNumberTypeCode")]
    pub kind: &'static str,
}

/// The register under which the seller collected the receiver's tax.
#[derive(Clone, Serialize)]
pub(super) struct VendorInfo {
    #[serde(rename = "VendorCollectIDTypeCode")]
    pub kind: &'static str,
    #[serde(rename = "VendorCollectIDNumber")]
    pub number: String,
    #[serde(rename = "ConsigneeType")]
    pub consignee: &'static str,
}
