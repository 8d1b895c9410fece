//! Papers: addresses opened with a flow of their own, forms drawn, sealed in the vault, and only then
//! told. Everything may be done twice: nothing outside changes but the vault, which takes the same
//! document once.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use colibri_events::{
    customs::v1::DeclarationState,
    vault::v1::{Document, Flow},
};
use colibri_kit::{
    crash_point,
    fault::Fault,
    intent::{Attempt, Intent, Outcome, Resolution, Worker, WorkerOptions},
    service::Cx,
    telemetry::metrics,
};
use colibri_types::{ShipmentId, SiteId, TenantId};
use colibri_vault_client::{ADDRESS, Opened, OpenedByTenant, Sealing};
use time::Duration;
use tonic::Status;
use uuid::Uuid;

use super::{
    leaving,
    make::{Drawn, Made, make, party},
};
use crate::{
    Customs,
    error::{self, finding},
    reexport,
    screening::{self, Found, Lists, NAMES},
    settle,
    store::{
        declarations::{self, Key, Row},
        screening::{self as screens, Decided},
        tenants, timestamp, way_back,
    },
};

/// The worker that draws.
#[derive(Debug)]
pub struct Papers;

/// A declaration that is drawn, or what it lacks.
#[derive(Debug)]
pub struct Output {
    /// Of which declaration.
    pub key: Key,
    /// The decision that its papers are of.
    pub revision: u32,
    /// What became of it.
    pub made: Made,
    owner: String,
    /// The person's key is gone: nothing can be sealed for them any more.
    lost: AtomicBool,
}

impl Worker<Customs> for Papers {
    type Prepared = Output;
    type Output = Output;

    const KIND: &'static str = super::PAPERS;

    fn options(&self, state: &Customs) -> WorkerOptions {
        WorkerOptions {
            concurrency: state.config.drawing,
            lease: Duration::seconds(i64::from(state.config.lease_s)),
            // Nothing outside can have happened: a lost draw is drawn again at once.
            settle: Duration::seconds(1),
            attempts_max: 100_000,
        }
    }

    async fn prepare(
        &self,
        state: &Arc<Customs>,
        intents: &[Intent],
    ) -> Vec<Result<Output, Fault>> {
        match wave(state, intents).await {
            Ok(outputs) => outputs,
            Err(fault) => {
                let text = colibri_kit::fault::chain(&fault);
                intents.iter().map(|_| Err(Fault::retry(text.clone()))).collect()
            }
        }
    }

    async fn call(&self, _: &Arc<Customs>, attempt: Attempt<Output>) -> Outcome<Output> {
        Outcome::Known(attempt.prepared)
    }

    async fn before_record(
        &self,
        state: &Arc<Customs>,
        outcomes: &[(Intent, Output)],
    ) -> Result<(), Fault> {
        let mut by_tenant: BTreeMap<TenantId, Vec<&Output>> = BTreeMap::new();
        for (_, output) in outcomes {
            by_tenant.entry(output.key.tenant_id).or_default().push(output);
        }
        for (tenant, outputs) in by_tenant {
            let all = outputs.iter().flat_map(|one| documents(one)).collect();
            let done = state.vault.put_documents(tenant, all).await?;
            for output in outputs {
                let sealed = |id: String| done.get(&id) == Some(&Sealing::Sealed);
                let all = drawn(output).iter().all(|one| sealed(one.paper.document_id.to_string()));
                output.lost.store(!all, Ordering::Relaxed);
            }
        }
        crash_point!("customs.sealed");
        Ok(())
    }

    async fn record(
        &self,
        cx: &mut Cx<Customs>,
        intent: &Intent,
        output: &Output,
    ) -> Result<(), Fault> {
        let Some(mut row) = locked(cx, intent).await? else { return Ok(()) };
        let now = cx.now();
        match &output.made {
            Made::Ready(ready) if !output.lost.load(Ordering::Relaxed) => {
                row.state = DeclarationState::Ready;
                row.shown = ready.shown.clone();
                row.recheck = false;
                let papers: Vec<_> = ready.drawn.iter().map(|drawn| drawn.paper.clone()).collect();
                declarations::add_papers(cx.db(), &row, &papers, now).await?;
                if let Some(one) = &ready.covered {
                    reexport::keep(cx, one).await?;
                }
                let at = Some(timestamp(now));
                let event =
                    colibri_events::customs::v1::DeclarationReady { at, ..ready.event.clone() };
                way_back::keep_told(cx.db(), row.key.shipment_id, &event).await?;
                cx.publish(&event, &format!("{}:{}", row.version, row.revision));
                metrics::counter("customs_declarations_total", &[("outcome", "ready")]).inc();
            }
            Made::Ready(_) => {
                reexport::leave(cx, &[row.key.shipment_id.to_uuid()]).await?;
                let detail = "the addressee's record cannot be opened any more";
                settle::lacks(&mut row, vec![finding(error::ADDRESS, "ship_to", detail)]);
                settle::incomplete(cx, &row);
            }
            Made::Lacks(missing) => {
                reexport::leave(cx, &[row.key.shipment_id.to_uuid()]).await?;
                settle::lacks(&mut row, missing.clone());
                settle::incomplete(cx, &row);
            }
            Made::Held(found) => {
                let kept: Vec<_> = found.iter().map(|one| one.likeness.clone()).collect();
                let key = row.key;
                screens::keep(cx.db(), key.tenant_id, key.shipment_id, &kept, now).await?;
                settle::lacks(&mut row, screening::holds(found));
                settle::incomplete(cx, &row);
                metrics::counter("customs_screening_holds_total", &[]).inc();
            }
        }
        declarations::save(cx.db(), &[row], now).await
    }

