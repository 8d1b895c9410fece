//! Migrations: append-only SQL per service, under one lock per database.

use aws_lc_rs::digest;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};
use uuid::Uuid;

use super::{DatabaseConfig, Role, verifier::verifier};

/// One migration of a service. Published ones never change.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Sorts and names it, e.g. `0001_init`.
    pub name: &'static str,
    /// Statements; each names its schema.
    pub sql: &'static str,
}

/// Why a service could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database could not be reached or set up.
    #[error("set up schema {schema}")]
    Setup {
        /// Schema.
        schema: String,
        /// Cause.
        source: sqlx::Error,
    },
    /// A migration failed; its transaction was rolled back.
    #[error("migration {name} of schema {schema}")]
    Apply {
        /// Schema.
        schema: String,
        /// Migration.
        name: &'static str,
        /// Cause.
        source: sqlx::Error,
    },
    /// A published migration was edited.
    #[error("migration {name} of schema {schema} was changed after it was applied")]
    Changed {
        /// Schema.
        schema: String,
        /// Migration.
        name: &'static str,
    },
}

/// The part that every service has, applied before its own migrations.
const BACKBONE: [Migration; 3] = [
    Migration { name: "0000_backbone", sql: include_str!("backbone.sql") },
    Migration { name: "0000_backbone_light", sql: include_str!("backbone_light.sql") },
    Migration { name: "0000_backbone_parked", sql: include_str!("backbone_parked.sql") },
];

/// Brings a service's roles and schema up to date. Safe to run at once from several processes.
///
/// # Errors
/// [`MigrateError`] names schema and migration; what failed is rolled back.
pub async fn migrate(
    config: &DatabaseConfig,
    service: &str,
    migrations: &[Migration],
) -> Result<(), MigrateError> {
    let setup = |source| MigrateError::Setup { schema: service.to_owned(), source };
    let options = config.admin().map_err(setup)?;
    let mut db = PgConnection::connect_with(&options).await.map_err(setup)?;
    // One migrator at a time per database; the lock goes with the connection.
    db.execute("select pg_advisory_lock(hashtextextended('colibri:migrate', 0))")
        .await
        .map_err(setup)?;
    prepare(&mut db, config, service).await.map_err(setup)?;
    for migration in BACKBONE.iter().chain(migrations) {
        apply(&mut db, service, migration).await?;
    }
    grant(&mut db, service).await.map_err(setup)?;
    db.close().await.map_err(setup)
}

async fn run(db: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    // Only names of services and roles are interpolated: they are constants of this program.
    db.execute(AssertSqlSafe(sql)).await.map(drop)
}

async fn prepare(
    db: &mut PgConnection,
    config: &DatabaseConfig,
    service: &str,
) -> Result<(), sqlx::Error> {
    for role in [Role::Rpc, Role::Log] {
        let name = role.name(service);
        // Roles belong to the whole server: another database's migrator may be making it now.
        run(
            db,
            format!(
                "do $$ begin
                   if not exists (select from pg_roles where rolname = '{name}') then
                     create role {name} login;
                   end if;
                 exception when duplicate_object or unique_violation then null;
                 end $$"
            ),
        )
        .await?;
        if let Some(password) = config.password(&name) {
            let verifier = verifier(&password, *Uuid::new_v4().as_bytes());
            run(db, format!("alter role {name} password '{verifier}'")).await?;
        }
    }
    run(db, format!("create schema if not exists {service}")).await?;
    run(
        db,
        format!(
            "create table if not exists {service}.migration (
               name text primary key, checksum bytea not null, at timestamptz not null default now())"
        ),
    )
    .await
}

async fn apply(
    db: &mut PgConnection,
    service: &str,
    migration: &Migration,
) -> Result<(), MigrateError> {
    let name = migration.name;
    let failed = |source| MigrateError::Apply { schema: service.to_owned(), name, source };
    let checksum = digest::digest(&digest::SHA256, migration.sql.as_bytes());
    let known = format!("select checksum from {service}.migration where name = $1");
    let known = sqlx::query(AssertSqlSafe(known))
        .bind(name)
        .fetch_optional(&mut *db)
        .await
        .map_err(failed)?;
    if let Some(row) = known {
        let applied: Vec<u8> = row.try_get(0).map_err(failed)?;
        return if applied == checksum.as_ref() {
            Ok(())
        } else {
            Err(MigrateError::Changed { schema: service.to_owned(), name })
        };
    }
    let mut tx = db.begin().await.map_err(failed)?;
    let sql = migration.sql.replace("{svc}", service);
    tx.execute(AssertSqlSafe(sql)).await.map_err(failed)?;
    let note = format!("insert into {service}.migration (name, checksum) values ($1, $2)");
    sqlx::query(AssertSqlSafe(note))
        .bind(name)
        .bind(checksum.as_ref())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    tx.commit().await.map_err(failed)
}

/// Rights of the two roles on everything in the schema, and row security on each table that has a
/// tenant. Runs after every migration, so that a new table cannot be forgotten.
async fn grant(db: &mut PgConnection, service: &str) -> Result<(), sqlx::Error> {
    let (rpc, log) = (Role::Rpc.name(service), Role::Log.name(service));
    run(
        db,
        format!(
            "revoke all on schema {service} from public;
             grant usage on schema {service} to {rpc}, {log};
             grant select, insert, update, delete on all tables in schema {service} to {rpc}, {log};
             revoke all on {service}.migration from {rpc}, {log};
             revoke all on {service}.event_log, {service}.lane, {service}.position,
               {service}.parked, {service}.parked_key, {service}.discarded from {rpc};
             revoke select, update, delete on {service}.outbox from {rpc};
             grant execute on all functions in schema {service} to {rpc}, {log}"
        ),
    )
    .await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.table_name::text from information_schema.columns c
           join information_schema.tables t using (table_schema, table_name)
          where c.table_schema = $1 and c.column_name = 'tenant_id'
            and c.data_type = 'uuid' and t.table_type = 'BASE TABLE'
          order by 1",
    )
    .bind(service)
    .fetch_all(&mut *db)
    .await?;
    for table in tables {
        run(
            db,
            format!(
                "alter table {service}.{table} enable row level security;
                 drop policy if exists tenant on {service}.{table};
                 create policy tenant on {service}.{table} to {rpc}
                   using (tenant_id = nullif(current_setting('colibri.tenant', true), '')::uuid);
                 drop policy if exists log on {service}.{table};
                 create policy log on {service}.{table} to {log} using (true) with check (true)"
            ),
        )
        .await?;
    }
    Ok(())
}
