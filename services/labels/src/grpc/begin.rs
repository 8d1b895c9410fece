//! The beginning of a purchase that a call waits for: shipment, intent and idempotency row in one
//! transaction. What the call brought along need not be opened again: where nothing else is missing
//! the request to the carrier is prepared first, and the intent is written as sent.

use colibri_carrier_client::AccountFacts;
use colibri_events::vault::v1::FieldValue;
use colibri_kit::{fault::Fault, intent::Ticket, service::Shell};
use colibri_types::{ShipmentId, TenantId};

use super::{back, once::Once, wait};
use crate::{
    Labels,
    domain::{Declared, Facts, Shipment, Work},
    handlers::{intend, intent_of},
    intents::prepare::{self, Opened, Prepared},
    store::{errands, reference::Site, shipments},
};

/// What a call knows of its purchase beside the facts.
pub struct AtHand {
    /// Where it leaves from.
    pub site: Site,
    /// Whose contract.
    pub account: AccountFacts,
    /// The recipient, as it was put into the vault.
    pub recipient: Vec<FieldValue>,
}

/// Begins, and waits for the first news.
pub async fn begin_and_wait(
    shell: &Shell<Labels>,
    tenant: TenantId,
    once: &Once,
    facts: Facts,
    at_hand: Option<AtHand>,
) -> Result<ShipmentId, Fault> {
    let shipment_id = ShipmentId::generate();
    let mut shipment = Shipment::unknown(shipment_id, tenant);
    shipment.hear(with_id(shipment_id, facts));
    let work = shipment.advance();
    let waiter = shell.state.waiters.join(shipment_id);
    let news = waiter.woken();
    tokio::pin!(news);
    // Before the shipment is there: what happens to it is not missed.
    news.as_mut().enable();
    let express = match (work, at_hand) {
        (Some(work), Some(at_hand)) => express(&shell.state, &shipment, work, at_hand).await,
        _ => None,
    };
    // A caller that goes away does not part the mark from its call.
    let begin = begin(shell.clone(), once.clone(), shipment, work, express);
    let own = shell.to_its_end(begin).await?;
    if own == shipment_id {
        wait::first_news(news).await;
    }
    Ok(own)
}

fn with_id(shipment_id: ShipmentId, mut facts: Facts) -> Facts {
    let id = shipment_id.to_string();
    if let Some(request) = &mut facts.request {
        request.shipment_id.clone_from(&id);
    }
    if let Some(offer) = &mut facts.offer {
        offer.shipment_id.clone_from(&id);
    }
    if let Some(Declared::Ready(ready)) = &mut facts.declared {
        ready.shipment_id = id;
    }
    facts
}

/// A place with the worker and the request it sends; none when anything is missing or refused: the
/// ordinary way finds the same, and says what it was.
async fn express(
    state: &Labels,
    shipment: &Shipment,
    work: Work,
    at_hand: AtHand,
) -> Option<(Ticket<Prepared>, Prepared)> {
    let Work::Purchase { version, .. } = work else { return None };
    let site = state.sites.get(shipment.tenant_id, &at_hand.site.address_ref)?;
    let handle = state.carriers.account_of(&at_hand.account).await.ok()?;
    let ticket = state.express.ticket(intent_of(shipment, work))?;
    let opened = Opened { handle, site, fields: &at_hand.recipient };
    let prepared =
        prepare::request(state, ticket.intent(), shipment.clone(), version, opened).await;
    Some((ticket, prepared.ok()?))
}

/// Of two calls with one request id the faster one's shipment.
async fn begin(
    shell: Shell<Labels>,
    once: Once,
    shipment: Shipment,
    work: Option<Work>,
    express: Option<(Ticket<Prepared>, Prepared)>,
) -> Result<ShipmentId, Fault> {
    let (shipment_id, tenant) = (shipment.shipment_id, shipment.tenant_id);
    let mut cx = shell.begin(tenant).await?;
    if !once.note(&mut cx, tenant, &shipment_id.to_string()).await? {
        return once.faster(cx, tenant).await;
    }
    let outbound = shipment.facts.request.as_ref().map(|r| r.outbound_shipment_id.parse());
    if let Some(Ok(outbound)) = outbound
        && let Err(refused) = back::counted(cx.db(), &shipment, outbound).await
    {
        cx.rollback().await;
        return Err(refused);
    }
    match (express, work) {
        (Some((ticket, prepared)), _) => cx.send(ticket, prepared),
        (None, Some(work)) => intend(&mut cx, &shipment, work),
        (None, None) => {}
    }
    let now = cx.now();
    shipments::add(cx.db(), &shipment, now).await?;
    if let Some(Ok(outbound)) = outbound {
        errands::note_way_back(cx.db(), tenant, shipment_id, outbound).await?;
    }
    cx.commit().await?;
    Ok(shipment_id)
}
