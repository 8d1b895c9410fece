//! Collections and closed days: asked of a carrier at most once.
//!
//! A lost answer leaves a doubt that a person settles: a driver may come, a day may be closed. A
//! cancellation spends nothing, so it is asked for again, as voids are.

use std::sync::{Arc, Mutex, PoisonError};

use colibri_carrier_client::{AccountHandle, First};
use colibri_carriers::{
    Manifest as Made, ManifestRequest, Pickup as Confirmed, PickupRequest, Rejection, Step,
};
use colibri_events::{
    labels::v1::{ErrandState, Pickup},
    vault::v1::{Document, Field, Flow},
};
use colibri_kit::{
    fault::{Fault, codes as kit_codes},
    intent::{Attempt, Intent, Outcome, Resolution, Worker, WorkerOptions},
    service::Cx,
};
use colibri_types::{ManifestId, TenantId};
use tracing::warn;
use uuid::Uuid;

use super::{
    errand_build as build,
    errand_record::{Change, apply, closed, refused},
};
use crate::{
    Labels,
    domain::ids,
    error::{Ended, codes, not_opened, not_prepared, rejected_part},
    grpc::ask,
    store::{errands, reference},
};

/// What an intent asks for.
pub const ASK: &str = "ask";
/// What an intent calls off.
pub const CANCEL: &str = "cancel";

/// The worker.
#[derive(Debug)]
pub struct Errand;

/// What is asked of the carrier.
#[derive(Debug)]
pub enum Job {
    /// Collect.
    Book(PickupRequest),
    /// Do not collect.
    Cancel(Confirmed),
    /// Close the day.
    Close(ManifestRequest),
}

/// An errand that only needs to be sent.
#[derive(Debug)]
pub struct Prepared {
    handle: Arc<AccountHandle>,
    first: First,
    job: Job,
    owner_ref: String,
}

/// What a carrier said.
#[derive(Debug)]
pub enum Output {
    /// A driver comes.
    Booked(Confirmed),
    /// Nobody comes.
    Cancelled,
    /// The day is closed.
    Closed {
        /// Number and paper.
        made: Made,
        /// Whose key seals the paper: the site's.
        owner_ref: String,
        /// Whether the paper is in the vault.
        sealed: Mutex<bool>,
    },
    /// A definite no.
    Refused {
        /// The carrier's code.
        carrier_code: String,
    },
}

/// The errand of an intent.
pub fn id_of(intent: &Intent) -> Result<Uuid, Fault> {
    intent.key.parse().map_err(Fault::bug)
}

async fn prepare(state: &Labels, intent: &Intent) -> Result<Prepared, Fault> {
    let tenant = TenantId::from_uuid(intent.tenant_id);
    let mut db = state.db.log.acquire().await?;
    let row = errands::find(&mut db, id_of(intent)?, tenant).await?;
    let row = row.ok_or_else(|| Fault::bug("an intent without its errand"))?;
    let cancels = &intent.request[..] == CANCEL.as_bytes();
    let wanted = if cancels { ErrandState::Cancelling } else { ErrandState::Asking };
    if row.state != wanted {
        return Err(Fault::reject(codes::SUPERSEDED, "changed meanwhile"));
    }
    let account = reference::find_account(&mut db, row.account_id, tenant).await?;
    let site = reference::find_site(&mut db, row.site_id, tenant).await?;
    let parcels = build::parcels(&mut db, &row).await?;
    drop(db);
    let (Some(account), Some(site)) = (account, site) else {
        return Err(Fault::reject(codes::ACCOUNT, "its account or site is gone"));
    };
    let handle = state.carriers.account_of(&account).await.map_err(|error| not_opened(&error))?;
    let job = if cancels {
        Job::Cancel(build::confirmed(&row)?)
    } else {
        let address = ask::site(state, tenant, &site.address_ref).await?;
        let refs: Vec<String> = parcels.iter().map(ToString::to_string).collect();
        let fields = [Field::TrackingNumber];
        let opened = state.vault.reveal(tenant, Flow::ManifestClose, &fields, refs).await?;
        let numbers = build::numbers(&parcels, &opened)?;
        build::job(&row, intent.reference(), address, numbers)?
    };
    let first = state.carriers.first(&handle, |call| request(&handle, &job, call)).await;
    let first = first.map_err(not_prepared)?;
    Ok(Prepared { handle, first, job, owner_ref: site.address_ref })
}

