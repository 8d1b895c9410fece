//! All SQL of accounts.

mod clients;

use colibri_events::accounts::v1::{CarrierAccount, ChannelAccount, Host};
use colibri_types::{AccountId, TenantId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub use clients::{
    ClientRow, clients, has_client, insert_client, revoke_client, rotate_client, secrets_of,
};

/// Keeps a tenant.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn insert_tenant(
    db: &mut PgConnection,
    tenant: TenantId,
    name: &str,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let sql = "insert into accounts.tenant (tenant_id, name, created_at) values ($1, $2, $3)";
    sqlx::query(sql).bind(tenant.to_uuid()).bind(name).bind(now).execute(db).await.map(drop)
}

/// What there can only be so many of.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Sites.
    Site,
    /// API clients that are not revoked.
    Client,
    /// Carrier accounts.
    Carrier,
    /// Channel accounts.
    Channel,
}

/// How many a tenant has.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn count(
    db: &mut PgConnection,
    tenant: TenantId,
    kind: Kind,
) -> Result<i64, sqlx::Error> {
    let sql = match kind {
        Kind::Site => "select count(*) from accounts.site where tenant_id = $1",
        Kind::Client => {
            "select count(*) from accounts.client where tenant_id = $1 and revoked_at is null"
        }
        Kind::Carrier => "select count(*) from accounts.carrier_account where tenant_id = $1",
        Kind::Channel => "select count(*) from accounts.channel_account where tenant_id = $1",
    };
    sqlx::query_scalar(sql).bind(tenant.to_uuid()).fetch_one(db).await
}

/// A site.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SiteRow {
    /// Id.
    pub site_id: Uuid,
    /// The tenant's own.
    pub code: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Part of the postcode that may be known.
    pub postcode_zone: Option<String>,
    /// Record in the vault.
    pub address_ref: String,
}

/// Keeps a site, new or changed; answers its version.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn upsert_site(
    db: &mut PgConnection,
    tenant: TenantId,
    site: &SiteRow,
    now: OffsetDateTime,
) -> Result<i64, sqlx::Error> {
    let sql = "insert into accounts.site as s
               (tenant_id, site_id, code, country, postcode_zone, address_ref, version, changed_at)
        values ($1, $2, $3, $4, $5, $6, 1, $7)
        on conflict (tenant_id, code) do update
           set country = excluded.country, postcode_zone = excluded.postcode_zone,
               address_ref = excluded.address_ref, version = s.version + 1, changed_at = $7
        returning version";
    let query = sqlx::query_scalar(sql).bind(tenant.to_uuid()).bind(site.site_id);
    let query = query.bind(&site.code).bind(&site.country).bind(&site.postcode_zone);
    query.bind(&site.address_ref).bind(now).fetch_one(db).await
}

/// A tenant's sites by code.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn sites(db: &mut PgConnection, tenant: TenantId) -> Result<Vec<SiteRow>, sqlx::Error> {
    let sql = "select site_id, code, country, postcode_zone, address_ref from accounts.site
                where tenant_id = $1 order by code";
    sqlx::query_as(sql).bind(tenant.to_uuid()).fetch_all(db).await
}

/// Whether there is a site of this code.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn has_site(
    db: &mut PgConnection,
    tenant: TenantId,
    code: &str,
) -> Result<bool, sqlx::Error> {
    let sql = "select exists (select from accounts.site where tenant_id = $1 and code = $2)";
    sqlx::query_scalar(sql).bind(tenant.to_uuid()).bind(code).fetch_one(db).await
}

/// An account at a carrier.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CarrierRow {
    /// Whose.
    pub tenant_id: Uuid,
    /// Id.
    pub account_id: Uuid,
    /// The tenant's own.
    pub code: String,
    /// Id in the carrier registry.
    pub carrier: String,
    /// Named hosts ...
    pub host_names: Vec<String>,
    /// ... and their base addresses.
    pub host_urls: Vec<String>,
    /// Where parcels may leave from; empty: everywhere the carrier serves.
    pub origin_countries: Vec<String>,
    /// The kill switch.
    pub disabled: bool,
}

impl CarrierRow {
    /// As others see it.
    #[must_use]
    pub fn into_message(self) -> CarrierAccount {
        let hosts = self.host_names.into_iter().zip(self.host_urls);
        CarrierAccount {
            account_id: AccountId::from_uuid(self.account_id).to_string(),
            code: self.code,
            carrier: self.carrier,
            hosts: hosts.map(|(name, url)| Host { name, url }).collect(),
            origin_countries: self.origin_countries,
            disabled: self.disabled,
        }
    }
}

