//! The sandbox's own paths, as somebody outside the process sees them.

use std::sync::Arc;

use colibri_carriers::{HttpRequest, Method};
use colibri_kit::clock::ManualClock;
use colibri_sandbox::{CarrierOptions, FaultProfile, Sandbox, SandboxOptions};
use serde_json::Value;

use crate::world::{NOW, World, ids, profile, reference};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn duplicates_can_be_counted_from_outside() {
    for id in ids() {
        let world = World::new(id, 1).await;
        for serial in [1, 2, 1] {
            world.buy(serial).await.unwrap().unwrap();
        }
        let (status, text) = world.ours(Method::Get, "ledger", "").await;
        let ledger = lines(&text);
        assert_eq!((status, ledger.len()), (200, 3), "{id}");
        let references: Vec<&str> =
            ledger.iter().map(|line| line["reference"].as_str().unwrap()).collect();
        assert_eq!(references, [reference(1), reference(2), reference(1)], "{id}");
        assert_eq!(
            (&ledger[0]["kind"], &ledger[0]["at"]),
            (&Value::from("label"), &Value::from("2026-11-20T10:00:00Z"),)
        );
        assert!(ledger[0]["tracking_number"].as_str().unwrap().len() >= 8);
        let (_, rest) = world.ours(Method::Get, "ledger?from=2", "").await;
        assert_eq!(lines(&rest), ledger[2..], "{id}");
        assert_eq!(world.ours(Method::Get, "ledger?from=9", "").await, (200, String::new()));
        assert_eq!(world.ours(Method::Get, "ledger?from=x", "").await.0, 400);
    }
}

#[tokio::test]
async fn our_own_paths_are_in_no_count_and_never_faulty() {
    for id in ids() {
        let world = World::new(id, 2).await;
        let before = world.sandbox.requests(id).unwrap();
        world.buy(1).await.unwrap().unwrap();
        world.set_faults("lost-answer=1");
        for _ in 0..5 {
            assert_eq!(world.ours(Method::Get, "ledger", "").await.0, 200, "{id}");
        }
        let (_, counts) = world.ours(Method::Get, "requests", "").await;
        let counts: Value = serde_json::from_str(&counts).unwrap();
        assert_eq!(
            (&counts["requests"], &counts["buys"]),
            (&Value::from(before + 1), &Value::from(1),)
        );
        let (_, log) = world.ours(Method::Get, "log", "").await;
        let last = lines(&log).pop().unwrap();
        assert_eq!((&last["carrier"], &last["method"]), (&id.into(), &"POST".into()));
        let sold = last["status"].as_u64().is_some_and(|status| matches!(status, 200 | 201));
        assert!(sold && last["fault"].is_null(), "{id} {last}");
    }
}

#[tokio::test]
async fn faults_are_read_and_changed_over_http() {
    for id in ids() {
        let world = World::new(id, 3).await;
        let (status, told) = world.ours(Method::Put, "faults", "buy.lost-answer=1").await;
        assert_eq!(status, 200, "{id} {told}");
        assert!(world.buy(1).await.is_none(), "{id}");
        let (_, json) = world.ours(Method::Get, "faults", "").await;
        let read: FaultProfile = serde_json::from_str(&json).unwrap();
        assert_eq!(read, profile("buy.lost-answer=1"));
        let text = world.ours(Method::Get, "faults?as=text", "").await.1;
        assert_eq!(text, "buy.lost-answer=1\n");
        assert_eq!(world.ours(Method::Put, "faults", r#"{"buy":{"5xx":0}}"#).await.0, 200);
        assert!(world.buy(2).await.unwrap().is_ok(), "{id}");
        for bad in ["lost=1", "html=2", r#"{"buy":{"html":2}}"#, r#"{"sell":{}}"#, "{"] {
            assert_eq!(world.ours(Method::Put, "faults", bad).await.0, 400, "{id} {bad}");
        }
        assert!(world.buy(3).await.unwrap().is_ok(), "{id}: a refused profile changed something");
        // Stories are being told: another way of telling them would need another simulator.
        let (status, told) = world.ours(Method::Put, "faults", "late-scan=1").await;
        assert_eq!(status, 409, "{id} {told}");
        assert_eq!(world.references().len(), 3, "{id}");
    }
}

#[tokio::test]
async fn scan_faults_can_change_before_the_carrier_was_asked() {
    let clock = Arc::new(ManualClock::new(NOW));
    for id in ids() {
        let carriers = vec![CarrierOptions::new(id)];
        let options = SandboxOptions { carriers, clock: clock.clone(), admin: None };
        let sandbox = Sandbox::start(options).await.unwrap();
        assert_eq!(sandbox.set_faults(id, profile("late-scan=1")), Ok(()));
        assert_eq!(sandbox.set_faults(id, profile("late-scan=0.5,html=0.1")), Ok(()));
        assert!(sandbox.set_faults("nobody", profile("")).is_err());
    }
}

#[tokio::test]
async fn the_clock_tells_until_when_there_is_something_to_see() {
    for id in ids() {
        let world = World::new(id, 4).await;
        let clock = async || -> Value {
            serde_json::from_str(&world.ours(Method::Get, "clock", "").await.1).unwrap()
        };
        assert_eq!(clock().await["last_scan_at"], Value::Null, "{id}");
        world.buy(1).await.unwrap().unwrap();
        world.clock.advance(time::Duration::minutes(90));
        let told = clock().await;
        assert_eq!(told["now"], "2026-11-20T11:30:00Z");
        assert!(told["last_scan_at"].as_str().unwrap() > "2026-11-20T11:30:00Z", "{id}");
    }
}

#[tokio::test]
async fn one_port_has_the_ledgers_of_all() {
    let world = World::new(ids()[0], 5).await;
    let sandbox = Sandbox::start(SandboxOptions {
        carriers: ids().into_iter().map(CarrierOptions::new).collect(),
        clock: Arc::new(ManualClock::new(NOW)),
        admin: Some("127.0.0.1:0".parse().unwrap()),
    });
    let sandbox = sandbox.await.unwrap();
    let ask = async |path: &str| {
        let url = format!("{}{path}", sandbox.admin_url().unwrap());
        let answer = world.send(&HttpRequest::new(Method::Get, url)).await.unwrap();
        (answer.status, String::from_utf8(answer.body.to_vec()).unwrap())
    };
    let listed = lines(&ask("/_sandbox/carriers").await.1);
    for (line, id) in listed.iter().zip(ids()) {
        assert_eq!((&line["id"], &line["url"]), (&id.into(), &sandbox.url(id).unwrap().into()));
        assert_eq!(ask(&format!("/_sandbox/{id}/ledger")).await, (200, String::new()));
    }
    assert_eq!(listed.len(), ids().len());
    for nowhere in ["/", "/_sandbox/ledger", "/_sandbox/nobody/ledger", "/api"] {
        assert_eq!(ask(nowhere).await.0, 404, "{nowhere}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_of_ours_are_told_so() {
    let world = World::new(ids()[0], 6).await;
    assert_eq!(world.ours(Method::Get, "nothing", "").await.0, 404);
    assert_eq!(world.ours(Method::Delete, "ledger", "").await.0, 405);
    assert_eq!(world.ours(Method::Post, "faults", "html=1").await.0, 405);
}
