//! Whatever is wrong with a request is told as a problem, by name and never by value.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use colibri_kit::{
    auth::{Issuer, MintRequest},
    clock::ManualClock,
};
use http::Method;
use serde_json::json;
use time::OffsetDateTime;

use crate::world::{World, key, order};

/// The edge decides alone about all of these: nothing is behind it.
#[tokio::test(flavor = "multi_thread")]
async fn the_edge_refuses_what_is_wrong_and_says_why() {
    let world = World::alone(&[]).await;
    callers(&world).await;
    addresses(&world).await;
    bodies(&world).await;
    fields(&world).await;
    heads(&world).await;
    away(&world).await;
    world.stop().await;
}

async fn callers(world: &World) {
    let problem = |token: &str| {
        let mut api = world.nobody();
        api.token = token.to_owned();
        async move { api.get("/v1/orders").await }
    };
    let missing = problem("").await;
    assert_eq!(missing.problem(), (401, "KIT0001".to_owned()));
    assert!(missing.header("www-authenticate").starts_with("Bearer"));
    assert_eq!(problem("not.a.token").await.problem(), (401, "KIT0001".to_owned()));
    let good = world.bed.token(world.tenant, &["orders:read"]);
    let other = world.bed.token(world.tenant, &["orders:write"]);
    let (body, _) = good.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    let refused = problem(&format!("{body}.{signature}")).await.problem();
    assert_eq!(refused, (401, "KIT0010".to_owned()));
    let past = OffsetDateTime::now_utc() - Duration::from_secs(7200);
    let issuer =
        world.bed.runtime.issuer().unwrap().clone().clock(Arc::new(ManualClock::new(past)));
    let old = issuer.mint(MintRequest {
        subject: "test".to_owned(),
        tenant: Some(world.tenant),
        scopes: vec!["orders:read".to_owned()],
        ttl: Duration::from_secs(600),
        service: None,
    });
    assert_eq!(problem(&old.unwrap()).await.problem(), (401, "KIT0002".to_owned()));
    // Scopes and tenant are looked at before anything the request names.
    let scope = world.api(&["tracking:read"]).get("/v1/orders?nonsense").await;
    assert_eq!(scope.problem(), (403, "KIT0004".to_owned()));
    let read = world.api(&["orders:read"]).post("/v1/orders/ord_x/hold", &json!({})).await;
    assert_eq!(read.problem(), (403, "KIT0004".to_owned()));
    let reveal = world.api(&["orders:read"]).get("/v1/orders/ord_x?reveal=true").await;
    assert_eq!(reveal.problem(), (403, "KIT0004".to_owned()));
    let nobody = world.api_of(None, &["orders:read"]).get("/v1/orders").await;
    assert_eq!(nobody.problem(), (403, "KIT0003".to_owned()));
    // A token in another scheme, and one that pretends to be internal.
    let basic = [("authorization", "Basic YTpi")];
    let basic = world.nobody().get_with("/v1/orders", &basic).await;
    assert_eq!(basic.problem(), (401, "KIT0001".to_owned()));
    let key = world.bed.folder().join("service.pem");
    let own = Issuer::load(&key).unwrap().named("colibri-services", "colibri");
    let own = own.mint(MintRequest {
        subject: "orders".to_owned(),
        tenant: Some(world.tenant),
        scopes: vec!["*".to_owned()],
        ttl: Duration::from_secs(600),
        service: Some("orders".to_owned()),
    });
    assert_eq!(problem(&own.unwrap()).await.problem(), (401, "KIT0010".to_owned()));
    let star = world.api(&["*"]).get("/v1/orders").await;
    assert_eq!(star.problem(), (403, "KIT0004".to_owned()));
}

