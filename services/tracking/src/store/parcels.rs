//! Parcels.

use std::collections::HashMap;

use colibri_kit::fault::Fault;
use colibri_types::Country;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row as _, postgres::PgRow};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use crate::domain::{
    page::Cursor,
    schedule::Situation,
    state::{Decided, State},
};

/// Parcels of tenants, for statements about many. Sorted by parcel, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// Tenants ...
    pub tenants: Vec<Uuid>,
    /// ... and their parcels, in the same order.
    pub parcels: Vec<Uuid>,
}

impl FromIterator<(Uuid, Uuid)> for Keys {
    /// From (tenant, parcel).
    fn from_iter<I: IntoIterator<Item = (Uuid, Uuid)>>(keys: I) -> Self {
        let mut keys: Vec<(Uuid, Uuid)> = keys.into_iter().map(|(t, p)| (p, t)).collect();
        keys.sort_unstable();
        keys.dedup();
        let (parcels, tenants) = keys.into_iter().unzip();
        Self { tenants, parcels }
    }
}

/// Where nobody told when a label was asked for: settling a doubt may have taken so long.
const UNTOLD: Duration = Duration::days(2);

/// A parcel as it is stored.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Parcel.
    pub parcel_id: Uuid,
    /// Tenant.
    pub tenant_id: Uuid,
    /// Its shipment.
    pub shipment_id: Uuid,
    /// Its order, when there is one.
    pub order_id: Option<Uuid>,
    /// Account at the carrier.
    pub account_id: Uuid,
    /// Carrier.
    pub carrier: String,
    /// Whose key seals the words of its scans.
    pub subject_ref: Uuid,
    /// Country it leaves from; empty when not known.
    pub origin: String,
    /// Country it goes to; empty when not known.
    pub destination: String,
    /// When the label was bought.
    pub purchased_at: OffsetDateTime,
    /// When it was first asked for, where that was told.
    pub asked_at: Option<OffsetDateTime>,
    /// Last promised day.
    pub promised: Option<Date>,
    /// We voided the label.
    pub voided: bool,
    /// State.
    pub state: State,
    /// Grows with each change.
    pub version: u64,
    /// Time of `version`.
    pub changed_at: OffsetDateTime,
    /// Time of headline and finer word.
    pub state_at: OffsetDateTime,
    /// Time of the last new fact.
    pub news_at: OffsetDateTime,
    /// When to ask again; `None`: not any more.
    pub next_poll_at: Option<OffsetDateTime>,
    /// Questions so far.
    pub polls: u64,
    /// Answers in a row that told nothing.
    pub misses: u32,
    /// Until when the carrier calls us.
    pub pushed_until: Option<OffsetDateTime>,
    /// Open alerts.
    pub alerts: u32,
}

impl Parcel {
    /// What a carrier tells of a time before this is of another parcel of the same number.
    #[must_use]
    pub fn begins(&self) -> OffsetDateTime {
        self.asked_at.unwrap_or(self.purchased_at.saturating_sub(UNTOLD))
    }

    /// What decides when to ask next.
    #[must_use]
    pub fn situation(&self, now: OffsetDateTime) -> Situation<'_> {
        Situation {
            state: &self.state,
            purchased_at: self.purchased_at,
            state_at: self.state_at,
            news_at: self.news_at,
            promised: self.promised,
            pushed: self.pushed_until.is_some_and(|until| until > now),
            misses: self.misses,
            now,
            spread: crate::domain::schedule::spread(self.parcel_id, self.polls),
        }
    }

    pub(super) fn read(row: &PgRow) -> Result<Self, Fault> {
        let code: Option<String> = row.try_get("decided_code")?;
        let country: Option<&str> = row.try_get("decided_country")?;
        let country = country.map(str::parse::<Country>).transpose().map_err(Fault::bug)?;
        let time = super::civil(row.try_get("decided_time")?, row.try_get("decided_offset")?)?;
        let counted = |column| row.try_get::<i32, _>(column).map(|n| u32::try_from(n).unwrap_or(0));
        let state = State {
            headline: super::headline(row)?,
            sub: super::sub_status(row)?,
            party: super::party(row)?,
            reopened: row.try_get("reopened")?,
            attempts: counted("attempts")?,
            return_leg: row.try_get("return_leg")?,
            decided: code.map(|code| Decided { code, time, country }),
        };
        Ok(Self {
            parcel_id: row.try_get("parcel_id")?,
            tenant_id: row.try_get("tenant_id")?,
            shipment_id: row.try_get("shipment_id")?,
            order_id: row.try_get("order_id")?,
            account_id: row.try_get("account_id")?,
            carrier: row.try_get("carrier")?,
            subject_ref: row.try_get("subject_ref")?,
            origin: row.try_get("origin")?,
            destination: row.try_get("destination")?,
            purchased_at: row.try_get("purchased_at")?,
            asked_at: row.try_get("asked_at")?,
            promised: row.try_get("promised_latest")?,
            voided: row.try_get("voided")?,
            state,
            version: super::unsigned(row.try_get("version")?),
            changed_at: row.try_get("changed_at")?,
            state_at: row.try_get("state_at")?,
            news_at: row.try_get("news_at")?,
            next_poll_at: row.try_get("next_poll_at")?,
            polls: super::unsigned(row.try_get("polls")?),
            misses: counted("misses")?,
            pushed_until: row.try_get("pushed_until")?,
            alerts: counted("alerts")?,
        })
    }
}

