//! The same seed and the same requests: the same log, and the same bytes.

use colibri_carriers::HttpResponse;
use colibri_sandbox::LogEntry;
use futures::future::join_all;

use crate::world::{World, ids};

const FAULTS: &str = "5xx=0.05,429=0.05,5xx-after-commit=0.05,lost-answer=0.1,truncated=0.05,\
                      html=0.05,garbled=0.05,wrong-type=0.05,slow=0.2:1ms,duplicate-scan=0.2";

async fn session(id: &str, seed: u64) -> (Vec<LogEntry>, Vec<Option<HttpResponse>>) {
    let world = World::with_scans(id, seed, "duplicate-scan=0.2").await;
    world.set_faults(FAULTS);
    let mut answers = Vec::new();
    for serial in 0..60 {
        // Every fourth is the repetition of an earlier one.
        let (request, _) = world.purchase(if serial % 4 == 3 { serial - 3 } else { serial });
        answers.push(world.send(&request).await);
    }
    let numbers = world.sandbox.ledger(id).unwrap();
    let numbers: Vec<String> = numbers.into_iter().map(|line| line.tracking_number).collect();
    let polling = world.carrier.polling().unwrap();
    for hours in [1, 20, 60] {
        world.clock.advance(time::Duration::hours(hours));
        for batch in numbers.chunks(polling.batch_max()) {
            answers.push(world.send(&polling.request(&world.call(), batch)).await);
        }
    }
    (world.sandbox.log(id).unwrap(), answers)
}

#[tokio::test]
async fn one_seed_gives_one_log_and_one_set_of_answers() {
    for id in ids() {
        let (first, second) = (session(id, 11).await, session(id, 11).await);
        assert_eq!(first.0, second.0, "{id}");
        assert!(first.1 == second.1, "{id}: the bytes differ");
        let numbers: Vec<u64> = first.0.iter().map(|entry| entry.n).collect();
        assert!(numbers.iter().copied().eq(1..=u64::try_from(numbers.len()).unwrap()), "{id}");
        let faulty = first.0.iter().filter(|entry| entry.fault.is_some()).count();
        assert!(faulty > 20 && faulty < first.0.len() - 20, "{id}: {faulty}");
        let other = session(id, 12).await;
        assert_ne!(first.0, other.0, "{id}: the seed decides nothing");
    }
}

#[tokio::test]
async fn a_repeated_request_is_drawn_anew() {
    for id in ids() {
        let world = World::new(id, 13).await;
        world.set_faults("buy.5xx=0.5");
        let (request, _) = world.purchase(1);
        let mut refused = 0;
        for _ in 0..40 {
            refused += u32::from(world.send(&request).await.unwrap().status >= 500);
        }
        assert!((8..=32).contains(&refused), "{id}: {refused} of 40");
    }
}

#[tokio::test]
async fn who_is_hit_does_not_depend_on_who_comes_first() {
    async fn hit(id: &str, order: Vec<u32>, together: bool) -> Vec<Option<u16>> {
        let world = World::new(id, 14).await;
        world.set_faults("buy.5xx=0.3,buy.lost-answer=0.2");
        let requests: Vec<_> = order.iter().map(|serial| world.purchase(*serial).0).collect();
        let sent = requests.iter().map(|request| world.send(request));
        let answers = if together {
            join_all(sent).await
        } else {
            let mut answers = Vec::new();
            for one in sent {
                answers.push(one.await);
            }
            answers
        };
        let mut hit: Vec<(u32, Option<u16>)> =
            order.into_iter().zip(answers.iter().map(|a| a.as_ref().map(|a| a.status))).collect();
        hit.sort_unstable();
        hit.into_iter().map(|(_, status)| status).collect()
    }
    for id in ids() {
        let forward = hit(id, (0..50).collect(), false).await;
        assert_eq!(forward, hit(id, (0..50).rev().collect(), false).await, "{id}");
        assert_eq!(forward, hit(id, (0..50).collect(), true).await, "{id}");
        let sold = forward.iter().any(|status| matches!(status, Some(200 | 201)));
        assert!(forward.contains(&None) && sold, "{id}");
    }
}