async fn addresses(world: &World) {
    let api = world.clerk();
    assert_eq!(api.get("/v1/nothing").await.problem(), (404, "GTW0001".to_owned()));
    assert_eq!(api.get("/").await.problem(), (404, "GTW0001".to_owned()));
    assert_eq!(api.get("/errors/XXX0001").await.problem(), (404, "GTW0001".to_owned()));
    let method = api.send(Method::DELETE, "/v1/orders/ord_x", &[], Bytes::new()).await;
    assert_eq!(method.problem(), (405, "GTW0002".to_owned()));
    assert!(method.header("allow").contains("GET"), "{method:?}");
    let cases = [
        ("/v1/orders?stat=held", "*", "UNKNOWN_PARAMETER"),
        ("/v1/orders?state=held&state=held", "state", "DUPLICATE_PARAMETER"),
        ("/v1/orders?state=lost", "state", "OUT_OF_RANGE"),
        ("/v1/orders?limit=-1", "limit", "OUT_OF_RANGE"),
        ("/v1/orders?limit=99999999999", "limit", "OUT_OF_RANGE"),
        ("/v1/orders?page=%FF", "page", "MALFORMED"),
        ("/v1/orders/ord_x?reveal=maybe", "reveal", "OUT_OF_RANGE"),
        ("/v1/orders/a%00b", "order_id", "OUT_OF_RANGE"),
    ];
    for (path, parameter, code) in cases {
        let answer = api.get(path).await;
        assert_eq!(answer.problem(), (400, "GTW0010".to_owned()), "{path}");
        let error = &answer.json()["errors"][0];
        assert_eq!((&error["parameter"], &error["code"]), (&json!(parameter), &json!(code)));
    }
    let path = api.get("/v1/orders/%FF").await;
    assert_eq!(path.problem(), (400, "GTW0010".to_owned()));
    let accept = api.get_with("/v1/orders", &[("accept", "text/html")]).await;
    assert_eq!(accept.problem(), (406, "GTW0003".to_owned()));
    let long = format!("/v1/orders?page={}", "x".repeat(9_000));
    assert_eq!(api.get(&long).await.problem(), (414, "GTW0007".to_owned()));
}

