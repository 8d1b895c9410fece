//! Generations, and what a book is read from.

use std::{
    collections::{BTreeMap, HashMap},
    str::FromStr as _,
};

use colibri_events::accounts::v1::CarrierAccountChanged;
use colibri_kit::fault::Fault;
use colibri_types::{AccountId, Country, Currency, TenantId};
use sqlx::{PgConnection, Row as _};
use time::{Date, OffsetDateTime};
use tracing::error;
use uuid::Uuid;

use crate::{
    book::{Account, Book},
    domain::{Day, FxTable, SelectionRules, Tariff},
};

/// Share-locks the generations of these tenants: nothing of theirs changes until the end of the
/// transaction. Sorted by tenant, as everybody locks them.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn share_generations(
    db: &mut PgConnection,
    tenants: &[TenantId],
) -> Result<HashMap<TenantId, i64>, Fault> {
    let ids: Vec<Uuid> = tenants.iter().map(|tenant| tenant.to_uuid()).collect();
    let locked = share(db, &ids).await?;
    if locked.len() == tenants.len() {
        return Ok(locked);
    }
    sqlx::query(
        "insert into pricing.generation (tenant_id)
         select t from unnest($1::uuid[]) t order by t on conflict do nothing",
    )
    .bind(&ids)
    .execute(&mut *db)
    .await?;
    share(db, &ids).await
}

async fn share(db: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<TenantId, i64>, Fault> {
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(
        "select tenant_id, generation from pricing.generation
          where tenant_id = any($1) order by tenant_id for share",
    )
    .bind(ids)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|(id, generation)| (TenantId::from_uuid(id), generation)).collect())
}

/// Locks the generations of tenants about to change: choices of theirs wait until the end of the
/// transaction. Triggers raise them.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn change(db: &mut PgConnection, tenants: &[TenantId]) -> Result<(), Fault> {
    let ids: Vec<Uuid> = tenants.iter().map(|tenant| tenant.to_uuid()).collect();
    sqlx::query(
        "insert into pricing.generation as g (tenant_id)
         select t from unnest($1::uuid[]) t order by t
         on conflict (tenant_id) do update set generation = g.generation",
    )
    .bind(ids)
    .execute(db)
    .await?;
    Ok(())
}

/// A tenant's present generation; 0 for one that has nothing.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn generation(db: &mut PgConnection, tenant: TenantId) -> Result<i64, Fault> {
    let found: Option<i64> =
        sqlx::query_scalar("select generation from pricing.generation where tenant_id = $1")
            .bind(tenant.to_uuid())
            .fetch_optional(db)
            .await?;
    Ok(found.unwrap_or_default())
}

/// Tenants with waiting shipments that were not tried with the present generation, or not for
/// long.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn tenants_with_waiting(
    db: &mut PgConnection,
    now: OffsetDateTime,
) -> Result<Vec<TenantId>, Fault> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select g.tenant_id from pricing.generation g
          where exists (select from pricing.offer o
                         where o.tenant_id = g.tenant_id and o.state = 'waiting'
                           and o.generation < g.generation)
         union
         select tenant_id from pricing.offer where state = 'waiting' and retry_at <= $1",
    )
    .bind(now)
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(TenantId::from_uuid).collect())
}

/// Reads everything a tenant's choices depend on. `default` counts for a tenant without rules.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn load(
    db: &mut PgConnection,
    tenant: TenantId,
    generation: i64,
    default: SelectionRules,
) -> Result<Book, Fault> {
    let tariffs = tariffs(db, tenant).await?;
    let accounts = accounts(db, tenant).await?;
    let rules = rules(db, tenant, default).await?;
    let fx = fx(db).await?;
    Ok(Book::new(generation, tariffs, accounts, rules, fx))
}

