//! What is shown, and what a wave of purchases starts from.

use std::collections::HashMap;

use colibri_carrier_client::AccountFacts;
use colibri_events::labels::v1 as api;
use colibri_kit::{fault::Fault, intent::Intent};
use colibri_types::{OrderId, ParcelId, ShipmentId, TenantId};
use sqlx::{PgConnection, PgPool, Row as _, postgres::PgRow};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{reference, shipment};
use crate::domain::{Shipment, State};

/// A shipment with what is known beside it, as a worker wants it.
#[derive(Debug)]
pub struct Loaded {
    /// The shipment.
    pub shipment: Shipment,
    /// The account of its offer, where its event was heard.
    pub account: Option<AccountFacts>,
    /// The address of its site in the vault, where its event was heard.
    pub address_ref: Option<String>,
    /// When it was first asked for, by the business clock.
    pub buying_at: Option<OffsetDateTime>,
    /// When it came in doubt, by the business clock.
    pub doubt_at: Option<OffsetDateTime>,
    /// How long it has been in doubt, in real time; zero when it is not.
    pub doubt_for: Duration,
}

/// The shipments of a wave of intents, by intent.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn load(pool: &PgPool, intents: &[Intent]) -> Result<HashMap<Uuid, Loaded>, Fault> {
    let shipments = intents.iter().map(|i| i.key.parse().map(ShipmentId::to_uuid));
    let shipments: Vec<Uuid> = shipments.collect::<Result<_, _>>().map_err(Fault::bug)?;
    let rows = sqlx::query(
        "select i.id, s.shipment_id, s.tenant_id, s.state, s.version, s.voids, s.request, s.offer,
                s.declared, s.undeclared, s.cancelled, s.code, s.account_id, s.buying_at, s.doubt_at,
                coalesce(extract(epoch from now() - s.doubt_since), 0)::int8 as doubt_for_s,
                a.carrier as account_carrier, a.hosts, a.disabled, a.version as account_version,
                t.address_ref
           from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as i(id, shipment_id, tenant_id)
           join labels.shipment s using (shipment_id, tenant_id)
           left join labels.account a using (account_id, tenant_id)
           left join labels.site t using (site_id, tenant_id)",
    )
    .bind(intents.iter().map(|i| i.id).collect::<Vec<_>>())
    .bind(shipments)
    .bind(intents.iter().map(|i| i.tenant_id).collect::<Vec<_>>())
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, loaded(row)?))).collect()
}

fn loaded(row: &PgRow) -> Result<Loaded, Fault> {
    let shipment = shipment(row)?;
    let account = match row.try_get::<Option<Uuid>, _>("account_id")? {
        Some(id) => reference::account(row, id, shipment.tenant_id)?,
        None => None,
    };
    Ok(Loaded {
        shipment,
        account,
        address_ref: row.try_get("address_ref")?,
        buying_at: row.try_get("buying_at")?,
        doubt_at: row.try_get("doubt_at")?,
        doubt_for: Duration::seconds(row.try_get("doubt_for_s")?),
    })
}

/// One statement per way to ask, so that each can use its index.
macro_rules! by {
    ($condition:literal) => {
        concat!(
            "select s.ord, s.shipment_id, s.tenant_id, s.order_id, s.state, s.version, s.voids,
                    s.request, s.offer, s.declared, s.undeclared, s.cancelled, s.code,
                    s.carrier_code, s.field, s.reason,
                    s.charge_minor, s.currency, s.attempt_ref, s.updated_at
               from labels.shipment s
              where s.tenant_id = $1 and ($5::int8 is null or s.ord < $5) and ",
            $condition,
            " order by s.ord desc limit $6"
        )
    };
}

/// Which shipments to show.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// By its id.
    Id(ShipmentId),
    /// That of an order: the newest, should there ever be two.
    Order(OrderId),
    /// A page, newest first.
    Page {
        /// In this state only.
        state: Option<State>,
        /// Older than this one of the page before.
        before: Option<i64>,
        /// At most.
        limit: i64,
    },
}

