//! A service in a process of its own, which can be stopped and continued as a virtual machine is.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use colibri_kit::{
    bus,
    config::{Config, KIT_DEFAULTS},
    service::{Definition, Runtime, declare, migrate_all},
    shutdown::Shutdown,
};
use colibri_testkit::{TestBed, eventually};

use crate::support::*;

/// Which service a process runs.
const SERVICE: &str = "COLIBRI_TEST_SERVICE";

fn services(name: &str) -> Vec<Box<dyn Definition>> {
    match name {
        "orders" => vec![producer(&Door::default())],
        "pricing" => vec![consumer()],
        other => panic!("no test service {other}"),
    }
}

/// The process itself, when a test starts this binary as one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process of other tests"]
async fn runs_one_service_until_it_is_killed() {
    let Ok(name) = std::env::var(SERVICE) else { return };
    let services = services(&name);
    let variables = std::env::vars().filter(|(key, _)| key.starts_with("COLIBRI_KIT__"));
    let defaults = [("kit", KIT_DEFAULTS), (services[0].name(), services[0].defaults())];
    let config = Config::load(&defaults, None, variables).unwrap();
    let kit = config.kit().unwrap();
    migrate_all(&kit, &services).await.unwrap();
    let url = std::env::var("COLIBRI_KIT__NATS_URL").unwrap();
    let client = async_nats::connect(url).await.unwrap();
    let js = async_nats::jetstream::new(client);
    bus::provision(&js, &declare(&services), kit.bus).await.unwrap();
    let _runtime = Runtime::start(config, services, Shutdown::new()).await.unwrap();
    std::future::pending::<()>().await;
}

/// A running process; killed when dropped.
pub struct Process(Child);

impl Process {
    /// Starts `orders` or `pricing` on a bed's servers with further variables.
    pub fn start(bed: &TestBed, service: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "process::runs_one_service_until_it_is_killed", "--ignored"])
            .env(SERVICE, service)
            .envs(bed.variables(&services(service)))
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// Waits until it has stopped itself at its crash point, then frees the election as the server
    /// does when a connection is silent for too long: here without waiting for that.
    pub async fn stopped(&self, bed: &TestBed, role: &str) {
        let stat = format!("/proc/{}/stat", self.0.id());
        eventually("the process has stopped", PATIENCE, || async {
            let text = fs::read_to_string(Path::new(&stat)).unwrap();
            let state = text.rsplit(") ").next()?.chars().next()?;
            assert_ne!(state, 'Z', "the process ended");
            (state == 'T').then_some(())
        })
        .await;
        let ended: Vec<bool> = sqlx::query_scalar(
            "select pg_terminate_backend(l.pid) from pg_locks l join pg_stat_activity a using (pid)
              where l.locktype = 'advisory' and l.granted and a.usename = $1",
        )
        .bind(role)
        .fetch_all(&bed.admin)
        .await
        .unwrap();
        assert_eq!(ended, [true], "one process was elected");
    }

    /// Lets a stopped process go on, with whatever it believes.
    pub fn go_on(&self) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-CONT", &pid]).status().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
