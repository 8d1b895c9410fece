//! A service's database roles see its own schema and no other.

use colibri_kit::{db::Role, service::database};
use sqlx::{Connection as _, PgConnection};

use crate::harness::{Options, SERVICES, World};

/// "permission denied".
const DENIED: &str = "42501";

#[tokio::test(flavor = "multi_thread")]
async fn no_role_of_a_service_reads_another_services_schema() {
    let world = World::prepare(Options::default()).await;
    let mut pairs = 0;
    for service in SERVICES {
        for role in [Role::Rpc, Role::Log] {
            let options = database(&world.kit).role(service, role).unwrap();
            let mut db = PgConnection::connect_with(&options).await.unwrap();
            // Its own it can: without this a role that may nothing would pass.
            let own = format!("select count(*) from {service}.idempotency");
            let own = sqlx::query(sqlx::AssertSqlSafe(own)).execute(&mut db).await;
            assert!(own.is_ok(), "{}: {own:?}", role.name(service));
            for other in SERVICES.into_iter().filter(|other| *other != service) {
                refused(&world, &mut db, &role.name(service), other).await;
                pairs += 1;
            }
        }
    }
    assert_eq!(pairs, 2 * SERVICES.len() * (SERVICES.len() - 1));
    world.stop().await;
}

async fn refused(world: &World, db: &mut PgConnection, role: &str, other: &str) {
    let tables: Vec<String> = sqlx::query_scalar(
        "select tablename::text from pg_tables where schemaname = $1
         union all select sequencename::text from pg_sequences where schemaname = $1",
    )
    .bind(other)
    .fetch_all(&world.admin)
    .await
    .unwrap();
    assert!(tables.len() > 5, "{other} has {tables:?}");
    for table in tables {
        let sql = format!("select * from {other}.\"{table}\" limit 1");
        let answer = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *db).await;
        let code = match &answer {
            Err(sqlx::Error::Database(error)) => error.code().map(|code| code.into_owned()),
            _ => None,
        };
        assert_eq!(code.as_deref(), Some(DENIED), "{role} on {other}.{table}: {answer:?}");
    }
    let functions: bool = sqlx::query_scalar(
        "select coalesce(bool_or(has_schema_privilege($1, n.oid, 'usage, create')), false)
           from pg_namespace n where nspname = $2",
    )
    .bind(role)
    .bind(other)
    .fetch_one(&world.admin)
    .await
    .unwrap();
    assert!(!functions, "{role} may use schema {other}");
}
