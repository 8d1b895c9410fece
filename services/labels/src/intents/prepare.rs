//! Everything of a purchase that can fail without spending money, for a wave at once: one read, one
//! opening of addresses per tenant, one opening per account and minute.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use colibri_carrier_client::{AccountFacts, AccountHandle, CallError, First, OpenError};
use colibri_carriers::{Contact, Shipment};
use colibri_events::vault::v1::{Field, FieldValue, Flow};
use colibri_kit::{
    fault::{Fault, chain},
    intent::Intent,
};
use colibri_types::{AccountId, ShipmentId, TenantId};
use colibri_vault_client::{ADDRESS, OpenedByTenant};
use uuid::Uuid;

use crate::{
    Labels,
    domain::{
        self, Facts, State,
        build::{self, Parts},
        options,
    },
    error::{codes, gone, not_opened, not_prepared, rejected},
    store::read::{self, Loaded},
};

/// A purchase that only needs to be sent.
#[derive(Debug)]
pub struct Prepared {
    /// Account.
    pub handle: Arc<AccountHandle>,
    /// First request.
    pub first: First,
    /// What it buys.
    pub shipment: Shipment,
    /// What is known of it without a person.
    pub attempted: Attempted,
}

/// An attempt to buy, without personal data.
#[derive(Debug, Clone)]
pub struct Attempted {
    /// The shipment.
    pub shipment_id: ShipmentId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// What it is bought by.
    pub facts: Facts,
    /// Its version.
    pub version: u64,
    /// Which claim of the intent.
    pub attempt: i32,
    /// What the carrier may be asked for.
    pub attempt_ref: String,
}

impl Attempted {
    /// Whether it is a label for the way back.
    #[must_use]
    pub fn way_back(&self) -> bool {
        self.facts.request.as_ref().is_some_and(|request| request.way_back)
    }
}

/// Shows on a shipment that is waiting why it does not go on: the carrier refuses the account, and
/// only a person can change that. Nothing depends on it.
pub async fn show_account(state: &Labels, shipment_id: ShipmentId) {
    let shown = sqlx::query(
        "update labels.shipment set code = $2
          where shipment_id = $1 and state = 'buying' and code is distinct from $2",
    )
    .bind(shipment_id.to_uuid())
    .bind(codes::ACCOUNT)
    .execute(&state.db.log)
    .await;
    if let Err(cause) = shown {
        tracing::debug!(%cause, "why {shipment_id} waits is not shown");
    }
}

/// Version of the order that an intent buys.
pub fn version_of(intent: &Intent) -> Result<u64, Fault> {
    let text = std::str::from_utf8(&intent.request).map_err(Fault::bug)?;
    text.parse().map_err(Fault::bug)
}

/// An intent whose shipment may be bought, with what was opened for it.
struct Candidate {
    loaded: Loaded,
    version: u64,
    address_ref: String,
    subject_ref: String,
    account: AccountFacts,
}

/// One result per intent, in order.
pub async fn wave(state: &Labels, intents: &[Intent]) -> Vec<Result<Prepared, Fault>> {
    let mut loaded = match read::load(&state.db.log, intents).await {
        Ok(loaded) => loaded,
        Err(fault) => return all_later(intents, &chain(&fault)),
    };
    let mut candidates = Vec::with_capacity(intents.len());
    for intent in intents {
        let one = candidate(state, intent, loaded.remove(&intent.id)).await;
        candidates.push(one);
    }
    if let Err(fault) = no_longer_in_doubt(state, &candidates).await {
        return all_later(intents, &chain(&fault));
    }
    let handles = open_accounts(state, &candidates).await;
    let addresses = open_addresses(state, &candidates).await;
    let mut wave = Vec::with_capacity(intents.len());
    for (intent, candidate) in intents.iter().zip(candidates) {
        wave.push(match candidate {
            Ok(candidate) => build_one(state, intent, candidate, &handles, &addresses).await,
            Err(fault) => Err(fault),
        });
    }
    wave
}