    async fn failed(
        &self,
        cx: &mut Cx<Customs>,
        intent: &Intent,
        code: &str,
        _reason: &str,
    ) -> Result<(), Fault> {
        if code == error::SUPERSEDED {
            return Ok(());
        }
        // A paper that cannot be drawn is ours to repair, and must not look as if it were on its way.
        let Some(mut row) = locked(cx, intent).await? else { return Ok(()) };
        let now = cx.now();
        let detail = "the papers cannot be drawn";
        settle::lacks(&mut row, vec![finding(error::PAPERS, "", detail)]);
        settle::incomplete(cx, &row);
        declarations::save(cx.db(), &[row], now).await
    }

    async fn in_doubt(&self, _: &mut Cx<Customs>, _: &Intent, _: &str) -> Result<(), Fault> {
        Ok(())
    }

    /// A process died while it drew: it is drawn again.
    async fn resolve(&self, _: &Arc<Customs>, _: &Intent) -> Result<Resolution<Output>, Fault> {
        Ok(Resolution::NotDone)
    }
}

/// The row of an intent, locked, when it still waits for exactly these papers.
async fn locked(cx: &mut Cx<Customs>, intent: &Intent) -> Result<Option<Row>, Fault> {
    let ids = [shipment(intent)?];
    let row = declarations::lock_known(cx.db(), &ids).await?.pop();
    let wanted = revision(intent)?;
    Ok(row.filter(|row| row.state == DeclarationState::Drawing && row.revision == wanted))
}

fn shipment(intent: &Intent) -> Result<Uuid, Fault> {
    intent.key.parse().map(ShipmentId::to_uuid).map_err(Fault::bug)
}

fn revision(intent: &Intent) -> Result<u32, Fault> {
    let text = std::str::from_utf8(&intent.request).map_err(Fault::bug)?;
    text.parse().map_err(Fault::bug)
}

fn drawn(output: &Output) -> &[Drawn] {
    match &output.made {
        Made::Ready(ready) => &ready.drawn,
        _ => &[],
    }
}

fn documents(output: &Output) -> impl Iterator<Item = Document> {
    drawn(output).iter().map(|drawn| Document {
        document_id: drawn.paper.document_id.to_string(),
        owner_ref: output.owner.clone(),
        media_type: drawn.paper.media_type.to_owned(),
        data: drawn.bytes.clone().into(),
    })
}

/// What the parties of a tenant are compared with.
struct Screen {
    lists: Arc<Lists>,
    names: Result<Opened, Status>,
    decided: Decided,
}

/// By tenant; one without lists is not there, and nothing of it is screened.
type Screens = HashMap<TenantId, Screen>;

async fn to_compare(
    state: &Arc<Customs>,
    refs: &BTreeMap<TenantId, Vec<String>>,
) -> Result<Screens, Fault> {
    let mut screens = Screens::new();
    for (tenant, refs) in refs {
        let mut db = state.db.log.acquire().await?;
        let Some(lists) = state.screening.of(&mut db, *tenant).await? else { continue };
        let decided = screens::decided(&mut db, *tenant, refs).await?;
        drop(db);
        let names = state.vault.reveal(*tenant, Flow::CustomsScreen, NAMES, refs.clone()).await;
        screens.insert(*tenant, Screen { lists, names, decided });
    }
    Ok(screens)
}

