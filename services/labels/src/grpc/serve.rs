//! Reading: shipments and label files.

use colibri_events::{
    labels::v1::{
        GetLabelRequest, GetRequest, Label, ListRequest, ListResponse, Shipment, get_request::By,
    },
    vault::v1::{Field, Flow},
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{ParcelId, TenantId};
use colibri_vault_client::value;

use super::{again, shipment_id, show, unknown};
use crate::{
    Labels,
    domain::State,
    error::codes,
    store::{
        documents::{self, Served, StoredLabel},
        read::{self, Which},
    },
};

/// Shipments on a page when nobody says, and at most: a page is one answer of some 500 kB.
const PAGE: i64 = 50;
const PAGE_MAX: i64 = 500;

pub async fn get(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: GetRequest,
) -> Result<Shipment, Fault> {
    let which = match &request.by {
        Some(By::ShipmentId(id)) => Which::Id(shipment_id(id)?),
        Some(By::OrderId(id)) => Which::Order(id.parse().map_err(|_| unknown())?),
        None => {
            let fault = Fault::reject(codes::FIELD, "name a shipment or an order");
            return Err(fault.field("by", "MISSING", "shipment_id or order_id"));
        }
    };
    let mut cx = shell.read(tenant).await?;
    let mut shipment = show(&mut cx, tenant, which).await?;
    cx.rollback().await;
    if request.reveal {
        reveal(shell, tenant, &mut shipment).await?;
    }
    Ok(shipment)
}

async fn reveal(
    shell: &Shell<Labels>,
    tenant: TenantId,
    shipment: &mut Shipment,
) -> Result<(), Fault> {
    let refs: Vec<String> = shipment.parcels.iter().map(|p| p.parcel_id.clone()).collect();
    if refs.is_empty() {
        return Ok(());
    }
    let fields = [Field::TrackingNumber];
    let opened = shell.state.vault.reveal(tenant, Flow::LabelServe, &fields, refs).await?;
    for parcel in &mut shipment.parcels {
        if let Some(Ok(fields)) = opened.get(&parcel.parcel_id) {
            let number = value(fields, Field::TrackingNumber);
            parcel.tracking_number = number.unwrap_or_default().to_owned();
        }
    }
    Ok(())
}

pub async fn list(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: ListRequest,
) -> Result<ListResponse, Fault> {
    let bad = |field: &'static str| {
        move || Fault::reject(codes::FIELD, field).field(field, "MALFORMED", "not of this list")
    };
    let before = match request.page.as_str() {
        "" => None,
        page => Some(page.parse::<i64>().map_err(|_| bad("page")())?),
    };
    let limit = match i64::from(request.limit) {
        0 => PAGE,
        limit if limit <= PAGE_MAX => limit,
        _ => return Err(bad("limit")()),
    };
    let state = State::from_proto(request.state());
    let which = Which::Page { state, before, limit: limit + 1 };
    let mut cx = shell.read(tenant).await?;
    let mut shown = read::show(cx.db(), tenant, which).await?;
    cx.rollback().await;
    let more = i64::try_from(shown.len()).is_ok_and(|shown| shown > limit);
    shown.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_page = shown.last().filter(|_| more).map(|(at, _)| at.to_string());
    Ok(ListResponse {
        next_page: next_page.unwrap_or_default(),
        shipments: shown.into_iter().map(|(_, shipment)| shipment).collect(),
    })
}

/// The label of a parcel, opened for whoever packs it. A void label is no label. One that is not
/// there is asked for again where the carrier allows that.
pub async fn label(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: GetLabelRequest,
) -> Result<Label, Fault> {
    let GetLabelRequest { parcel_id, media_type } = request;
    let parcel: ParcelId = parcel_id.parse().map_err(|_| unknown())?;
    let mut cx = shell.begin(tenant).await?;
    let found = documents::of_parcel(cx.db(), parcel).await?;
    cx.rollback().await;
    let Served { shipment_id, state, labels } = found.ok_or_else(unknown)?;
    let none = |text: &str| Fault::failed_precondition(codes::NO_LABEL, text.to_owned());
    if state != Some(State::Bought) {
        return Err(none("the shipment has no valid label"));
    }
    let wanted = |label: &StoredLabel| media_type.is_empty() || label.media_type == media_type;
    let Some(label) = labels.into_iter().find(wanted) else {
        let file = again::fetch(shell, tenant, shipment_id, parcel, &media_type).await?;
        let file = file.ok_or_else(|| none("there is no such label"))?;
        let media_type = file.format.media_type().to_owned();
        return Ok(Label { parcel_id, media_type, data: file.data });
    };
    let document_id = label.document_id.to_string();
    let opened = shell.state.vault.document(tenant, Flow::LabelServe, document_id).await?;
    let document = opened.ok_or_else(|| none("the label is erased"))?;
    Ok(Label { parcel_id, media_type: label.media_type, data: document.data })
}
