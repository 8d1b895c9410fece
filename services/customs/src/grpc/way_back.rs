//! Papers of goods that come back, drawn when they are first asked for and kept.

use std::sync::Arc;

use colibri_customs_papers::{Look, way_back as papers};
use colibri_customs_rules::declare::{Party, prepare};
use colibri_documents::cn22::Size;
use colibri_events::{
    customs::v1::{
        DeclarationReady, PaperRef, PrepareReturnPaperRequest, PrepareReturnPaperResponse,
    },
    orders::v1::FulfilmentRequested,
    vault::v1::{Document, Flow},
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{DeclarationId, DocumentId, ShipmentId, SiteId, TenantId};
use colibri_vault_client::{ADDRESS, Sealing};

use crate::{
    Customs,
    domain::way_back::{self, Ask, NotSent},
    error,
    intents::make::{Drawn, drawn, party},
    store::{
        declarations::{self, Key},
        tenants, way_back as store,
    },
};

/// Items of a paper: more than a return has lines.
const ITEMS_MAX: usize = 100;

/// What is known of the way out.
struct Out {
    key: Key,
    request: FulfilmentRequested,
    told: DeclarationReady,
    /// Where the record of the site that it goes back to lies.
    site: String,
}

fn unknown() -> Fault {
    error::unknown("declaration")
}

/// Draws and seals, or answers what was.
pub async fn prepare_paper(
    shell: &Shell<Customs>,
    tenant: TenantId,
    asked: PrepareReturnPaperRequest,
) -> Result<PrepareReturnPaperResponse, Fault> {
    if asked.items.is_empty() || asked.items.len() > ITEMS_MAX {
        return Err(error::limit("items", ITEMS_MAX));
    }
    let back: ShipmentId =
        asked.shipment_id.parse().map_err(|_| error::request("shipment_id", "is no id"))?;
    let id: DeclarationId = asked.declaration_id.parse().map_err(|_| unknown())?;
    if let Some(known) = known(shell, tenant, back).await? {
        return Ok(known);
    }
    let out = out(shell, tenant, declarations::shipment_of(id), &asked.site_id).await?;
    let Some(drawn) = draw(&shell.state, tenant, &out, back, asked).await? else {
        return Ok(PrepareReturnPaperResponse::default());
    };
    seal(shell, tenant, &out, &drawn).await?;
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    let ids = (tenant, out.key.shipment_id, back);
    store::keep_paper(cx.db(), ids, out.told.revision, &drawn.paper, now).await?;
    cx.commit().await?;
    // Of two who asked at once the faster one's, for both.
    known(shell, tenant, back).await?.ok_or_else(unknown)
}

async fn known(
    shell: &Shell<Customs>,
    tenant: TenantId,
    back: ShipmentId,
) -> Result<Option<PrepareReturnPaperResponse>, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let known = store::paper(cx.db(), tenant, back).await?;
    cx.rollback().await;
    let of = |(id, kind, media_type): (DocumentId, String, String)| PrepareReturnPaperResponse {
        paper: Some(PaperRef { document_id: id.to_string(), kind, media_type }),
    };
    Ok(known.map(of))
}

async fn out(
    shell: &Shell<Customs>,
    tenant: TenantId,
    shipment: ShipmentId,
    site: &str,
) -> Result<Out, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let row = declarations::find(cx.db(), &[shipment.to_uuid()]).await?.pop();
    let row = row.filter(|row| row.key.tenant_id == tenant).ok_or_else(unknown)?;
    let told = store::told(cx.db(), tenant, shipment).await?.ok_or_else(unknown)?;
    let request = row.facts.request.ok_or_else(unknown)?;
    let site = if site.is_empty() { &request.site_id } else { site };
    let site: SiteId = site.parse().map_err(|_| error::request("site_id", "is no id"))?;
    let mut sites = tenants::sites(cx.db(), &[(tenant, site)]).await?;
    cx.rollback().await;
    let site = sites.remove(&site).ok_or_else(|| error::request("site_id", "is not known"))?;
    Ok(Out { key: row.key, request, told, site })
}