/// An account at a sales channel.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ChannelRow {
    /// Whose.
    pub tenant_id: Uuid,
    /// Id.
    pub account_id: Uuid,
    /// The tenant's own.
    pub code: String,
    /// Id in the channel registry.
    pub channel: String,
    /// Site its orders leave from; empty: by country.
    pub site_code: String,
    /// Weight of a piece where the channel tells none, in g; 0: none.
    pub default_unit_weight_g: i32,
}

impl ChannelRow {
    /// As others see it.
    #[must_use]
    pub fn into_message(self) -> ChannelAccount {
        ChannelAccount {
            account_id: AccountId::from_uuid(self.account_id).to_string(),
            code: self.code,
            channel: self.channel,
            site_code: self.site_code,
            default_unit_weight_g: u32::try_from(self.default_unit_weight_g).unwrap_or_default(),
        }
    }
}

/// Id and carrier of the account of this code.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn carrier_of(
    db: &mut PgConnection,
    tenant: TenantId,
    code: &str,
) -> Result<Option<(Uuid, String)>, sqlx::Error> {
    let sql = "select account_id, carrier from accounts.carrier_account
                where tenant_id = $1 and code = $2";
    sqlx::query_as(sql).bind(tenant.to_uuid()).bind(code).fetch_optional(db).await
}

/// Id and channel of the account of this code.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn channel_of(
    db: &mut PgConnection,
    tenant: TenantId,
    code: &str,
) -> Result<Option<(Uuid, String)>, sqlx::Error> {
    let sql = "select account_id, channel from accounts.channel_account
                where tenant_id = $1 and code = $2";
    sqlx::query_as(sql).bind(tenant.to_uuid()).bind(code).fetch_optional(db).await
}

/// Keeps a carrier account, new or replaced; answers its version. `None`: the code went to another
/// carrier meanwhile.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn upsert_carrier(
    db: &mut PgConnection,
    row: &CarrierRow,
    now: OffsetDateTime,
) -> Result<Option<i64>, sqlx::Error> {
    let sql = "insert into accounts.carrier_account as a
               (tenant_id, account_id, code, carrier, host_names, host_urls, origin_countries,
                disabled, version, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)
        on conflict (tenant_id, code) do update
           set host_names = excluded.host_names, host_urls = excluded.host_urls,
               origin_countries = excluded.origin_countries, disabled = excluded.disabled,
               version = a.version + 1, changed_at = $9
         where a.carrier = excluded.carrier
        returning version";
    sqlx::query_scalar(sql)
        .bind(row.tenant_id)
        .bind(row.account_id)
        .bind(&row.code)
        .bind(&row.carrier)
        .bind(&row.host_names)
        .bind(&row.host_urls)
        .bind(&row.origin_countries)
        .bind(row.disabled)
        .bind(now)
        .fetch_optional(db)
        .await
}

/// Keeps a channel account, new or replaced. False: the code went to another channel meanwhile.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn upsert_channel(
    db: &mut PgConnection,
    row: &ChannelRow,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let sql = "insert into accounts.channel_account as a
               (tenant_id, account_id, code, channel, site_code, default_unit_weight_g, version,
                changed_at)
        values ($1, $2, $3, $4, $5, $6, 1, $7)
        on conflict (tenant_id, code) do update
           set site_code = excluded.site_code, version = a.version + 1, changed_at = $7,
               default_unit_weight_g = excluded.default_unit_weight_g
         where a.channel = excluded.channel";
    let query = sqlx::query(sql).bind(row.tenant_id).bind(row.account_id).bind(&row.code);
    let query = query.bind(&row.channel).bind(&row.site_code).bind(row.default_unit_weight_g);
    let done = query.bind(now).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

const CARRIER_COLUMNS: &str = "tenant_id, account_id, code, carrier, host_names, host_urls, \
     origin_countries, disabled";

/// A tenant's carrier accounts by code.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn carriers(
    db: &mut PgConnection,
    tenant: TenantId,
) -> Result<Vec<CarrierRow>, sqlx::Error> {
    let sql = format!(
        "select {CARRIER_COLUMNS} from accounts.carrier_account
          where tenant_id = $1 order by code"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant.to_uuid()).fetch_all(db).await
}

/// A carrier account, whosever it is.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn carrier(
    db: &mut PgConnection,
    account: AccountId,
) -> Result<Option<CarrierRow>, sqlx::Error> {
    let sql =
        format!("select {CARRIER_COLUMNS} from accounts.carrier_account where account_id = $1");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(account.to_uuid()).fetch_optional(db).await
}

/// A channel account, whosever it is.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn channel(
    db: &mut PgConnection,
    account: AccountId,
) -> Result<Option<ChannelRow>, sqlx::Error> {
    let sql = "select tenant_id, account_id, code, channel, site_code, default_unit_weight_g
                 from accounts.channel_account where account_id = $1";
    sqlx::query_as(sql).bind(account.to_uuid()).fetch_optional(db).await
}
