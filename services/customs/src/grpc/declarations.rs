//! Declarations and their papers.

use std::collections::BTreeSet;

use colibri_events::{
    customs::v1::{get_declaration_request::By, *},
    vault::v1::Flow,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{DocumentId, ShipmentId, TenantId};

use super::page_size;
use crate::{
    Customs,
    domain::records::{self, PROTOBUF},
    error, settle,
    store::{
        declarations,
        read::{self, Which},
        tenants,
    },
};

fn unknown() -> Fault {
    error::unknown("declaration")
}

async fn show(
    shell: &Shell<Customs>,
    tenant: TenantId,
    which: Which,
) -> Result<Declaration, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let mut shown = read::show(cx.db(), tenant, which).await?;
    cx.rollback().await;
    shown.pop().map(|(_, declaration)| declaration).ok_or_else(unknown)
}

/// One declaration.
pub async fn get(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: GetDeclarationRequest,
) -> Result<Declaration, Fault> {
    let which = match request.by {
        Some(By::ShipmentId(id)) => Which::Shipment(id.parse().map_err(|_| unknown())?),
        Some(By::OrderId(id)) => Which::Order(id.parse().map_err(|_| unknown())?),
        Some(By::DeclarationId(id)) => {
            Which::Shipment(declarations::shipment_of(id.parse().map_err(|_| unknown())?))
        }
        None => return Err(error::request("shipment_id", "or another id is needed")),
    };
    show(shell, tenant, which).await
}

/// A page of declarations.
pub async fn list(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: ListDeclarationsRequest,
) -> Result<ListDeclarationsResponse, Fault> {
    let limit = page_size(request.limit);
    let before = match request.page.as_str() {
        "" => None,
        page => Some(page.parse().map_err(|_| error::request("page", "is from another list"))?),
    };
    let state = request.state();
    let mut cx = shell.begin(tenant).await?;
    let shown = read::show(cx.db(), tenant, Which::Page { state, before, limit }).await?;
    cx.rollback().await;
    let full = i64::try_from(shown.len()).is_ok_and(|count| count == limit);
    let last = shown.last().filter(|_| full);
    let next_page = last.map(|(place, _)| place.to_string()).unwrap_or_default();
    let plain = |(_, declaration)| Declaration { assessment: None, ..declaration };
    let declarations = shown.into_iter().map(plain).collect();
    Ok(ListDeclarationsResponse { declarations, next_page })
}

/// Looks at a declaration again with what is known now.
pub async fn reassess(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: ReassessRequest,
) -> Result<Declaration, Fault> {
    let id: ShipmentId = request.shipment_id.parse().map_err(|_| unknown())?;
    let mut cx = shell.begin(tenant).await?;
    tenants::share(cx.db(), &BTreeSet::from([tenant])).await?;
    let mut rows = declarations::lock_known(cx.db(), &[id.to_uuid()]).await?;
    rows.retain(|row| row.key.tenant_id == tenant);
    if rows.is_empty() {
        cx.rollback().await;
        return Err(unknown());
    }
    // What is on its way already is not started a second time.
    rows.retain(|row| row.state != DeclarationState::Drawing);
    settle::settle(&mut cx, rows).await?;
    cx.commit().await?;
    show(shell, tenant, Which::Shipment(id)).await
}

/// A paper, as a file.
pub async fn paper(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: GetPaperRequest,
) -> Result<Paper, Fault> {
    let unknown = || error::unknown("paper");
    let id: DocumentId = request.document_id.parse().map_err(|_| unknown())?;
    let mut cx = shell.begin(tenant).await?;
    let known = read::paper(cx.db(), tenant, id).await?;
    cx.rollback().await;
    let (media_type, kind) = known.ok_or_else(unknown)?;
    let wanted = request.media_type.as_str();
    let record = wanted == PROTOBUF && records::has_message(&kind);
    if !wanted.is_empty() && wanted != media_type && !record {
        let text = format!("the paper is of the type {media_type}");
        return Err(Fault::not_found(error::NO_PAPER, text));
    }
    let opened = shell.state.vault.document(tenant, Flow::CustomsServe, id.to_string()).await?;
    let opened = opened.ok_or_else(unknown)?;
    let document_id = id.to_string();
    if record {
        let data = records::protobuf(&kind, &opened.data).map_err(Fault::bug)?;
        return Ok(Paper { document_id, media_type: PROTOBUF.to_owned(), data: data.into() });
    }
    Ok(Paper { document_id, media_type, data: opened.data })
}
