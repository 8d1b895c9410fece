//! What a person decides: voids, and purchases in doubt.

use std::collections::HashSet;

use colibri_carriers::{Label, Purchase};
use colibri_events::labels::v1::{
    FoundParcels, SettleRequest, Shipment as Shown, VoidRequest, settle_request::Decision,
};
use colibri_kit::{
    fault::Fault,
    intent::{self, IntentState},
    service::{Cx, Shell},
};
use colibri_types::{ShipmentId, TenantId};
use sqlx::Row as _;
use tracing::info;

use super::{shipment_id, show, unknown, wait};
use crate::{
    Labels,
    domain::{
        Shipment, State,
        build::{self, Parts},
    },
    error::codes,
    handlers::intend,
    intents::{
        self,
        prepare::Attempted,
        purchase::{Bought, file},
        record::{self, Refusal},
        seal::{self, Sealed},
    },
    store::{
        read::Which,
        reference,
        shipments::{self, Said},
    },
};

/// Longest tracking number that is believed; real ones have up to 35 characters.
const NUMBER_MAX: usize = 50;
/// Longest reason.
const REASON_MAX: usize = 500;

/// Voids, and waits for the carrier's word.
pub async fn void(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: VoidRequest,
) -> Result<Shown, Fault> {
    let id = shipment_id(&request.shipment_id)?;
    let mut cx = shell.begin(tenant).await?;
    let found = shipments::lock_one(cx.db(), id, tenant).await?;
    let mut shipment = found.ok_or_else(unknown)?;
    match shipment.state {
        State::Bought => {
            let Some(work) = shipment.void() else {
                let text = "the carrier offers no void";
                return Err(Fault::failed_precondition(codes::NO_VOID, text));
            };
            intend(&mut cx, &shipment, work);
            let now = cx.now();
            shipments::save(cx.db(), &[&shipment], now).await?;
            cx.commit().await?;
        }
        State::Voiding | State::Voided => cx.rollback().await,
        state => {
            let text = format!("only a bought label can be voided, this one is {}", state.as_str());
            return Err(Fault::failed_precondition(codes::STATE, text));
        }
    }
    wait::settled(shell, tenant, id).await
}

/// A purchase in doubt, as a person finds it.
struct Doubt {
    shipment: Shipment,
    attempt: i32,
    attempt_ref: String,
}

/// Takes a person's decision about a purchase in doubt, and journals it with the reason.
pub async fn settle(
    shell: &Shell<Labels>,
    tenant: TenantId,
    actor: &str,
    request: SettleRequest,
) -> Result<Shown, Fault> {
    let id = shipment_id(&request.shipment_id)?;
    let reason = request.reason.trim();
    if !(1..=REASON_MAX).contains(&reason.chars().count()) {
        return Err(field("reason", "LENGTH", "who checked what, 1 to 500 characters"));
    }
    let decision = request.decision.ok_or_else(|| {
        field("decision", "MISSING", "bought_as, bought_as_parcels, not_bought or give_up")
    })?;
    let bought = match &decision {
        Decision::BoughtAs(number) => {
            let one = FoundParcels { tracking_numbers: vec![number.clone()], ..Default::default() };
            Some(found_by_hand(shell, tenant, id, "bought_as", one).await?)
        }
        Decision::BoughtAsParcels(found) => {
            Some(found_by_hand(shell, tenant, id, "bought_as_parcels", found.clone()).await?)
        }
        Decision::NotBought(true) | Decision::GiveUp(true) => None,
        Decision::NotBought(false) | Decision::GiveUp(false) => {
            return Err(field("decision", "MISSING", "say true or choose another"));
        }
    };
    let mut cx = shell.begin(tenant).await?;
    let doubt = doubt(&mut cx, tenant, id).await?;
    let (word, to) = match &decision {
        Decision::BoughtAs(_) | Decision::BoughtAsParcels(_) => ("bought", IntentState::Done),
        Decision::NotBought(_) => ("not_bought", IntentState::Ready),
        Decision::GiveUp(_) => ("give_up", IntentState::Failed),
    };
    let evidence = serde_json::json!({ "settled_by": "a person", "decision": word });
    let key = id.to_string();
    let kind = intents::PURCHASE;
    if !intent::settle_in_doubt(cx.db(), "labels", kind, &key, to, &evidence).await? {
        return Err(not_in_doubt());
    }
    journal(&mut cx, tenant, id, word, reason, actor).await?;
    let now = cx.now();
    match (decision, bought) {
        (_, Some(bought)) => record::bought(&mut cx, &bought).await?,
        (Decision::NotBought(_), _) => {
            shipments::mark(cx.db(), id, State::Buying, &Said::default(), now).await?;
        }
        _ => {
            let no = Refusal { code: codes::CLOSED, carrier_code: None, field: None, reason: None };
            record::close(&mut cx, doubt.shipment, &no, &doubt.attempt_ref).await?;
        }
    }
    info!(shipment = %id, decision = word, "doubt about {id} settled by a person: {word}");
    let shown = show(&mut cx, tenant, Which::Id(id)).await?;
    cx.commit().await?;
    Ok(shown)
}

fn field(path: &str, code: &str, text: &str) -> Fault {
    Fault::reject(codes::FIELD, "the decision has fields that cannot be taken")
        .field(path, code, text)
}

fn not_in_doubt() -> Fault {
    Fault::failed_precondition(codes::NOT_IN_DOUBT, "the shipment is not in doubt")
}

