//! The rows that handlers and workers move.

use colibri_events::{
    customs::v1::{DeclarationIncomplete, DeclarationReady},
    orders::v1::FulfilmentRequested,
    pricing::v1::OfferChosen,
};
use colibri_kit::fault::Fault;
use colibri_types::{AccountId, OrderId, ShipmentId, SiteId, TenantId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{encode, shipment, uuid, version};
use crate::domain::{Declared, Shipment, State};

/// Which shipment is meant, and of which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The shipment; first, because rows are locked in its order.
    pub shipment_id: ShipmentId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its order; `None`: bought without one.
    pub order_id: Option<OrderId>,
}

/// Makes rows that are missing and locks all of them, in the order of their ids: two transactions
/// that want the same rows never wait for each other in a circle.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lock(
    db: &mut PgConnection,
    keys: &[Key],
    now: OffsetDateTime,
) -> Result<Vec<Shipment>, Fault> {
    let ids: Vec<Uuid> = keys.iter().map(|key| key.shipment_id.to_uuid()).collect();
    sqlx::query(
        "insert into labels.shipment (shipment_id, tenant_id, order_id, updated_at)
         select shipment_id, tenant_id, order_id, $4
           from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k(shipment_id, tenant_id, order_id)
          order by shipment_id
         on conflict (shipment_id) do nothing",
    )
    .bind(&ids)
    .bind(keys.iter().map(|key| key.tenant_id.to_uuid()).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.order_id.map(OrderId::to_uuid)).collect::<Vec<_>>())
    .bind(now)
    .execute(&mut *db)
    .await?;
    let rows = sqlx::query(
        "select shipment_id, tenant_id, state, version, voids, request, offer, cancelled, code,
                declared, undeclared
           from labels.shipment where shipment_id = any($1) order by shipment_id for update",
    )
    .bind(&ids)
    .fetch_all(db)
    .await?;
    rows.iter().map(shipment).collect()
}

/// Writes a shipment that nobody knows yet and that has no order.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn add(
    db: &mut PgConnection,
    shipment: &Shipment,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let (request, offer) = (shipment.facts.request.as_ref(), shipment.facts.offer.as_ref());
    let buying = shipment.state == State::Buying;
    sqlx::query(
        "insert into labels.shipment (shipment_id, tenant_id, state, version, request, offer,
                account_id, site_id, carrier, buying_at, updated_at, declared, undeclared)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(shipment.shipment_id.to_uuid())
    .bind(shipment.tenant_id.to_uuid())
    .bind(shipment.state.as_str())
    .bind(version(shipment.version)?)
    .bind(encode(request))
    .bind(encode(offer))
    .bind(offer.and_then(|o| uuid(&o.account_id, AccountId::to_uuid)))
    .bind(request.and_then(|r| uuid(&r.site_id, SiteId::to_uuid)))
    .bind(offer.map(|o| o.carrier.as_str()))
    .bind(buying.then_some(now))
    .bind(now)
    .bind(encode(shipment.facts.declared.as_ref().and_then(ready)))
    .bind(encode(shipment.facts.declared.as_ref().and_then(lacks)))
    .execute(db)
    .await?;
    Ok(())
}

/// Locks one row of a tenant.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lock_one(
    db: &mut PgConnection,
    shipment_id: ShipmentId,
    tenant_id: TenantId,
) -> Result<Option<Shipment>, Fault> {
    let row = sqlx::query(
        "select shipment_id, tenant_id, state, version, voids, request, offer, cancelled, code,
                declared, undeclared
           from labels.shipment where shipment_id = $1 and tenant_id = $2 for update",
    )
    .bind(shipment_id.to_uuid())
    .bind(tenant_id.to_uuid())
    .fetch_optional(db)
    .await?;
    row.as_ref().map(shipment).transpose()
}

/// Ways back of a shipment that goods may travel under: all but those that were refused, called off or
/// are void.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn ways_back(
    db: &mut PgConnection,
    outbound: ShipmentId,
    tenant_id: TenantId,
) -> Result<Vec<Shipment>, Fault> {
    let rows = sqlx::query(
        "select s.shipment_id, s.tenant_id, state, version, voids, request, offer, cancelled, code,
                declared, undeclared
           from labels.way_back w join labels.shipment s using (shipment_id)
          where w.outbound_id = $1 and w.tenant_id = $2
            and s.state not in ('refused', 'cancelled', 'voided')",
    )
    .bind(outbound.to_uuid())
    .bind(tenant_id.to_uuid())
    .fetch_all(db)
    .await?;
    rows.iter().map(shipment).collect()
}

