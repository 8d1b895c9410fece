//! Export declarations of several parcels, of which one does not leave: made anew for those that do, or
//! withdrawn where none is due for them. What was filed already has to be corrected where it was filed;
//! the event says which document that is. Nothing here talks to an authority.

use std::{collections::BTreeSet, time::Duration};

use colibri_customs_papers::data;
use colibri_customs_rules::assess::World;
use colibri_events::{
    customs::v1::{ExportChange, ExportDeclarationChanged},
    vault::v1::Document,
};
use colibri_kit::{
    fault::{Fault, chain},
    service::{Cx, Shell},
    shutdown::Shutdown,
    telemetry::metrics,
};
use colibri_vault_client::Sealing;
use tracing::{info, warn};
use uuid::Uuid;

use crate::{
    Customs,
    domain::export::{Due, due},
    intents::{
        leaving::{Covered, EXPORT},
        make::{Drawn, drawn},
    },
    store::{
        declarations::{self, Key, Row},
        export_records::{self as store, Outdated},
        timestamp,
    },
};

/// Declarations that are read at once; each is settled in a transaction of its own.
const AT_ONCE_MAX: i64 = 50;
/// Pause after a failure: the vault is away.
const FAILED_PAUSE: Duration = Duration::from_secs(10);

/// Looks until shutdown.
pub async fn run(shell: Shell<Customs>, shutdown: Shutdown) {
    let poll = Duration::from_millis(shell.state.config.recheck_poll_ms);
    while !shutdown.is_triggered() {
        let pause = match again(&shell).await {
            Ok(0) => poll,
            Ok(_) => continue,
            Err(fault) => {
                warn!(cause = %chain(&fault), "export declarations are not made anew");
                FAILED_PAUSE
            }
        };
        tokio::select! {
            () = shell.state.outdated.notified() => {}
            () = tokio::time::sleep(pause) => {}
            () = shutdown.triggered() => {}
        }
    }
}

/// Has outdated declarations looked at after the commit.
fn wake(cx: &mut Cx<Customs>) {
    let state = cx.state();
    cx.after_commit(move || state.outdated.notify_one());
}

/// Keeps the declaration that a parcel is covered by with others.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep(cx: &mut Cx<Customs>, one: &Covered) -> Result<(), Fault> {
    let now = cx.now();
    if store::put(cx.db(), (&one.group, one.seq), one.document, &one.covers, now).await? {
        wake(cx);
    }
    Ok(())
}

/// Removes shipments from those they count with; answers which of them counted with others.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn leave(cx: &mut Cx<Customs>, shipments: &[Uuid]) -> Result<BTreeSet<Uuid>, Fault> {
    let now = cx.now();
    let (gone, outdated) = store::leave(cx.db(), shipments, now).await?;
    if outdated > 0 {
        wake(cx);
    }
    Ok(gone)
}

/// Says that the export declaration of a shipment alone is not true any more.
pub fn off(cx: &mut Cx<Customs>, key: Key, document: String) {
    let event = ExportDeclarationChanged {
        shipment_id: key.shipment_id.to_string(),
        tenant_id: key.tenant_id.to_string(),
        withdrawn_document_id: document,
        change: ExportChange::NotDue.into(),
        at: Some(timestamp(cx.now())),
        ..ExportDeclarationChanged::default()
    };
    tell(cx, &event);
}

fn tell(cx: &mut Cx<Customs>, event: &ExportDeclarationChanged) {
    let fact = format!("{}:{}", event.withdrawn_document_id, event.document_id);
    cx.publish(event, &fact);
    let outcome = match event.change() {
        ExportChange::Replaced => "replaced",
        ExportChange::Lacking => "lacking",
        _ => "not_due",
    };
    metrics::counter("customs_export_changes_total", &[("outcome", outcome)]).inc();
}

