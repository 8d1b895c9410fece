//! Postgres and nats-server as children of this process, for a laptop, the demo and tests.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use colibri_embedded::{Binaries, Mode, Nats, NatsOptions, Postgres, PostgresOptions, Search};

/// The two servers. Dropping them ends them.
pub struct Servers {
    /// Postgres.
    pub postgres: Postgres,
    /// nats-server.
    pub nats: Nats,
}

/// Name of the database everything lives in.
const DATABASE: &str = "postgres";

impl Servers {
    /// Starts both on data below `data`, with flushes as in production.
    pub fn start(root: &Path, data: &Path) -> anyhow::Result<Self> {
        let binaries =
            Binaries::search(&Search::in_project(root)).context("find nats-server and Postgres")?;
        let postgres = Postgres::start(&binaries, PostgresOptions::durable(data.join("postgres")))
            .context("start Postgres")?;
        let nats = Nats::start(&binaries, NatsOptions::durable(data.join("nats")))
            .context("start nats-server")?;
        Ok(Self { postgres, nats })
    }

    /// Settings that point services at these servers, as environment variables.
    pub fn settings(&self, data: &Path) -> anyhow::Result<Vec<(String, String)>> {
        let file = |name: &str| data.join(name).display().to_string();
        let settings = [
            ("KIT__PROFILE", "dev".to_owned()),
            ("KIT__NATS_URL", self.nats.url()),
            ("KIT__NATS_MONITOR_URL", self.nats.monitor_url()),
            ("KIT__DATABASE_URL", self.postgres.local_url(DATABASE)),
            ("KIT__BUS__REPLICAS", "1".to_owned()),
            ("KIT__BUS__STREAM_BYTES_MAX", (512 * 1024 * 1024).to_string()),
            ("KIT__DB__ROLE_SECRET", role_secret(data)?),
            ("KIT__AUTH__ISSUER_KEY_FILE", file("issuer.pem")),
            ("KIT__AUTH__SERVICE_KEY_FILE", file("service.pem")),
            ("VAULT__ROOT_KEY_FILE", file("vault-root.key")),
            ("ACCOUNTS__PEPPER_FILE", file("accounts-pepper.key")),
        ];
        let named = settings.map(|(key, value)| (format!("COLIBRI_{key}"), value));
        Ok(named.into_iter().collect())
    }

    /// The administrator's URL of the database; contains its password.
    pub fn database_url(&self) -> String {
        self.postgres.url(DATABASE)
    }

    /// Stops both in order: writers are gone by then.
    pub fn stop(mut self) -> anyhow::Result<()> {
        self.nats.stop().context("stop nats-server")?;
        self.postgres.stop(Mode::Fast).context("stop Postgres")?;
        Ok(())
    }
}

/// The secret of the roles' passwords, made once and readable by this user only.
fn role_secret(data: &Path) -> anyhow::Result<String> {
    let path = data.join("roles.secret");
    if let Ok(text) = fs::read_to_string(&path) {
        return Ok(text);
    }
    let mut random = [0_u8; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    let text: String = random.iter().map(|b| format!("{b:02x}")).collect();
    let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(text)
}

/// Writes settings as a configuration file that this user only may read, so that `doctor`, `token`
/// and `run` find the same servers: they hold passwords.
pub fn write_config(path: &Path, settings: &[(String, String)]) -> anyhow::Result<()> {
    let mut root = toml::Table::new();
    for (name, value) in settings {
        let name = name.trim_start_matches("COLIBRI_").to_lowercase();
        let (tables, key) = name.rsplit_once("__").context("a setting without a section")?;
        let mut table = &mut root;
        for part in tables.split("__") {
            let inner = table.entry(part).or_insert_with(|| toml::Table::new().into());
            table = inner.as_table_mut().context("a setting inside a setting")?;
        }
        let value = value.parse::<i64>().map_or_else(|_| value.as_str().into(), toml::Value::from);
        table.insert(key.to_owned(), value);
    }
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(toml::to_string(&root)?.as_bytes())?;
    Ok(())
}

/// The project's folder: where `.colibri` is, else the current one.
pub fn root() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let found = here.ancestors().find(|folder| folder.join(".colibri").is_dir());
    found.map_or(here.clone(), Path::to_owned)
}