async fn tariffs(db: &mut PgConnection, tenant: TenantId) -> Result<Vec<Tariff>, Fault> {
    let texts: Vec<(String, String)> = sqlx::query_as(
        "select tariff_id || '@' || version, toml from pricing.tariff
          where tenant_id = $1 and active order by tariff_id, version",
    )
    .bind(tenant.to_uuid())
    .fetch_all(db)
    .await?;
    let parse = |(name, text): (String, String)| match Tariff::from_toml(&text) {
        Ok(tariff) => Some(tariff),
        Err(cause) => {
            // It was checked when it came in: a later program refuses what an earlier one took.
            error!(%tenant, tariff = %name, %cause, "stored tariff {name} cannot be used");
            None
        }
    };
    Ok(texts.into_iter().filter_map(parse).collect())
}

async fn accounts(db: &mut PgConnection, tenant: TenantId) -> Result<Vec<Account>, Fault> {
    let rows = sqlx::query(
        "select account_id, code, carrier, origin_countries from pricing.account
          where tenant_id = $1 and not disabled",
    )
    .bind(tenant.to_uuid())
    .fetch_all(db)
    .await?;
    let mut accounts = Vec::with_capacity(rows.len());
    for row in rows {
        let codes: Vec<String> = row.try_get(3)?;
        let origins = codes.iter().map(|code| Country::from_str(code));
        accounts.push(Account {
            id: AccountId::from_uuid(row.try_get(0)?),
            code: row.try_get(1)?,
            carrier: row.try_get(2)?,
            origins: origins.collect::<Result<_, _>>().map_err(Fault::bug)?,
        });
    }
    Ok(accounts)
}

async fn rules(
    db: &mut PgConnection,
    tenant: TenantId,
    default: SelectionRules,
) -> Result<Option<SelectionRules>, Fault> {
    let stored: Option<serde_json::Value> =
        sqlx::query_scalar("select rules from pricing.rules where tenant_id = $1")
            .bind(tenant.to_uuid())
            .fetch_optional(db)
            .await?;
    let Some(stored) = stored else {
        return Ok(Some(default));
    };
    Ok(match serde_json::from_value(stored) {
        Ok(rules) => Some(rules),
        Err(cause) => {
            error!(%tenant, %cause, "the selection rules of {tenant} cannot be read");
            None
        }
    })
}

async fn fx(db: &mut PgConnection) -> Result<Option<FxTable>, Fault> {
    let row = sqlx::query(
        "select base, day, usable_days, rates from pricing.fx order by day desc limit 1",
    )
    .fetch_optional(db)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let (base, day, days, rates): (String, Date, i32, serde_json::Value) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    let rates: Result<BTreeMap<_, _>, _> = serde_json::from_value(rates);
    match (Currency::from_str(&base), u16::try_from(days), rates) {
        (Ok(base), Ok(usable_days), Ok(rates)) => {
            Ok(Some(FxTable { base, date: Day(day), usable_days, rates }))
        }
        _ => {
            error!(%day, "the exchange rates of {day} cannot be read");
            Ok(None)
        }
    }
}

/// Notes what accounts said. `latest` holds each account once.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn change_accounts(
    db: &mut PgConnection,
    latest: &[(AccountId, TenantId, &CarrierAccountChanged)],
) -> Result<(), Fault> {
    for (id, tenant, event) in latest {
        let Some(account) = &event.account else {
            continue;
        };
        // One by one: accounts change a few times a year, and their countries are arrays.
        sqlx::query(
            "insert into pricing.account as a
               (account_id, tenant_id, version, code, carrier, origin_countries, disabled)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (account_id) do update set
               version = excluded.version, code = excluded.code, carrier = excluded.carrier,
               origin_countries = excluded.origin_countries, disabled = excluded.disabled
             where a.tenant_id = excluded.tenant_id and a.version < excluded.version",
        )
        .bind(id.to_uuid())
        .bind(tenant.to_uuid())
        .bind(i64::try_from(event.version).map_err(Fault::bug)?)
        .bind(&account.code)
        .bind(&account.carrier)
        .bind(&account.origin_countries)
        .bind(account.disabled)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}
