//! Deciding about locked declarations, in bulk: whoever calls has the books of the tenants and the
//! rows of the shipments.

use std::collections::{BTreeSet, HashMap};

use colibri_events::{
    customs::v1::{self as pb, DeclarationIncomplete, DeclarationState, Finding, Profile},
    types::v1::Reason,
};
use colibri_kit::{fault::Fault, intent::NewIntent, service::Cx, telemetry::metrics};
use colibri_types::TenantId;
use time::Date;

use crate::{
    Customs,
    domain::{
        answer,
        decide::{Ask, Verdict, decide},
        restricted::{Decided, Restricted, apply as apply_restricted},
    },
    error,
    intents::{self, leaving},
    reexport,
    store::{
        declarations::{self, Key, Row},
        restricted,
        skus::{self, Known},
        tenants, timestamp,
    },
};

/// Missing fields that one event names: who corrects so many is told the rest afterwards.
const MISSING_MAX: usize = 50;

/// What decisions need beside the rows.
#[derive(Debug, Default)]
pub struct Beside {
    /// Articles, by tenant and number.
    pub skus: Known,
    /// Profiles, by tenant.
    pub profiles: HashMap<TenantId, Profile>,
    /// What was decided about restricted goods, by tenant.
    pub restricted: HashMap<TenantId, Decided>,
}

/// Reads what the rows depend on, in two statements.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn beside(db: &mut sqlx::PgConnection, rows: &[Row]) -> Result<Beside, Fault> {
    let mut wanted = BTreeSet::new();
    let mut owners = BTreeSet::new();
    for row in rows {
        let Some((request, _)) = row.facts.complete() else { continue };
        let tenant = row.key.tenant_id;
        owners.insert(tenant);
        wanted.extend(request.goods.iter().map(|goods| (tenant, goods.sku.clone())));
    }
    if owners.is_empty() {
        return Ok(Beside::default());
    }
    let skus = skus::find(db, &wanted).await?;
    let profiles = tenants::profiles(db, &owners).await?;
    let restricted = restricted::decided(db, &wanted).await?;
    Ok(Beside { skus, profiles, restricted })
}

/// What is decided about a row; `None` where a fact is missing or the order is off.
#[must_use]
pub fn verdict(
    row: &Row,
    beside: &Beside,
    state: &Customs,
    book: &crate::world::Book,
    today: Date,
) -> Option<Verdict> {
    let (request, offer) = row.facts.complete()?;
    let (nothing, nobody) = (HashMap::new(), Profile::default());
    let tenant = row.key.tenant_id;
    let ask = Ask {
        request,
        offer,
        skus: beside.skus.get(&tenant).unwrap_or(&nothing),
        profile: beside.profiles.get(&tenant).unwrap_or(&nobody),
        post: state.config.posts.get(&offer.carrier),
        today,
    };
    let mut verdict = decide(&ask, book);
    let nothing = Decided::new();
    let decided = beside.restricted.get(&tenant).unwrap_or(&nothing);
    apply_restricted(&mut verdict, (request, offer), decided, &book.restrictions, today);
    Some(verdict)
}

/// Decides about each row and writes all of them: events, intents, rows. Repeating it with the same
/// facts, articles and profile changes nothing and says nothing.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn settle(cx: &mut Cx<Customs>, mut rows: Vec<Row>) -> Result<(), Fault> {
    let state = cx.state();
    let beside = beside(cx.db(), &rows).await?;
    let today = cx.now().date();
    let mut verdicts: Vec<Option<Verdict>> = Vec::new();
    if rows.iter().any(|row| row.facts.complete().is_some()) {
        let book = state.books.get().await?;
        // Hundreds of decisions would hold up everybody else's requests.
        let work = move || {
            let all = rows.iter().map(|row| verdict(row, &beside, &state, &book, today));
            let verdicts = all.collect::<Vec<_>>();
            (rows, verdicts)
        };
        (rows, verdicts) = tokio::task::spawn_blocking(work).await.map_err(Fault::bug)?;
    }
    let mut verdicts = verdicts.into_iter();
    let alone: Vec<(Key, String)> = rows.iter().filter_map(declared_alone).collect();
    for row in &mut rows {
        apply(cx, row, verdicts.next().flatten());
    }
    // What was decided anew counts again once it is drawn, and what is off does not count.
    let again = |row: &&Row| row.revision > 1 || row.facts.cancelled;
    let ids: Vec<_> = rows.iter().filter(again).map(|row| row.key.shipment_id.to_uuid()).collect();
    let together = reexport::leave(cx, &ids).await?;
    for (key, document) in alone {
        if !together.contains(&key.shipment_id.to_uuid()) {
            reexport::off(cx, key, document);
        }
    }
    let now = cx.now();
    declarations::save(cx.db(), &rows, now).await
}

