//! Accounts at carriers.

use std::collections::BTreeMap;

use colibri_carrier_client::AccountFacts;
use colibri_events::accounts::v1::CarrierAccountChanged;
use colibri_kit::fault::Fault;
use colibri_types::{AccountId, TenantId};
use sqlx::{PgConnection, Row as _, postgres::PgRow};
use uuid::Uuid;

fn read(row: &PgRow) -> Result<AccountFacts, Fault> {
    let hosts: serde_json::Value = row.try_get("hosts")?;
    Ok(AccountFacts {
        account_id: AccountId::from_uuid(row.try_get("account_id")?),
        tenant_id: TenantId::from_uuid(row.try_get("tenant_id")?),
        carrier: row.try_get("carrier")?,
        hosts: serde_json::from_value(hosts).map_err(Fault::bug)?,
        disabled: row.try_get("disabled")?,
        version: super::unsigned(row.try_get("version")?),
    })
}

/// Keeps the newest version of each account, in whatever order they come.
///
/// # Errors
/// [`Fault`] of the database, or `TRK0006` for a malformed event.
pub async fn keep(db: &mut PgConnection, events: &[CarrierAccountChanged]) -> Result<(), Fault> {
    // One row per account: a statement cannot update a row twice.
    let mut newest: BTreeMap<AccountId, AccountFacts> = BTreeMap::new();
    for event in events {
        let row = AccountFacts::from_event(event)
            .ok_or_else(|| crate::error::malformed("account or an id of it"))?;
        let known = newest.get(&row.account_id).map_or(0, |known| known.version);
        if row.version >= known {
            newest.insert(row.account_id, row);
        }
    }
    let rows: Vec<AccountFacts> = newest.into_values().collect();
    let hosts = rows.iter().map(|row| serde_json::to_value(&row.hosts).map_err(Fault::bug));
    let version = |row: &AccountFacts| i64::try_from(row.version).unwrap_or(i64::MAX);
    sqlx::query(
        "insert into tracking.account as a
           (account_id, tenant_id, carrier, hosts, disabled, version)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::bool[],
                              $6::int8[])
         on conflict (account_id) do update
           set carrier = excluded.carrier, hosts = excluded.hosts, disabled = excluded.disabled,
               version = excluded.version
         where a.version < excluded.version and a.tenant_id = excluded.tenant_id",
    )
    .bind(rows.iter().map(|row| row.account_id.to_uuid()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.tenant_id.to_uuid()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.carrier.as_str()).collect::<Vec<_>>())
    .bind(hosts.collect::<Result<Vec<_>, _>>()?)
    .bind(rows.iter().map(|row| row.disabled).collect::<Vec<_>>())
    .bind(rows.iter().map(version).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// Accounts by id; unknown ones are left out.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn load(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<AccountFacts>, Fault> {
    let rows = sqlx::query(
        "select account_id, tenant_id, carrier, hosts, disabled, version
           from tracking.account where account_id = any($1)",
    )
    .bind(ids)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Carriers that a tenant has accounts at, each once.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn carriers(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<String>, Fault> {
    let sql = "select distinct carrier from tracking.account
                where tenant_id = $1 and not disabled order by carrier";
    Ok(sqlx::query_scalar(sql).bind(tenant).fetch_all(db).await?)
}
