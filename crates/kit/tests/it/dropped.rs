//! A request whose deadline passes drops its transaction wherever it stands. What others write on
//! the same connection afterwards is committed all the same.

use std::{pin::pin, task::Poll};

use colibri_kit::db;
use colibri_testkit::TestBed;
use sqlx::{PgPool, Postgres, Transaction, postgres::PgPoolOptions};

const ROUNDS: i32 = 60;

/// Opens a transaction again and again, drops it after `1 + n % 4` looks at it, and writes a row
/// with a single statement. Answers how many rows another connection sees.
async fn written<F>(bed: &TestBed, begin: impl Fn(PgPool) -> F) -> i64
where
    F: Future<Output = sqlx::Result<Transaction<'static, Postgres>>>,
{
    sqlx::query("create table public.kept (n int)").execute(&bed.admin).await.unwrap();
    // One connection: the next user gets the one that was dropped.
    let one = PgPoolOptions::new().max_connections(1).test_before_acquire(false);
    let pool = one.connect(&bed.postgres.url("postgres")).await.unwrap();
    for n in 0..ROUNDS {
        {
            let mut opening = pin!(begin(pool.clone()));
            for _ in 0..=n % 4 {
                let looked = std::future::poll_fn(|cx| Poll::Ready(opening.as_mut().poll(cx)));
                if looked.await.is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let insert = sqlx::query("insert into public.kept values ($1)").bind(n);
        insert.execute(&pool).await.unwrap();
    }
    pool.close().await;
    let seen = sqlx::query_scalar("select count(*) from public.kept");
    seen.fetch_one(&bed.admin).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_after_a_dropped_transaction_is_committed() {
    let bed = TestBed::start(Vec::new()).await;
    let seen = written(&bed, async |pool| db::begin(&pool).await).await;
    assert_eq!(seen, i64::from(ROUNDS));
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pools_own_begin_loses_rows_and_it_is_noticed() {
    let bed = TestBed::start(Vec::new()).await;
    #[expect(clippy::disallowed_methods, reason = "the negative control")]
    let seen = written(&bed, async |pool| pool.begin().await).await;
    assert!(seen < i64::from(ROUNDS), "nothing was lost: is the library mended?");
    bed.stop().await;
}
