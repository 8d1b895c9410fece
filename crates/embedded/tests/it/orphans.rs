//! What becomes of servers whose owner was killed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use colibri_embedded::{Auth, Nats, NatsOptions, Postgres, PostgresOptions, Scratch};

use crate::wire::{request, sql};
use crate::{binaries, eventually, runs};

/// Tells the helper below where to start its servers; without it, it does nothing.
const DIRECTORY: &str = "COLIBRI_TEST_OWNER_DIRECTORY";
const STREAM: &str = r#"{"name":"T","subjects":["t.>"],"storage":"file","num_replicas":1}"#;

fn start(dir: &Path) -> (Nats, Postgres) {
    let nats = Nats::start(&binaries(), NatsOptions::durable(dir.join("nats"))).unwrap();
    let options = PostgresOptions { auth: Auth::Trust, ..PostgresOptions::durable(dir.join("pg")) };
    (nats, Postgres::start(&binaries(), options).unwrap())
}

/// Not a test: the process that owns servers and is killed by the tests below.
#[test]
#[ignore = "helper of the other tests, which run it in a process of its own"]
fn owner() {
    let Ok(dir) = std::env::var(DIRECTORY) else {
        return;
    };
    let (nats, postgres) = start(Path::new(&dir));
    sql(postgres.port(), "create table t as select 7").unwrap();
    request(nats.port(), "$JS.API.STREAM.CREATE.T", STREAM);
    println!("\npids {} {}", nats.pid().unwrap(), postgres.pid().unwrap());
    std::thread::park();
}

/// Starts the owner and gives it with the process ids of its servers.
fn spawn_owner(dir: &Path) -> (Child, [u32; 2]) {
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "orphans::owner"])
        .env(DIRECTORY, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.into_iter().find(|line| line.starts_with("pids")).unwrap();
    let pids: Vec<u32> = line.split(' ').skip(1).map(|pid| pid.parse().unwrap()).collect();
    (owner, pids.try_into().unwrap())
}

/// The shells that the owner left to end its servers.
fn watchdogs(owner: &Child) -> Vec<String> {
    let children = format!("/proc/{0}/task", owner.id());
    let mut found = Vec::new();
    for task in fs::read_dir(children).unwrap().map(Result::unwrap) {
        let pids = fs::read_to_string(task.path().join("children")).unwrap();
        found.extend(pids.split_whitespace().map(str::to_owned).filter(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap();
            String::from_utf8_lossy(&line).contains("colibri-watchdog")
        }));
    }
    found
}

fn assert_data_is_there(dir: &Path) {
    let (nats, postgres) = start(dir);
    assert_eq!(sql(postgres.port(), "select * from t").unwrap(), ["7"]);
    let info = request(nats.port(), "$JS.API.STREAM.INFO.T", "");
    assert!(info.contains("\"created\""), "{info}");
}

#[test]
fn servers_end_with_a_killed_owner() {
    let scratch = Scratch::new().unwrap();
    let (mut owner, pids) = spawn_owner(scratch.path());
    assert!(pids.iter().all(|pid| runs(*pid)));
    owner.kill().unwrap();
    owner.wait().unwrap();
    for pid in pids {
        eventually("the end of an orphan", || !runs(pid));
    }
    assert_data_is_there(scratch.path());
}

#[test]
fn servers_that_outlive_their_owner_are_ended_by_the_next() {
    let scratch = Scratch::new().unwrap();
    let (mut owner, pids) = spawn_owner(scratch.path());
    let watchdogs = watchdogs(&owner);
    assert_eq!(watchdogs.len(), 2);
    let killed = Command::new("kill").arg("-KILL").args(&watchdogs).status().unwrap();
    assert!(killed.success());
    owner.kill().unwrap();
    owner.wait().unwrap();
    assert!(pids.iter().all(|pid| runs(*pid)), "nobody ended them");
    assert_data_is_there(scratch.path());
    assert!(pids.iter().all(|pid| !runs(*pid)), "the next owner did");
}
