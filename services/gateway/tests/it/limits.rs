//! Rates, places and slow senders.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::world::{World, key};

#[tokio::test(flavor = "multi_thread")]
async fn callers_have_rates_of_their_own_and_slow_ones_are_let_go() {
    let world = World::alone(&[
        ("RATE_PER_S", "1"),
        ("RATE_BURST", "3"),
        ("HOOK_RATE_PER_S", "1"),
        ("HOOK_RATE_BURST", "2"),
        ("HEADER_TIMEOUT_MS", "300"),
        ("BODY_GRACE_MS", "300"),
        ("CONCURRENCY_MAX", "1"),
    ])
    .await;
    rates(&world).await;
    slow(&world).await;
    world.stop().await;
}

async fn rates(world: &World) {
    let (mut limited, mut let_in) = (0, 0);
    for _ in 0..10 {
        let answer = world.clerk().get("/v1/orders").await;
        match answer.problem() {
            (429, code) => {
                assert_eq!(code, "GTW0013");
                assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
                limited += 1;
            }
            other => {
                assert_eq!(other, (503, "KIT0008".to_owned()));
                let_in += 1;
            }
        }
    }
    assert!(limited > 0 && let_in >= 3, "{limited} {let_in}");
    // Another tenant is another caller.
    let other = world.api_of(colibri_types::TenantId::generate(), &["orders:read"]);
    assert_eq!(other.get("/v1/orders").await.problem().0, 503);
    let account = colibri_types::AccountId::generate();
    let path = format!("/v1/hooks/channels/{account}");
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(world.nobody().post_bytes(&path, &[], "{}").await.problem().0);
    }
    assert!(codes.contains(&429) && codes.contains(&503), "{codes:?}");
}

async fn slow(world: &World) {
    let api = world.api_of(colibri_types::TenantId::generate(), &["orders:read", "orders:write"]);
    // Says nothing, says the beginning of a head, says it speaks HTTP/2 and stops: closed.
    for beginning in [&b""[..], b"GET /v1/orders HTTP/1.1\r\nhost: x\r\nx-a", b"PRI * HTTP/2"] {
        let answer = api.raw(beginning, "").await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    // A body that stops.
    let head = format!(
        "POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nidempotency-key: k\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        api.token
    );
    // While it is waited for it holds the only place.
    let mut waiting = tokio::net::TcpStream::connect(world.address).await.unwrap();
    waiting.write_all(head.as_bytes()).await.unwrap();
    let mut refused = 0;
    let answer = loop {
        let answer = world.nobody().get("/healthz").await;
        if answer.status.as_u16() == 503 {
            assert_eq!(answer.problem(), (503, "GTW0014".to_owned()));
            refused += 1;
            break String::new();
        }
        let mut part = [0; 1024];
        if let Ok(n) = waiting.try_read(&mut part) {
            break String::from_utf8_lossy(part.get(..n).unwrap()).into_owned();
        }
    };
    let mut rest = Vec::new();
    waiting.read_to_end(&mut rest).await.unwrap();
    let answer = answer + &String::from_utf8_lossy(&rest);
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("GTW0015"), "{answer}");
    assert_eq!(refused, 1, "nobody was refused while the only place was taken");
    // And then there is room again.
    let missing = api.post_with("/v1/orders", &key("k"), &serde_json::json!({})).await;
    assert_eq!(missing.problem().0, 503);
}
