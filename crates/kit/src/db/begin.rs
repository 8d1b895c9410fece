//! Opening a transaction that whoever opens it may drop at any moment.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use sqlx::{PgPool, Postgres, SqlStr, Transaction};
use tokio::runtime::Handle;

type Opening = Pin<Box<dyn Future<Output = sqlx::Result<Transaction<'static, Postgres>>> + Send>>;

/// Opens a transaction. Requests have deadlines, so any future may be dropped half way; the pool's
/// own `begin`, dropped while Postgres answers, hands the connection back inside a transaction, and
/// what the next user writes with a single statement is never committed. Here what was begun is
/// finished in the background and rolled back.
///
/// # Errors
/// [`sqlx::Error`] when no connection is to be had.
pub async fn begin(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    begin_with(pool, None).await
}

/// As [`begin`], by `statement` instead of a plain `BEGIN`.
pub(crate) async fn begin_with(
    pool: &PgPool,
    statement: Option<SqlStr>,
) -> sqlx::Result<Transaction<'static, Postgres>> {
    // Dropped here nothing is begun, and nobody queues for a connection in the background.
    let connection = pool.acquire().await?;
    Finished(Some(Transaction::begin(connection, statement))).await
}

/// Goes on in the background when it is dropped.
struct Finished(Option<Opening>);

impl Future for Finished {
    type Output = sqlx::Result<Transaction<'static, Postgres>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(opening) = self.0.as_mut() else { return Poll::Pending };
        let done = opening.as_mut().poll(cx);
        if done.is_ready() {
            self.0 = None;
        }
        done
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        // Without a runtime the process ends, and its connections with it.
        if let (Some(opening), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(opening);
        }
    }
}
