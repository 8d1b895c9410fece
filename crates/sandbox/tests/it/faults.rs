//! Whether money moved is in the ledger; what the buyer learns is what came over the wire.

use colibri_carriers::CarrierError;
use colibri_sandbox::Fault;

use crate::world::{World, ids, reference};

#[tokio::test]
async fn labels_are_bought_through_the_real_connector() {
    for id in ids() {
        let world = World::new(id, 1).await;
        let purchase = world.buy(1).await.unwrap().unwrap();
        let ledger = world.sandbox.ledger(id).unwrap();
        assert_eq!(ledger.len(), 1, "{id}");
        assert_eq!((ledger[0].kind, &ledger[0].reference), ("label", &reference(1)));
        assert_eq!(ledger[0].tracking_number, purchase.labels[0].tracking_number);
        assert_eq!(ledger[0].at, crate::world::NOW);
        assert!(!world.file(1, &purchase.labels[0]).await.data.is_empty(), "{id}");
        let totals = world.sandbox.totals(id).unwrap();
        assert_eq!(totals.buys, 1, "{id}");
        assert_eq!((totals.asked, totals.faults.len()), (totals.requests, 0), "{id}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_one_purchase_and_not_one_byte() {
    for id in ids() {
        let world = World::new(id, 2).await;
        world.set_faults("buy.lost-answer=1");
        let (request, _) = world.purchase(1);
        assert_eq!(world.raw(&request).await, b"", "{id}");
        assert_eq!(world.references(), [reference(1)], "{id}");
        // A pooled client sees no answer either, and buying again is a second parcel.
        assert!(world.buy(1).await.is_none(), "{id}");
        assert_eq!(world.references(), [reference(1), reference(1)], "{id}");
        let last = world.sandbox.log(id).unwrap().pop().unwrap();
        assert_eq!((last.status, last.fault, last.buys), (None, Some(Fault::LostAnswer), true));
    }
}

#[tokio::test]
async fn faults_before_the_purchase_buy_nothing() {
    for id in ids() {
        let world = World::new(id, 3).await;
        let asked = world.sandbox.totals(id).unwrap().asked;
        for (text, statuses) in [("buy.5xx=1", 500..=504), ("buy.429=1", 429..=429)] {
            world.set_faults(text);
            for serial in 0..8 {
                let (request, _) = world.purchase(serial);
                let answer = world.send(&request).await.unwrap();
                assert!(statuses.contains(&answer.status), "{id} {text} {}", answer.status);
            }
        }
        assert!(world.references().is_empty(), "{id}");
        assert_eq!(world.sandbox.totals(id).unwrap().asked, asked, "{id}");
        let busy = world.buy(1).await.unwrap();
        assert!(matches!(busy, Err(CarrierError::Later { .. })), "{id} {busy:?}");
        // The same request is served once the fault is over: nothing stuck.
        world.set_faults("");
        assert!(world.buy(1).await.unwrap().is_ok(), "{id}");
    }
}

#[tokio::test]
async fn faults_after_the_purchase_leave_the_buyer_in_doubt() {
    let spoilt = [Fault::ServerErrorAfterCommit, Fault::Truncated, Fault::Html, Fault::Garbled];
    for id in ids() {
        for fault in spoilt {
            let world = World::new(id, 4).await;
            world.set_faults(&format!("buy.{}=1", fault.name()));
            for serial in 0..8 {
                let result = world.buy(serial).await;
                let doubt = matches!(result, None | Some(Err(CarrierError::Garbled { .. })));
                assert!(doubt, "{id} {fault:?} {result:?}");
            }
            let bought: Vec<String> = (0..8).map(reference).collect();
            assert_eq!(world.references(), bought, "{id} {fault:?}");
            assert_eq!(world.sandbox.totals(id).unwrap().faults[&fault], 8, "{id}");
        }
    }
}

#[tokio::test]
async fn a_truncated_answer_ends_before_its_promise() {
    for id in ids() {
        let world = World::new(id, 5).await;
        let (request, _) = world.purchase(1);
        world.set_faults("buy.truncated=1");
        let bytes = world.raw(&request).await;
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{id} {head}");
        let mut lines = head.lines();
        let promised = lines.find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let promised: usize = promised.parse().unwrap();
        // Half of it, so that a reader gets something to misread.
        assert_eq!(bytes.len() - end, promised / 2, "{id}");
        assert_eq!(world.references(), [reference(1)], "{id}");
    }
}

#[tokio::test]
async fn a_wrong_content_type_hides_nothing_but_the_type() {
    for id in ids() {
        let world = World::new(id, 6).await;
        world.set_faults("wrong-type=1");
        let (request, _) = world.purchase(1);
        let answer = world.send(&request).await.unwrap();
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"), "{id}");
        let number = world.sandbox.ledger(id).unwrap().remove(0).tracking_number;
        let holds = |text: &str| answer.body.windows(text.len()).any(|w| w == text.as_bytes());
        assert!(holds(&number), "{id}");
    }
}

#[tokio::test]
async fn an_aim_spares_the_other_requests() {
    for id in ids() {
        let mut world = World::new(id, 7).await;
        world.set_faults("buy.lost-answer=1");
        world.sign_in().await;
        assert!(world.buy(1).await.is_none(), "{id}");
        world.set_faults("other.lost-answer=1");
        assert!(world.buy(2).await.unwrap().is_ok(), "{id}");
        let numbers = [world.sandbox.ledger(id).unwrap()[0].tracking_number.clone()];
        let polling = world.carrier.polling().unwrap();
        let question = polling.request(&world.call(), &numbers);
        assert!(world.send(&question).await.is_none(), "{id}");
    }
}

#[tokio::test]
async fn a_slow_answer_comes_after_the_purchase() {
    for id in ids() {
        let world = World::new(id, 8).await;
        world.set_faults("buy.slow=1:600s");
        let (request, _) = world.purchase(1);
        // The buyer gives up as soon as the ledger shows that the money is gone.
        tokio::select! {
            answer = world.send(&request) => panic!("{id} was not slow: {answer:?}"),
            () = async { while world.references().is_empty() { tokio::task::yield_now().await } }
                => {}
        }
        assert_eq!(world.references(), [reference(1)], "{id}");
        assert!(world.sandbox.log(id).unwrap().pop().unwrap().slow, "{id}");
    }
}
