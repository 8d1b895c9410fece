//! Rules, photos, labels and customs papers, as documents.

use colibri_events::{
    customs::v1::{
        GetPaperRequest, Paper, PrepareReturnPaperRequest, ReturnedItem,
        customs_service_client::CustomsServiceClient,
    },
    labels::v1::{GetLabelRequest as WantedLabel, labels_service_client::LabelsServiceClient},
    returns::v1::{
        GetCustomsPaperRequest, GetLabelRequest, GetPhotoRequest, GetPoliciesRequest,
        GetPoliciesResponse, Identity, Photo, PutPhotoRequest, PutPhotoResponse,
        PutPoliciesRequest, PutPoliciesResponse, ReturnLabel, ReturnPaper,
    },
};
use colibri_kit::{
    fault::{Fault, RpcError},
    service::Shell,
};
use colibri_types::{DocumentId, ParcelId, ShipmentId};

use super::{Who, orders, return_id};
use crate::{
    Returns,
    domain::photo::{self, NotTaken},
    error::{LAW, NO_LABEL, NO_ORDER, NO_PAPER, NO_PHOTO, PHOTO, UNKNOWN, away, fault, field},
    open,
    policies::{self, ReadError},
    store::{
        cases::{self, Row},
        labels, parcels, rest, sales,
    },
    vault,
};

/// Takes rules into use.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0003`.
pub async fn put_policies(
    shell: &Shell<Returns>,
    who: &Who,
    request: PutPoliciesRequest,
) -> Result<PutPoliciesResponse, Fault> {
    policies::read(&request.toml, 1).map_err(|error| match error {
        ReadError::Law(refusal) => {
            fault(LAW).field("toml", refusal.code(), "a rule pays back later than the law allows")
        }
        other => field("toml", "MALFORMED", &other.to_string()),
    })?;
    let tenant = who.tenant.to_uuid();
    let mut cx = shell.begin(who.tenant).await?;
    let now = cx.now();
    if let Some((version, toml)) = rest::policy(cx.db(), tenant).await?
        && toml == request.toml
    {
        // The same again is the same version.
        return Ok(PutPoliciesResponse { version: u32::try_from(version).unwrap_or_default() });
    }
    let version = rest::put_policy(cx.db(), tenant, &request.toml, now).await?;
    cx.commit().await?;
    Ok(PutPoliciesResponse { version: u32::try_from(version).unwrap_or_default() })
}

/// The rules in use.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn get_policies(
    shell: &Shell<Returns>,
    who: &Who,
    _: GetPoliciesRequest,
) -> Result<GetPoliciesResponse, Fault> {
    let mut cx = shell.begin(who.tenant).await?;
    let known = rest::policy(cx.db(), who.tenant.to_uuid()).await?;
    cx.rollback().await;
    let (version, toml) = known.unwrap_or_else(|| (0, policies::DEFAULT.to_owned()));
    Ok(GetPoliciesResponse { version: u32::try_from(version).unwrap_or_default(), toml })
}

/// Seals a photo.
///
/// # Errors
/// [`Fault::Reject`] `RET0001`, `RET0004`, `RET0017`.
pub async fn put_photo(
    shell: &Shell<Returns>,
    who: &Who,
    request: PutPhotoRequest,
) -> Result<PutPhotoResponse, Fault> {
    let order = orders::find(shell, who.tenant, request.order).await?;
    let taken = photo::take(&request.data).map_err(|why| match why {
        NotTaken::TooLarge => fault(PHOTO).field("data", "TOO_LARGE", "at most 2 MiB"),
        NotTaken::NotAnImage => fault(PHOTO).field("data", "NOT_AN_IMAGE", "a JPEG or a PNG"),
    })?;
    let tenant = who.tenant.to_uuid();
    let mut cx = shell.begin(who.tenant).await?;
    let sale = sales::find(cx.db(), tenant, order).await?;
    cx.rollback().await;
    let sale = sale.ok_or_else(|| fault(NO_ORDER))?;
    let id = DocumentId::generate();
    let digest = crate::mark(tenant, &taken.data);
    let media_type = taken.media_type.to_owned();
    let peers = &shell.state.peers;
    vault::seal(peers, who.tenant, sale.subject_ref, id, &media_type, taken.data).await?;
    let mut cx = shell.begin(who.tenant).await?;
    let at = cx.now();
    let document_id = id.to_uuid();
    let photo =
        rest::Photo { document_id, order_id: order, return_id: None, media_type, digest, at };
    rest::put_photo(cx.db(), tenant, &photo).await?;
    cx.commit().await?;
    Ok(PutPhotoResponse { photo_id: id.to_string() })
}

/// Opens a photo for the operator.
///
/// # Errors
/// [`Fault::Reject`] `RET0008`, `RET0014`, `RET0017`.
pub async fn get_photo(
    shell: &Shell<Returns>,
    who: &Who,
    request: GetPhotoRequest,
) -> Result<Photo, Fault> {
    let id = return_id(&request.return_id)?;
    let wanted: DocumentId = request.photo_id.parse().map_err(|_| fault(NO_PHOTO))?;
    let tenant = who.tenant.to_uuid();
    let mut cx = shell.begin(who.tenant).await?;
    let row = cases::find(cx.db(), tenant, id.to_uuid()).await?.ok_or_else(|| fault(UNKNOWN))?;
    let photos = rest::photos(cx.db(), tenant, row.order_id).await?;
    cx.rollback().await;
    let of = |photo: &&rest::Photo| {
        photo.document_id == wanted.to_uuid() && photo.return_id == Some(row.return_id)
    };
    let known = photos.iter().find(of).ok_or_else(|| fault(NO_PHOTO))?;
    let opened = vault::open(&shell.state.peers, who.tenant, known.document_id).await?;
    let opened = opened.ok_or_else(|| fault(NO_PHOTO))?;
    Ok(Photo {
        photo_id: wanted.to_string(),
        media_type: known.media_type.clone(),
        data: opened.data,
    })
}

