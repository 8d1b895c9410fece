//! Neighbours of the service under test: they publish what the test says.

use std::sync::Arc;

use colibri_events::Event;
use colibri_kit::{
    db::Migration,
    fault::BoxError,
    service::{Cx, Host, Service, Shell},
};
use sqlx::AssertSqlSafe;
use tokio::sync::OnceCell;

use crate::{PATIENCE, eventually};

/// A neighbour's transactions, in the hands of the test.
#[derive(Clone, Default)]
pub struct Door(Arc<OnceCell<Shell<()>>>);

const TABLE: &[Migration] = &[Migration {
    name: "0001_test",
    sql: "create table {svc}.thing (id text primary key, n int8 not null)",
}];

/// A service of that name which does nothing but publish what is said at its door; gRPC that the
/// test needs of it is added to what this answers.
pub fn stand_in(name: &'static str, door: &Door) -> Service<()> {
    let door = door.clone();
    Service::new(name, |_: Host| async { Ok::<_, BoxError>(()) })
        .migrations(TABLE)
        .publishes()
        .task("door", move |shell, shutdown| async move {
            door.0.set(shell).ok().unwrap();
            shutdown.triggered().await;
        })
}

impl Door {
    /// The neighbour itself, as soon as it runs.
    pub async fn shell(&self) -> &Shell<()> {
        eventually("the stand-in runs", PATIENCE, || async { self.0.get() }).await
    }

    /// A transaction of the neighbour, for several events that belong together.
    pub async fn begin(&self) -> Cx<()> {
        self.shell().await.begin_log().await.unwrap()
    }

    /// Locks the row of a key, as a producer does before it publishes; answers how often that was.
    pub async fn lock(&self, cx: &mut Cx<()>, key: &str) -> u64 {
        let service = self.shell().await.host.service;
        let sql = format!(
            "insert into {service}.thing as t (id, n) values ($1, 1)
             on conflict (id) do update set n = t.n + 1 returning n"
        );
        let query = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).bind(key);
        query.fetch_one(cx.db()).await.unwrap().unsigned_abs()
    }

    /// Publishes as a producer does: the lock of the row, then the event, in one transaction.
    pub async fn say<E: Event>(&self, event: &E, fact: &str) {
        let mut cx = self.begin().await;
        self.lock(&mut cx, event.key()).await;
        cx.publish(event, fact);
        cx.commit().await.unwrap();
    }
}
