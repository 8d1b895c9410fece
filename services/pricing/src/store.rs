//! All SQL of decisions. Each statement names the tenant besides the key.

mod book;
mod tariff;

use colibri_kit::fault::Fault;
use colibri_types::{ShipmentId, TenantId};
use prost::Message as _;
use sqlx::{PgConnection, Row as _};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub use book::{
    change, change_accounts, generation, load, share_generations, tenants_with_waiting,
};
pub use tariff::{Activation, Listed, activate, list, named};

use crate::decision::{Ask, Decision, Reason, Verdict};

/// What is known about a shipment already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Shipment.
    pub shipment: ShipmentId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Version of the order decided for.
    pub version: i64,
    /// Called off; final.
    pub cancelled: bool,
}

/// Locks what is known about these shipments, in the order of their ids.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lock(db: &mut PgConnection, shipments: &[Uuid]) -> Result<Vec<Known>, Fault> {
    let rows = sqlx::query(
        "select shipment_id, tenant_id, version, state = 'cancelled' from pricing.offer
          where shipment_id = any($1) order by shipment_id for update",
    )
    .bind(shipments)
    .fetch_all(db)
    .await?;
    let mut known = Vec::with_capacity(rows.len());
    for row in rows {
        known.push(Known {
            shipment: ShipmentId::from_uuid(row.try_get(0)?),
            tenant: TenantId::from_uuid(row.try_get(1)?),
            version: row.try_get(2)?,
            cancelled: row.try_get(3)?,
        });
    }
    Ok(known)
}

/// A decision to write.
#[derive(Debug)]
pub struct Decided {
    /// What was asked.
    pub ask: Ask,
    /// What was decided.
    pub decision: Decision,
    /// Generation of the tenant's tariffs, accounts and rules.
    pub generation: i64,
}

/// The columns of `offer`, as arrays of one statement.
#[derive(Debug, Default)]
struct Columns {
    shipment: Vec<Uuid>,
    tenant: Vec<Uuid>,
    order: Vec<Uuid>,
    version: Vec<i64>,
    state: Vec<&'static str>,
    generation: Vec<i64>,
    reasons: Vec<String>,
    offer: Vec<Option<Uuid>>,
    carrier: Vec<Option<String>>,
    service: Vec<Option<String>>,
    account: Vec<Option<Uuid>>,
    amount: Vec<Option<i64>>,
    currency: Vec<Option<String>>,
    earliest: Vec<Option<time::Date>>,
    latest: Vec<Option<time::Date>>,
    late: Vec<Option<bool>>,
    record: Vec<Option<Vec<u8>>>,
    ask: Vec<Option<Vec<u8>>>,
}

impl Columns {
    fn push(&mut self, decided: Decided) {
        let Decided { ask, decision, generation } = decided;
        let (state, reasons, chosen) = match decision.verdict {
            Verdict::Chosen(chosen) => ("chosen", Vec::new(), Some(chosen)),
            Verdict::Waiting(reasons) => ("waiting", reasons, None),
            Verdict::Refused(reasons) => ("refused", reasons, None),
        };
        let code = |reason: Reason| match reason.field.is_empty() {
            true => reason.code,
            false => format!("{} {}", reason.code, reason.field),
        };
        self.shipment.push(ask.shipment.to_uuid());
        self.tenant.push(ask.tenant.to_uuid());
        self.order.push(ask.order.to_uuid());
        self.version.push(ask.version);
        self.state.push(state);
        self.generation.push(generation);
        // Arrays of arrays must be rectangular: one text per row, split again by the statement.
        self.reasons.push(reasons.into_iter().map(code).collect::<Vec<_>>().join("\n"));
        self.offer.push(chosen.as_ref().map(|_| ask.offer().to_uuid()));
        self.account.push(chosen.as_ref().map(|c| c.account.to_uuid()));
        self.amount.push(chosen.as_ref().map(|c| c.amount.amount_minor));
        self.currency.push(chosen.as_ref().map(|c| c.amount.currency.as_str().to_owned()));
        self.earliest.push(chosen.as_ref().and_then(|c| c.promised).map(|(first, _)| first));
        self.latest.push(chosen.as_ref().and_then(|c| c.promised).map(|(_, last)| last));
        self.late.push(chosen.as_ref().map(|c| c.late));
        let (carrier, service) = chosen.map(|c| (c.carrier, c.service)).unzip();
        self.carrier.push(carrier);
        self.service.push(service);
        self.record.push(decision.record);
        self.ask.push((state == "waiting").then(|| ask.event.encode_to_vec()));
    }
}

