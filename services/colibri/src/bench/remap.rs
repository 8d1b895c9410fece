//! A corrected table over past scans: how many a minute are read and given today's meaning.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use colibri_events::tracking::v1::{
    RemapRequest, RemapResponse, tracking_service_client::TrackingServiceClient,
};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Figure, world::World};
use crate::merchant;

/// Parcels with six scans each: a million scans and some.
const PARCELS: i64 = 170_000;
/// A run over all of them may take this long.
const DEADLINE: Duration = Duration::from_secs(600);

/// Runs everything.
pub async fn run() -> anyhow::Result<Vec<Figure>> {
    let patient = ["DEADLINE_DEFAULT_MS", "DEADLINE_MS_MAX"]
        .map(|name| (format!("COLIBRI_KIT__RPC__{name}"), DEADLINE.as_millis().to_string()));
    let world = World::start_with("bench-remap", 1, patient.to_vec()).await?;
    let tenant = merchant::ensure(&world.stack).await?.tenant.to_uuid();
    past(&world.db, tenant).await?;
    let bare = bare(&world.db).await?;
    let (dry, told) = timed(&world, true).await?;
    let (done, same) = timed(&world, false).await?;
    world.stop().await?;
    anyhow::ensure!(told == same, "a dry run told {told:?}, the run did {same:?}");
    let note = format!(
        "{} scans, {} parcels folded again; limit: one statement that reads all scans and writes \
         the concerned",
        told.scans, told.parcels
    );
    let limit = told.scans as f64 / bare * 60.0;
    Ok(vec![
        Figure::new("remap: past scans read again", done, "scans/min")
            .of(limit, note)
            .bar(1_000_000.0),
        Figure::new("remap: the same, only told", dry, "scans/min")
            .of(limit, "the same limit")
            .bar(1_000_000.0),
    ])
}

async fn timed(world: &World, dry_run: bool) -> anyhow::Result<(f64, RemapResponse)> {
    let mut client =
        TrackingServiceClient::new(world.stack.peer("tracking", None).timeout(DEADLINE));
    let start = Instant::now();
    let request = RemapRequest { carrier: String::new(), dry_run };
    let answer = client.remap(request).await.context("remap")?.into_inner();
    Ok((answer.scans as f64 / start.elapsed().as_secs_f64() * 60.0, answer))
}

/// Reads every scan and writes those of code 21 that are `unknown`, in one statement that is undone.
async fn bare(db: &PgPool) -> anyhow::Result<f64> {
    let start = Instant::now();
    let mut tx = colibri_kit::db::begin(db).await?;
    let sql = "update tracking.scan s set headline = 'out_for_delivery', mapping_version = 2
                where s.code || '' = '21' and s.headline = 'unknown'";
    let written = sqlx::query(sql).execute(&mut *tx).await?.rows_affected();
    anyhow::ensure!(written > 0, "nothing was written");
    tx.rollback().await?;
    Ok(start.elapsed().as_secs_f64())
}

/// Parcels on their round a week ago. For every fourth the last code was in no table then.
async fn past(db: &PgPool, tenant: Uuid) -> anyhow::Result<()> {
    let parcels = "insert into tracking.parcel
        (parcel_id, tenant_id, shipment_id, account_id, carrier, subject_ref, purchased_at,
         changed_at, state_at, news_at, headline)
      select md5('p' || n)::uuid, $1, md5('s' || n)::uuid, $2, 'ups', md5('r' || n)::uuid,
             now() - interval '9 days', now(), now(), now(), 'in_transit'
        from generate_series(1, $3) n";
    sqlx::query(parcels).bind(tenant).bind(Uuid::nil()).bind(PARCELS).execute(db).await?;
    let scans = "insert into tracking.scan
        (parcel_id, dedupe, tenant_id, scan_id, code, headline, local_time, utc_offset, utc,
         zone_source, sequence, return_leg, future, before_label, sealed, source, received_at,
         mapping_version, by_code)
      select md5('p' || n)::uuid, sha256((n || '.' || i)::bytea), $1, md5(n || '.' || i)::uuid,
             (array['3', '38', '5', '10', '5', '21'])[i],
             case when i < 6 or n % 4 > 0
                  then (array['created', 'picked_up', 'in_transit', 'in_transit', 'in_transit',
                              'out_for_delivery'])[i]
                  else 'unknown' end,
             to_char(now() - interval '7 days' + make_interval(hours => i),
                     'YYYY-MM-DD\"T\"HH24:MI:SS'),
             '+00:00', now() - interval '7 days' + make_interval(hours => i), 'stated', i, false,
             false, false, false, 'poll', now(), 1, true
        from generate_series(1, $2) n, generate_series(1, 6) i";
    sqlx::query(scans).bind(tenant).bind(PARCELS).execute(db).await?;
    sqlx::query("analyze tracking.scan, tracking.parcel").execute(db).await?;
    Ok(())
}
