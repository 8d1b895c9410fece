//! Sealing numbers and labels before an outcome is recorded: one call of each kind per tenant.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use colibri_events::vault::v1::{Document, Field, FieldValue, Record};
use colibri_kit::{crash_point, fault::Fault, intent::Intent};
use colibri_types::{DocumentId, ParcelId, TenantId};

use super::purchase::{Bought, Output};
use crate::{Labels, domain::ids, store::documents::BoughtParcel};

/// Labels of one purchase that are in the vault, by parcel. Filled between the call and the record.
#[derive(Debug, Default)]
pub struct Sealed(Mutex<Vec<(ParcelId, DocumentId)>>);

impl Sealed {
    fn set(&self, labels: Vec<(ParcelId, DocumentId)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = labels;
    }

    fn has(&self, parcel: ParcelId, document: DocumentId) -> bool {
        let labels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        labels.contains(&(parcel, document))
    }
}

impl Bought {
    fn subject_ref(&self) -> &str {
        self.attempted.facts.request.as_ref().map_or("", |request| &request.subject_ref)
    }

    /// Each parcel with the number and label that it was bought under.
    fn labels(&self) -> impl Iterator<Item = (ParcelId, DocumentId, &colibri_carriers::Label)> {
        let (shipment, attempt) = (self.attempted.shipment_id, self.attempted.attempt);
        self.sale.labels.iter().enumerate().map(move |(at, label)| {
            let parcel = ids::parcel(shipment, at + 1);
            (parcel, ids::document(parcel, label.format, attempt), label)
        })
    }

    /// The parcels with the labels that were sealed, as the table holds them.
    #[must_use]
    pub fn parcels(&self) -> Vec<BoughtParcel> {
        let request = self.attempted.facts.request.as_ref();
        let weights = request.map(|r| r.parcels.as_slice()).unwrap_or_default();
        let labels: Vec<_> = self.labels().collect();
        let parcel = |(at, parcel): (usize, &colibri_events::types::v1::Parcel)| {
            let parcel_id = ids::parcel(self.attempted.shipment_id, at + 1);
            let label = labels.get(at).filter(|(id, document, _)| self.sealed.has(*id, *document));
            BoughtParcel {
                parcel_id,
                weight_g: parcel.weight_g,
                document: label.map(|(_, id, label)| (*id, label.format.media_type())),
            }
        };
        weights.iter().enumerate().map(parcel).collect()
    }
}

/// Seals everything of these outcomes that a person could be found by. Idempotent: ids and keys
/// follow from shipment and attempt.
///
/// # Errors
/// [`Fault::Retry`] when the vault is away; the kit repeats it and keeps the outcomes.
pub async fn seal(state: &Labels, outcomes: &[(Intent, Output)]) -> Result<(), Fault> {
    let mut by_tenant: BTreeMap<TenantId, Vec<&Bought>> = BTreeMap::new();
    for (_, output) in outcomes {
        if let Output::Bought(bought) = output {
            by_tenant.entry(bought.attempted.tenant_id).or_default().push(bought);
        }
    }
    for (tenant, all) in by_tenant {
        one_tenant(state, tenant, &all).await?;
    }
    Ok(())
}

/// As [`seal`], for purchases of one tenant.
///
/// # Errors
/// [`Fault::Retry`] when the vault is away.
pub async fn one_tenant(state: &Labels, tenant: TenantId, all: &[&Bought]) -> Result<(), Fault> {
    let records: Vec<Record> = all.iter().flat_map(|bought| numbers(bought)).collect();
    let files: Vec<Document> = all.iter().flat_map(|bought| documents(bought)).collect();
    // Documents and numbers do not need each other.
    let (numbers, files) = tokio::join!(
        state.vault.put_each(tenant, &records),
        state.vault.put_documents(tenant, files)
    );
    numbers?;
    let files = files?;
    crash_point!("labels.sealed");
    for bought in all {
        // Where another document stands, it is the same attempt's label, drawn another time by the
        // carrier: the first one is good.
        let sealed = bought.labels().filter(|(_, document, _)| {
            files.get(&document.to_string()).is_some_and(|done| done.is_there())
        });
        bought.sealed.set(sealed.map(|(parcel, document, _)| (parcel, document)).collect());
    }
    Ok(())
}

fn numbers(bought: &Bought) -> impl Iterator<Item = Record> {
    let value = |field: Field, value: &str| FieldValue { field: field.into(), value: value.into() };
    bought.labels().map(move |(parcel, _, label)| {
        let all = [
            value(Field::TrackingNumber, &label.tracking_number),
            value(Field::ShipmentNumber, &bought.sale.shipment_number),
        ];
        Record {
            external_key: format!("parcel:{parcel}"),
            owner_ref: bought.subject_ref().to_owned(),
            r#ref: parcel.to_string(),
            fields: all.into_iter().filter(|field| !field.value.is_empty()).collect(),
        }
    })
}

fn documents(bought: &Bought) -> impl Iterator<Item = Document> {
    bought.labels().filter(|(_, _, label)| !label.data.is_empty()).map(|(_, document, label)| {
        Document {
            document_id: document.to_string(),
            owner_ref: bought.subject_ref().to_owned(),
            media_type: label.format.media_type().to_owned(),
            data: label.data.clone(),
        }
    })
}