/// One result per intent, in order.
async fn wave(
    state: &Arc<Customs>,
    intents: &[Intent],
) -> Result<Vec<Result<Output, Fault>>, Fault> {
    let ids: Vec<Uuid> = intents.iter().map(shipment).collect::<Result<_, _>>()?;
    let mut db = state.db.log.acquire().await?;
    let rows = declarations::find(&mut db, &ids).await?;
    let beside = settle::beside(&mut db, &rows).await?;
    let site = |row: &Row| row.facts.request.as_ref().and_then(|r| r.site_id.parse().ok());
    let wanted: Vec<(TenantId, SiteId)> =
        rows.iter().filter_map(|row| Some((row.key.tenant_id, site(row)?))).collect();
    let sites = tenants::sites(&mut db, &wanted).await?;
    drop(db);
    let mut refs: BTreeMap<TenantId, Vec<String>> = BTreeMap::new();
    for row in &rows {
        let all = refs.entry(row.key.tenant_id).or_default();
        all.extend(row.facts.request.as_ref().map(|request| request.subject_ref.clone()));
        all.extend(site(row).and_then(|site| sites.get(&site)).cloned());
    }
    let screens = to_compare(state, &refs).await?;
    let wanted =
        refs.into_iter().flat_map(|(tenant, refs)| refs.into_iter().map(move |r| (tenant, r)));
    let addresses = state.vault.reveal_each(Flow::CustomsPapers, ADDRESS, wanted).await;
    let book = state.books.get().await?;
    let rows: HashMap<Uuid, Row> =
        rows.into_iter().map(|row| (row.key.shipment_id.to_uuid(), row)).collect();
    let for_count = (state.clone(), book.clone());
    let (state, intents) = (state.clone(), intents.to_vec());
    let work = move || {
        let one = |intent: &Intent| {
            let row = rows.get(&shipment(intent)?);
            let row = row.filter(|row| {
                row.state == DeclarationState::Drawing
                    && revision(intent).ok() == Some(row.revision)
            });
            let row = row.ok_or_else(settle::superseded)?;
            let record = site(row).and_then(|site| sites.get(&site));
            let record = record.ok_or_else(|| Fault::retry("the site was not heard of yet"))?;
            draw(&state, row, &beside, &book, (&addresses, &screens), record)
        };
        intents.iter().map(one).collect::<Vec<_>>()
    };
    let mut outputs = tokio::task::spawn_blocking(work).await.map_err(Fault::bug)?;
    leaving::count(&for_count.0, &for_count.1, &mut outputs).await?;
    Ok(outputs)
}

fn draw(
    state: &Customs,
    row: &Row,
    beside: &settle::Beside,
    book: &crate::world::Book,
    (addresses, screens): (&OpenedByTenant, &Screens),
    site: &str,
) -> Result<Output, Fault> {
    let tenant = row.key.tenant_id;
    let subject = row.facts.request.as_ref().map(|r| r.subject_ref.clone()).unwrap_or_default();
    let out = |made: Made| Output {
        key: row.key,
        revision: row.revision,
        made,
        owner: subject.clone(),
        lost: AtomicBool::new(false),
    };
    let opened = addresses.of(tenant)?;
    let mut parties = Vec::with_capacity(2);
    for (record, whose) in [(site, "site"), (subject.as_str(), "ship_to")] {
        let Some(fields) = opened.record(record)? else {
            let detail = "the record cannot be opened any more";
            return Ok(out(Made::Lacks(vec![finding(error::ADDRESS, whose, detail)])));
        };
        parties.push(party(fields));
    }
    if let Some(screen) = screens.get(&tenant) {
        let found = compare(screen, [("site", site), ("ship_to", subject.as_str())])?;
        if !screening::holds(&found).is_empty() {
            return Ok(out(Made::Held(found)));
        }
    }
    let (Some(buyer), Some(seller)) = (parties.pop(), parties.pop()) else {
        return Err(Fault::bug("a party is missing"));
    };
    let today = state.clock.now().date();
    let verdict = settle::verdict(row, beside, state, book, today);
    let verdict = verdict.ok_or_else(settle::superseded)?;
    let nothing = HashMap::new();
    let skus = beside.skus.get(&tenant).unwrap_or(&nothing);
    make(row, verdict, seller, buyer, state.config.language(), (skus, book)).map(out)
}

/// Whom the parties of a shipment are like.
fn compare(screen: &Screen, parties: [(&'static str, &str); 2]) -> Result<Vec<Found>, Fault> {
    let opened = screen.names.as_ref().map_err(|status| Fault::from(status.clone()))?;
    let mut found = Vec::new();
    for (party, record) in parties {
        let fields = opened.record(record)?;
        let fields = fields.ok_or_else(|| Fault::retry("a party was erased a moment ago"))?;
        found.extend(screen.lists.compare(party, record, fields, &screen.decided));
    }
    Ok(found)
}
