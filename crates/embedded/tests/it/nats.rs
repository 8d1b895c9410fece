use std::fs;
use std::net::TcpListener;

use colibri_embedded::{Accounts, Nats, NatsOptions, Scratch, StartError};

use crate::wire::request;
use crate::{binaries, runs};

const STREAM: &str = r#"{"name":"T","subjects":["t.>"],"storage":"file","num_replicas":1}"#;

fn publish(nats: &Nats, text: &str) -> String {
    request(nats.port(), "t.one", text)
}

fn stream_state(nats: &Nats) -> String {
    request(nats.port(), "$JS.API.STREAM.INFO.T", "")
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let scratch = Scratch::new().unwrap();
    let mut nats = Nats::start(&binaries(), NatsOptions::durable(scratch.path())).unwrap();
    let (url, monitor_url) = (nats.url(), nats.monitor_url());
    assert!(!request(nats.port(), "$JS.API.STREAM.CREATE.T", STREAM).contains("error"));
    for number in 1..=3 {
        let answer = publish(&nats, "parcel");
        assert!(answer.contains(&format!("\"seq\":{number}")), "{answer}");
    }
    let pid = nats.pid().unwrap();
    nats.kill9().unwrap();
    assert!(!runs(pid));
    assert_eq!(nats.pid(), None);

    nats.restart().unwrap();
    assert_ne!(nats.pid().unwrap(), pid);
    assert_eq!((nats.url(), nats.monitor_url()), (url, monitor_url));
    let state = stream_state(&nats);
    assert!(state.contains("\"messages\":3"), "{state}");
    assert!(publish(&nats, "next").contains("\"seq\":4"));
}

#[test]
fn a_copied_store_put_back_brings_back_the_old_end() {
    let scratch = Scratch::new().unwrap();
    let mut nats = Nats::start(&binaries(), NatsOptions::fast(scratch.path())).unwrap();
    request(nats.port(), "$JS.API.STREAM.CREATE.T", STREAM);
    publish(&nats, "kept");
    nats.stop().unwrap();
    let copy = scratch.path().join("copy");
    copy_tree(&nats.store_dir(), &copy);
    nats.restart().unwrap();
    publish(&nats, "lost");
    nats.stop().unwrap();
    fs::remove_dir_all(nats.store_dir()).unwrap();
    fs::rename(&copy, nats.store_dir()).unwrap();
    nats.restart().unwrap();
    let state = stream_state(&nats);
    assert!(state.contains("\"last_seq\":1"), "{state}");
}

fn copy_tree(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn neither_stop_nor_drop_leaves_a_process() {
    let scratch = Scratch::new().unwrap();
    let mut nats = Nats::start(&binaries(), NatsOptions::fast(scratch.path())).unwrap();
    let first = nats.pid().unwrap();
    nats.stop().unwrap();
    assert!(!runs(first));
    nats.stop().unwrap();
    nats.restart().unwrap();
    let second = nats.pid().unwrap();
    nats.pause().unwrap();
    drop(nats);
    assert!(!runs(second), "even a paused one goes with its owner");
}

#[test]
fn a_directory_serves_one_at_a_time() {
    let scratch = Scratch::new().unwrap();
    let options = NatsOptions::fast(scratch.path());
    let first = Nats::start(&binaries(), options.clone()).unwrap();
    let refused = Nats::start(&binaries(), options.clone()).unwrap_err();
    assert!(matches!(refused, StartError::InUse { .. }), "{refused}");
    assert!(runs(first.pid().unwrap()), "the refused start did no harm");
    drop(first);
    Nats::start(&binaries(), options).unwrap();
}

#[test]
fn a_taken_port_is_an_error_that_says_so() {
    let scratch = Scratch::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = NatsOptions::fast(scratch.path());
    options.port = taken.local_addr().unwrap().port();
    let error = Nats::start(&binaries(), options).unwrap_err();
    assert!(
        error.to_string().contains("address already in use"),
        "{error}"
    );
}

#[test]
fn an_open_server_with_accounts_gives_strangers_the_application() {
    let scratch = Scratch::new().unwrap();
    let mut options = NatsOptions::fast(scratch.path());
    options.accounts = Some(Accounts {
        system_user: "sys".into(),
        system_password: "system-secret".into(),
        app_user: "app".into(),
        app_password: "app-secret".into(),
        open: true,
    });
    let nats = Nats::start(&binaries(), options).unwrap();
    let answer = request(nats.port(), "$JS.API.INFO", "");
    assert!(answer.contains("\"storage\""), "{answer}");
}

#[test]
fn a_broken_configuration_shows_the_servers_own_words() {
    let scratch = Scratch::new().unwrap();
    let mut options = NatsOptions::fast(scratch.path());
    options.extra_config = Some("no_such_setting: 1".into());
    let error = Nats::start(&binaries(), options).unwrap_err();
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}
