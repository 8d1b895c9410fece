//! The configuration file of an embedded `nats-server`, as text.

use std::fmt::Write;
use std::path::Path;

use crate::nats::NatsOptions;

/// Accounts for a server that keeps its own requests apart from the application's.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// User of the system account, who may ask for server state.
    pub system_user: String,
    /// Its password.
    pub system_password: String,
    /// User of the application's account, which alone has `JetStream`.
    pub app_user: String,
    /// Its password.
    pub app_password: String,
    /// Let clients without credentials in as the application. For tests; never for `up`.
    pub open: bool,
}

/// Membership in a cluster, for tests that need replicas.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Same for every member.
    pub name: String,
    /// This member's port for routes. Fixed, as the others must know it: see
    /// [`free_ports`](crate::free_ports).
    pub port: u16,
    /// Route ports of all members; its own among them is fine.
    pub routes: Vec<u16>,
}

/// Where a server listens and stores.
pub(crate) struct Place<'a> {
    pub(crate) port: u16,
    pub(crate) monitor_port: u16,
    pub(crate) store: &'a Path,
    pub(crate) ports_dir: &'a Path,
}

/// The whole file. Loopback only: an embedded server is for this machine.
pub(crate) fn render(options: &NatsOptions, place: &Place<'_>) -> String {
    let mut text = String::from("# Written at every start; edits are lost.\n");
    let mut line = |content: String| {
        text.push_str(&content);
        text.push('\n');
    };
    line(format!("listen: 127.0.0.1:{}", place.port));
    line(format!("http: 127.0.0.1:{}", place.monitor_port));
    line(format!("server_name: {}", quote(&options.server_name)));
    line(format!("ports_file_dir: {}", quote_path(place.ports_dir)));
    line("max_payload: 1MB".to_owned());
    line("jetstream {".to_owned());
    line(format!("  store_dir: {}", quote_path(place.store)));
    line(format!("  max_file_store: {}", options.file_store_bytes_max));
    line(format!("  max_mem_store: {}", options.memory_store_bytes_max));
    if options.durable {
        // The default of two minutes acknowledges what is not on disk yet.
        line("  sync_interval: always".to_owned());
    }
    line("}".to_owned());
    if let Some(accounts) = &options.accounts {
        line(render_accounts(accounts));
    }
    if let Some(cluster) = &options.cluster {
        line(render_cluster(cluster));
    }
    if let Some(extra) = &options.extra_config {
        line(extra.clone());
    }
    text
}

fn render_accounts(accounts: &Accounts) -> String {
    let user = |name: &str, password: &str| {
        format!("users: [ {{ user: {}, password: {} }} ]", quote(name), quote(password))
    };
    let mut text = String::from("accounts {\n");
    let system = user(&accounts.system_user, &accounts.system_password);
    let app = user(&accounts.app_user, &accounts.app_password);
    let _ = writeln!(text, "  SYS {{ {system} }}");
    let _ = writeln!(text, "  APP {{ jetstream: enabled, {app} }}");
    text.push_str("}\nsystem_account: SYS");
    if accounts.open {
        let _ = write!(text, "\nno_auth_user: {}", quote(&accounts.app_user));
    }
    text
}

fn render_cluster(cluster: &Cluster) -> String {
    let routes: Vec<_> =
        cluster.routes.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
    format!(
        "cluster {{ name: {}, listen: 127.0.0.1:{}, routes: [ {} ] }}",
        quote(&cluster.name),
        cluster.port,
        routes.join(", ")
    )
}

fn quote_path(path: &Path) -> String {
    quote(&path.to_string_lossy())
}

fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place<'static> {
        Place {
            port: 4222,
            monitor_port: 8222,
            store: Path::new("/data/store"),
            ports_dir: Path::new("/data/ports"),
        }
    }

    #[test]
    fn a_durable_server_syncs_always_and_listens_on_loopback_only() {
        let text = render(&NatsOptions::durable("/data"), &place());
        assert!(text.contains("sync_interval: always"), "{text}");
        assert!(text.contains("listen: 127.0.0.1:4222\n"), "{text}");
        assert!(text.contains("http: 127.0.0.1:8222\n"), "{text}");
        assert!(!text.contains("0.0.0.0"), "{text}");
        let text = render(&NatsOptions::fast("/data"), &place());
        assert!(!text.contains("sync_interval"), "{text}");
    }

    #[test]
    fn nobody_gets_in_without_password_unless_open() {
        let mut accounts = Accounts {
            system_user: "sys".into(),
            system_password: "s\"1".into(),
            app_user: "app".into(),
            app_password: "a\\2".into(),
            open: false,
        };
        let text = render_accounts(&accounts);
        assert!(!text.contains("no_auth_user"), "{text}");
        assert!(text.contains(r#"password: "s\"1""#), "{text}");
        assert!(text.contains(r#"password: "a\\2""#), "{text}");
        accounts.open = true;
        assert!(render_accounts(&accounts).contains("no_auth_user: \"app\""));
    }
}