/// Writes shipments back. The codes of a carrier go with the public code that they explain.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn save(
    db: &mut PgConnection,
    shipments: &[&Shipment],
    now: OffsetDateTime,
) -> Result<(), Fault> {
    if shipments.is_empty() {
        return Ok(());
    }
    let offer = |s: &&Shipment| s.facts.offer.clone();
    let account = |o: OfferChosen| uuid(&o.account_id, AccountId::to_uuid);
    let site = |r: FulfilmentRequested| uuid(&r.site_id, SiteId::to_uuid);
    let all = || shipments.iter();
    let versions: Vec<i64> = all().map(|s| version(s.version)).collect::<Result<_, _>>()?;
    let voids = all().map(|s| i32::try_from(s.voids).unwrap_or(i32::MAX));
    sqlx::query(
        "update labels.shipment s
            set state = n.state, version = n.version, voids = n.voids, cancelled = n.cancelled,
                request = n.request, offer = n.offer, declared = n.declared,
                undeclared = n.undeclared, account_id = n.account_id,
                site_id = n.site_id, carrier = n.carrier, code = n.code,
                carrier_code = case when s.code = n.code then s.carrier_code end,
                field = case when s.code = n.code then s.field end,
                reason = case when s.code = n.code then s.reason end,
                buying_at = case when n.state = 'buying' and s.state <> 'buying' then $12
                                 else s.buying_at end,
                updated_at = $12
           from unnest($1::uuid[], $2::text[], $3::int8[], $4::int4[], $5::bool[], $6::bytea[],
                       $7::bytea[], $8::uuid[], $9::uuid[], $10::text[], $11::text[],
                       $13::bytea[], $14::bytea[])
             as n(shipment_id, state, version, voids, cancelled, request, offer, account_id,
                  site_id, carrier, code, declared, undeclared)
          where s.shipment_id = n.shipment_id",
    )
    .bind(all().map(|s| s.shipment_id.to_uuid()).collect::<Vec<_>>())
    .bind(all().map(|s| s.state.as_str()).collect::<Vec<_>>())
    .bind(versions)
    .bind(voids.collect::<Vec<_>>())
    .bind(all().map(|s| s.facts.cancelled).collect::<Vec<_>>())
    .bind(all().map(|s| encode(s.facts.request.as_ref())).collect::<Vec<_>>())
    .bind(all().map(|s| encode(s.facts.offer.as_ref())).collect::<Vec<_>>())
    .bind(all().map(|s| offer(s).and_then(account)).collect::<Vec<_>>())
    .bind(all().map(|s| s.facts.request.clone().and_then(site)).collect::<Vec<_>>())
    .bind(all().map(|s| offer(s).map(|o| o.carrier)).collect::<Vec<_>>())
    .bind(all().map(|s| s.code.clone()).collect::<Vec<_>>())
    .bind(now)
    .bind(all().map(|s| encode(s.facts.declared.as_ref().and_then(ready))).collect::<Vec<_>>())
    .bind(all().map(|s| encode(s.facts.declared.as_ref().and_then(lacks))).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

fn ready(declared: &Declared) -> Option<&DeclarationReady> {
    match declared {
        Declared::Ready(ready) => Some(ready),
        Declared::Incomplete(_) => None,
    }
}

fn lacks(declared: &Declared) -> Option<&DeclarationIncomplete> {
    match declared {
        Declared::Ready(_) => None,
        Declared::Incomplete(lacks) => Some(lacks),
    }
}

/// What is said about a shipment beside its state.
#[derive(Debug, Clone, Default)]
pub struct Said<'a> {
    /// Public code.
    pub code: Option<&'a str>,
    /// The carrier's own.
    pub carrier_code: Option<&'a str>,
    /// Field that the carrier cannot take.
    pub field: Option<&'a str>,
    /// What the carrier takes there.
    pub reason: Option<&'a str>,
    /// Reference that the carrier may be asked for.
    pub attempt_ref: Option<&'a str>,
}

/// Moves a locked shipment, and says why.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn mark(
    db: &mut PgConnection,
    shipment_id: ShipmentId,
    state: State,
    said: &Said<'_>,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "update labels.shipment
            set state = $2, code = $3, carrier_code = $4, field = $5, reason = $8,
                attempt_ref = coalesce($6, attempt_ref),
                doubt_at = case when $2 = 'in_doubt' then $7 else doubt_at end,
                doubt_since = case when $2 = 'in_doubt' then now() else doubt_since end,
                updated_at = $7
          where shipment_id = $1",
    )
    .bind(shipment_id.to_uuid())
    .bind(state.as_str())
    .bind(said.code)
    .bind(said.carrier_code)
    .bind(said.field)
    .bind(said.attempt_ref)
    .bind(now)
    .bind(said.reason)
    .execute(db)
    .await?;
    Ok(())
}