async fn bodies(world: &World) {
    let api = world.clerk();
    let post = |body: Vec<u8>| {
        let api = api.clone();
        async move { api.post_bytes("/v1/orders", &key("k"), body).await }
    };
    let deep = [vec![b'['; 40], vec![b']'; 40]].concat();
    let very_deep = vec![b'['; 500_000];
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "MALFORMED"),
        (b"{".to_vec(), "MALFORMED"),
        (b"{} {}".to_vec(), "MALFORMED"),
        (b"{\"channel\": NaN}".to_vec(), "MALFORMED"),
        (br#"{"channel": "\ud800"}"#.to_vec(), "MALFORMED"),
        (b"{\"channel\": \"\xff\"}".to_vec(), "NOT_UTF8"),
        (br#"{"channel": "a", "channel": "b"}"#.to_vec(), "DUPLICATE_KEY"),
        (br#"{"ship_to": {"city": "a", "\u0063ity": "b"}}"#.to_vec(), "DUPLICATE_KEY"),
        (br#"{"channel": "a\u0000b"}"#.to_vec(), "NUL_CHARACTER"),
        (deep, "TOO_DEEP"),
        (very_deep.clone(), "MALFORMED"),
        (format!("[{}]", vec!["1"; 10_001].join(",")).into_bytes(), "TOO_MANY"),
    ];
    for (body, code) in cases {
        let shown = String::from_utf8_lossy(body.get(..body.len().min(60)).unwrap()).into_owned();
        let answer = post(body).await;
        assert_eq!(answer.problem(), (400, "GTW0008".to_owned()), "{shown}");
        assert_eq!(answer.json()["errors"][0]["code"], code, "{shown}");
    }
    let huge = post(vec![b' '; (1 << 20) + 1]).await;
    assert_eq!(huge.problem(), (413, "GTW0004".to_owned()));
    // Without a declared length the limit holds all the same.
    let chunks = "20000\r\n".to_owned() + &" ".repeat(0x20000) + "\r\n";
    let head = format!(
        "POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nidempotency-key: k\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        api.token
    );
    let raw = [head.into_bytes(), chunks.repeat(9).into_bytes()].concat();
    let answer = api.raw(&raw, "GTW0004").await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    for media in ["text/plain", "application/json; charset=latin1", ""] {
        let headers = [("idempotency-key", "k"), ("content-type", media)];
        let answer = api.post_bytes("/v1/orders", &headers, "{}").await;
        assert_eq!(answer.problem(), (415, "GTW0005".to_owned()), "{media}");
    }
    let zipped = [("idempotency-key", "k"), ("content-encoding", "gzip")];
    let zipped = api.post_bytes("/v1/orders", &zipped, "{}").await;
    assert_eq!(zipped.problem(), (415, "GTW0005".to_owned()));
    let file = api.post_with("/v1/imports", &key("k"), &json!({})).await;
    assert_eq!(file.problem(), (415, "GTW0005".to_owned()));
}

async fn fields(world: &World) {
    let api = world.clerk();
    let mut bad = order("A-1");
    bad["chanel"] = json!("canary-one");
    bad["lines"][0]["quantity"] = json!(2.5);
    bad["lines"][0]["unit_price"]["amount_minor"] = json!(u64::MAX);
    bad["ship_to"]["city"] = json!(73_419_001);
    bad["camille.canary@example.org"] = json!("canary-two");
    let answer = api.post_with("/v1/orders", &key("k"), &bad).await;
    assert_eq!(answer.problem(), (400, "GTW0009".to_owned()));
    let problem = answer.json();
    let mut told: Vec<(String, String)> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["pointer"].as_str().unwrap().into(), e["code"].as_str().unwrap().into()))
        .collect();
    told.sort();
    let wanted = [
        ("#/*", "UNKNOWN_FIELD"),
        ("#/chanel", "UNKNOWN_FIELD"),
        ("#/lines/0/quantity", "FIELD_TYPE"),
        ("#/lines/0/unit_price/amount_minor", "OUT_OF_RANGE"),
        ("#/ship_to/city", "FIELD_TYPE"),
    ];
    assert_eq!(told, wanted.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    for canary in ["canary", "73419001", "18446744073709551615", "2.5", "Camille", "Essais"] {
        assert!(!problem.to_string().contains(canary), "{canary} in {problem}");
    }
    // A field that comes from the path is not taken from the body as well.
    let twice = api.post("/v1/orders/ord_a/hold", &json!({ "order_id": "ord_b" })).await;
    assert_eq!(twice.problem(), (400, "GTW0009".to_owned()));
    let own = json!({ "orders": [], "request_id": "mine" });
    let own = api.post_with("/v1/orders/batch", &key("k"), &own).await;
    assert_eq!(own.problem(), (400, "GTW0009".to_owned()));
    let missing = api.post("/v1/orders", &order("A-1")).await;
    assert_eq!(missing.problem(), (400, "GTW0011".to_owned()));
    assert!(missing.header("link").contains("rel=\"describedby\""));
    let invalid = api.post_with("/v1/orders", &key("\"open"), &order("A-1")).await;
    assert_eq!(invalid.problem(), (400, "GTW0012".to_owned()));
}

async fn heads(world: &World) {
    let api = world.clerk();
    let many: Vec<(String, String)> = (0..70).map(|n| (format!("x-{n}"), "1".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let answer = api.get_with("/v1/orders", &many).await;
    assert_eq!(answer.problem(), (431, "GTW0006".to_owned()));
    let large = "x".repeat(17 << 10);
    let answer = api.get_with("/v1/orders", &[("x-large", &large)]).await;
    assert_eq!(answer.problem(), (431, "GTW0006".to_owned()));
    // Beyond what the transport holds at all, without a problem but without harm.
    let endless = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(200_000));
    let answer = api.raw(endless.as_bytes(), "\r\n\r\n").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    // The caller's id is taken when it looks like one, and never when it does not.
    let named = api.get_with("/healthz", &[("request-id", "my-request-17")]).await;
    assert_eq!(named.header("request-id"), "my-request-17");
    let odd = api.get_with("/healthz", &[("request-id", "a b <script>")]).await;
    assert_eq!(odd.header("request-id").len(), 26);
}

/// No service is behind: everything that was let in ends in 503, and may be tried again.
async fn away(world: &World) {
    let api = world.clerk();
    let list = api.get("/v1/orders").await;
    assert_eq!(list.problem(), (503, "KIT0008".to_owned()));
    assert_eq!((list.header("retry-after"), &list.json()["retry"]), ("1", &json!("after")));
    let submit = api.post_with("/v1/orders", &key("k"), &order("A-1")).await;
    assert_eq!(submit.problem(), (503, "KIT0008".to_owned()));
    assert_eq!(submit.json()["retry"], "same_key");
    assert_eq!(submit.json()["error_source"], "colibri");
    let health = world.nobody().get("/healthz").await;
    assert_eq!((health.status.as_u16(), &health.body[..]), (200, &b"ok\n"[..]));
}
