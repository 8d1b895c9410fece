//! Label files asked for again: of a purchase that came without one, or in the other format that
//! the carrier gives. Sealed like the first, so that the carrier is asked once.

use colibri_carriers::Label as File;
use colibri_events::vault::v1::{Document, Field, Flow};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{AccountId, ParcelId, ShipmentId, TenantId};
use colibri_vault_client::value;

use crate::{
    Labels,
    domain::{
        Shipment,
        build::{self, Parts},
        ids,
    },
    intents::purchase::file,
    store::{documents, reference, shipments},
};

/// Documents of purchases count their attempts from 1.
const ATTEMPT: i32 = 0;

/// The file, when the carrier gives one of this type (empty: of any). It is in the vault then.
pub async fn fetch(
    shell: &Shell<Labels>,
    tenant: TenantId,
    shipment_id: ShipmentId,
    parcel: ParcelId,
    media_type: &str,
) -> Result<Option<File>, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let Some(shipment) = shipments::lock_one(cx.db(), shipment_id, tenant).await? else {
        return Ok(None);
    };
    let account = shipment.facts.offer.as_ref().map(|offer| offer.account_id.parse::<AccountId>());
    let account = match account {
        Some(Ok(account)) => reference::find_account(cx.db(), account, tenant).await?,
        _ => None,
    };
    cx.rollback().await;
    let Some(account) = account else {
        return Ok(None);
    };
    let sold = colibri_carriers::by_id(&account.carrier).map(|carrier| carrier.info().formats);
    let offered = sold.unwrap_or_default().iter().any(|f| f.media_type() == media_type);
    if !(offered || media_type.is_empty()) {
        return Ok(None);
    }
    let state = &shell.state;
    let (fields, record) = ([Field::TrackingNumber], parcel.to_string());
    let opened = state.vault.reveal(tenant, Flow::LabelServe, &fields, [record.clone()]).await?;
    let opened = opened.get(&record).and_then(Result::ok).unwrap_or_default();
    let number = value(opened, Field::TrackingNumber).map(str::to_owned);
    let handle = state.carriers.account_of(&account).await.ok();
    let (Some(number), Some(handle)) = (number, handle) else {
        return Ok(None);
    };
    let Some(question) = question(state, &shipment) else {
        return Ok(None);
    };
    let way_back = shipment.facts.request.as_ref().is_some_and(|request| request.way_back);
    let found = file(state, &handle, way_back, &question, &number).await;
    let right = |file: &File| media_type.is_empty() || file.format.media_type() == media_type;
    match found.filter(right) {
        Some(file) => keep(shell, &shipment, parcel, file).await,
        None => Ok(None),
    }
}

/// The shipment as far as an answer is read by it: no address is opened.
fn question(state: &Labels, shipment: &Shipment) -> Option<colibri_carriers::Shipment> {
    let (request, offer) = shipment.facts.of_version(shipment.version)?;
    let info = colibri_carriers::by_id(&offer.carrier)?.info();
    let now = state.carriers.now();
    let parts = Parts {
        request,
        offer,
        declared: None,
        shipment_id: shipment.shipment_id,
        attempt_ref: String::new(),
        format: build::format(state.config.format_of(info.id), info.formats)?,
        now,
        goods: "",
        sides: None,
    };
    Some(build::question(&parts, build::ship_date(now)))
}

async fn keep(
    shell: &Shell<Labels>,
    shipment: &Shipment,
    parcel: ParcelId,
    file: File,
) -> Result<Option<File>, Fault> {
    let document_id = ids::document(parcel, file.format, ATTEMPT);
    let request = shipment.facts.request.as_ref();
    let document = Document {
        document_id: document_id.to_string(),
        owner_ref: request.map(|r| r.subject_ref.clone()).unwrap_or_default(),
        media_type: file.format.media_type().to_owned(),
        data: file.data.clone(),
    };
    let sealed = shell.state.vault.put_documents(shipment.tenant_id, vec![document]).await?;
    if sealed.get(&document_id.to_string()).is_some_and(|done| done.is_there()) {
        let mut cx = shell.begin(shipment.tenant_id).await?;
        let now = cx.now();
        let place = (shipment.tenant_id, shipment.shipment_id, parcel);
        let label = (document_id, file.format.media_type());
        documents::add(cx.db(), place, label, now).await?;
        cx.commit().await?;
    }
    Ok(Some(file))
}
