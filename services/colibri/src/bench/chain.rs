//! The event chain: outbox → log → JetStream → projection, against the raw chain of the same engines.
//!
//! The raw chain does the least that the engines need for the same durable result: rows inserted by
//! `unnest`, atomic batches published and acknowledged, batches pulled and inserted by `unnest`,
//! then acknowledged; writers, publisher and consumer at the same time. No log, no fence, no order.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use async_nats::{HeaderMap, jetstream};
use colibri_events::orders::v1::OrderAccepted;
use colibri_kit::{
    config::{Config, KIT_DEFAULTS},
    db::Migration,
    fault::{BoxError, Fault},
    service::{Cx, Definition, Host, Runtime, Service, Shell, declare, migrate_all},
    shutdown::Shutdown,
};
use futures::StreamExt as _;
use prost::Message as _;
use secrecy::ExposeSecret as _;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::Figure;
use crate::embedded::{self, Servers};

/// Events a business transaction writes: a batch intake.
const PER_TX: usize = 500;

type Door = Arc<OnceCell<Shell<()>>>;

/// Measures both chains on the same servers, one after the other.
pub async fn run(events: usize) -> anyhow::Result<Vec<Figure>> {
    let root = embedded::root();
    let data = root.join(".colibri/bench");
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    std::fs::create_dir_all(&data)?;
    let (r, d) = (root.clone(), data.clone());
    let servers = tokio::task::spawn_blocking(move || Servers::start(&r, &d)).await??;
    let raw = raw(&servers, &data, events).await.context("raw chain")?;
    let ours = ours(&servers, &data, events).await.context("our chain")?;
    tokio::task::spawn_blocking(move || servers.stop()).await??;
    Ok(vec![
        Figure::new("chain: outbox to projection", ours, "events/s")
            .of(raw, "limit: the least that the same engines need, without log, fence and order")
            .bar(raw * 0.5),
    ])
}

fn payload(n: usize) -> OrderAccepted {
    OrderAccepted {
        order_id: format!("ord_{:026}", n % 5000),
        tenant_id: "ten_00000000000000000000000000".to_owned(),
        channel: "x".repeat(380), // brings the message to about 500 bytes
        country: "FR".to_owned(),
        version: n as u64,
        ..Default::default()
    }
}

