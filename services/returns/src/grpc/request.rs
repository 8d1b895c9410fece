//! `Request`: a return begins, by the rules in force when the order was placed.

use std::collections::{BTreeMap, BTreeSet};

use colibri_events::returns::v1::{OrderRef, RequestRequest, Return, order_ref::By as Ref};
use colibri_kit::{
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_returns_rules::{
    case::{Action, Actor, Case},
    fraud::Signal,
};
use colibri_types::{DocumentId, ReturnId, TenantId};
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Who,
    agree::{self, New, Offered, Sealed},
    checks, orders, read,
};
use crate::{
    Returns,
    domain::{about::WayBack, words},
    error::{NO_ORDER, REQUEST_ID, fault, field},
    events::Teller,
    open::{self, Open},
    store::{
        cases::{self, Row, Summary},
        declarations, labels, list, rest, sales,
    },
    vault,
};

/// Name of the method in the idempotency table.
const ROUTE: &str = "request";
/// Parcels of one return.
const PARCELS_MAX: usize = 10;
/// Lines of one request.
const LINES_MAX: usize = 100;
/// Longest answer to a question.
const ANSWER_MAX: usize = 500;

/// Asks for a return, or answers the one that this request id has made.
///
/// # Errors
/// [`Fault::Reject`] `RET0001`, `RET0002`, `RET0005`, `RET0006`, `RET0007`, `RET0017`.
pub async fn request(
    shell: &Shell<Returns>,
    who: &Who,
    request: RequestRequest,
) -> Result<Return, Fault> {
    checks::request_id(&request.request_id)?;
    form(&request)?;
    let tenant = who.tenant;
    let by_identity = matches!(request.order, Some(OrderRef { by: Some(Ref::Identity(_)) }));
    let buyer = request.buyer || by_identity;
    let order = orders::find(shell, tenant, request.order.clone()).await?;
    // Without names, notes and answers, whose digest could be guessed back.
    let mut bare = request.clone();
    bare.order = None;
    bare.note = String::new();
    for line in &mut bare.lines {
        line.answers = Vec::new();
    }
    let mut mark = checks::fingerprint(&bare);
    mark.extend_from_slice(order.as_bytes());
    let mut cx = shell.begin(tenant).await?;
    let earlier = rest::earlier(cx.db(), tenant.to_uuid(), ROUTE, &request.request_id).await?;
    let here = sales::find(cx.db(), tenant.to_uuid(), order).await?;
    cx.rollback().await;
    if let Some((fingerprint, resource)) = earlier {
        return known_request(shell, tenant, (&fingerprint, &mark), &resource).await;
    }
    let sale = here.ok_or_else(|| fault(NO_ORDER))?;
    let bought = orders::bought(shell, tenant, order).await?;
    let id = ReturnId::generate();
    let sealed = seal(shell, tenant, sale.subject_ref, &request).await?;
    let mut cx = shell.begin(tenant).await?;
    let known = orders::known(&mut cx, tenant, order, bought, true).await?;
    let route = (ROUTE, request.request_id.as_str());
    let id_text = id.to_string();
    if !rest::note(cx.db(), tenant.to_uuid(), route, &mark, &id_text).await? {
        cx.rollback().await;
        return Err(Fault::retry("another call with this request id is on its way"));
    }
    let actor = if buyer { Actor::Buyer } else { words::person(&who.subject) };
    let new = New { id, tenant, request: &request, known, sealed, actor, buyer };
    begin(&mut cx, new).await?;
    cx.commit().await?;
    read::one(shell, tenant, id, false).await
}

async fn known_request(
    shell: &Shell<Returns>,
    tenant: TenantId,
    (fingerprint, mark): (&[u8], &[u8]),
    resource: &str,
) -> Result<Return, Fault> {
    if fingerprint != mark {
        let text = "used with other content";
        return Err(fault(REQUEST_ID).field("request_id", "TAKEN", text));
    }
    let id: ReturnId = resource.parse().map_err(Fault::bug)?;
    let known = read::one(shell, tenant, id, false).await?;
    Ok(Return { known_request: true, ..known })
}

/// The form, before anything is looked up.
fn form(request: &RequestRequest) -> Result<(), Fault> {
    if request.lines.is_empty() || request.lines.len() > LINES_MAX {
        return Err(field("lines", "COUNT", "1 to 100 lines"));
    }
    if request.parcels.len() > PARCELS_MAX {
        return Err(field("parcels", "TOO_MANY", "at most 10 parcels"));
    }
    if request.note.chars().count() > checks::NOTE_MAX {
        return Err(field("note", "TOO_LONG", "at most 1 000 characters"));
    }
    if let Some(point) = &request.drop_off {
        checks::point("drop_off", point)?;
    }
    let mut seen = BTreeSet::new();
    for (at, line) in request.lines.iter().enumerate() {
        let path = |name: &str| format!("lines[{at}].{name}");
        let number = words::line(line.line);
        if !number.is_some_and(|number| seen.insert(number)) {
            return Err(field(path("line"), "TWICE", "each line of the order at most once"));
        }
        if line.units == 0 {
            return Err(field(path("units"), "ZERO", "at least one unit"));
        }
        if !request.withdrawal && line.reason.is_empty() {
            return Err(field(path("reason"), "MISSING", "a reason, unless it is a withdrawal"));
        }
        if !line.reason.is_empty() {
            checks::code(&path("reason"), &line.reason)?;
        }
        if words::outcome_of(line.outcome).is_none() {
            return Err(field(path("outcome"), "UNKNOWN", "refund, credit or exchange"));
        }
        for answer in &line.answers {
            checks::code(&path("answers"), &answer.question)?;
            if answer.text.chars().count() > ANSWER_MAX {
                return Err(field(path("answers"), "TOO_LONG", "at most 500 characters"));
            }
        }
    }
    Ok(())
}