/// Nothing could be read: the whole wave comes again.
pub fn all_later<T>(intents: &[Intent], why: &str) -> Vec<Result<T, Fault>> {
    intents.iter().map(|_| Err(Fault::retry(why.to_owned()))).collect()
}

/// Looks at the shipment again, now that its turn has come.
async fn candidate(
    state: &Labels,
    intent: &Intent,
    loaded: Option<Loaded>,
) -> Result<Candidate, Fault> {
    let loaded = loaded.ok_or_else(|| Fault::bug("an intent without its shipment"))?;
    let version = version_of(intent)?;
    let wanted = matches!(loaded.shipment.state, State::Buying | State::InDoubt);
    if !wanted || loaded.shipment.facts.complete() != Some(version) {
        return Err(Fault::reject(codes::SUPERSEDED, "changed or cancelled meanwhile"));
    }
    let facts = &loaded.shipment.facts;
    let (request, offer) = facts
        .of_version(version)
        .ok_or_else(|| Fault::bug("a complete shipment lacks its facts"))?;
    let subject_ref = request.subject_ref.clone();
    let address_ref = loaded
        .address_ref
        .clone()
        .ok_or_else(|| Fault::retry("the site of the shipment was not heard of yet"))?;
    let account = match &loaded.account {
        Some(account) => account.clone(),
        None => {
            let bad = |_| rejected("account_id", "is no account");
            let account = offer.account_id.parse::<AccountId>().map_err(bad)?;
            let told = state.carriers.resolve(loaded.shipment.tenant_id, account).await;
            told.map_err(|error| not_opened(&error))?
        }
    };
    if account.carrier != offer.carrier {
        return Err(Fault::reject(codes::ACCOUNT, "the account is of another carrier"));
    }
    Ok(Candidate { loaded, version, address_ref, subject_ref, account })
}

/// A claimed intent is in doubt no longer: a lookup or a person said that nothing was bought.
async fn no_longer_in_doubt(
    state: &Labels,
    candidates: &[Result<Candidate, Fault>],
) -> Result<(), Fault> {
    let doubts = candidates.iter().flatten().map(|c| &c.loaded.shipment);
    let doubts = doubts.filter(|s| s.state == State::InDoubt);
    let ids: Vec<Uuid> = doubts.map(|s| s.shipment_id.to_uuid()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update labels.shipment set state = 'buying', code = null
          where shipment_id = any($1) and state = 'in_doubt'",
    )
    .bind(ids)
    .execute(&state.db.log)
    .await?;
    Ok(())
}

type Handles = HashMap<(TenantId, AccountId), Result<Arc<AccountHandle>, OpenError>>;

async fn open_accounts(state: &Labels, candidates: &[Result<Candidate, Fault>]) -> Handles {
    let mut handles = Handles::new();
    for candidate in candidates.iter().flatten() {
        let key = (candidate.account.tenant_id, candidate.account.account_id);
        if let Entry::Vacant(place) = handles.entry(key) {
            place.insert(state.carriers.account_of(&candidate.account).await);
        }
    }
    handles
}

async fn open_addresses(state: &Labels, candidates: &[Result<Candidate, Fault>]) -> OpenedByTenant {
    let mut wanted = Vec::with_capacity(candidates.len());
    for candidate in candidates.iter().flatten() {
        let tenant = candidate.loaded.shipment.tenant_id;
        wanted.push((tenant, candidate.subject_ref.clone()));
        if state.sites.get(tenant, &candidate.address_ref).is_none() {
            wanted.push((tenant, candidate.address_ref.clone()));
        }
    }
    let fields = [ADDRESS, &[Field::OrderNumber, Field::SafePlace]].concat();
    state.vault.reveal_each(Flow::LabelPurchase, &fields, wanted).await
}