/// Shipments as shown, each with its place in the list. Row security decides whose.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn show(
    db: &mut PgConnection,
    tenant_id: TenantId,
    which: Which,
) -> Result<Vec<(i64, api::Shipment)>, Fault> {
    let (id, order, state, before, limit) = match which {
        Which::Id(id) => (Some(id.to_uuid()), None, None, None, 1),
        Which::Order(id) => (None, Some(id.to_uuid()), None, None, 1),
        Which::Page { state, before, limit } => (None, None, state, before, limit),
    };
    let sql = match which {
        Which::Id(_) => by!("s.shipment_id = $2 and $3::uuid is null and $4::text is null"),
        Which::Order(_) => by!("s.order_id = $3 and $2::uuid is null and $4::text is null"),
        Which::Page { state: None, .. } => {
            by!("$2::uuid is null and $3::uuid is null and $4::text is null")
        }
        Which::Page { .. } => by!("s.state = $4 and $2::uuid is null and $3::uuid is null"),
    };
    let rows = sqlx::query(sql)
        .bind(tenant_id.to_uuid())
        .bind(id)
        .bind(order)
        .bind(state.map(State::as_str))
        .bind(before)
        .bind(limit)
        .fetch_all(&mut *db)
        .await?;
    let mut shown = rows.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<Uuid> = rows.iter().map(|r| r.try_get("shipment_id")).collect::<Result<_, _>>()?;
    parcels(db, &ids, &mut shown).await?;
    Ok(shown)
}

fn one(row: &PgRow) -> Result<(i64, api::Shipment), Fault> {
    let inner = shipment(row)?;
    let order_id: Option<Uuid> = row.try_get("order_id")?;
    let waits = matches!(inner.state, State::Waiting).then(|| inner.facts.waits_for());
    let lacks = waits.as_ref().and_then(|_| inner.facts.lacks());
    let customs_missing = lacks.map(|lacks| lacks.missing.clone()).unwrap_or_default();
    let offer = inner.facts.offer.unwrap_or_default();
    let asked = inner.facts.request.unwrap_or_default();
    let charge = match row.try_get::<Option<i64>, _>("charge_minor")? {
        Some(amount_minor) => {
            let currency = row.try_get("currency")?;
            Some(colibri_events::types::v1::Money { amount_minor, currency })
        }
        None => offer.amount,
    };
    let updated_at: OffsetDateTime = row.try_get("updated_at")?;
    let text =
        |column: &str| row.try_get::<Option<String>, _>(column).map(Option::unwrap_or_default);
    let shown = api::Shipment {
        shipment_id: inner.shipment_id.to_string(),
        order_id: order_id.map(|id| OrderId::from_uuid(id).to_string()).unwrap_or_default(),
        state: inner.state.to_proto().into(),
        carrier: offer.carrier,
        service: offer.service,
        amount: charge,
        parcels: Vec::new(),
        code: inner.code.unwrap_or_default(),
        carrier_code: text("carrier_code")?,
        attempt_ref: text("attempt_ref")?,
        updated_at: updated_at.format(&Rfc3339).map_err(Fault::bug)?,
        field: text("field")?,
        reason: text("reason")?,
        way_back: asked.way_back,
        outbound_shipment_id: asked.outbound_shipment_id,
        waits_for: waits.into_iter().flatten().map(str::to_owned).collect(),
        customs_missing,
    };
    Ok((row.try_get("ord")?, shown))
}

async fn parcels(
    db: &mut PgConnection,
    ids: &[Uuid],
    shown: &mut [(i64, api::Shipment)],
) -> Result<(), Fault> {
    if ids.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select p.shipment_id, p.parcel_id, p.voided_at, d.document_id, d.media_type
           from labels.parcel p
           left join labels.document d using (parcel_id, tenant_id)
          where p.shipment_id = any($1) order by p.shipment_id, p.index, d.at, d.document_id",
    )
    .bind(ids)
    .fetch_all(db)
    .await?;
    let mut by_shipment: HashMap<String, Vec<api::ParcelLabel>> = HashMap::new();
    for row in &rows {
        let shipment = ShipmentId::from_uuid(row.try_get("shipment_id")?).to_string();
        let parcel_id = ParcelId::from_uuid(row.try_get("parcel_id")?).to_string();
        let labels = by_shipment.entry(shipment).or_default();
        if labels.last().is_none_or(|last| last.parcel_id != parcel_id) {
            let voided = row.try_get::<Option<OffsetDateTime>, _>("voided_at")?.is_some();
            labels.push(api::ParcelLabel { parcel_id, voided, ..Default::default() });
        }
        let document: Option<Uuid> = row.try_get("document_id")?;
        if let (Some(id), Some(label)) = (document, labels.last_mut()) {
            label.document_ids.push(colibri_types::DocumentId::from_uuid(id).to_string());
            label.media_types.push(row.try_get("media_type")?);
        }
    }
    for (_, shipment) in shown {
        shipment.parcels = by_shipment.remove(&shipment.shipment_id).unwrap_or_default();
    }
    Ok(())
}
