use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use colibri_embedded::{Accounts, Cluster, Nats, NatsOptions, Scratch, StartError, free_ports};

use crate::wire::{request, try_request};
use crate::{binaries, eventually, runs};

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
    assert!(error.to_string().contains("address already in use"), "{error}");
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

#[test]
fn three_servers_form_a_cluster_that_keeps_three_copies() {
    let scratch = Scratch::new().unwrap();
    let routes = free_ports::<3>().unwrap();
    let start = |(index, port): (usize, u16)| {
        let mut options = NatsOptions::fast(scratch.path().join(format!("node-{index}")));
        options.server_name = format!("node-{index}");
        options.cluster = Some(Cluster { name: "c".into(), port, routes: routes.to_vec() });
        Nats::start(&binaries(), options).unwrap()
    };
    let mut nodes: Vec<Nats> = routes.into_iter().enumerate().map(start).collect();
    let stream = STREAM.replace("\"num_replicas\":1", "\"num_replicas\":3");
    // Until the three have elected a leader nobody answers, or with an error.
    let answers = |node: &Nats, subject: &str, payload: &str, wanted: &str| {
        let answer = try_request(node.port(), subject, payload, Duration::from_secs(1));
        answer.is_some_and(|answer| answer.contains(wanted))
    };
    let three = "\"num_replicas\":3";
    eventually("a stream with three replicas", || {
        answers(&nodes[0], "$JS.API.STREAM.CREATE.T", &stream, three)
    });
    nodes[2].kill9().unwrap();
    eventually("a write with one of three down", || {
        answers(&nodes[0], "t.one", "parcel", "\"seq\":")
    });
}
