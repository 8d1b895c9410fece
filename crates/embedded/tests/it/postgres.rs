use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::{fs, path::Path};

use colibri_embedded::{Auth, Mode, Postgres, PostgresOptions, Scratch, StartError};

use crate::wire::{authentication_asked, sql};
use crate::{binaries, runs};

/// Durable, but readable by the trivial client of these tests.
fn trusting(scratch: &Scratch) -> PostgresOptions {
    PostgresOptions { auth: Auth::Trust, ..PostgresOptions::durable(scratch.path().join("pg")) }
}

fn fast(scratch: &Scratch) -> PostgresOptions {
    PostgresOptions::fast(scratch.path().join("pg"))
}

#[test]
fn what_was_committed_survives_kill_9() {
    let scratch = Scratch::new().unwrap();
    let mut server = Postgres::start(&binaries(), trusting(&scratch)).unwrap();
    let url = server.url("orders");
    sql(server.port(), "create table t as select 'parcel' as word").unwrap();
    let pid = server.pid().unwrap();
    server.kill9().unwrap();
    assert!(!runs(pid));
    assert!(server.data_dir().join("postmaster.pid").exists(), "a crash leaves its pid file");

    server.restart().unwrap();
    assert_eq!(server.url("orders"), url);
    assert_eq!(sql(server.port(), "select word from t").unwrap(), ["parcel"]);
    server.stop(Mode::Immediate).unwrap();
    server.restart().unwrap();
    assert_eq!(sql(server.port(), "select word from t").unwrap(), ["parcel"]);
}

#[test]
fn a_pid_file_that_names_a_stranger_does_not_block_the_start() {
    let scratch = Scratch::new().unwrap();
    let mut server = Postgres::start(&binaries(), trusting(&scratch)).unwrap();
    sql(server.port(), "create table t as select 1").unwrap();
    server.kill9().unwrap();
    let path = server.data_dir().join("postmaster.pid");
    let text = fs::read_to_string(&path).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&path, format!("{}\n{rest}", std::process::id())).unwrap();
    drop(server);

    let server = Postgres::start(&binaries(), trusting(&scratch)).unwrap();
    assert_eq!(sql(server.port(), "select count(*) from t").unwrap(), ["1"]);
}

#[test]
fn durability_follows_the_options() {
    let scratch = Scratch::new().unwrap();
    let mut server = Postgres::start(&binaries(), fast(&scratch)).unwrap();
    let show = |server: &Postgres, name: &str| {
        sql(server.port(), &format!("show {name}")).unwrap().remove(0)
    };
    for name in ["fsync", "full_page_writes"] {
        assert_eq!(show(&server, name), "off", "{name}");
    }
    // Tests kill servers: what was committed must be there afterwards, on every try.
    assert_eq!(show(&server, "synchronous_commit"), "on");
    server.options_mut().durable = true;
    server.options_mut().max_connections = 37;
    server.restart().unwrap();
    for name in ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"] {
        assert_eq!(show(&server, name), "on", "{name}");
    }
    assert_eq!(show(&server, "max_connections"), "37");
    assert_eq!(show(&server, "listen_addresses"), "127.0.0.1");
    assert_eq!(show(&server, "server_encoding"), "UTF8");
}

#[test]
fn the_local_url_names_a_socket_that_is_there() {
    let scratch = Scratch::new().unwrap();
    let server = Postgres::start(&binaries(), fast(&scratch)).unwrap();
    let dir = server.socket_dir().unwrap();
    assert!(Path::new(&dir).join(format!(".s.PGSQL.{}", server.port())).exists());
    let end = format!("/orders?host={}", dir.replace('/', "%2F"));
    assert!(server.local_url("orders").ends_with(&end), "{}", server.local_url("orders"));
}

#[test]
fn text_is_ordered_by_code_point_and_knows_its_capitals() {
    let scratch = Scratch::new().unwrap();
    let server = Postgres::start(&binaries(), fast(&scratch)).unwrap();
    let sorted =
        sql(server.port(), "select w from (values ('b'),('B'),('é'),('a')) v(w) order by w");
    assert_eq!(sorted.unwrap(), ["B", "a", "b", "é"]);
    assert_eq!(sql(server.port(), "select upper('é')").unwrap(), ["É"]);
}