async fn seal(
    shell: &Shell<Returns>,
    tenant: TenantId,
    subject: Uuid,
    request: &RequestRequest,
) -> Result<Sealed, Fault> {
    let mut sealed = Sealed::default();
    let peers = &shell.state.peers;
    if !request.note.is_empty() {
        let id = DocumentId::generate();
        let bytes = request.note.clone().into_bytes();
        vault::seal(peers, tenant, subject, id, "text/plain", bytes).await?;
        sealed.note = Some(id.to_uuid());
    }
    for line in request.lines.iter().filter(|line| !line.answers.is_empty()) {
        let all: BTreeMap<&str, &str> =
            line.answers.iter().map(|a| (a.question.as_str(), a.text.as_str())).collect();
        let bytes = serde_json::to_vec(&all).map_err(Fault::bug)?;
        let id = DocumentId::generate();
        vault::seal(peers, tenant, subject, id, "application/json", bytes).await?;
        sealed.answers.insert(line.line, id.to_uuid());
    }
    Ok(sealed)
}

async fn begin(cx: &mut Cx<Returns>, new: New<'_>) -> Result<(), Fault> {
    let (now, state) = (cx.now(), cx.state());
    let tenant = new.tenant.to_uuid();
    let rules = open::rules(cx.db(), &state, tenant).await?;
    let facts = new.known.facts(&rules)?;
    let photos = rest::photos(cx.db(), tenant, new.known.sale.order_id).await?;
    let offered = agree::offers(&new, &rules, now)?;
    for (at, line) in offered.iter().enumerate() {
        agree::photos_there(&new, at, line, &photos)?;
    }
    let exposure = cases::exposure(cx.db(), tenant, new.known.sale.subject_ref).await?;
    let terms = agree::terms(&offered, &rules, exposure);
    // Read under the lock of the order, see where declarations are kept.
    let declared = declarations::of(cx.db(), tenant, new.known.sale.shipment_id).await?;
    let about = agree::about(&new, &offered, &rules, declared);
    let parcels = agree::parcels(new.request, &offered)?;
    let row = Row {
        return_id: new.id.to_uuid(),
        ord: 0,
        tenant_id: tenant,
        order_id: new.known.sale.order_id,
        state: String::new(),
        version: 0,
        terms: Json(terms.clone()),
        facts: Json(facts.clone()),
        about: Json(about),
        attention: Vec::new(),
        told: String::new(),
        decision: None,
        note_id: new.sealed.note,
        explanation_id: None,
        requested_at: now,
    };
    let summary = Summary { state: "open", ..Summary::default() };
    cases::insert(cx.db(), &row, &summary, now).await?;
    let asked: Vec<Uuid> = offered
        .iter()
        .flat_map(|line| checks::photos("", &line.asked.photo_ids))
        .flatten()
        .collect();
    let again = rest::bind_photos(cx.db(), tenant, row.return_id, &asked).await?;
    if row.about.way_back != WayBack::Own {
        labels::want(cx.db(), tenant, row.return_id, &parcels).await?;
    }
    let teller = Teller::new(&row, now, new.known.sale.site_id);
    teller.requested(cx);
    if !terms.validate_first {
        teller.approved_by_rule(cx);
    }
    let case = Case::new(terms, Some(facts));
    let mut open = Open::new(cx.db(), &state, row, new.known.sale.clone(), case).await?;
    advise(&mut open, &new, &offered, now)?;
    signals(cx, &mut open, again, now).await?;
    open.actor = if new.buyer { "buyer".to_owned() } else { "operator".to_owned() };
    open.finish(cx).await
}

fn advise(
    open: &mut Open,
    new: &New<'_>,
    offered: &[Offered<'_>],
    now: OffsetDateTime,
) -> Result<(), Fault> {
    for (at, line) in offered.iter().enumerate() {
        let key = |part: &str| words::key(&[ROUTE, &new.request.request_id, part, &at.to_string()]);
        let (number, units) = (line.number, line.asked.units);
        let path = format!("lines[{at}].units");
        let action = Action::Advise { line: number, units };
        open.must(key("advise"), now, new.actor, action, &path)?;
        if line.asked.keep {
            let action = Action::Keep { line: number, units };
            open.must(key("keep"), now, new.actor, action, &format!("lines[{at}].keep"))?;
        }
    }
    Ok(())
}

/// What is measured when a return begins. Nothing of it refuses.
async fn signals(
    cx: &mut Cx<Returns>,
    open: &mut Open,
    photos_again: i64,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    if photos_again > 0 {
        let evidence = BTreeMap::from([("photos".to_owned(), photos_again)]);
        let signal = Signal { code: "F15".to_owned(), at: now, evidence, explained: false };
        open.signal(cx, signal).await?;
    }
    let (tenant, subject) = (open.row.tenant_id, open.sale.subject_ref);
    let (returned, bought, orders) = list::share(cx.db(), tenant, subject).await?;
    let settings = &open.rules.settings;
    let share = settings.limits.share(returned, bought, orders, settings.peers_p99_per_mille, now);
    if let Some(signal) = share {
        open.signal(cx, signal).await?;
    }
    Ok(())
}
