//! What a parcel costs when a million are stored: it must not grow.
//!
//! Some parcels take the whole road; their rows in every service are copied under other ids, to ten
//! thousand and then to all, without documents. After each, parcels take the road again.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use colibri_types::TenantId;
use sqlx::{AssertSqlSafe, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Figure, cpu,
    world::{self, World},
};
use crate::merchant;

/// Parcels that take the road each time.
const TRAVEL: usize = 2_000;
/// A day takes three seconds: writing a million takes some of the months that tariffs hold.
const SPEED: u32 = 25_000;
/// What is compared with.
const FEW: usize = 10_000;
/// Copies that are written by one statement.
const AT_ONCE: usize = 50;
/// Until nine of ten are at their end.
const PATIENCE: Duration = Duration::from_secs(300);

/// Rows that one parcel leaves behind.
struct Table {
    name: &'static str,
    /// Columns whose ids are others in each copy: the same old id becomes the same new one.
    ids: &'static [&'static str],
    /// Columns of text that get the number of the copy.
    texts: &'static [&'static str],
    /// Those that are at rest.
    only: &'static str,
}

impl Table {
    /// Where the rows that are copied stand.
    fn pattern(&self) -> String {
        format!("bare.{}", self.name.replace('.', "_"))
    }

    /// What a copy has in a column.
    fn value(&self, column: &str) -> String {
        if self.ids.contains(&column) {
            format!("md5(r.{column}::text || copy)::uuid")
        } else if self.texts.contains(&column) {
            format!("r.{column} || '-' || copy")
        } else {
            format!("r.\"{column}\"")
        }
    }
}

const DONE: &str = "state not in ('ready', 'claimed', 'sent', 'in_doubt')";

const TABLES: [Table; 12] = [
    Table {
        name: "orders.orders",
        ids: &["order_id", "shipment_id", "subject_ref"],
        texts: &["external_id"],
        only: "shipment_id is not null",
    },
    Table { name: "orders.intent", ids: &["id"], texts: &["key", "dedupe"], only: DONE },
    Table {
        name: "pricing.offer",
        ids: &["shipment_id", "order_id", "offer_id"],
        texts: &[],
        only: "state <> 'waiting'",
    },
    Table {
        name: "labels.shipment",
        ids: &["shipment_id", "order_id"],
        texts: &["attempt_ref"],
        only: "state = 'bought'",
    },
    Table {
        name: "labels.parcel",
        ids: &["parcel_id", "shipment_id"],
        texts: &[],
        only: "shipment_id in (select shipment_id from labels.shipment where state = 'bought')",
    },
    Table { name: "labels.intent", ids: &["id"], texts: &["key", "dedupe"], only: DONE },
    Table {
        name: "tracking.parcel",
        ids: &["parcel_id", "shipment_id", "order_id", "subject_ref"],
        texts: &[],
        only: ENDED,
    },
    Table {
        name: "tracking.scan",
        ids: &["parcel_id", "scan_id"],
        texts: &[],
        only: "parcel_id in (select parcel_id from tracking.parcel
                where headline in ('delivered', 'returned'))",
    },
    Table { name: "vault.dek", ids: &[], texts: &["owner"], only: "true" },
    Table { name: "vault.sealed", ids: &["key_mark"], texts: &["owner", "ref"], only: "true" },
    Table { name: "vault.blind_index", ids: &["mark"], texts: &["ref"], only: "true" },
    Table { name: "vault.journal", ids: &[], texts: &["item"], only: "true" },
];

const ENDED: &str = "headline in ('delivered', 'returned')";

/// Runs everything.
pub async fn run(stored: usize) -> anyhow::Result<Vec<Figure>> {
    let world = World::start("bench-stored", SPEED).await?;
    let tenant = merchant::ensure(&world.stack).await?.tenant;
    travel(&world, tenant, "first").await?;
    keep(&world.db).await?;
    let per_copy: i64 = sqlx::query_scalar("select count(*) from bare.tracking_parcel")
        .fetch_one(&world.db)
        .await?;
    let per_copy = usize::try_from(per_copy)?;
    anyhow::ensure!(per_copy > TRAVEL / 2, "only {per_copy} parcels are at their end");
    let few = FEW.div_ceil(per_copy);
    copy(&world.db, 1, few).await?;
    let before = travel(&world, tenant, "few").await?;
    copy(&world.db, few + 1, stored.div_ceil(per_copy)).await?;
    let sql = "select count(*), pg_database_size(current_database()) from tracking.parcel";
    let (count, bytes): (i64, i64) = sqlx::query_as(sql).fetch_one(&world.db).await?;
    let after = travel(&world, tenant, "many").await?;
    world.stop().await?;
    let gib = bytes as f64 / f64::from(1 << 30);
    let note = format!(
        "{count} parcels stored, {gib:.1} GiB; limit: the same with {FEW} stored, whose own CPU \
         was {:.2} of {:.2} ms, now {:.2}",
        before.own_ms, before.all_ms, after.own_ms
    );
    let name = "stored: CPU of one parcel, services and servers";
    let figure = Figure::new(name, after.all_ms, "ms").of(before.all_ms, note);
    Ok(vec![figure.bar(1.1 * before.all_ms)])
}