/// The parcel of a return that is asked about, with its label. The owner, where one asks, owns it.
async fn parcel_of(
    shell: &Shell<Returns>,
    who: &Who,
    (id, label, identity): (&str, u32, Option<&Identity>),
) -> Result<(Row, i16, Vec<parcels::Parcel>), Fault> {
    let id = return_id(id)?;
    let tenant = who.tenant.to_uuid();
    let mut owner = None;
    if let Some(identity) = identity {
        let order = orders::by_identity(shell, who.tenant, identity).await;
        owner = Some(order.map_err(|_| fault(UNKNOWN))?);
    }
    let mut cx = shell.begin(who.tenant).await?;
    let row = cases::find(cx.db(), tenant, id.to_uuid()).await?.ok_or_else(|| fault(UNKNOWN))?;
    let known = parcels::of_returns(cx.db(), tenant, &[id.to_uuid()]).await?;
    cx.rollback().await;
    if owner.is_some_and(|order| order != row.order_id) {
        return Err(fault(UNKNOWN));
    }
    let wanted = i16::try_from(label.max(1)).map_err(|_| fault(NO_LABEL))?;
    Ok((row, wanted, known))
}

/// The file of a label, from labels.
///
/// # Errors
/// [`Fault::Reject`] `RET0008`, `RET0009`, `RET0017`.
pub async fn get_label(
    shell: &Shell<Returns>,
    who: &Who,
    request: GetLabelRequest,
) -> Result<ReturnLabel, Fault> {
    let asked = (request.return_id.as_str(), request.label, request.identity.as_ref());
    let (_, wanted, known) = parcel_of(shell, who, asked).await?;
    let parcel = known.iter().find(|parcel| parcel.label == Some(wanted));
    let parcel = parcel.ok_or_else(|| fault(NO_LABEL))?;
    let parcel_id = ParcelId::from_uuid(parcel.parcel_id).to_string();
    let mut client = LabelsServiceClient::new(shell.state.peers.to("labels", who.tenant));
    let asked = WantedLabel { parcel_id, media_type: request.media_type };
    let label = client.get_label(asked).await.map_err(|status| {
        match colibri_kit::fault::RpcError::from_status(&status).reason.as_deref() {
            Some("LBL0001" | "LBL0004") => fault(NO_LABEL),
            _ => away(status),
        }
    })?;
    let label = label.into_inner();
    Ok(ReturnLabel { parcel_id: label.parcel_id, media_type: label.media_type, data: label.data })
}

/// The customs paper of a parcel, from customs.
///
/// # Errors
/// [`Fault::Reject`] `RET0008`, `RET0009`, `RET0017`, `RET0022`.
pub async fn get_customs_paper(
    shell: &Shell<Returns>,
    who: &Who,
    request: GetCustomsPaperRequest,
) -> Result<ReturnPaper, Fault> {
    let asked = (request.return_id.as_str(), request.label, request.identity.as_ref());
    let (row, wanted, _) = parcel_of(shell, who, asked).await?;
    let mut cx = shell.begin(who.tenant).await?;
    let all = labels::of(cx.db(), who.tenant.to_uuid(), &[row.return_id]).await?;
    let rules = open::rules(cx.db(), &shell.state, who.tenant.to_uuid()).await?;
    cx.rollback().await;
    let label = all.into_iter().find(|label| label.number == wanted && label.voided_at.is_none());
    let label = label.ok_or_else(|| fault(NO_LABEL))?;
    let shipment = label.shipment_id.ok_or_else(|| fault(NO_LABEL))?;
    let about = &row.about;
    if about.declaration_id.is_empty() {
        return Err(fault(NO_PAPER));
    }
    let settings = &rules.settings;
    let item = |(line, units): (&u16, &u32)| ReturnedItem {
        sku: about.sku(*line).to_owned(),
        quantity: *units,
    };
    let asked = PrepareReturnPaperRequest {
        declaration_id: about.declaration_id.clone(),
        shipment_id: ShipmentId::from_uuid(shipment).to_string(),
        site_id: settings.return_site.clone(),
        carrier: label.carrier.clone(),
        service: settings.return_service.clone(),
        weight_g: label.parcel.map(|parcel| parcel.0.weight_g).unwrap_or_default(),
        items: label.contents.iter().map(item).collect(),
    };
    let mut client = CustomsServiceClient::new(shell.state.peers.to("customs", who.tenant));
    let prepared = client.prepare_return_paper(asked).await.map_err(no_paper)?.into_inner();
    let paper = prepared.paper.ok_or_else(|| fault(NO_PAPER))?;
    let asked = GetPaperRequest { document_id: paper.document_id, media_type: request.media_type };
    let paper = client.get_paper(asked).await.map_err(no_paper)?.into_inner();
    let Paper { document_id, media_type, data } = paper;
    Ok(ReturnPaper { document_id, media_type, data })
}

/// What customs refuse, with the fields that they name.
fn no_paper(status: tonic::Status) -> Fault {
    let error = RpcError::from_status(&status);
    match error.reason.as_deref() {
        Some("CUS0001" | "CUS0002" | "CUS0012") => {
            let fields = error.fields.into_iter();
            fields.fold(fault(NO_PAPER), |fault, one| {
                fault.field(one.field, one.code, one.description)
            })
        }
        _ => away(status),
    }
}