/// Begins to watch parcels; answers those that were not watched yet.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn watch(db: &mut PgConnection, parcels: &[Parcel]) -> Result<Vec<Uuid>, Fault> {
    let of = |pick: fn(&Parcel) -> Uuid| parcels.iter().map(pick).collect::<Vec<_>>();
    let watched = sqlx::query_scalar(
        "insert into tracking.parcel
           (parcel_id, tenant_id, shipment_id, order_id, account_id, carrier, subject_ref,
            purchased_at, promised_latest, changed_at, state_at, news_at, next_poll_at, origin,
            destination, asked_at)
         select parcel_id, tenant_id, shipment_id, order_id, account_id, carrier, subject_ref,
                purchased_at, promised_latest, $10, $10, $10, next_poll_at, origin, destination,
                asked_at
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[],
                       $7::uuid[], $8::timestamptz[], $9::date[], $11::timestamptz[],
                       $12::text[], $13::text[], $14::timestamptz[])
             as n(parcel_id, tenant_id, shipment_id, order_id, account_id, carrier, subject_ref,
                  purchased_at, promised_latest, next_poll_at, origin, destination, asked_at)
          order by parcel_id
         on conflict (parcel_id) do nothing
         returning parcel_id",
    )
    .bind(of(|p| p.parcel_id))
    .bind(of(|p| p.tenant_id))
    .bind(of(|p| p.shipment_id))
    .bind(parcels.iter().map(|p| p.order_id).collect::<Vec<_>>())
    .bind(of(|p| p.account_id))
    .bind(parcels.iter().map(|p| p.carrier.as_str()).collect::<Vec<_>>())
    .bind(of(|p| p.subject_ref))
    .bind(parcels.iter().map(|p| p.purchased_at).collect::<Vec<_>>())
    .bind(parcels.iter().map(|p| p.promised).collect::<Vec<_>>())
    .bind(parcels.first().map(|p| p.changed_at))
    .bind(parcels.iter().map(|p| p.next_poll_at).collect::<Vec<_>>())
    .bind(parcels.iter().map(|p| p.origin.as_str()).collect::<Vec<_>>())
    .bind(parcels.iter().map(|p| p.destination.as_str()).collect::<Vec<_>>())
    .bind(parcels.iter().map(|p| p.asked_at).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    Ok(watched)
}

async fn select(
    db: &mut PgConnection,
    keys: &Keys,
    sql: &'static str,
) -> Result<Vec<Parcel>, Fault> {
    let rows = sqlx::query(sql).bind(&keys.tenants).bind(&keys.parcels).fetch_all(db).await?;
    rows.iter().map(Parcel::read).collect()
}

/// Parcels as they are; unknown ones are left out.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn load(db: &mut PgConnection, keys: &Keys) -> Result<HashMap<Uuid, Parcel>, Fault> {
    let sql = "select p.* from tracking.parcel p
                 join unnest($1::uuid[], $2::uuid[]) k(tenant_id, parcel_id)
                   on p.parcel_id = k.parcel_id and p.tenant_id = k.tenant_id";
    let parcels = select(db, keys, sql).await?;
    Ok(parcels.into_iter().map(|parcel| (parcel.parcel_id, parcel)).collect())
}

/// Locks parcels, in the order of their ids; unknown ones are left out.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lock(db: &mut PgConnection, keys: &Keys) -> Result<Vec<Parcel>, Fault> {
    let sql = "select p.* from tracking.parcel p
                 join unnest($1::uuid[], $2::uuid[]) k(tenant_id, parcel_id)
                   on p.parcel_id = k.parcel_id and p.tenant_id = k.tenant_id
                order by p.parcel_id for update of p";
    select(db, keys, sql).await
}