/// `None`: no border asks for papers.
async fn draw(
    state: &Arc<Customs>,
    tenant: TenantId,
    out: &Out,
    back: ShipmentId,
    asked: PrepareReturnPaperRequest,
) -> Result<Option<Drawn>, Fault> {
    let items = way_back::taken(&out.told, &asked.items).map_err(|NotSent(at, field)| {
        error::request(&format!("items[{at}].{field}"), "did not go out so")
    })?;
    let (buyer, site) = parties(state, tenant, out).await?;
    let (request, told) = (out.request.clone(), out.told.clone());
    let (state, book) = (state.clone(), state.books.get().await?);
    let revision = told.revision;
    let language = state.config.language();
    let work = move || {
        let service = if asked.service.is_empty() { &asked.carrier } else { &asked.service };
        let ask = Ask {
            told: &told,
            request: &request,
            items: &asked.items,
            service,
            weight_g: asked.weight_g,
            post: state.config.posts.get(&asked.carrier),
            today: state.clock.now().date(),
        };
        let parcel = way_back::parcel(&ask, &items, buyer, site).ok_or_else(unknown)?;
        let made = prepare(&parcel, book.shipped.world(), &book.sdr).map_err(|missing| {
            let fault = Fault::failed_precondition(error::WAY_BACK, "something is missing");
            missing
                .into_iter()
                .fold(fault, |fault, one| fault.field(whose(&one.field), error::PAPERS, one.reason))
        })?;
        let look = Look { size: Size::Label, language };
        papers(&parcel, &made, look).map_err(Fault::bug)
    };
    let file = tokio::task::spawn_blocking(work).await.map_err(Fault::bug)??;
    // The papers of another way back are others, even where they say the same.
    let key = Key { shipment_id: back, tenant_id: tenant, order_id: None };
    Ok(file.map(|file| drawn((key, revision), file)))
}

/// The field of papers under the name of whom it is about: on the way back the buyer sends.
fn whose(field: &str) -> String {
    match (field.strip_prefix("seller."), field.strip_prefix("buyer.")) {
        (Some(of_sender), _) => format!("buyer.{of_sender}"),
        (_, Some(of_receiver)) => format!("site.{of_receiver}"),
        _ => field.to_owned(),
    }
}

/// Buyer and site.
async fn parties(state: &Customs, tenant: TenantId, out: &Out) -> Result<(Party, Party), Fault> {
    let refs = vec![out.request.subject_ref.clone(), out.site.clone()];
    let opened = state.vault.reveal(tenant, Flow::CustomsPapers, ADDRESS, refs).await?;
    let one = |record: &str, whose: &str| {
        let erased = || {
            let text = "the record cannot be opened any more";
            Fault::failed_precondition(error::WAY_BACK, text).field(whose, error::ADDRESS, text)
        };
        opened.record(record)?.map(party).ok_or_else(erased)
    };
    Ok((one(&out.request.subject_ref, "buyer")?, one(&out.site, "site")?))
}

async fn seal(
    shell: &Shell<Customs>,
    tenant: TenantId,
    out: &Out,
    drawn: &Drawn,
) -> Result<(), Fault> {
    let document_id = drawn.paper.document_id.to_string();
    let document = Document {
        document_id: document_id.clone(),
        owner_ref: out.request.subject_ref.clone(),
        media_type: drawn.paper.media_type.to_owned(),
        data: drawn.bytes.clone().into(),
    };
    let sealed = shell.state.vault.put_documents(tenant, vec![document]).await?;
    match sealed.get(&document_id) {
        Some(Sealing::Sealed) => Ok(()),
        _ => {
            let text = "the buyer's record cannot be opened any more";
            let fault = Fault::failed_precondition(error::WAY_BACK, text);
            Err(fault.field("buyer", error::ADDRESS, text))
        }
    }
}
