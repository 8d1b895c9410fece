//! Readers of an outbox that look right and are not: each must lose or reorder events on a schedule
//! on which the relay does not. A checker that passes them would prove nothing.

use std::collections::BTreeMap;

use colibri_testkit::{TestBed, eventually};
use sqlx::{Connection as _, PgConnection, PgPool};

use crate::support::*;

/// What a reader read, in its order: key and version.
type Seen = Vec<(String, i64)>;

/// What is wrong with a reading of these committed events.
fn verdict(committed: &[(&str, i64)], seen: &Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    for (key, version) in committed {
        match seen.iter().filter(|(k, v)| k == key && v == version).count() {
            1 => {}
            0 => wrong.push(format!("{key} {version} is lost")),
            n => wrong.push(format!("{key} {version} was read {n} times")),
        }
    }
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    for (key, version) in seen {
        if last.insert(key, *version).is_some_and(|before| before > *version) {
            wrong.push(format!("{key} {version} came late"));
        }
    }
    wrong
}

/// A way to read events that were committed to an outbox. `wanted` is how many the right one has
/// seen after this; wrong ones look once.
trait Reader {
    async fn poll(&mut self, wanted: i64);
}

/// The relay of a running service, seen by what its consumer heard.
struct Relay<'a>(&'a PgPool);

impl Reader for Relay<'_> {
    async fn poll(&mut self, wanted: i64) {
        heard_count(self.0, wanted).await;
    }
}

impl Relay<'_> {
    async fn seen(&self) -> Seen {
        let sql = "select key, version from pricing.heard order by n";
        sqlx::query_as(sql).fetch_all(self.0).await.unwrap()
    }
}

/// A reader that remembers where it was.
struct Cursor<'a> {
    admin: &'a PgPool,
    sql: &'static str,
    at: String,
    seen: Seen,
}

impl<'a> Cursor<'a> {
    fn new(admin: &'a PgPool, sql: &'static str) -> Self {
        Self { admin, sql, at: "0".to_owned(), seen: Vec::new() }
    }
}

impl Reader for Cursor<'_> {
    async fn poll(&mut self, _: i64) {
        let rows: Vec<(String, String, String)> =
            sqlx::query_as(self.sql).bind(&self.at).fetch_all(self.admin).await.unwrap();
        for (key, version, at) in rows {
            self.seen.push((key, version.parse().unwrap()));
            self.at = at;
        }
    }
}

/// Ids above the last one.
const BY_ID: &str = "select key, version, id::text from
    (select o.id, o.key, o.headers->>'version' as version from orders.outbox o
      where o.id > $1::int8 order by o.id) r";
/// Younger than the youngest so far.
const BY_TIME: &str = "select key, version, at::text from
    (select o.at, o.key, o.headers->>'version' as version from orders.outbox o
      where o.at > coalesce(nullif($1, '0')::timestamptz, '-infinity') order by o.at) r";
/// In order of transactions, up to the oldest that still runs.
const BY_HORIZON: &str = "select key, version, xid || ' ' || id from
    (select o.id, o.key, o.headers->>'version' as version, o.xmin::text::int8 as xid
       from orders.outbox o) r
     where (xid, id) > (split_part($1, ' ', 1)::int8, ('0' || split_part($1, ' ', 2))::int8)
       and xid < pg_snapshot_xmin(pg_current_snapshot())::text::int8
     order by xid, id";

async fn write(db: &mut PgConnection, key: &str, version: i64) {
    write_event(db, key, version).await;
    // The wrong readers need the version without decoding.
    sqlx::query(
        "update orders.outbox set headers = headers || jsonb_build_object('version', $3::text)
          where key = $1 and subject like $2 and not headers ? 'version'",
    )
    .bind(key)
    .bind("colibri.orders.%")
    .bind(version.to_string())
    .execute(db)
    .await
    .unwrap();
}

/// A draws its id first and commits last.
const LATE: [(&str, i64); 2] = [("a", 1), ("b", 1)];

async fn late_commit(db: &mut [PgConnection; 3], reader: &mut impl Reader) {
    let [a, b, _] = db;
    let mut slow = a.begin().await.unwrap();
    write(&mut slow, "a", 1).await;
    let mut quick = b.begin().await.unwrap();
    write(&mut quick, "b", 1).await;
    quick.commit().await.unwrap();
    reader.poll(1).await;
    slow.commit().await.unwrap();
    reader.poll(2).await;
}

/// The transaction that writes second began first, and a third one runs all the time.
const OLD_XID: [(&str, i64); 2] = [("s", 1), ("s", 2)];

