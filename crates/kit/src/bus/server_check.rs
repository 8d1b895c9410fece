//! What must be true of nats-server and Postgres before a service may call itself ready.

use serde::Deserialize;
use sqlx::PgPool;

/// Something about a server differs from what the backbone rests on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{server}: {field} is {found}, must be {wanted}")]
pub struct ServerProblem {
    /// Which server.
    pub server: &'static str,
    /// Setting.
    pub field: &'static str,
    /// As found.
    pub found: String,
    /// As needed.
    pub wanted: &'static str,
    /// A test profile may go on with it, and says so.
    pub relaxable: bool,
}

#[derive(Deserialize)]
struct Varz {
    version: String,
    max_payload: u64,
    jetstream: Option<JetStream>,
}

#[derive(Deserialize)]
struct JetStream {
    config: Option<JetStreamConfig>,
}

#[derive(Deserialize)]
struct JetStreamConfig {
    // Absent when off; `sync_interval` shows two minutes in both cases and says nothing.
    #[serde(default)]
    sync_always: bool,
}

fn version_at_least(version: &str, wanted: [u64; 3]) -> bool {
    let mut found = [0_u64; 3];
    for (slot, part) in found.iter_mut().zip(version.split(['.', '-'])) {
        *slot = part.parse().unwrap_or(0);
    }
    found >= wanted
}

/// Checks nats-server by its monitoring page and Postgres by its settings.
///
/// # Errors
/// When one of them cannot be asked.
pub async fn check_server(
    varz: &[u8],
    db: &PgPool,
) -> Result<Vec<ServerProblem>, Box<dyn std::error::Error + Send + Sync>> {
    let mut problems = check_varz(varz)?;
    for (setting, wanted) in
        [("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on")]
    {
        let found: String =
            sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(db).await?;
        if found != wanted {
            problems.push(ServerProblem {
                server: "postgres",
                field: setting,
                found,
                wanted,
                relaxable: true,
            });
        }
    }
    let version: i32 = sqlx::query_scalar("select current_setting('server_version_num')::int")
        .fetch_one(db)
        .await?;
    if version < 150_000 {
        problems.push(ServerProblem {
            server: "postgres",
            field: "server_version_num",
            found: version.to_string(),
            wanted: "150000 or later",
            relaxable: false,
        });
    }
    Ok(problems)
}

fn check_varz(varz: &[u8]) -> Result<Vec<ServerProblem>, serde_json::Error> {
    let varz: Varz = serde_json::from_slice(varz)?;
    let mut problems = Vec::new();
    let mut problem = |field, found: String, wanted, relaxable| {
        problems.push(ServerProblem { server: "nats-server", field, found, wanted, relaxable });
    };
    if !version_at_least(&varz.version, [2, 15, 1]) {
        // Earlier ones had holes in sync always.
        problem("version", varz.version, "2.15.1 or later", false);
    }
    if varz.max_payload < 1_048_576 {
        problem("max_payload", varz.max_payload.to_string(), "1048576 or more", false);
    }
    match varz.jetstream.and_then(|js| js.config) {
        None => problem("jetstream", "off".into(), "on", false),
        Some(config) if !config.sync_always => {
            problem("jetstream.sync_interval", "not always".into(), "always", true);
        }
        Some(_) => {}
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn each_setting_that_acknowledges_too_early_is_named() {
        let good = br#"{"version":"2.15.1","max_payload":1048576,
                        "jetstream":{"config":{"sync_always":true}}}"#;
        assert_eq!(check_varz(good).unwrap(), vec![]);
        let bad = br#"{"version":"2.12.1","max_payload":1000,"jetstream":{"config":{}}}"#;
        let fields: Vec<_> = check_varz(bad).unwrap().iter().map(|p| p.field).collect();
        assert_eq!(fields, ["version", "max_payload", "jetstream.sync_interval"]);
        let off = br#"{"version":"2.16.0-beta","max_payload":1048576}"#;
        assert_eq!(check_varz(off).unwrap()[0].field, "jetstream");
    }
}
