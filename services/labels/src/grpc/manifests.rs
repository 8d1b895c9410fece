//! `CloseManifest`, `ListManifests`, `GetManifest` and `GetManifestPaper`.

use colibri_events::{
    labels::v1::{
        CloseManifestRequest, ErrandState, GetManifestPaperRequest, GetManifestRequest, Label,
        ListManifestsRequest, ListManifestsResponse, Manifest,
    },
    vault::v1::Flow,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{ManifestId, TenantId};
use prost::Message as _;

use super::{
    ask::{self, wire_day},
    errands::{intend, not_offered, page, references, unknown},
    wait,
};
use crate::{
    Labels,
    domain::{build, ids},
    error::codes,
    intents::errand,
    store::errands::{self, Day, Errand, Kind},
};

/// Parcels of one manifest here, whatever the carrier takes: one opening of numbers, one paper.
const MANIFEST_MAX: usize = 2000;

/// Closes a day. When nothing is left to close, answers the day's last manifest.
pub async fn close(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: CloseManifestRequest,
) -> Result<Manifest, Fault> {
    let day = match &request.day {
        Some(day) => ask::day(day, "day")?,
        None => build::ship_date(shell.state.carriers.now()),
    };
    let names = (request.site_id.as_str(), request.account_id.as_str());
    let (site_id, account_id, carrier) = references(shell, tenant, names).await?;
    let connector = colibri_carriers::by_id(&carrier);
    let Some(closes) = connector.and_then(|connector| connector.manifests()) else {
        return Err(not_offered(&carrier));
    };
    let id = ManifestId::generate();
    let mut errand = Errand {
        errand_id: id.to_uuid(),
        tenant_id: tenant,
        kind: Kind::Manifest,
        state: ErrandState::Asking,
        site_id,
        account_id,
        carrier: carrier.clone(),
        day,
        asked: request.encode_to_vec(),
        shown: Vec::new(),
        location: String::new(),
    };
    let of = Day { tenant_id: tenant, site_id, account_id, day };
    let most = closes.parcels_max().min(MANIFEST_MAX);
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    let newest = errands::newest_manifest(cx.db(), of).await?;
    errands::insert(cx.db(), &errand, now).await?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let taken = errands::take_parcels(cx.db(), of, errand.errand_id, limit).await?;
    let id = if taken.is_empty() {
        cx.rollback().await;
        let text = "no parcel of this day is without a manifest, and there is none";
        newest.ok_or_else(|| Fault::failed_precondition(codes::NOTHING_TO_CLOSE, text))?
    } else {
        let left = errands::count_open(cx.db(), of).await?;
        let shown = Manifest {
            manifest_id: id.to_string(),
            site_id: site_id.to_string(),
            account_id: account_id.to_string(),
            carrier,
            day: Some(wire_day(day)),
            parcel_ids: taken.iter().map(ToString::to_string).collect(),
            parcels_left: u32::try_from(left).unwrap_or(u32::MAX),
            ..Manifest::default()
        };
        errand.shown = shown.encode_to_vec();
        errands::save(cx.db(), &errand, now).await?;
        intend(&mut cx, &errand, errand::ASK);
        cx.commit().await?;
        id.to_uuid()
    };
    manifest(&wait::errand(shell, tenant, id).await?.ok_or_else(unknown)?)
}

/// A manifest as shown.
fn manifest(row: &Errand) -> Result<Manifest, Fault> {
    let shown = Manifest::decode(row.shown.as_slice()).map_err(Fault::bug)?;
    Ok(Manifest { state: row.state.into(), ..shown })
}

pub async fn list(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: ListManifestsRequest,
) -> Result<ListManifestsResponse, Fault> {
    let asked = (request.state(), request.limit, request.page.as_str());
    let (rows, next_page) = page(shell, tenant, Kind::Manifest, asked).await?;
    let manifests = rows.iter().map(manifest).collect::<Result<_, _>>()?;
    Ok(ListManifestsResponse { manifests, next_page })
}

pub async fn get(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: GetManifestRequest,
) -> Result<Manifest, Fault> {
    find(shell, tenant, &request.manifest_id).await.map(|(_, shown)| shown)
}

async fn find(
    shell: &Shell<Labels>,
    tenant: TenantId,
    id: &str,
) -> Result<(ManifestId, Manifest), Fault> {
    let id: ManifestId = id.parse().map_err(|_| unknown())?;
    let mut cx = shell.begin(tenant).await?;
    let row = errands::find(cx.db(), id.to_uuid(), tenant).await?;
    cx.rollback().await;
    let row = row.filter(|row| row.kind == Kind::Manifest).ok_or_else(unknown)?;
    Ok((id, manifest(&row)?))
}

/// The paper, opened for whoever hands the parcels over.
pub async fn paper(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: GetManifestPaperRequest,
) -> Result<Label, Fault> {
    let (id, shown) = find(shell, tenant, &request.manifest_id).await?;
    let wanted = request.media_type.is_empty() || request.media_type == shown.media_type;
    if shown.media_type.is_empty() || !wanted {
        return Err(Fault::not_found(codes::NO_LABEL, "there is no such paper"));
    }
    let paper = ids::paper(id).to_string();
    let paper = shell.state.vault.document(tenant, Flow::LabelServe, paper).await?;
    let data = paper.ok_or_else(|| Fault::bug("a paper that was sealed is gone"))?.data;
    Ok(Label { parcel_id: id.to_string(), media_type: shown.media_type, data })
}