/// Writes decisions in one statement; each replaces what was known about its shipment. Every
/// shipment at most once, and locked before when it is known.
///
/// # Errors
/// [`Fault::Retry`] when somebody else was quicker with one of them.
pub async fn write(
    db: &mut PgConnection,
    mut decided: Vec<Decided>,
    now: OffsetDateTime,
    retry: Duration,
) -> Result<(), Fault> {
    // In the order in which everybody locks them.
    decided.sort_by_key(|one| one.ask.shipment.to_uuid());
    let count = decided.len();
    let mut columns = Columns::default();
    for one in decided {
        columns.push(one);
    }
    let done = sqlx::query(
        "insert into pricing.offer as o
           (shipment_id, tenant_id, order_id, version, state, generation, reasons, offer_id,
            carrier, service, account_id, amount_minor, currency, promised_earliest,
            promised_latest, late, record, ask, decided_at, retry_at)
         select shipment, tenant, order_, version, state, generation,
                case reasons when '' then '{}'::text[] else string_to_array(reasons, e'\\n') end,
                offer, carrier, service, account, amount, currency, earliest, latest, late,
                record, ask, $19, case state when 'waiting' then $20::timestamptz end
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int8[], $5::text[], $6::int8[],
                       $7::text[], $8::uuid[], $9::text[], $10::text[], $11::uuid[], $12::int8[],
                       $13::text[], $14::date[], $15::date[], $16::bool[], $17::bytea[],
                       $18::bytea[])
                as d(shipment, tenant, order_, version, state, generation, reasons, offer, carrier,
                     service, account, amount, currency, earliest, latest, late, record, ask)
         on conflict (shipment_id) do update set
           order_id = excluded.order_id, version = excluded.version, state = excluded.state,
           generation = excluded.generation, reasons = excluded.reasons,
           offer_id = excluded.offer_id, carrier = excluded.carrier, service = excluded.service,
           account_id = excluded.account_id, amount_minor = excluded.amount_minor,
           currency = excluded.currency, promised_earliest = excluded.promised_earliest,
           promised_latest = excluded.promised_latest, late = excluded.late,
           record = excluded.record, ask = excluded.ask, decided_at = excluded.decided_at,
           retry_at = excluded.retry_at
         where o.tenant_id = excluded.tenant_id and o.state <> 'cancelled'
           and (o.version < excluded.version
                or (o.version = excluded.version and o.state = 'waiting'))",
    )
    .bind(columns.shipment)
    .bind(columns.tenant)
    .bind(columns.order)
    .bind(columns.version)
    .bind(columns.state)
    .bind(columns.generation)
    .bind(columns.reasons)
    .bind(columns.offer)
    .bind(columns.carrier)
    .bind(columns.service)
    .bind(columns.account)
    .bind(columns.amount)
    .bind(columns.currency)
    .bind(columns.earliest)
    .bind(columns.latest)
    .bind(columns.late)
    .bind(columns.record)
    .bind(columns.ask)
    .bind(now)
    .bind(now + retry)
    .execute(db)
    .await?;
    if done.rows_affected() == count as u64 {
        Ok(())
    } else {
        Err(Fault::retry(format!("{} of {count} decisions were new", done.rows_affected())))
    }
}

/// Shipments of a tenant that wait and were not tried with this generation, or not for long.
///
/// # Errors
/// [`Fault`] of the database, or `Bug` when a stored event cannot be read.
pub async fn lock_waiting(
    db: &mut PgConnection,
    tenant: TenantId,
    generation: i64,
    now: OffsetDateTime,
    limit: usize,
) -> Result<Vec<Ask>, Fault> {
    // Who holds one of them now decides about it anyway, or calls it off.
    let asks: Vec<Vec<u8>> = sqlx::query_scalar(
        "select ask from pricing.offer
          where tenant_id = $1 and state = 'waiting' and (generation < $2 or retry_at <= $3)
          order by shipment_id limit $4 for update skip locked",
    )
    .bind(tenant.to_uuid())
    .bind(generation)
    .bind(now)
    .bind(i64::try_from(limit).map_err(Fault::bug)?)
    .fetch_all(db)
    .await?;
    let read = |bytes: Vec<u8>| {
        let event = colibri_events::orders::v1::FulfilmentRequested::decode(bytes.as_slice());
        event.map_err(Fault::bug).and_then(|event| Ask::read(&event))
    };
    asks.into_iter().map(read).collect()
}

/// Calls shipments off. Final, whatever comes before or after.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn cancel(
    db: &mut PgConnection,
    rows: &[(Uuid, Uuid, Uuid, i64)],
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into pricing.offer as o
           (shipment_id, tenant_id, order_id, version, state, generation, decided_at)
         select shipment, tenant, order_, version, 'cancelled', 0, $5
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int8[])
                as c(shipment, tenant, order_, version)
          order by shipment
         on conflict (shipment_id) do update set
           state = 'cancelled', ask = null, retry_at = null,
           version = greatest(o.version, excluded.version)
         where o.tenant_id = excluded.tenant_id",
    )
    .bind(rows.iter().map(|row| row.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.1).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.2).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.3).collect::<Vec<_>>())
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// What is stored about a decision.
#[derive(Debug)]
pub struct Stored {
    /// [`crate::decision::Record`] as JSON.
    pub record: Option<Vec<u8>>,
    /// `waiting`, `chosen`, ...
    pub state: String,
    /// Public codes, each with the field after a space when it is about one.
    pub reasons: Vec<String>,
}

/// The decision about a shipment.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(
    db: &mut PgConnection,
    tenant: TenantId,
    shipment: ShipmentId,
) -> Result<Option<Stored>, Fault> {
    let row = sqlx::query(
        "select record, state, reasons from pricing.offer
          where shipment_id = $1 and tenant_id = $2",
    )
    .bind(shipment.to_uuid())
    .bind(tenant.to_uuid())
    .fetch_optional(db)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(Stored { record: row.try_get(0)?, state: row.try_get(1)?, reasons: row.try_get(2)? }))
}
