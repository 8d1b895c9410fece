//! Records as protobuf. They are kept as JSON; this is the same, field by field.

use colibri_customs_rules::declare::{
    AdvanceDocument, AdvanceLine, AdvanceParty, AdvanceRecord, Amount, ExportLine, ExportRecord,
};
use colibri_events::{customs::v1 as pb, types::v1 as wire};
use colibri_types::{Money, MoneyError};
use prost::Message;
use rust_decimal::Decimal;
use serde::Serialize;

use super::{answer, question::date};

/// Media type of a record as protobuf.
pub const PROTOBUF: &str = "application/x-protobuf";

/// A record that is not what it was kept as.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Its JSON is of another form.
    #[error("a record that cannot be read")]
    Json(#[from] serde_json::Error),
    /// An amount beyond all money.
    #[error("an amount that cannot be told")]
    Money(#[from] MoneyError),
}

/// Is a paper of this kind a record that has a message?
#[must_use]
pub fn has_message(kind: &str) -> bool {
    matches!(kind, "advance" | "export")
}

/// A record as protobuf.
///
/// # Errors
/// [`RecordError`], also of a kind that has no message.
pub fn protobuf(kind: &str, json: &[u8]) -> Result<Vec<u8>, RecordError> {
    Ok(match kind {
        "export" => export(serde_json::from_slice(json)?)?.encode_to_vec(),
        _ => advance(serde_json::from_slice(json)?)?.encode_to_vec(),
    })
}

fn money(amount: Amount) -> Result<wire::Money, MoneyError> {
    Money::from_decimal(amount.amount, amount.currency).map(answer::money)
}

fn paid(amount: Option<Amount>) -> Result<Option<wire::Money>, MoneyError> {
    amount.map(money).transpose()
}

/// The word that a value has in the JSON.
fn word(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let value = serde_json::to_value(value)?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

fn advance(record: AdvanceRecord) -> Result<pb::AdvanceRecord, RecordError> {
    let (scheme, totals) = (record.scheme, record.totals);
    Ok(pb::AdvanceRecord {
        item_id: record.item_id,
        previous_item_id: record.previous_item_id,
        service: record.service,
        posting_date: Some(date(record.posting_date)),
        office_of_origin: record.office_of_origin,
        category: word(&record.category)?,
        explanation: record.explanation,
        gross_mass_kg: record.gross_mass_kg.to_string(),
        pieces: record.pieces,
        postage: paid(record.postage)?,
        insured_value: paid(record.insured_value)?,
        sender: Some(party(record.sender)?),
        addressee: Some(party(record.addressee)?),
        scheme: scheme.scheme,
        scheme_id: scheme.scheme_id,
        tax_paid: paid(scheme.tax_paid)?,
        incoterm: scheme.incoterm,
        payer: scheme.payer,
        lines: record.lines.into_iter().map(advance_line).collect::<Result<_, _>>()?,
        value: Some(money(totals.value)?),
        net_mass_kg: totals.net_mass_kg.to_string(),
        transport_cost: paid(totals.transport_cost)?,
        insurance_cost: paid(totals.insurance_cost)?,
        documents: record.documents.into_iter().map(document).collect(),
    })
}

fn party(party: AdvanceParty) -> Result<pb::RecordParty, RecordError> {
    let tax_id = |id: colibri_customs_rules::declare::TaxId| pb::RecordTaxId {
        kind: id.kind,
        number: id.number,
    };
    Ok(pb::RecordParty {
        name: party.name,
        business: party.business,
        person_type: party.person_type.map(|kind| word(&kind)).transpose()?.unwrap_or_default(),
        lines: party.address.lines,
        postcode: party.address.postcode,
        city: party.address.city,
        region: party.address.region,
        country: party.address.country.to_string(),
        email: party.email,
        phone: party.phone,
        eori: party.eori,
        tax_ids: party.tax_ids.into_iter().map(tax_id).collect(),
        importer_reference: party.importer_reference,
    })
}

fn advance_line(line: AdvanceLine) -> Result<pb::RecordLine, RecordError> {
    let hs = line.hs.map(|hs| (hs.code, hs.version)).unwrap_or_default();
    Ok(pb::RecordLine {
        item_id: String::new(),
        no: line.no,
        description: line.description,
        description_original: line.description_original,
        quantity: line.quantity.to_string(),
        unit: line.unit,
        net_mass_kg: line.net_mass_kg.to_string(),
        value: Some(money(line.value)?),
        code: hs.0,
        nomenclature: hs.1,
        origin_country: line.origin.map(|origin| origin.to_string()).unwrap_or_default(),
        merchant_id: line.product_ids.merchant,
        manufacturer_id: line.product_ids.manufacturer,
        gtin: line.product_ids.gtin,
        licence: line.licence,
        certificate: line.certificate,
        dangerous_un: line.dangerous_un,
    })
}

fn document(document: AdvanceDocument) -> pb::RecordDocument {
    let date = document.date.map(date);
    pb::RecordDocument { kind: document.kind, number: document.number, date }
}

fn export(record: ExportRecord) -> Result<pb::ExportRecord, RecordError> {
    Ok(pb::ExportRecord {
        rule: record.rule,
        date: Some(date(record.date)),
        exporter: record.exporter,
        from_country: record.from.to_string(),
        to_country: record.to.to_string(),
        item_ids: record.item_ids,
        total: Some(money(record.total)?),
        gross_mass_kg: record.gross_mass_kg.to_string(),
        lines: record.lines.into_iter().map(export_line).collect::<Result<_, _>>()?,
    })
}

fn export_line(line: ExportLine) -> Result<pb::RecordLine, RecordError> {
    let net = line.net_mass_kg.as_ref().map(Decimal::to_string);
    Ok(pb::RecordLine {
        item_id: line.item_id,
        no: line.no,
        description: line.description,
        net_mass_kg: net.unwrap_or_default(),
        value: Some(money(line.value)?),
        code: line.code,
        origin_country: line.origin.map(|origin| origin.to_string()).unwrap_or_default(),
        ..pb::RecordLine::default()
    })
}