async fn ours(servers: &Servers, data: &Path, events: usize) -> anyhow::Result<f64> {
    let door = Door::default();
    let services = vec![producer(&door), consumer()];
    let defaults: Vec<_> = std::iter::once(("kit", KIT_DEFAULTS))
        .chain(services.iter().map(|s| (s.name(), s.defaults())))
        .collect();
    let mut settings = servers.settings(data)?;
    settings.retain(|(key, _)| key.starts_with("COLIBRI_KIT__"));
    let any = "127.0.0.1:0".to_owned();
    settings.push(("COLIBRI_KIT__LISTEN_GRPC".to_owned(), any.clone()));
    settings.push(("COLIBRI_KIT__LISTEN_HTTP".to_owned(), any));
    let config = Config::load(&defaults, None, settings.into_iter())?;
    let kit = config.kit()?;
    migrate_all(&kit, &services).await?;
    let client = async_nats::connect(kit.nats_url.expose_secret()).await?;
    colibri_kit::bus::provision(&jetstream::new(client), &declare(&services), kit.bus).await?;
    let admin = pool(servers).await?;
    let runtime = Runtime::start(config, services, Shutdown::new()).await?;
    let shell = loop {
        if let Some(shell) = door.get() {
            break shell.clone();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let start = Instant::now();
    for from in (0..events).step_by(PER_TX) {
        let mut cx = shell.begin_log().await?;
        for n in from..(from + PER_TX).min(events) {
            cx.publish(&payload(n), &n.to_string());
        }
        cx.commit().await?;
    }
    wait_for(&admin, "select count(*) from pricing.heard", events).await?;
    let rate = events as f64 / start.elapsed().as_secs_f64();
    runtime.stop().await;
    Ok(rate)
}

fn producer(door: &Door) -> Box<dyn Definition> {
    let door = door.clone();
    Service::new("orders", |_: Host| async { Ok::<_, BoxError>(()) })
        .migrations(&[Migration { name: "0001_bench", sql: "select 1" }])
        .publishes()
        .task("door", move |shell, shutdown| async move {
            let _ = door.set(shell);
            shutdown.triggered().await;
        })
        .build()
}

fn consumer() -> Box<dyn Definition> {
    Service::new("pricing", |_: Host| async { Ok::<_, BoxError>(()) })
        .migrations(&[Migration {
            name: "0001_bench",
            sql: "create table {svc}.heard (key text not null, version int8 not null)",
        }])
        .on_slice::<OrderAccepted>(heard)
        .build()
}

async fn heard(cx: &mut Cx<()>, events: &[OrderAccepted]) -> Result<(), Fault> {
    sqlx::query("insert into pricing.heard select * from unnest($1::text[], $2::int8[])")
        .bind(events.iter().map(|e| e.order_id.as_str()).collect::<Vec<_>>())
        .bind(events.iter().map(|e| e.version as i64).collect::<Vec<_>>())
        .execute(cx.db())
        .await?;
    Ok(())
}

async fn pool(servers: &Servers) -> anyhow::Result<PgPool> {
    Ok(PgPoolOptions::new().max_connections(4).connect(&servers.database_url()).await?)
}

async fn wait_for(db: &PgPool, sql: &'static str, wanted: usize) -> anyhow::Result<()> {
    let wanted = i64::try_from(wanted)?;
    while sqlx::query_scalar::<_, i64>(sql).fetch_one(db).await? < wanted {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The least the engines need: three stages at once, each batching as it likes.
async fn raw(servers: &Servers, _data: &Path, events: usize) -> anyhow::Result<f64> {
    let db = pool(servers).await?;
    sqlx::raw_sql(
        "create schema raw;
         create table raw.outbox (id int8 generated always as identity primary key, key text, payload bytea);
         create table raw.heard (key text not null, version int8 not null)",
    )
    .execute(&db)
    .await?;
    let client = async_nats::connect(servers.nats.url()).await?;
    let js = jetstream::new(client.clone());
    let stream = js
        .create_stream(jetstream::stream::Config {
            name: "RAW".to_owned(),
            subjects: vec!["raw.>".to_owned()],
            allow_atomic_publish: true,
            ..Default::default()
        })
        .await?;
    let consumer: jetstream::consumer::PullConsumer = stream
        .create_consumer(jetstream::consumer::pull::Config {
            durable_name: Some("raw".to_owned()),
            ack_policy: jetstream::consumer::AckPolicy::All,
            max_ack_pending: 5000,
            ..Default::default()
        })
        .await?;
    let start = Instant::now();
    let write = raw_write(db.clone(), events);
    let publish = raw_publish(db.clone(), client, events);
    let consume = raw_consume(db, consumer, events);
    tokio::try_join!(write, publish, consume)?;
    Ok(events as f64 / start.elapsed().as_secs_f64())
}

async fn raw_write(db: PgPool, events: usize) -> anyhow::Result<()> {
    for from in (0..events).step_by(PER_TX) {
        let all: Vec<_> = (from..(from + PER_TX).min(events)).map(payload).collect();
        sqlx::query(
            "insert into raw.outbox (key, payload) select * from unnest($1::text[], $2::bytea[])",
        )
        .bind(all.iter().map(|e| e.order_id.clone()).collect::<Vec<_>>())
        .bind(all.iter().map(|e| e.encode_to_vec()).collect::<Vec<_>>())
        .execute(&db)
        .await?;
    }
    Ok(())
}

async fn raw_publish(db: PgPool, client: async_nats::Client, events: usize) -> anyhow::Result<()> {
    let mut done = 0;
    while done < events {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
            "delete from raw.outbox where id = any (array(select id from raw.outbox order by id limit 1000))
             returning payload",
        )
        .fetch_all(&db)
        .await?;
        if rows.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        done += rows.len();
        let batch = Uuid::now_v7().simple().to_string();
        let last = rows.len() - 1;
        for (i, (payload,)) in rows.into_iter().enumerate() {
            let mut headers = HeaderMap::new();
            headers.insert("Nats-Batch-Id", batch.as_str());
            headers.insert("Nats-Batch-Sequence", (i + 1).to_string());
            if i < last {
                client.publish_with_headers("raw.x", headers, payload.into()).await?;
            } else {
                headers.insert("Nats-Batch-Commit", "1");
                client.request_with_headers("raw.x", headers, payload.into()).await?;
            }
        }
    }
    Ok(())
}

async fn raw_consume(
    db: PgPool,
    consumer: jetstream::consumer::PullConsumer,
    events: usize,
) -> anyhow::Result<()> {
    let mut done = 0;
    while done < events {
        let batch = consumer.fetch().max_messages(500).expires(Duration::from_secs(5));
        let mut messages = batch.messages().await?;
        let (mut keys, mut versions, mut last) = (Vec::new(), Vec::new(), None);
        while let Some(message) = messages.next().await {
            let message = message.map_err(anyhow::Error::from_boxed)?;
            let event = OrderAccepted::decode(message.payload.clone())?;
            keys.push(event.order_id);
            versions.push(event.version as i64);
            last = Some(message);
        }
        let Some(last) = last else { continue };
        done += keys.len();
        sqlx::query("insert into raw.heard select * from unnest($1::text[], $2::int8[])")
            .bind(keys)
            .bind(versions)
            .execute(&db)
            .await?;
        last.ack().await.map_err(anyhow::Error::from_boxed)?;
    }
    Ok(())
}
