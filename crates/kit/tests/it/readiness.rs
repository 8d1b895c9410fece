//! Ready means that the first call is answered.

use colibri_kit::{
    db::Migration,
    fault::BoxError,
    service::{Definition, Host, Service, Shell},
};
use colibri_testkit::{TestBed, eventually};

use crate::support::*;

/// A service with a schema and no bus: it starts while its database is away.
fn plain(door: &Door) -> Box<dyn Definition> {
    let door = door.clone();
    Service::new("pricing", |_: Host| async { Ok::<_, BoxError>(()) })
        .migrations(&[Migration { name: "0001_test", sql: "create table {svc}.thing (n int8)" }])
        .task("door", move |shell: Shell<()>, shutdown| async move {
            door.set(shell).ok().unwrap();
            shutdown.triggered().await;
        })
        .build()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_ready_when_its_pools_were_used_and_not_before() {
    let mut bed = TestBed::start(vec![plain(&Door::default())]).await;
    bed.postgres.kill9().unwrap();
    let door = Door::default();
    let second = bed.second(vec![plain(&door)]).await;
    let reasons: Vec<String> = second.ready.reasons().into_iter().map(|(name, _)| name).collect();
    assert_eq!(reasons, ["database.pricing"]);
    bed.postgres.restart().unwrap();
    eventually("the second process is ready", PATIENCE, || async {
        second.ready.is_ready().then_some(())
    })
    .await;
    open(&door).await;
    let shell = door.get().unwrap();
    for pool in [&shell.host.db.rpc, &shell.host.db.log] {
        assert!(pool.size() > 0, "a pool was not used");
    }
    let mut cx = shell.begin_log().await.unwrap();
    sqlx::query("select n from pricing.thing").execute(cx.db()).await.unwrap();
    cx.commit().await.unwrap();
    second.stop().await;
    bed.stop().await;
}