#[test]
fn neither_stop_nor_drop_leaves_a_process() {
    let scratch = Scratch::new().unwrap();
    let mut server = Postgres::start(&binaries(), fast(&scratch)).unwrap();
    let first = server.pid().unwrap();
    server.stop(Mode::Fast).unwrap();
    assert!(!runs(first));
    server.stop(Mode::Fast).unwrap();
    server.restart().unwrap();
    let second = server.pid().unwrap();
    drop(server);
    assert!(!runs(second));
}

#[test]
fn a_password_is_asked_for_kept_and_secret() {
    let scratch = Scratch::new().unwrap();
    let options = PostgresOptions { auth: Auth::Password, ..fast(&scratch) };
    let server = Postgres::start(&binaries(), options.clone()).unwrap();
    let password = server.password().unwrap().to_owned();
    assert_eq!(password.len(), 48);
    assert!(server.superuser_url().contains(&password));
    assert_eq!(authentication_asked(server.port()), 10);
    let mode = fs::metadata(server.dir().join("password")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(server);
    let server = Postgres::start(&binaries(), options).unwrap();
    assert_eq!(server.password(), Some(password.as_str()));
}

#[test]
fn a_directory_serves_one_at_a_time() {
    let scratch = Scratch::new().unwrap();
    let first = Postgres::start(&binaries(), fast(&scratch)).unwrap();
    let refused = Postgres::start(&binaries(), fast(&scratch)).unwrap_err();
    assert!(matches!(refused, StartError::InUse { .. }), "{refused}");
    assert_eq!(sql(first.port(), "select 1").unwrap(), ["1"]);
}

#[test]
fn data_of_another_version_is_refused_by_name() {
    let scratch = Scratch::new().unwrap();
    let server = Postgres::start(&binaries(), fast(&scratch)).unwrap();
    let version = server.data_dir().join("PG_VERSION");
    drop(server);
    fs::write(version, "9\n").unwrap();
    let error = Postgres::start(&binaries(), fast(&scratch)).unwrap_err();
    assert!(matches!(&error, StartError::Version { found, .. } if found == "9"), "{error}");
}

#[test]
fn an_initdb_cut_short_is_begun_again() {
    let scratch = Scratch::new().unwrap();
    let leftover = scratch.path().join("pg/data.unfinished-1");
    fs::create_dir_all(&leftover).unwrap();
    fs::write(leftover.join("PG_VERSION"), "18\n").unwrap();
    let server = Postgres::start(&binaries(), fast(&scratch)).unwrap();
    assert!(!leftover.exists());
    assert_eq!(sql(server.port(), "select 1").unwrap(), ["1"]);
}

#[test]
fn root_runs_it_as_somebody_else_even_where_nobody_else_can_go() {
    let scratch = Scratch::new().unwrap();
    let closed = scratch.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let asked = closed.join("pg");
    let start = || Postgres::start(&binaries(), PostgresOptions::fast(&asked)).unwrap();
    let mut server = start();
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let uid = fs::metadata(format!("/proc/{}", server.pid().unwrap())).unwrap().uid();
    assert_ne!(uid, 0);
    let dir = server.dir().to_owned();
    assert_eq!(dir != asked.canonicalize().unwrap(), root);
    sql(server.port(), "create table t as select 1").unwrap();
    server.stop(Mode::Fast).unwrap();
    drop(server);
    let again = start();
    assert_eq!(again.dir(), dir, "the stand-in is found again");
    assert_eq!(sql(again.port(), "select count(*) from t").unwrap(), ["1"]);
    drop(again);
    if root {
        assert_eq!(fs::read_to_string(asked.join("moved-to")).unwrap(), dir.to_str().unwrap());
        fs::remove_dir_all(dir).unwrap();
    }
}

#[test]
fn data_copied_by_root_is_taken_over() {
    let scratch = Scratch::new().unwrap();
    let mut server = Postgres::start(&binaries(), fast(&scratch)).unwrap();
    server.stop(Mode::Fast).unwrap();
    let data = server.data_dir();
    let version = data.join("PG_VERSION");
    let text = fs::read(&version).unwrap();
    fs::remove_file(&version).unwrap();
    fs::write(&version, text).unwrap();
    fs::set_permissions(&version, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    server.restart().unwrap();
    assert_eq!(sql(server.port(), "select 1").unwrap(), ["1"]);
}