/// CPU of one parcel in milliseconds.
struct Cost {
    own_ms: f64,
    all_ms: f64,
}

/// Sends parcels along the whole road and waits until nine of ten are at their end.
async fn travel(world: &World, tenant: TenantId, prefix: &str) -> anyhow::Result<Cost> {
    let newest = "select max(received_at) from orders.orders";
    let newest: Option<OffsetDateTime> = sqlx::query_scalar(newest).fetch_one(&world.db).await?;
    let tree = || cpu::seconds_of_tree(std::process::id());
    let (own, all, theirs) = (cpu::own(), tree()?, cpu::seconds(world.carriers.pid())?);
    world::submit(&world.stack, tenant, prefix, TRAVEL, 100).await?;
    ended(&world.db, tenant, newest).await?;
    let (own, theirs) = (cpu::own() - own, cpu::seconds(world.carriers.pid())? - theirs);
    let all = tree()? - all - theirs;
    let ms = |seconds: f64| seconds * 1000.0 / TRAVEL as f64;
    Ok(Cost { own_ms: ms(own), all_ms: ms(all) })
}

/// Looks at the parcels of orders that came after `newest`, by their ids alone: looking must not
/// cost more when more are stored.
async fn ended(
    db: &PgPool,
    tenant: TenantId,
    newest: Option<OffsetDateTime>,
) -> anyhow::Result<()> {
    let sql = "select order_id from orders.orders
                where tenant_id = $1 and ($2::timestamptz is null or received_at > $2)";
    let ids: Vec<Uuid> =
        sqlx::query_scalar(sql).bind(tenant.to_uuid()).bind(newest).fetch_all(db).await?;
    anyhow::ensure!(ids.len() == TRAVEL, "{} orders were taken in", ids.len());
    let end = Instant::now() + PATIENCE;
    loop {
        let sql = "select (select count(*) from tracking.parcel
                            where tenant_id = $1 and order_id = any($2)
                              and headline in ('delivered', 'returned')),
                          (select count(*) from labels.shipment
                            where tenant_id = $1 and order_id = any($2) and state = 'refused')";
        let (ended, refused): (i64, i64) =
            sqlx::query_as(sql).bind(tenant.to_uuid()).bind(&ids).fetch_one(db).await?;
        if ended >= (i64::try_from(TRAVEL)? - refused) * 9 / 10 {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < end, "{ended} at their end after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Sets rows of the first parcels aside, as the pattern of all copies.
async fn keep(db: &PgPool) -> anyhow::Result<()> {
    sqlx::raw_sql("create schema bare").execute(db).await?;
    for table in TABLES {
        let (from, to) = (table.name, table.pattern());
        let sql = format!("create table {to} as select * from {from} where {}", table.only);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await.with_context(|| table.name)?;
    }
    // Days after its end nobody asks for a parcel any more: so it is with all that are stored.
    sqlx::raw_sql("update bare.tracking_parcel set next_poll_at = null").execute(db).await?;
    Ok(())
}

/// Writes copies with these numbers, and lets Postgres know of them.
async fn copy(db: &PgPool, from: usize, to: usize) -> anyhow::Result<()> {
    for table in TABLES {
        let columns = "select column_name from information_schema.columns
                        where table_schema || '.' || table_name = $1
                          and is_identity = 'NO' and is_generated = 'NEVER'";
        let columns: Vec<String> =
            sqlx::query_scalar(columns).bind(table.name).fetch_all(db).await?;
        let values: Vec<String> = columns.iter().map(|column| table.value(column)).collect();
        let quoted: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
        let sql = format!(
            "insert into {} ({}) select {} from {} r, generate_series($1::int8, $2::int8) copy",
            table.name,
            quoted.join(", "),
            values.join(", "),
            table.pattern()
        );
        for first in (from..=to).step_by(AT_ONCE) {
            sqlx::query(AssertSqlSafe(sql.clone()))
                .bind(i64::try_from(first)?)
                .bind(i64::try_from((first + AT_ONCE - 1).min(to))?)
                .execute(db)
                .await
                .with_context(|| table.name)?;
        }
        // What autovacuum does some minutes later would be counted as the parcels' cost.
        let sql = format!("vacuum (analyze) {}", table.name);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await?;
    }
    sqlx::raw_sql("checkpoint").execute(db).await?;
    Ok(())
}