async fn doubt(cx: &mut Cx<Labels>, tenant: TenantId, id: ShipmentId) -> Result<Doubt, Fault> {
    let shipment = shipments::lock_one(cx.db(), id, tenant).await?.ok_or_else(unknown)?;
    if shipment.state != State::InDoubt {
        return Err(not_in_doubt());
    }
    let row = sqlx::query(
        "select i.attempt, s.attempt_ref
           from labels.shipment s
           join labels.intent i
             on i.tenant_id = s.tenant_id and i.kind = $3
            and i.dedupe = $4 || ':' || s.version::text
          where s.shipment_id = $1 and s.tenant_id = $2",
    )
    .bind(id.to_uuid())
    .bind(tenant.to_uuid())
    .bind(intents::PURCHASE)
    .bind(id.to_string())
    .fetch_optional(cx.db())
    .await?
    .ok_or_else(|| Fault::bug("a doubt without its intent"))?;
    let attempt_ref: Option<String> = row.try_get("attempt_ref")?;
    let attempt = row.try_get("attempt")?;
    Ok(Doubt { shipment, attempt, attempt_ref: attempt_ref.unwrap_or_default() })
}

/// A number that a carrier may have given.
fn believable(number: &str) -> bool {
    (1..=NUMBER_MAX).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Each parcel has a number of its own, and the whole may have another.
fn check_found(path: &str, found: &FoundParcels, parcels: usize) -> Result<(), Fault> {
    let numbers = &found.tracking_numbers;
    if !numbers.iter().all(|number| believable(number)) {
        return Err(field(path, "MALFORMED", "1 to 50 letters and digits"));
    }
    let whole = &found.shipment_number;
    // Track ids of several parcels, source before a number.
    let plain = |b: u8| b.is_ascii_alphanumeric() || b",:".contains(&b);
    if whole.len() > NUMBER_MAX * parcels.max(1) || !whole.bytes().all(plain) {
        let text = "letters and digits";
        return Err(field(&format!("{path}.shipment_number"), "MALFORMED", text));
    }
    let distinct: HashSet<&String> = numbers.iter().collect();
    if numbers.len() != parcels || distinct.len() != parcels {
        let text = format!("a number of its own for each of {parcels} parcels");
        return Err(field(path, "COUNT", &text));
    }
    Ok(())
}

/// What a person found at the carrier: its numbers are sealed, and its labels asked for again where
/// the carrier allows that. Without them the purchase has no documents.
async fn found_by_hand(
    shell: &Shell<Labels>,
    tenant: TenantId,
    id: ShipmentId,
    path: &str,
    found: FoundParcels,
) -> Result<Bought, Fault> {
    let state = &shell.state;
    let mut cx = shell.begin(tenant).await?;
    let doubt = doubt(&mut cx, tenant, id).await?;
    let (facts, version) = (doubt.shipment.facts, doubt.shipment.version);
    let Some((request, offer)) = facts.of_version(version) else {
        let text = "the order went on meanwhile: give up or buy again";
        return Err(Fault::failed_precondition(codes::STATE, text));
    };
    check_found(path, &found, request.parcels.len())?;
    let account = match offer.account_id.parse() {
        Ok(account) => reference::find_account(cx.db(), account, tenant).await?,
        Err(_) => None,
    };
    cx.rollback().await;
    let carrier = colibri_carriers::by_id(&offer.carrier);
    let info = carrier.map(colibri_carriers::Carrier::info);
    let format = info.and_then(|i| build::format(state.config.format_of(i.id), i.formats));
    let parts = Parts {
        request,
        offer,
        declared: None,
        shipment_id: id,
        attempt_ref: doubt.attempt_ref.clone(),
        format: format.ok_or_else(|| Fault::bug("a doubt at an unknown carrier"))?,
        now: state.carriers.now(),
        goods: "",
        sides: None,
    };
    let question = build::question(&parts, build::ship_date(parts.now));
    let opened = match &account {
        Some(account) => state.carriers.account_of(account).await.ok(),
        None => None,
    };
    let mut labels = Vec::with_capacity(found.tracking_numbers.len());
    for number in &found.tracking_numbers {
        let again = match &opened {
            Some(handle) => file(state, handle, request.way_back, &question, number).await,
            None => None,
        };
        labels.push(again.unwrap_or_else(|| Label {
            tracking_number: number.clone(),
            format: question.format,
            data: bytes::Bytes::new(),
        }));
    }
    let first = found.tracking_numbers.into_iter().next().unwrap_or_default();
    let shipment_number =
        if found.shipment_number.is_empty() { first } else { found.shipment_number };
    let sale = Purchase { shipment_number, labels, charge: None };
    let (attempt, attempt_ref) = (doubt.attempt, doubt.attempt_ref);
    let attempted =
        Attempted { shipment_id: id, tenant_id: tenant, facts, version, attempt, attempt_ref };
    let bought = Bought { attempted, sale, sealed: Sealed::default() };
    seal::one_tenant(state, tenant, &[&bought]).await?;
    Ok(bought)
}

async fn journal(
    cx: &mut Cx<Labels>,
    tenant: TenantId,
    id: ShipmentId,
    decision: &str,
    reason: &str,
    actor: &str,
) -> Result<(), Fault> {
    let now = cx.now();
    sqlx::query(
        "insert into labels.decision (tenant_id, shipment_id, decision, reason, actor, at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tenant.to_uuid())
    .bind(id.to_uuid())
    .bind(decision)
    .bind(reason)
    .bind(actor)
    .bind(now)
    .execute(cx.db())
    .await?;
    Ok(())
}