async fn old_transaction(db: &mut [PgConnection; 3], reader: &mut impl Reader) {
    let [a, b, c] = db;
    let mut first_begun = a.begin().await.unwrap();
    sqlx::query("select pg_current_xact_id()").execute(&mut *first_begun).await.unwrap();
    let mut long = c.begin().await.unwrap();
    sqlx::query("select pg_current_xact_id()").execute(&mut *long).await.unwrap();
    let mut quick = b.begin().await.unwrap();
    write(&mut quick, "s", 1).await;
    quick.commit().await.unwrap();
    write(&mut first_begun, "s", 2).await;
    first_begun.commit().await.unwrap();
    reader.poll(2).await;
    long.commit().await.unwrap();
    reader.poll(2).await;
}

async fn connections(bed: &TestBed) -> [PgConnection; 3] {
    let url = bed.postgres.url("postgres");
    let one = async || PgConnection::connect(&url).await.unwrap();
    [one().await, one().await, one().await]
}

async fn bed(door: &Door) -> TestBed {
    let bed = TestBed::start(vec![producer(door), consumer()]).await;
    door.shell().await;
    bed
}

/// The relay stands still, so that the others can read what it would have taken.
async fn halted(bed: &TestBed) {
    eventually("the relay was elected", PATIENCE, || async {
        let sql = "update orders.lane set state = 'halt', note = 'test' where epoch > 0";
        let done = sqlx::query(sql).execute(&bed.admin).await.unwrap();
        (done.rows_affected() == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_with_a_cursor_lose_what_commits_late() {
    let bed = bed(&Door::default()).await;
    halted(&bed).await;
    let mut db = connections(&bed).await;
    for sql in [BY_ID, BY_TIME] {
        let mut reader = Cursor::new(&bed.admin, sql);
        late_commit(&mut db, &mut reader).await;
        assert_eq!(verdict(&LATE, &reader.seen), ["a 1 is lost"], "{sql}");
        sqlx::query("delete from orders.outbox").execute(&bed.admin).await.unwrap();
    }
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_up_to_the_oldest_transaction_breaks_the_order_of_a_key() {
    let bed = bed(&Door::default()).await;
    halted(&bed).await;
    let mut db = connections(&bed).await;
    let mut reader = Cursor::new(&bed.admin, BY_HORIZON);
    old_transaction(&mut db, &mut reader).await;
    assert_eq!(verdict(&OLD_XID, &reader.seen), ["s 1 came late"], "{:?}", reader.seen);
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_loses_and_reorders_nothing_on_the_same_schedules() {
    let bed = bed(&Door::default()).await;
    let mut db = connections(&bed).await;
    late_commit(&mut db, &mut Relay(&bed.admin)).await;
    assert_eq!(verdict(&LATE, &Relay(&bed.admin).seen().await), Vec::<String>::new());
    sqlx::query("delete from pricing.heard").execute(&bed.admin).await.unwrap();
    old_transaction(&mut db, &mut Relay(&bed.admin)).await;
    assert_eq!(verdict(&OLD_XID, &Relay(&bed.admin).seen().await), Vec::<String>::new());
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_drawn_in_blocks_break_the_order_even_for_the_relay() {
    let bed = bed(&Door::default()).await;
    sqlx::query("alter table orders.outbox alter column id set cache 50")
        .execute(&bed.admin)
        .await
        .unwrap();
    let [mut x, mut y, _] = connections(&bed).await;
    // X keeps a block of low ids for itself.
    write(&mut x, "other", 1).await;
    heard_count(&bed.admin, 1).await;
    halted(&bed).await;
    write(&mut y, "s", 1).await;
    write(&mut x, "s", 2).await;
    sqlx::query("update orders.lane set state = 'run'").execute(&bed.admin).await.unwrap();
    heard_count(&bed.admin, 3).await;
    let seen = Relay(&bed.admin).seen().await;
    assert_eq!(verdict(&OLD_XID, &seen), ["s 1 came late"], "{seen:?}");
    bed.stop().await;
}

#[test]
fn the_verdict_sees_loss_repetition_and_disorder() {
    let seen = |all: &[(&str, i64)]| all.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect();
    let committed = [("s", 1), ("s", 2)];
    assert_eq!(verdict(&committed, &seen(&[("s", 1), ("s", 2)])), Vec::<String>::new());
    assert_eq!(verdict(&committed, &seen(&[("s", 1)])), ["s 2 is lost"]);
    assert_eq!(verdict(&committed, &seen(&[("s", 2), ("s", 1)])), ["s 1 came late"]);
    let twice = verdict(&committed, &seen(&[("s", 1), ("s", 2), ("s", 2)]));
    assert_eq!(twice, ["s 2 was read 2 times"]);
}
