//! Work that was prepared before its intent: what may have left is on disk first, what was handed
//! over is called once, and a stop waits for the tickets that are out.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use colibri_kit::{
    db::Migration,
    fault::{BoxError, Fault},
    intent::{Attempt, Express, Intent, NewIntent, Outcome, Ticket, Worker, WorkerOptions},
    service::{Cx, Definition, Host, Service, Shell},
};
use colibri_testkit::{TestBed, eventually};
use sqlx::PgPool;
use tokio::sync::{OnceCell, Semaphore};
use uuid::Uuid;

use crate::support::*;

/// Calls at once; the express door gives half of the places.
const PLACES: usize = 4;

/// The state of the service, in the hands of the test as well.
struct Calls {
    express: Express<String>,
    /// Calls wait for a permit.
    answers: Semaphore,
    made: Mutex<Vec<String>>,
    /// What the table said of the intent when the call was made.
    states: Mutex<Vec<String>>,
    db: PgPool,
}

struct Caller;

impl Worker<Calls> for Caller {
    type Prepared = String;
    type Output = String;
    const KIND: &'static str = "call";

    fn options(&self, _: &Calls) -> WorkerOptions {
        WorkerOptions { concurrency: PLACES, ..WorkerOptions::default() }
    }

    fn express<'a>(&self, state: &'a Calls) -> Option<&'a Express<String>> {
        Some(&state.express)
    }

    async fn prepare(&self, _: &Arc<Calls>, intents: &[Intent]) -> Vec<Result<String, Fault>> {
        intents.iter().map(|intent| Ok(format!("queued {}", intent.key))).collect()
    }

    async fn call(&self, state: &Arc<Calls>, attempt: Attempt<String>) -> Outcome<String> {
        let sql = "select state from callers.intent where id = $1";
        let seen: String =
            sqlx::query_scalar(sql).bind(attempt.intent.id).fetch_one(&state.db).await.unwrap();
        state.states.lock().unwrap().push(seen);
        state.made.lock().unwrap().push(attempt.prepared.clone());
        state.answers.acquire().await.unwrap().forget();
        Outcome::Known(attempt.prepared)
    }

    async fn record(&self, cx: &mut Cx<Calls>, _: &Intent, output: &String) -> Result<(), Fault> {
        let sql = "insert into callers.told (what) values ($1)";
        sqlx::query(sql).bind(output).execute(cx.db()).await?;
        Ok(())
    }

    async fn failed(&self, _: &mut Cx<Calls>, _: &Intent, _: &str, _: &str) -> Result<(), Fault> {
        panic!("nothing fails here")
    }

    async fn in_doubt(&self, _: &mut Cx<Calls>, _: &Intent, _: &str) -> Result<(), Fault> {
        panic!("nothing is in doubt here")
    }
}

/// The running service, and what the test needs of it.
struct Bed {
    bed: TestBed,
    shell: Shell<Calls>,
}

impl Bed {
    async fn start() -> Self {
        let door = Arc::new(OnceCell::new());
        let bed = TestBed::start(vec![callers(door.clone())]).await;
        let shell: Shell<Calls> =
            eventually("the service runs", PATIENCE, || async { door.get().cloned() }).await;
        let express = &shell.state.express;
        eventually("the worker's door is open", PATIENCE, || async { express.ticket(new("-")) })
            .await;
        Self { bed, shell }
    }

    fn ticket(&self, key: &str) -> Option<Ticket<String>> {
        self.shell.state.express.ticket(new(key))
    }

    async fn send(&self, ticket: Ticket<String>, what: &str) -> Result<(), Fault> {
        let mut cx = self.shell.begin_log().await.unwrap();
        cx.send(ticket, what.to_owned());
        cx.commit().await
    }

    fn made(&self) -> Vec<String> {
        self.shell.state.made.lock().unwrap().clone()
    }

    async fn told(&self, wanted: usize) -> Vec<String> {
        eventually(&format!("{wanted} outcomes"), PATIENCE, || async {
            let told = told(&self.bed.admin).await;
            (told.len() == wanted).then_some(told)
        })
        .await
    }
}

