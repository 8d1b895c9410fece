//! `colibri doctor`: versions, settings, and whether logs, streams and positions agree.

use async_nats::jetstream;
use colibri_kit::{
    bus::{Reconciler, StreamEnd, check_server, reconcile, stream_end, stream_name},
    config::KitConfig,
    egress::{Egress, EgressLimits, Request},
    service::{database, declare},
};
use secrecy::ExposeSecret as _;
use sqlx::{AssertSqlSafe, PgPool, postgres::PgPoolOptions};

use crate::{run::ConfigArgs, services};

/// Newest messages compared one to one, per stream.
const TAIL: u64 = 1000;

/// Prints findings; true when there is none.
pub fn doctor(args: &ConfigArgs) -> anyhow::Result<bool> {
    let kit = args.load()?.kit()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let findings = runtime.block_on(examine(&kit))?;
    for line in &findings.seen {
        println!("ok    {line}");
    }
    for line in &findings.wrong {
        println!("WRONG {line}");
    }
    Ok(findings.wrong.is_empty())
}

/// What an examination saw.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is as it should be.
    pub seen: Vec<String>,
    /// What is not.
    pub wrong: Vec<String>,
    /// Events that some listener has not applied yet.
    pub behind: i64,
}

/// Looks at everything the configuration names.
pub async fn examine(kit: &KitConfig) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let admin =
        PgPoolOptions::new().max_connections(2).connect_with(database(kit).admin()?).await?;
    servers(kit, &admin, &mut findings).await?;
    let client = async_nats::connect(kit.nats_url.expose_secret()).await?;
    let js = jetstream::new(client);
    for producer in declare(&services()) {
        lane(&producer.service, &admin, &js, &mut findings).await?;
        for consumer in &producer.consumers {
            position(consumer, &producer.service, &admin, &js, &mut findings).await?;
        }
    }
    Ok(findings)
}

async fn servers(kit: &KitConfig, admin: &PgPool, findings: &mut Findings) -> anyhow::Result<()> {
    let Some(monitor) = &kit.nats_monitor_url else {
        findings.wrong.push("kit.nats_monitor_url is not set: nats-server is not checked".into());
        return Ok(());
    };
    let request = Request {
        method: http::Method::GET,
        url: format!("{}/varz", monitor.trim_end_matches('/')),
        headers: Vec::new(),
        body: bytes::Bytes::new(),
        timeout: std::time::Duration::from_secs(5),
    };
    let varz = Egress::new(EgressLimits::default()).send("nats", request).await?;
    let problems = check_server(&varz.body, admin).await.map_err(anyhow::Error::from_boxed)?;
    if problems.is_empty() {
        findings.seen.push("nats-server and Postgres keep what they acknowledge".into());
    }
    findings.wrong.extend(problems.iter().map(ToString::to_string));
    Ok(())
}

async fn lane(
    service: &str,
    admin: &PgPool,
    js: &jetstream::Context,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let side = Reconciler { service, db: admin, js, tail: TAIL };
    let report = reconcile(&side).await.map_err(anyhow::Error::from_boxed)?;
    let line = format!(
        "{service}: {} events in the log, {} in the stream, {} waiting, {} compared",
        report.head, report.stream_last, report.outbox, report.compared
    );
    if report.agrees() {
        findings.seen.push(line);
    } else {
        let (numbers, problems) = (&report.different, report.problems.join("; "));
        findings.wrong.push(format!("{line}; different: {numbers:?}; {problems}"));
    }
    Ok(())
}

async fn position(
    consumer: &str,
    producer: &str,
    admin: &PgPool,
    js: &jetstream::Context,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let sql = format!(
        "select coalesce((select seq from {consumer}.position where consumer = $1 and lane = 0), 0),
                (select count(*) from {consumer}.parked where consumer = $1)"
    );
    let (seq, parked): (i64, i64) =
        sqlx::query_as(AssertSqlSafe(sql)).bind(producer).fetch_one(admin).await?;
    let end = match stream_end(js, &stream_name(producer, 0)).await? {
        StreamEnd::Missing => 0,
        StreamEnd::At { last, .. } => i64::try_from(last)?,
    };
    let line = format!(
        "{consumer} has applied {seq} of {end} events of {producer}, {parked} of them are parked"
    );
    findings.behind += (end - seq).max(0);
    // Behind is ordinary while work goes on; ahead of the stream or parked is not.
    if seq <= end && parked == 0 {
        findings.seen.push(line);
    } else {
        findings.wrong.push(line);
    }
    Ok(())
}
