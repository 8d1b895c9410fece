//! Ready means that the first call is answered.

use std::sync::Arc;

use colibri_kit::{
    db::Migration,
    fault::BoxError,
    service::{Definition, Host, Service, Shell},
};
use colibri_testkit::{BedOptions, PATIENCE, TestBed, eventually};
use tokio::sync::OnceCell;

type Started = Arc<OnceCell<Shell<()>>>;

/// A service with a schema and no bus: it starts while its database is away.
fn plain(started: &Started) -> Box<dyn Definition> {
    let started = started.clone();
    Service::new("pricing", |_: Host| async { Ok::<_, BoxError>(()) })
        .migrations(&[Migration { name: "0001_test", sql: "create table {svc}.thing (n int8)" }])
        .task("start", move |shell: Shell<()>, shutdown| async move {
            started.set(shell).ok().unwrap();
            shutdown.triggered().await;
        })
        .build()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_ready_when_its_pools_were_used_and_not_before() {
    let mut bed = TestBed::start(vec![plain(&Started::default())]).await;
    bed.postgres.kill9().unwrap();
    let started = Started::default();
    let second = bed.second(vec![plain(&started)]).await;
    let reasons: Vec<String> = second.ready.reasons().into_iter().map(|(name, _)| name).collect();
    assert_eq!(reasons, ["database.pricing"]);
    bed.postgres.restart().unwrap();
    eventually("the second process is ready", PATIENCE, || async {
        second.ready.is_ready().then_some(())
    })
    .await;
    let shell = eventually("its task runs", PATIENCE, || async { started.get() }).await;
    for pool in [&shell.host.db.rpc, &shell.host.db.log] {
        assert!(pool.size() > 0, "a pool was not used");
    }
    let mut cx = shell.begin_log().await.unwrap();
    sqlx::query("select n from pricing.thing").execute(cx.db()).await.unwrap();
    cx.commit().await.unwrap();
    second.stop().await;
    bed.stop().await;
}

/// A service that reads its own table before anything else.
fn needy() -> Box<dyn Definition> {
    Service::new("pricing", |host: Host| async move {
        let mut db = host.connection().await?;
        sqlx::query("select n from pricing.thing").execute(&mut *db).await?;
        Ok::<_, BoxError>(())
    })
    .migrations(&[Migration { name: "0001_test", sql: "create table {svc}.thing (n int8)" }])
    .build()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_needs_its_database_waits_longer_than_a_caller_would() {
    let settings = vec![("COLIBRI_KIT__DB__ACQUIRE_TIMEOUT_MS".to_owned(), "100".to_owned())];
    let options = BedOptions { settings, ..BedOptions::default() };
    let mut bed = TestBed::start_with(vec![needy()], options).await;
    bed.postgres.kill9().unwrap();
    let mut waiting = Box::pin(bed.second(vec![needy()]));
    let early = tokio::time::timeout(std::time::Duration::from_secs(1), &mut waiting).await;
    assert!(early.is_err(), "it neither started nor gave up");
    drop(waiting);
    bed.postgres.restart().unwrap();
    bed.second(vec![needy()]).await.stop().await;
    bed.stop().await;
}
