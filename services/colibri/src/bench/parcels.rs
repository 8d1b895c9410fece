//! Parcels from order to delivery. Simulated carriers run in their own process; their CPU is told
//! apart.

use std::time::{Duration, Instant};

use sqlx::PgPool;

use super::{
    Figure, cpu,
    world::{self, World},
};
use crate::merchant;

/// Parcels travel for a day or two: at this pace a day takes less than a second, so that the run
/// measures throughput and not travel. Polls that come due faster than they can be asked come
/// later and find more scans each; how many there were is told.
const SPEED: u32 = 100_000;

/// Runs everything on one stack.
pub async fn run(parcels: usize) -> anyhow::Result<Vec<Figure>> {
    let world = World::start("bench-parcels", SPEED).await?;
    let merchant = merchant::ensure(&world.stack).await?;
    let bare = world.bare().await?.per_second;
    let tree = || cpu::seconds_of_tree(std::process::id());
    let commits = world.commits().await?;
    let (own, all, theirs) = (cpu::own(), tree()?, cpu::seconds(world.carriers.pid())?);
    let start = Instant::now();
    world::submit(&world.stack, merchant.tenant, "road", parcels, 100).await?;
    let submitted = start.elapsed().as_secs_f64();
    let done = ended(&world.db, parcels).await?;
    let took = start.elapsed().as_secs_f64();
    let (own, theirs) = (cpu::own() - own, cpu::seconds(world.carriers.pid())? - theirs);
    let all = tree()? - all - theirs;
    let count = parcels as f64;
    let each = (world.commits().await? - commits) / count;
    let (polls, scans) = told(&world.db).await?;
    world.stop().await?;
    let ms = |seconds: f64| seconds * 1000.0 / count;
    let note = format!(
        "{polls:.1} polls and {scans:.1} scans a parcel; limit: {bare:.0} bare commits/s of this \
         Postgres / {each:.2} a parcel; {done} at their end when nine of ten labels were"
    );
    let whole = "limit: both cores for the whole run";
    Ok(vec![
        Figure::new("parcels: order to delivered", done as f64 / took, "parcels/s")
            .of(bare / each, note)
            .bar(300.0),
        Figure::new("parcels: orders taken in meanwhile", count / submitted, "orders/s")
            .of(bare * 100.0, "limit: a bare commit for each hundred orders"),
        Figure::new("parcels: commits of one parcel", each, "commits").of(9.0, "limit: one by one"),
        Figure::new("parcels: CPU of one parcel, our services", ms(own), "ms")
            .of(ms(2.0 * took), whole),
        Figure::new("parcels: CPU of one parcel, services and servers", ms(all), "ms")
            .of(ms(2.0 * took), whole),
        Figure::new("parcels: CPU of one parcel, simulated carriers", ms(theirs), "ms")
            .of(ms(2.0 * took), whole),
    ])
}

/// Polls and scans of a parcel, on average.
async fn told(db: &PgPool) -> anyhow::Result<(f64, f64)> {
    let sql = "select avg(polls)::float8,
                      (select count(*) from tracking.scan)::float8 / greatest(count(*), 1)
                 from tracking.parcel";
    Ok(sqlx::query_as(sql).fetch_one(db).await?)
}

/// Waits until nine of ten bought labels are delivered or returned, and answers how many are: some
/// are late or lost on purpose, and an order that the carrier refuses travels nowhere.
async fn ended(db: &PgPool, parcels: usize) -> anyhow::Result<i64> {
    let parcels = i64::try_from(parcels)?;
    let end = Instant::now() + Duration::from_secs(300);
    loop {
        let sql = "select (select count(*) from tracking.parcel
                            where headline in ('delivered', 'returned')),
                          (select count(*) from labels.shipment where state = 'refused')";
        let (ended, refused): (i64, i64) = sqlx::query_as(sql).fetch_one(db).await?;
        if ended >= (parcels - refused) * 9 / 10 {
            return Ok(ended);
        }
        anyhow::ensure!(
            Instant::now() < end,
            "{ended} at their end, {refused} refused after 300 s"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