fn sender(
    state: &Labels,
    addresses: &OpenedByTenant,
    tenant: TenantId,
    address_ref: &str,
) -> Result<Contact, Fault> {
    if let Some(kept) = state.sites.get(tenant, address_ref) {
        return Ok(kept);
    }
    let fields = addresses.of(tenant)?.record(address_ref)?.ok_or_else(gone)?;
    let contact = build::contact(fields);
    state.sites.keep(tenant, address_ref, contact.clone());
    Ok(contact)
}

async fn build_one(
    state: &Labels,
    intent: &Intent,
    candidate: Candidate,
    handles: &Handles,
    addresses: &OpenedByTenant,
) -> Result<Prepared, Fault> {
    let Candidate { loaded, version, address_ref, subject_ref, account } = candidate;
    let handle = match handles.get(&(account.tenant_id, account.account_id)) {
        Some(Ok(handle)) => handle.clone(),
        Some(Err(error)) => return Err(not_opened(error)),
        None => return Err(Fault::bug("an account that was not opened")),
    };
    let tenant = loaded.shipment.tenant_id;
    let fields = addresses.of(tenant)?.record(&subject_ref)?.ok_or_else(gone)?;
    let site = sender(state, addresses, tenant, &address_ref)?;
    let opened = Opened { handle, site, fields };
    request(state, intent, loaded.shipment, version, opened).await
}

/// What was opened for a purchase.
pub struct Opened<'a> {
    /// Account.
    pub handle: Arc<AccountHandle>,
    /// The site's address.
    pub site: Contact,
    /// The person's record.
    pub fields: &'a [FieldValue],
}

/// Builds the request. Nothing but a login is sent.
///
/// # Errors
/// [`Fault::Reject`] with the field that the carrier cannot take; [`Fault::Retry`] when the account
/// cannot be used now.
pub async fn request(
    state: &Labels,
    intent: &Intent,
    shipment: domain::Shipment,
    version: u64,
    opened: Opened<'_>,
) -> Result<Prepared, Fault> {
    let Opened { handle, site, fields } = opened;
    let way_back = shipment.facts.request.as_ref().is_some_and(|r| r.way_back);
    let Some(labels) = options::seller(handle.carrier, way_back) else {
        return Err(Fault::reject(codes::NOT_OFFERED, "this carrier sells no such labels here"));
    };
    let domain::Shipment { shipment_id, tenant_id, facts, .. } = shipment;
    let attempt_ref = intent.reference();
    let shipment = {
        let person = build::contact(fields);
        let (sender, recipient) = if way_back { (person, site) } else { (site, person) };
        let (request, offer) = facts
            .of_version(version)
            .ok_or_else(|| Fault::bug("a complete shipment lacks its facts"))?;
        let info = handle.carrier.info();
        let parts = Parts {
            request,
            offer,
            declared: facts.ready(version),
            shipment_id,
            attempt_ref: attempt_ref.clone(),
            format: build::format(state.config.format_of(info.id), info.formats)
                .ok_or_else(|| rejected("format", "this carrier sells no label files"))?,
            now: state.carriers.now(),
            goods: &state.config.goods,
            sides: state.config.box_mm.0,
        };
        let built = build::shipment(&parts, sender, recipient, build::Words::of(fields))
            .and_then(|shipment| options::sold(info, &shipment.options).map(|()| shipment));
        built.map_err(|no| rejected(no.field, &no.reason))?
    };
    let first = state.carriers.first(&handle, |call| labels.request(call, &shipment)).await;
    if matches!(first, Err(CallError::Unauthorised { .. })) {
        show_account(state, shipment_id).await;
    }
    let first = first.map_err(not_prepared)?;
    let attempt = intent.attempt;
    let attempted = Attempted { shipment_id, tenant_id, facts, version, attempt, attempt_ref };
    Ok(Prepared { handle, first, shipment, attempted })
}
