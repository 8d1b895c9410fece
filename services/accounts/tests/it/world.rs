//! An invented company and its calls.

use std::time::Duration;

use colibri_carriers::Carrier;
use colibri_events::{
    Event,
    accounts::v1::{Credential, accounts_service_client::AccountsServiceClient},
    types::v1::Address,
    vault::v1::vault_service_client::VaultServiceClient,
};
use colibri_kit::{fault::RpcError, rpc::Peer};
use colibri_testkit::{TestBed, WithToken, eventually};
use colibri_types::TenantId;
use tonic::{Status, service::interceptor::InterceptedService, transport::Channel};

pub type Client = AccountsServiceClient<InterceptedService<Channel, WithToken>>;

pub async fn bed() -> TestBed {
    TestBed::start(vec![colibri_vault::service(), colibri_accounts::service()]).await
}

pub fn client(bed: &TestBed, tenant: impl Into<Option<TenantId>>, scopes: &[&str]) -> Client {
    AccountsServiceClient::new(bed.client(tenant, scopes))
}

pub fn admin(bed: &TestBed, tenant: TenantId) -> Client {
    client(bed, tenant, &["accounts:write", "accounts:read"])
}

pub fn vault(bed: &TestBed, from: &str, tenant: TenantId) -> VaultServiceClient<Peer> {
    VaultServiceClient::new(bed.peer(from, "vault", tenant))
}

pub fn warehouse(street: &str) -> Address {
    Address {
        company: "Muster Versand".into(),
        lines: vec![street.into()],
        city: "Paris".into(),
        postcode: "75011".into(),
        country: "FR".into(),
        phone: "+33199000000".into(),
        ..Address::default()
    }
}

/// The fields a carrier cannot do without, filled with this.
pub fn form(carrier: &dyn Carrier, value: &str) -> Vec<Credential> {
    let required = carrier.info().account_fields.iter().filter(|field| field.required);
    required.map(|field| Credential { name: field.name.into(), value: value.into() }).collect()
}

pub fn error(status: &Status) -> (String, Vec<String>) {
    let error = RpcError::from_status(status);
    let fields = error.fields.into_iter().map(|field| field.field).collect();
    (error.reason.unwrap_or_default(), fields)
}

pub fn code(status: &Status) -> String {
    error(status).0
}

/// The events of a kind that reached the log of the lane, once there are `count`.
pub async fn events<E: Event>(bed: &TestBed, count: usize) -> Vec<E> {
    let subject = format!("colibri.accounts.v{}.{}.%", E::VERSION, E::NAME);
    eventually(E::NAME, Duration::from_secs(30), || async {
        let sql = "select payload from accounts.event_log where subject like $1 order by seq";
        let rows: Vec<Vec<u8>> =
            sqlx::query_scalar(sql).bind(&subject).fetch_all(&bed.admin).await.unwrap();
        let events: Vec<E> = rows.iter().map(|raw| E::decode(raw.as_slice()).unwrap()).collect();
        (events.len() >= count).then_some(events)
    })
    .await
}

/// Columns of all tables, of both services and their streams' log, that hold one of these texts.
pub async fn holding(bed: &TestBed, canaries: &[&str]) -> Vec<String> {
    let columns = "select table_schema::text, table_name::text, column_name::text
          from information_schema.columns
         where table_schema not in ('pg_catalog', 'information_schema')";
    let columns: Vec<(String, String, String)> =
        sqlx::query_as(columns).fetch_all(&bed.admin).await.unwrap();
    assert!(columns.len() > 100);
    let mut found = Vec::new();
    for (schema, table, column) in columns {
        // Text as it is, bytea as hex: the canary in both forms.
        let sql = format!("select {column}::text from {schema}.{table} where {column} is not null");
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&bed.admin).await.unwrap();
        for canary in canaries {
            let hex: String = canary.bytes().map(|b| format!("{b:02x}")).collect();
            if rows.iter().any(|row| row.contains(*canary) || row.contains(&hex)) {
                found.push(format!("{schema}.{table}.{column}"));
            }
        }
    }
    found
}