/// The first request of a job; a carrier that cannot be asked rejects it.
fn request(
    handle: &AccountHandle,
    job: &Job,
    call: &colibri_carriers::Call<'_>,
) -> Result<colibri_carriers::HttpRequest, Rejection> {
    let none = || Rejection::new("account_id", "the carrier does not offer it");
    let pickups = || handle.carrier.pickups().ok_or_else(none);
    match job {
        Job::Book(asked) => pickups()?.request(call, asked),
        Job::Cancel(confirmed) => {
            let cancels = pickups()?.cancellation().ok_or_else(none)?;
            Ok(cancels.request(call, confirmed))
        }
        Job::Close(asked) => handle.carrier.manifests().ok_or_else(none)?.request(call, asked),
    }
}

/// What the carrier's answer to a job means.
fn response(
    prepared: (&AccountHandle, &Job, &str),
    answer: &colibri_carriers::HttpResponse,
) -> Result<Step<Output>, colibri_carriers::CarrierError> {
    let (handle, job, owner_ref) = prepared;
    let none = || colibri_carriers::CarrierError::garbled("the carrier does not offer it");
    let step = |step: Step<Confirmed>| match step {
        Step::Next(next) => Step::Next(next),
        Step::Done(confirmed) => Step::Done(Output::Booked(confirmed)),
    };
    let pickups = || handle.carrier.pickups().ok_or_else(none);
    match job {
        Job::Book(asked) => pickups()?.response(answer, asked).map(step),
        Job::Cancel(_) => {
            let cancels = pickups()?.cancellation().ok_or_else(none)?;
            cancels.response(answer).map(|()| Step::Done(Output::Cancelled))
        }
        Job::Close(_) => match handle.carrier.manifests().ok_or_else(none)?.response(answer)? {
            Step::Next(next) => Ok(Step::Next(next)),
            Step::Done(made) => Ok(Step::Done(Output::Closed {
                made,
                owner_ref: owner_ref.to_owned(),
                sealed: Mutex::new(false),
            })),
        },
    }
}

impl Worker<Labels> for Errand {
    type Prepared = Prepared;
    type Output = Output;

    const KIND: &'static str = super::ERRAND;

    fn options(&self, state: &Labels) -> WorkerOptions {
        // A handful a day: more would only take connections from purchases.
        WorkerOptions { concurrency: 8, ..state.config.worker() }
    }

    async fn prepare(
        &self,
        state: &Arc<Labels>,
        intents: &[Intent],
    ) -> Vec<Result<Prepared, Fault>> {
        let mut wave = Vec::with_capacity(intents.len());
        for intent in intents {
            wave.push(prepare(state, intent).await);
        }
        wave
    }

    async fn call(&self, state: &Arc<Labels>, attempt: Attempt<Prepared>) -> Outcome<Output> {
        let Prepared { handle, first, job, owner_ref } = attempt.prepared;
        let answer = state
            .carriers
            .ask(
                &handle,
                first,
                |call| request(&handle, &job, call),
                |_, answer| response((&handle, &job, &owner_ref), answer),
                state.config.call_timeout(),
            )
            .await;
        let cancels = matches!(job, Job::Cancel(_));
        match answer {
            Ok(output) => Outcome::Known(output),
            Err(error) => match Ended::from(error) {
                Ended::Refused(carrier_code) => Outcome::Known(Output::Refused { carrier_code }),
                Ended::NotDone { after, code } => Outcome::NotDone { after, code },
                Ended::Unclear(_) if cancels => Outcome::NotDone { after: None, code: codes::BUSY },
                Ended::Unclear(reason) => {
                    warn!(intent = %attempt.intent.id, reason, "errand in doubt: {reason}");
                    Outcome::Unknown { code: codes::IN_DOUBT }
                }
            },
        }
    }