/// The export declaration among the papers of a shipment that is off now.
fn declared_alone(row: &Row) -> Option<(Key, String)> {
    let off = row.facts.cancelled && row.state == DeclarationState::Ready;
    let paper = row.shown.papers.iter().find(|paper| off && paper.kind == leaving::EXPORT)?;
    Some((row.key, paper.document_id.clone()))
}

fn apply(cx: &mut Cx<Customs>, row: &mut Row, verdict: Option<Verdict>) {
    row.recheck = false;
    let Some((request, _)) = row.facts.complete() else {
        row.state = match row.facts.cancelled {
            true => DeclarationState::Cancelled,
            false => DeclarationState::Waiting,
        };
        return;
    };
    let Some(mut verdict) = verdict else { return };
    let version = request.version;
    let mut skus: Vec<String> = request.goods.iter().map(|goods| goods.sku.clone()).collect();
    skus.sort_unstable();
    skus.dedup();
    row.skus = skus;
    verdict.missing.truncate(MISSING_MAX);
    let same = row.state == DeclarationState::Incomplete && row.version == version;
    if same && row.shown.missing == verdict.missing {
        return;
    }
    row.version = version;
    row.revision += 1;
    row.shown = shown(&verdict);
    if verdict.missing.is_empty() {
        row.state = DeclarationState::Drawing;
        intend(cx, row);
    } else {
        row.state = DeclarationState::Incomplete;
        incomplete(cx, row);
    }
}

fn shown(verdict: &Verdict) -> pb::Declaration {
    pb::Declaration {
        missing: verdict.missing.clone(),
        restrictions: verdict.restricted.iter().map(Restricted::wire).collect(),
        channel: verdict.channel.to_owned(),
        incoterm: verdict.incoterm.clone(),
        assessment: verdict.assessment.as_ref().map(|found| answer::assessment(found, true)),
        ..pb::Declaration::default()
    }
}

/// Has the papers drawn.
fn intend(cx: &mut Cx<Customs>, row: &Row) {
    let key = row.key.shipment_id.to_string();
    cx.intend(NewIntent {
        tenant_id: row.key.tenant_id.to_uuid(),
        kind: intents::PAPERS,
        dedupe: format!("{key}:{}", row.revision),
        key,
        lane: String::new(),
        request: row.revision.to_string().into(),
        not_before: None,
    });
}

/// Says what is missing.
pub fn incomplete(cx: &mut Cx<Customs>, row: &Row) {
    let reason = |one: &Finding| Reason { code: one.code.clone(), field: one.field.clone() };
    let event = DeclarationIncomplete {
        shipment_id: row.key.shipment_id.to_string(),
        tenant_id: row.key.tenant_id.to_string(),
        order_id: row.key.order_id.map(|id| id.to_string()).unwrap_or_default(),
        version: row.version,
        revision: row.revision,
        missing: row.shown.missing.iter().map(reason).collect(),
        at: Some(timestamp(cx.now())),
    };
    cx.publish(&event, &format!("{}:{}", row.version, row.revision));
    metrics::counter("customs_declarations_total", &[("outcome", "incomplete")]).inc();
}

/// Marks what a correction may release, and wakes who looks at it after the commit.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn release(
    cx: &mut Cx<Customs>,
    tenant: TenantId,
    skus: Option<&[String]>,
) -> Result<u32, Fault> {
    let marked = declarations::touch(cx.db(), tenant, skus).await?;
    if marked > 0 {
        let state = cx.state();
        cx.after_commit(move || state.corrected.notify_one());
    }
    Ok(marked)
}

/// Why papers cannot be made after all, as the row shows it.
pub fn lacks(row: &mut Row, mut missing: Vec<Finding>) {
    missing.truncate(MISSING_MAX);
    row.state = DeclarationState::Incomplete;
    row.shown.missing = missing;
}

/// A declaration that changed before its papers were drawn.
pub fn superseded() -> Fault {
    Fault::reject(error::SUPERSEDED, "changed or cancelled meanwhile")
}
