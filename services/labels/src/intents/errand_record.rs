//! What each outcome of a collection or a closed day writes.

use colibri_carriers::Manifest as Made;
use colibri_events::labels::v1::{ErrandState, Manifest, ManifestClosed, Pickup};
use colibri_kit::{fault::Fault, intent::Intent, service::Cx};
use colibri_types::TenantId;
use prost::Message as _;
use uuid::Uuid;

use super::{
    errand::{CANCEL, id_of},
    record::{timestamp, wake_errand},
};
use crate::{
    Labels,
    store::errands::{self, Errand as Row, Kind},
};

/// What becomes of an errand, and what is said about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// Where it stands then.
    pub state: ErrandState,
    /// Public code; empty: none.
    pub code: &'a str,
    /// The carrier's.
    pub carrier_code: &'a str,
    /// Field at fault.
    pub field: &'a str,
    /// What the carrier takes there.
    pub reason: &'a str,
}

impl Change<'_> {
    /// A definite no.
    #[must_use]
    pub fn refused() -> Self {
        Self { state: ErrandState::Refused, ..Self::default() }
    }
}

/// Changes the row of an intent and what is shown of it; answers it as it is then.
pub async fn apply(
    cx: &mut Cx<Labels>,
    intent: &Intent,
    change: &Change<'_>,
    pickup: impl FnOnce(&mut Pickup),
    manifest: impl FnOnce(&mut Manifest),
) -> Result<Option<Row>, Fault> {
    let tenant = TenantId::from_uuid(intent.tenant_id);
    let reference = intent.reference();
    apply_to(cx, tenant, id_of(intent)?, (change, &reference), pickup, manifest).await
}

/// As [`apply`], by id.
pub async fn apply_to(
    cx: &mut Cx<Labels>,
    tenant: TenantId,
    errand_id: Uuid,
    (change, reference): (&Change<'_>, &str),
    pickup: impl FnOnce(&mut Pickup),
    manifest: impl FnOnce(&mut Manifest),
) -> Result<Option<Row>, Fault> {
    let Some(mut row) = errands::lock(cx.db(), errand_id, tenant).await? else {
        return Ok(None);
    };
    row.state = change.state;
    row.shown = match row.kind {
        Kind::Pickup => {
            let mut shown = Pickup::decode(row.shown.as_slice()).map_err(Fault::bug)?;
            change.code.clone_into(&mut shown.code);
            change.carrier_code.clone_into(&mut shown.carrier_code);
            change.field.clone_into(&mut shown.field);
            change.reason.clone_into(&mut shown.reason);
            if !reference.is_empty() && shown.reference.is_empty() {
                reference.clone_into(&mut shown.reference);
            }
            pickup(&mut shown);
            shown.encode_to_vec()
        }
        Kind::Manifest => {
            let mut shown = Manifest::decode(row.shown.as_slice()).map_err(Fault::bug)?;
            change.code.clone_into(&mut shown.code);
            change.carrier_code.clone_into(&mut shown.carrier_code);
            change.field.clone_into(&mut shown.field);
            change.reason.clone_into(&mut shown.reason);
            if !reference.is_empty() && shown.reference.is_empty() {
                reference.clone_into(&mut shown.reference);
            }
            manifest(&mut shown);
            shown.encode_to_vec()
        }
    };
    let now = cx.now();
    errands::save(cx.db(), &row, now).await?;
    wake_errand(cx, errand_id);
    Ok(Some(row))
}

/// A definite no: what was booked stays booked, parcels come off the manifest.
pub async fn refused(cx: &mut Cx<Labels>, intent: &Intent, no: &Change<'_>) -> Result<(), Fault> {
    let cancels = &intent.request[..] == CANCEL.as_bytes();
    let state = if cancels { ErrandState::Done } else { ErrandState::Refused };
    let row = apply(cx, intent, &Change { state, ..*no }, |_| {}, |_| {}).await?;
    match row {
        Some(row) if row.kind == Kind::Manifest => {
            errands::free_parcels(cx.db(), row.errand_id).await
        }
        _ => Ok(()),
    }
}

/// The day is closed.
pub async fn closed(
    cx: &mut Cx<Labels>,
    intent: &Intent,
    made: &Made,
    sealed: bool,
) -> Result<(), Fault> {
    let media_type = match &made.document {
        Some((format, _)) if sealed => format.media_type(),
        _ => "",
    };
    let shown = |manifest: &mut Manifest| {
        manifest.number.clone_from(&made.number);
        media_type.clone_into(&mut manifest.media_type);
    };
    let change = Change { state: ErrandState::Done, ..Change::default() };
    let row = apply(cx, intent, &change, |_| {}, shown).await?;
    match row {
        Some(row) => tell_closed(cx, &row),
        None => Ok(()),
    }
}

/// Publishes that a day is closed.
pub fn tell_closed(cx: &mut Cx<Labels>, row: &Row) -> Result<(), Fault> {
    let shown = Manifest::decode(row.shown.as_slice()).map_err(Fault::bug)?;
    let event = ManifestClosed {
        manifest_id: shown.manifest_id,
        tenant_id: row.tenant_id.to_string(),
        site_id: shown.site_id,
        account_id: shown.account_id,
        carrier: shown.carrier,
        day: shown.day,
        parcel_ids: shown.parcel_ids,
        at: Some(timestamp(cx.now())),
    };
    cx.publish(&event, "closed");
    Ok(())
}