fn callers(door: Arc<OnceCell<Shell<Calls>>>) -> Box<dyn Definition> {
    Service::new("callers", |host: Host| async move {
        Ok::<_, BoxError>(Calls {
            express: Express::default(),
            answers: Semaphore::new(0),
            made: Mutex::default(),
            states: Mutex::default(),
            db: host.db.log.clone(),
        })
    })
    .migrations(&[Migration {
        name: "0001_test",
        sql: "create table {svc}.told (n int8 generated always as identity, what text not null)",
    }])
    .work(Caller)
    .task("door", move |shell, shutdown| async move {
        door.set(shell).ok().unwrap();
        shutdown.triggered().await;
    })
    .build()
}

fn new(key: &str) -> NewIntent {
    NewIntent {
        tenant_id: Uuid::nil(),
        kind: Caller::KIND,
        key: key.to_owned(),
        lane: "one".to_owned(),
        dedupe: key.to_owned(),
        request: Bytes::new(),
        not_before: None,
    }
}

async fn told(admin: &PgPool) -> Vec<String> {
    let sql = "select what from callers.told order by n";
    sqlx::query_scalar(sql).fetch_all(admin).await.unwrap()
}

async fn intents(admin: &PgPool) -> Vec<(String, String, i32)> {
    let sql = "select key, state, attempt from callers.intent order by key";
    sqlx::query_as(sql).fetch_all(admin).await.unwrap()
}

fn row(key: &str, state: &str) -> (String, String, i32) {
    (key.to_owned(), state.to_owned(), 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_over_is_sent_on_disk_before_it_is_called_and_called_once() {
    let own = Bed::start().await;
    let ticket = own.ticket("a").unwrap();
    own.send(ticket, "express a").await.unwrap();
    own.shell.state.answers.add_permits(1);
    assert_eq!(own.told(1).await, ["express a"]);
    assert_eq!(own.made(), ["express a"], "the queue must not take it again");
    assert_eq!(*own.shell.state.states.lock().unwrap(), ["sent"]);
    assert_eq!(intents(&own.bed.admin).await, [row("a", "done")]);
    own.bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_commit_nothing_is_called_and_the_place_is_free_again() {
    let own = Bed::start().await;
    for _ in 0..=PLACES {
        let mut cx = own.shell.begin_log().await.unwrap();
        cx.send(own.ticket("a").expect("a place"), "never".to_owned());
        cx.rollback().await;
    }
    // The same work twice: the second is refused before anything leaves.
    own.send(own.ticket("a").unwrap(), "first").await.unwrap();
    let twice = own.send(own.ticket("a").unwrap(), "second").await;
    assert!(matches!(twice, Err(Fault::Retry { .. })), "{twice:?}");
    own.shell.state.answers.add_permits(PLACES);
    own.told(1).await;
    assert_eq!(own.made(), ["first"]);
    assert_eq!(intents(&own.bed.admin).await, [row("a", "done")]);
    own.bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_places_are_left_to_the_queue() {
    let own = Bed::start().await;
    let out: Vec<_> = (0..PLACES).map_while(|n| own.ticket(&format!("e{n}"))).collect();
    assert_eq!(out.len(), PLACES / 2);
    let mut cx = own.shell.begin_log().await.unwrap();
    cx.intend(new("q"));
    cx.commit().await.unwrap();
    own.shell.state.answers.add_permits(1);
    assert_eq!(own.told(1).await, ["queued q"]);
    drop(out);
    eventually("places are free again", PATIENCE, || async { own.ticket("later") }).await;
    own.bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_tickets_that_are_out_and_records_their_calls() {
    let own = Bed::start().await;
    let ticket = own.ticket("late").unwrap();
    let Bed { bed, shell } = own;
    let stopping = tokio::spawn(bed.runtime.stop());
    let door = &shell.state.express;
    eventually("no more tickets", PATIENCE, || async {
        door.ticket(new("x")).is_none().then_some(())
    })
    .await;
    let mut cx = shell.begin_log().await.unwrap();
    cx.send(ticket, "after the stop began".to_owned());
    cx.commit().await.unwrap();
    shell.state.answers.add_permits(1);
    let drained = stopping.await.unwrap();
    assert!(drained.unfinished.is_empty(), "{drained:?}");
    assert_eq!(told(&bed.admin).await, ["after the stop began"]);
    assert_eq!(intents(&bed.admin).await, [row("late", "done")]);
}
