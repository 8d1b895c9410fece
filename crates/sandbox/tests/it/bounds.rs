//! What a sandbox refuses, and how it ends.

use std::sync::Arc;

use colibri_carriers::{HttpRequest, Method};
use colibri_kit::clock::ManualClock;
use colibri_sandbox::{CarrierOptions, Sandbox, SandboxOptions, StartError};
use tokio::net::TcpStream;

use crate::world::{NOW, World, ids, reference};

async fn start(carriers: Vec<CarrierOptions>) -> Result<Sandbox, StartError> {
    let clock = Arc::new(ManualClock::new(NOW));
    Sandbox::start(SandboxOptions { carriers, clock, admin: None }).await
}

#[tokio::test]
async fn nothing_starts_that_could_not_run() {
    let one = || CarrierOptions::new(ids()[0]);
    let stranger = start(vec![one(), CarrierOptions::new("pigeons")]).await;
    assert!(matches!(stranger, Err(StartError::UnknownCarrier(id)) if id == "pigeons"));
    assert!(matches!(start(vec![one(), one()]).await, Err(StartError::Twice(_))));
    let open = CarrierOptions { listen: "0.0.0.0:0".parse().unwrap(), ..one() };
    assert!(matches!(start(vec![open]).await, Err(StartError::NotLoopback(_))));
    let mut wrong = one();
    wrong.faults.buy.html = 2.0;
    assert!(matches!(start(vec![wrong]).await, Err(StartError::Faults { .. })));
    let running = start(vec![one()]).await.unwrap();
    let url = running.url(ids()[0]).unwrap();
    let taken = url.strip_prefix("http://").unwrap().parse().unwrap();
    let second = start(vec![CarrierOptions { listen: taken, ..one() }]).await;
    assert!(matches!(second, Err(StartError::Bind { .. })));
    assert_eq!((running.url("pigeons"), running.ledger("pigeons")), (None, None));
}

#[tokio::test]
async fn a_request_beyond_eight_mebibytes_never_reaches_the_carrier() {
    let world = World::new(ids()[0], 1).await;
    let before = world.sandbox.requests(world.id()).unwrap();
    let (mut request, _) = world.purchase(1);
    request.body = vec![b' '; 8 * 1024 * 1024 + 1].into();
    // The refusal may overtake the rest of the body; then the connection breaks instead.
    if let Some(answer) = world.send(&request).await {
        assert_eq!(answer.status, 413);
    }
    assert_eq!(world.sandbox.requests(world.id()), Some(before));
    assert!(world.references().is_empty());
}

#[tokio::test]
async fn a_method_that_no_carrier_uses_is_refused_and_counted() {
    let world = World::new(ids()[0], 2).await;
    let url = world.sandbox.url(world.id()).unwrap();
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("PATCH /x HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut text = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 405"), "{text}");
    let last = world.sandbox.log(world.id()).unwrap().pop().unwrap();
    assert_eq!((last.method.as_str(), last.status), ("PATCH", Some(405)));
}

#[tokio::test]
async fn many_connections_buy_at_once_and_each_gets_its_own() {
    for id in ids() {
        let world = World::new(id, 3).await;
        let buys = (0..200).map(|serial| world.buy(serial));
        let mut numbers = Vec::new();
        for bought in futures::future::join_all(buys).await {
            numbers.push(bought.unwrap().unwrap().labels.remove(0).tracking_number);
        }
        let ledger = world.sandbox.ledger(id).unwrap();
        assert_eq!(ledger.len(), 200, "{id}");
        for (serial, number) in (0..200).zip(&numbers) {
            let line = ledger.iter().find(|line| line.tracking_number == *number).unwrap();
            assert_eq!(line.reference, reference(serial), "{id}");
        }
    }
}

#[tokio::test]
async fn stopping_lets_the_answer_under_way_leave_and_closes_the_port() {
    let world = World::new(ids()[0], 4).await;
    world.set_faults("buy.slow=1:600s");
    let url = world.sandbox.url(world.id()).unwrap();
    let (request, _) = world.purchase(1);
    let World { sandbox, carrier, buyer, .. } = world;
    let sent = buyer.send(&request);
    let stop = async {
        while sandbox.ledger(carrier.info().id).unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        sandbox.stop().await
    };
    let (answer, drained) = tokio::join!(sent, stop);
    assert_eq!(answer.unwrap().status, 200);
    assert!(drained.is_clean(), "{drained:?}");
    assert!(TcpStream::connect(url.strip_prefix("http://").unwrap()).await.is_err());
    assert!(buyer.send(&HttpRequest::new(Method::Get, url)).await.is_none());
}
