//! One of several processes does the work of a lane: whoever holds its lock.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use crate::shutdown::Shutdown;

/// Between tries to be elected.
const AGAIN: Duration = Duration::from_secs(2);

/// The connection that holds the lock. `None` after a while when another process has it, or at
/// shutdown: try again.
pub(super) async fn elected(
    options: &PgConnectOptions,
    lock: String,
    shutdown: &Shutdown,
) -> Result<Option<PgConnection>, sqlx::Error> {
    let mut db = PgConnection::connect_with(options).await?;
    let elected: bool = sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended($1, 0))")
        .bind(lock)
        .fetch_one(&mut db)
        .await?;
    if !elected {
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = shutdown.triggered() => {}
        }
        return Ok(None);
    }
    // A stopped process must not keep the lane: the server ends the idle connection.
    sqlx::query("set idle_session_timeout = '15s'").execute(&mut db).await?;
    Ok(Some(db))
}
