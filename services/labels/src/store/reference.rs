//! Accounts and sites as their owner tells them.

use std::collections::BTreeMap;

use colibri_carrier_client::AccountFacts;
use colibri_events::accounts::v1::SiteChanged;
use colibri_kit::fault::Fault;
use colibri_types::{AccountId, SiteId, TenantId};
use sqlx::{PgConnection, Row as _, postgres::PgRow, types::Json};
use uuid::Uuid;

/// Keeps the newest version of each account.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep_accounts(db: &mut PgConnection, accounts: &[AccountFacts]) -> Result<(), Fault> {
    let mut newest: BTreeMap<AccountId, &AccountFacts> = BTreeMap::new();
    for account in accounts {
        let kept = newest.entry(account.account_id).or_insert(account);
        if account.version >= kept.version {
            *kept = account;
        }
    }
    let all = || newest.values();
    let versions: Vec<i64> = all().map(|a| super::version(a.version)).collect::<Result<_, _>>()?;
    sqlx::query(
        "insert into labels.account (account_id, tenant_id, carrier, hosts, disabled, version)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::bool[],
                              $6::int8[])
         on conflict (account_id) do update
            set carrier = excluded.carrier, hosts = excluded.hosts, disabled = excluded.disabled,
                version = excluded.version
          where labels.account.version < excluded.version
            and labels.account.tenant_id = excluded.tenant_id",
    )
    .bind(all().map(|a| a.account_id.to_uuid()).collect::<Vec<_>>())
    .bind(all().map(|a| a.tenant_id.to_uuid()).collect::<Vec<_>>())
    .bind(all().map(|a| a.carrier.as_str()).collect::<Vec<_>>())
    .bind(all().map(|a| Json(a.hosts.clone())).collect::<Vec<_>>())
    .bind(all().map(|a| a.disabled).collect::<Vec<_>>())
    .bind(versions)
    .execute(db)
    .await?;
    Ok(())
}

/// A site, as far as buying needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its id.
    pub site_id: SiteId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Where it stands.
    pub country: String,
    /// Its address in the vault.
    pub address_ref: String,
}

impl Site {
    /// The site of an event; `None` when an id is malformed.
    #[must_use]
    pub fn from_event(event: &SiteChanged) -> Option<Self> {
        Some(Self {
            site_id: event.site_id.parse().ok()?,
            tenant_id: event.tenant_id.parse().ok()?,
            country: event.country.clone(),
            address_ref: event.address_ref.clone(),
        })
    }
}

/// Keeps sites; of several events about one, the last.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep_sites(db: &mut PgConnection, sites: &[Site]) -> Result<(), Fault> {
    let newest: BTreeMap<SiteId, &Site> = sites.iter().map(|site| (site.site_id, site)).collect();
    let all = || newest.values();
    sqlx::query(
        "insert into labels.site (site_id, tenant_id, country, address_ref)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
         on conflict (site_id) do update
            set country = excluded.country, address_ref = excluded.address_ref
          where labels.site.tenant_id = excluded.tenant_id",
    )
    .bind(all().map(|s| s.site_id.to_uuid()).collect::<Vec<_>>())
    .bind(all().map(|s| s.tenant_id.to_uuid()).collect::<Vec<_>>())
    .bind(all().map(|s| s.country.as_str()).collect::<Vec<_>>())
    .bind(all().map(|s| s.address_ref.as_str()).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// Reads an account beside other columns: `carrier` of the account is `account_carrier` there.
pub(super) fn account(
    row: &PgRow,
    account_id: Uuid,
    tenant_id: TenantId,
) -> Result<Option<AccountFacts>, sqlx::Error> {
    let Some(carrier) = row.try_get::<Option<String>, _>("account_carrier")? else {
        return Ok(None);
    };
    let hosts: Json<BTreeMap<String, String>> = row.try_get("hosts")?;
    Ok(Some(AccountFacts {
        tenant_id,
        account_id: AccountId::from_uuid(account_id),
        carrier,
        hosts: hosts.0,
        disabled: row.try_get("disabled")?,
        version: u64::try_from(row.try_get::<i64, _>("account_version")?).unwrap_or_default(),
    }))
}

/// An account of a tenant.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find_account(
    db: &mut PgConnection,
    account_id: AccountId,
    tenant_id: TenantId,
) -> Result<Option<AccountFacts>, Fault> {
    let row = sqlx::query(
        "select carrier as account_carrier, hosts, disabled, version as account_version
           from labels.account where account_id = $1 and tenant_id = $2",
    )
    .bind(account_id.to_uuid())
    .bind(tenant_id.to_uuid())
    .fetch_optional(db)
    .await?;
    let facts = row.map(|row| account(&row, account_id.to_uuid(), tenant_id)).transpose()?;
    Ok(facts.flatten())
}

/// A site of a tenant.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find_site(
    db: &mut PgConnection,
    site_id: SiteId,
    tenant_id: TenantId,
) -> Result<Option<Site>, Fault> {
    let row = sqlx::query(
        "select country, address_ref from labels.site where site_id = $1 and tenant_id = $2",
    )
    .bind(site_id.to_uuid())
    .bind(tenant_id.to_uuid())
    .fetch_optional(db)
    .await?;
    let site = |row: PgRow| {
        let (country, address_ref) = (row.try_get("country")?, row.try_get("address_ref")?);
        Ok::<_, sqlx::Error>(Site { site_id, tenant_id, country, address_ref })
    };
    Ok(row.map(site).transpose()?)
}
