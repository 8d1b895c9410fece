use colibri_events::vault::v1::{
    Field, Flow, ListJournalRequest, PutRequest, vault_service_client::VaultServiceClient,
};
use colibri_kit::{db::Role, service::Definition};
use colibri_types::TenantId;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tonic::Code;

use crate::world::{self, OTTOKAR, put, record, reveal, values};

/// A service beside the vault, for its roles.
fn neighbour() -> Box<dyn Definition> {
    const MIGRATIONS: &[colibri_kit::db::Migration] = &[colibri_kit::db::Migration {
        name: "0001_init",
        sql: "create table labels.note (tenant_id uuid not null, text text not null)",
    }];
    colibri_kit::service::Service::new("labels", async |_| Ok(())).migrations(MIGRATIONS).build()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_gets_in() {
    let services = vec![colibri_vault::service(), neighbour()];
    let bed = colibri_testkit::TestBed::start(services).await;
    let tenant = TenantId::generate();
    let mut orders = world::vault(&bed, "orders", tenant);
    put(&mut orders, vec![record("order:1", &OTTOKAR)]).await;

    // Roles of another service see nothing of the schema.
    for role in [Role::Rpc, Role::Log] {
        let mut db = PgConnection::connect_with(&bed.role("labels", role)).await.unwrap();
        for table in ["sealed", "dek", "kek", "tenant_secret", "blind_index", "journal", "budget"] {
            let sql = format!("select * from vault.{table}");
            let error = db.execute(sqlx::AssertSqlSafe(sql)).await.unwrap_err();
            let state = error.as_database_error().unwrap().code().unwrap().into_owned();
            assert_eq!(state, "42501", "{table}: {error}");
        }
    }
    // The vault's own role sees nothing without a tenant, and cannot rewrite the journal.
    let mut own = PgConnection::connect_with(&bed.role("vault", Role::Rpc)).await.unwrap();
    let count = "select count(*) from vault.sealed";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut own).await.unwrap(), 0);
    let mut log = PgConnection::connect_with(&bed.role("vault", Role::Log)).await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut log).await.unwrap(), 1);
    reveal(&mut orders, Flow::OrderView, &[Field::Name], &[&uuid::Uuid::new_v4().to_string()])
        .await;
    for sql in ["delete from vault.journal", "update vault.journal set denied = ''"] {
        assert!(log.execute(sql).await.is_err(), "{sql}");
    }
    for table in tables_with_tenant(&bed).await {
        assert!(table.1, "{} has no row security", table.0);
    }

    // An outside client is no service of ours, whatever scopes it claims.
    let scopes = ["orders:write", "vault:audit", "accounts:write", "*"];
    let mut client = VaultServiceClient::new(bed.client(tenant, &scopes));
    let error = client.put(PutRequest::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
    let mut poor = VaultServiceClient::new(bed.client(tenant, &["orders:write"]));
    let error = poor.list_journal(ListJournalRequest::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
    let mut nobody = VaultServiceClient::new(bed.peer("orders", "vault", None));
    let error = nobody.put(PutRequest::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
    assert_eq!(bed.stop().await, Vec::<String>::new());
}

async fn tables_with_tenant(bed: &colibri_testkit::TestBed) -> Vec<(String, bool)> {
    let sql = "select c.relname::text, c.relrowsecurity from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
       where c.relnamespace = 'vault'::regnamespace and c.relkind = 'r'";
    let tables: Vec<(String, bool)> = sqlx::query_as(sql).fetch_all(&bed.admin).await.unwrap();
    assert!(tables.len() >= 10, "{tables:?}");
    tables
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_moved_or_changed_do_not_open() {
    let bed = world::bed().await;
    let (tenant, other) = (TenantId::generate(), TenantId::generate());
    let mut orders = world::vault(&bed, "orders", tenant);
    let records = (1..=3).map(|n| record(&format!("order:{n}"), &OTTOKAR)).collect();
    let refs = put(&mut orders, records).await;
    let mut theirs = world::vault(&bed, "orders", other);
    let foreign = put(&mut theirs, vec![record("order:1", &OTTOKAR)]).await.remove(0);
    // Two blobs swapped, and another tenant's row brought over with its key.
    for (sql, one, two) in [
        (
            "update vault.sealed s set blob = o.blob from vault.sealed o
              where s.ref = any($1) and o.ref = any($1) and s.ref <> o.ref",
            refs[0].clone(),
            refs[1].clone(),
        ),
        (
            "update vault.sealed set tenant_id = $2 where ref = any($1)",
            foreign.clone(),
            String::new(),
        ),
        (
            "update vault.dek set tenant_id = $2 where owner = any($1)",
            foreign.clone(),
            String::new(),
        ),
    ] {
        let both = vec![one, two];
        let sql = format!("with t as (select $2::uuid) {sql}");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(both).bind(tenant.to_uuid());
        // The key mark is per tenant; move it out of the way.
        let free = "update vault.sealed set key_mark = gen_random_uuid() where ref = $1";
        sqlx::query(free).bind(&foreign).execute(&bed.admin).await.unwrap();
        query.execute(&bed.admin).await.unwrap();
    }
    let asked: Vec<&str> = [&refs[0], &refs[1], &refs[2], &foreign].map(String::as_str).to_vec();
    let seen = reveal(&mut orders, Flow::OrderView, &[Field::Name], &asked).await;
    let denied: Vec<&str> = seen.iter().map(|one| one.denied.as_str()).collect();
    assert_eq!(denied, ["VLT0010", "VLT0010", "", "VLT0010"]);
    assert_eq!(values(&seen[2]), [(Field::Name as i32, "Ottokar Beispiel")]);
    assert_eq!(bed.stop().await, Vec::<String>::new());
}