/// Writes what may change of locked parcels. `released` ones are not being asked for any more.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn save(db: &mut PgConnection, parcels: &[(Parcel, bool)]) -> Result<(), Fault> {
    let of = |pick: fn(&Parcel) -> Option<String>| {
        parcels.iter().map(|(p, _)| pick(p)).collect::<Vec<_>>()
    };
    let at = |pick: fn(&Parcel) -> Option<OffsetDateTime>| {
        parcels.iter().map(|(p, _)| pick(p)).collect::<Vec<_>>()
    };
    let count = |pick: fn(&Parcel) -> u64| {
        let counts = parcels.iter().map(|(p, _)| i64::try_from(pick(p)).unwrap_or(i64::MAX));
        counts.collect::<Vec<_>>()
    };
    let flag = |pick: fn(&Parcel) -> bool| parcels.iter().map(|(p, _)| pick(p)).collect::<Vec<_>>();
    sqlx::query(SAVE)
        .bind(parcels.iter().map(|(p, _)| p.parcel_id).collect::<Vec<_>>())
        .bind(parcels.iter().map(|(p, _)| p.tenant_id).collect::<Vec<_>>())
        .bind(flag(|p| p.voided))
        .bind(of(|p| Some(p.state.headline.as_str().to_owned())))
        .bind(of(|p| p.state.sub.map(|sub| sub.as_str().to_owned())))
        .bind(flag(|p| p.state.reopened))
        .bind(count(|p| u64::from(p.state.attempts)))
        .bind(flag(|p| p.state.return_leg))
        .bind(of(|p| Some(p.state.decided.as_ref()?.code.clone())))
        .bind(of(|p| p.state.decided.as_ref()?.time.map(super::facts::stated)))
        .bind(of(|p| p.state.decided.as_ref()?.time?.offset_text()))
        .bind(of(|p| Some(p.state.decided.as_ref()?.country?.to_string())))
        .bind(count(|p| p.version))
        .bind(at(|p| Some(p.changed_at)))
        .bind(at(|p| Some(p.state_at)))
        .bind(at(|p| Some(p.news_at)))
        .bind(at(|p| p.next_poll_at))
        .bind(count(|p| p.polls))
        .bind(count(|p| u64::from(p.misses)))
        .bind(parcels.iter().map(|(_, released)| *released).collect::<Vec<_>>())
        .bind(of(|p| p.state.party.map(|party| party.as_str().to_owned())))
        .execute(db)
        .await?;
    Ok(())
}

const SAVE: &str = "
update tracking.parcel p
   set voided = n.voided, headline = n.headline, sub_status = n.sub_status, party = n.party,
       reopened = n.reopened, attempts = n.attempts::int4, return_leg = n.return_leg,
       decided_code = n.decided_code, decided_time = n.decided_time,
       decided_offset = n.decided_offset, decided_country = n.decided_country,
       version = n.version, changed_at = n.changed_at, state_at = n.state_at,
       news_at = n.news_at, next_poll_at = n.next_poll_at, polls = n.polls,
       misses = n.misses::int4,
       leased_until = case when n.released then null else p.leased_until end
  from unnest($1::uuid[], $2::uuid[], $3::bool[], $4::text[], $5::text[], $6::bool[], $7::int8[],
              $8::bool[], $9::text[], $10::text[], $11::text[], $12::text[], $13::int8[],
              $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[],
              $18::int8[], $19::int8[], $20::bool[], $21::text[])
    as n(parcel_id, tenant_id, voided, headline, sub_status, reopened, attempts, return_leg,
         decided_code, decided_time, decided_offset, decided_country, version, changed_at,
         state_at, news_at, next_poll_at, polls, misses, released, party)
 where p.parcel_id = n.parcel_id and p.tenant_id = n.tenant_id";

/// Which parcels to list.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Tenant.
    pub tenant_id: Uuid,
    /// In this state; `None`: in any.
    pub headline: Option<&'static str>,
    /// Of this order; `None`: of any.
    pub order_id: Option<Uuid>,
    /// After this one; `None`: from the newest.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: i64,
}

/// Parcels, newest purchase first: what changes while somebody turns pages keeps its place.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn list(db: &mut PgConnection, wanted: &Wanted) -> Result<Vec<Parcel>, Fault> {
    // Only the conditions that hold stand in the text, so that each list has its index.
    let mut query =
        QueryBuilder::<Postgres>::new("select * from tracking.parcel where tenant_id = ");
    query.push_bind(wanted.tenant_id);
    if let Some(headline) = wanted.headline {
        query.push(" and headline = ").push_bind(headline);
    }
    if let Some(order) = wanted.order_id {
        query.push(" and order_id = ").push_bind(order);
    }
    if let Some(after) = wanted.after {
        query.push(" and (purchased_at, parcel_id) < (").push_bind(after.at);
        query.push(", ").push_bind(after.parcel_id).push(")");
    }
    query.push(" order by purchased_at desc, parcel_id desc limit ").push_bind(wanted.limit);
    let rows = query.build().fetch_all(db).await?;
    rows.iter().map(Parcel::read).collect()
}