async fn again(shell: &Shell<Customs>) -> Result<usize, Fault> {
    let mut cx = shell.begin_log().await?;
    let all = store::outdated(cx.db(), AT_ONCE_MAX).await?;
    let last = |one: &Outdated| one.members.last().map(|(id, _)| id.to_uuid());
    let ids: Vec<Uuid> = all.iter().filter_map(last).collect();
    let rows = declarations::find(cx.db(), &ids).await?;
    cx.rollback().await;
    if all.is_empty() {
        return Ok(0);
    }
    let book = shell.state.books.get().await?;
    for one in &all {
        let row = rows.iter().find(|row| Some(row.key.shipment_id.to_uuid()) == last(one));
        let (mut change, mut drawn) = anew(one, row, book.shipped.world())?;
        if let (Some(paper), Some(row)) = (&drawn, row)
            && !sealed(shell, row, paper).await?
        {
            (change, drawn) = (ExportChange::Lacking, None);
        }
        settle(shell, one, row, change, drawn).await?;
    }
    Ok(all.len())
}

/// What is due for those that still leave.
fn anew(
    one: &Outdated,
    row: Option<&Row>,
    world: World<'_>,
) -> Result<(ExportChange, Option<Drawn>), Fault> {
    let (Some((last, _)), Some(row)) = (one.members.last(), row) else {
        return Ok((ExportChange::NotDue, None));
    };
    let parcels: Vec<_> = one.members.iter().map(|(_, parcel)| parcel.clone()).collect();
    match due(*last, &parcels, world) {
        Due::Nothing(_) => Ok((ExportChange::NotDue, None)),
        Due::Unknown(_) | Due::Lacks(_) => Ok((ExportChange::Lacking, None)),
        Due::Record(record, _) => {
            let file = data(EXPORT, &record).map_err(Fault::bug)?;
            Ok((ExportChange::Replaced, Some(drawn((row.key, row.revision), file))))
        }
    }
}

/// Seals a declaration with the papers of the parcel that came last; `false`: nothing can be sealed for
/// its addressee any more.
async fn sealed(shell: &Shell<Customs>, row: &Row, drawn: &Drawn) -> Result<bool, Fault> {
    let id = drawn.paper.document_id.to_string();
    let document = Document {
        document_id: id.clone(),
        owner_ref: row.facts.request.as_ref().map(|r| r.subject_ref.clone()).unwrap_or_default(),
        media_type: drawn.paper.media_type.to_owned(),
        data: drawn.bytes.clone().into(),
    };
    let done = shell.state.vault.put_documents(row.key.tenant_id, vec![document]).await?;
    Ok(done.get(&id) == Some(&Sealing::Sealed))
}

/// Writes what became of a declaration, unless somebody came or left meanwhile: then it is looked at
/// again.
async fn settle(
    shell: &Shell<Customs>,
    one: &Outdated,
    row: Option<&Row>,
    change: ExportChange,
    drawn: Option<Drawn>,
) -> Result<(), Fault> {
    let mut cx = shell.begin_log().await?;
    // Declarations before the group: the order of everybody who locks both.
    let ids = one.left.iter().map(|id| id.to_uuid());
    let ids: Vec<Uuid> = ids.chain(row.map(|row| row.key.shipment_id.to_uuid())).collect();
    declarations::lock_known(cx.db(), &ids).await?;
    if !store::same(cx.db(), one).await? {
        cx.rollback().await;
        return Ok(());
    }
    let now = cx.now();
    if let (Some(drawn), Some(row)) = (&drawn, row) {
        declarations::add_papers(cx.db(), row, std::slice::from_ref(&drawn.paper), now).await?;
    }
    let document = drawn.map(|drawn| drawn.paper.document_id);
    let lacking = change == ExportChange::Lacking;
    store::settle(cx.db(), one, document, lacking, now).await?;
    let shipment = one.left.first().ok_or_else(|| Fault::bug("outdated by nobody"))?;
    let stays = one.members.iter().filter(|_| document.is_some());
    let event = ExportDeclarationChanged {
        shipment_id: shipment.to_string(),
        tenant_id: one.group.tenant.to_string(),
        withdrawn_document_id: one.document.to_string(),
        document_id: document.map(|id| id.to_string()).unwrap_or_default(),
        change: change.into(),
        covers: stays.map(|(id, _)| id.to_string()).collect(),
        at: Some(timestamp(now)),
    };
    tell(&mut cx, &event);
    cx.commit().await?;
    info!(document = %one.document, ?change, "an export declaration is not true any more");
    Ok(())
}