    async fn before_record(
        &self,
        state: &Arc<Labels>,
        outcomes: &[(Intent, Output)],
    ) -> Result<(), Fault> {
        for (intent, output) in outcomes {
            if let Output::Closed { made: Made { document: Some(paper), .. }, owner_ref, sealed } =
                output
            {
                let manifest = ManifestId::from_uuid(id_of(intent)?);
                let id = ids::paper(manifest).to_string();
                let document = Document {
                    document_id: id.clone(),
                    owner_ref: owner_ref.clone(),
                    media_type: paper.0.media_type().to_owned(),
                    data: paper.1.clone(),
                };
                let tenant = TenantId::from_uuid(intent.tenant_id);
                let done = state.vault.put_documents(tenant, vec![document]).await?;
                *sealed.lock().unwrap_or_else(PoisonError::into_inner) =
                    done.get(&id).is_some_and(|done| done.is_there());
            }
        }
        Ok(())
    }

    async fn record(
        &self,
        cx: &mut Cx<Labels>,
        intent: &Intent,
        output: &Output,
    ) -> Result<(), Fault> {
        match output {
            Output::Booked(confirmed) => {
                let shown = |pickup: &mut Pickup| {
                    pickup.confirmation.clone_from(&confirmed.confirmation);
                    pickup.day = Some(ask::wire_day(confirmed.date));
                };
                let change = Change { state: ErrandState::Done, ..Change::default() };
                let row = apply(cx, intent, &change, shown, |_| {}).await?;
                if let Some(mut row) = row {
                    row.location.clone_from(&confirmed.location);
                    let now = cx.now();
                    errands::save(cx.db(), &row, now).await?;
                }
                Ok(())
            }
            Output::Cancelled => {
                let change = Change { state: ErrandState::Cancelled, ..Change::default() };
                apply(cx, intent, &change, |_| {}, |_| {}).await.map(drop)
            }
            Output::Closed { made, sealed, .. } => {
                let sealed = *sealed.lock().unwrap_or_else(PoisonError::into_inner);
                closed(cx, intent, made, sealed).await
            }
            Output::Refused { carrier_code } => {
                let no = Change { code: codes::REFUSED, carrier_code, ..Change::refused() };
                refused(cx, intent, &no).await
            }
        }
    }

    async fn failed(
        &self,
        cx: &mut Cx<Labels>,
        intent: &Intent,
        code: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        if code == codes::SUPERSEDED {
            return Ok(());
        }
        warn!(intent = %intent.id, code, reason, "errand not done: {code}");
        let waited = [kit_codes::UNAVAILABLE, codes::BUSY].contains(&code);
        let (field, reason) = rejected_part(code, reason).unwrap_or_default();
        let code = if waited { codes::GIVEN_UP } else { code };
        refused(cx, intent, &Change { code, field, reason, ..Change::refused() }).await
    }

    async fn in_doubt(
        &self,
        cx: &mut Cx<Labels>,
        intent: &Intent,
        _code: &str,
    ) -> Result<(), Fault> {
        if &intent.request[..] == CANCEL.as_bytes() {
            return Ok(());
        }
        let state = ErrandState::InDoubt;
        let change = Change { state, code: codes::IN_DOUBT, ..Change::default() };
        apply(cx, intent, &change, |_| {}, |_| {}).await.map(drop)
    }

    async fn resolve(
        &self,
        _state: &Arc<Labels>,
        intent: &Intent,
    ) -> Result<Resolution<Output>, Fault> {
        // Nobody can be asked whether a driver comes; a cancellation is simply sent again.
        let cancels = &intent.request[..] == CANCEL.as_bytes();
        Ok(if cancels { Resolution::NotDone } else { Resolution::Unclear(None) })
    }
}
