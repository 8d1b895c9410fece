//! Client credentials for a token, and what the token is good for.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use colibri_events::accounts::v1::{
    CreateClientRequest, accounts_service_client::AccountsServiceClient,
};
use serde_json::json;

use crate::{http::Api, world::World};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test(flavor = "multi_thread")]
async fn credentials_become_a_token_that_is_good_for_what_its_client_may() {
    let world = World::for_orders().await;
    let request =
        CreateClientRequest { name: "warehouse".into(), scopes: vec!["orders:read".into()] };
    let made = AccountsServiceClient::new(
        world.bed.client(world.tenant, &["accounts:write", "orders:read"]),
    )
    .create_client(request)
    .await
    .unwrap()
    .into_inner();
    let (id, secret) = (made.client_id.as_str(), made.client_secret.as_str());
    let api = world.nobody();
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let json = json!({
        "grant_type": "client_credentials", "client_id": id, "client_secret": secret,
    });
    let ways = [
        api.post_bytes("/v1/token", &[FORM], form.clone()).await,
        api.post_bytes(
            "/v1/token",
            &[FORM, ("authorization", &basic)],
            "grant_type=client_credentials",
        )
        .await,
        api.post("/v1/token", &json).await,
    ];
    for granted in ways {
        assert_eq!(granted.status.as_u16(), 200, "{granted:?}");
        assert_eq!(granted.header("cache-control"), "no-store");
        let told = granted.json();
        assert_eq!(told["token_type"], "Bearer");
        assert!(told["expires_in"].as_u64().unwrap() > 0);
        let token = told["access_token"].as_str().unwrap().to_owned();
        let client = Api { address: world.address, token };
        assert_eq!(client.get("/v1/orders").await.status.as_u16(), 200);
        assert_eq!(client.get("/v1/parcels").await.problem(), (403, "KIT0004".to_owned()));
    }
    refusals(&world, id, &form).await;
    world.stop().await;
}

async fn refusals(world: &World, id: &str, form: &str) {
    let api = world.nobody();
    let wrong = format!("grant_type=client_credentials&client_id={id}&client_secret=canary");
    let cases = [
        (wrong.as_str(), (401, "ACC0004"), "invalid_client"),
        (
            "grant_type=client_credentials&client_id=x&client_secret=y",
            (401, "ACC0004"),
            "invalid_client",
        ),
        ("grant_type=password", (400, "GTW0016"), "unsupported_grant_type"),
        ("", (400, "GTW0016"), "unsupported_grant_type"),
        ("grant_type=client_credentials", (400, "GTW0009"), "invalid_request"),
        ("scope=everything", (400, "GTW0009"), "invalid_request"),
    ];
    for (body, (status, code), word) in cases {
        let answer = api.post_bytes("/v1/token", &[FORM], body.to_owned()).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{body}");
        assert_eq!(answer.json()["error"], word, "{body}");
        assert!(!answer.json().to_string().contains("canary"));
    }
    let twice = api.post_bytes("/v1/token", &[FORM], format!("{form}&client_id={id}")).await;
    assert_eq!(twice.problem(), (400, "GTW0009".to_owned()));
    let typed =
        api.post_bytes("/v1/token", &[("content-type", "text/plain")], form.to_owned()).await;
    assert_eq!(typed.problem(), (415, "GTW0005".to_owned()));
    // Guessing is slow: the id has a rate, whoever asks.
    let mut codes = Vec::new();
    for _ in 0..40 {
        let answer = api.post_bytes("/v1/token", &[FORM], wrong.clone()).await;
        codes.push(answer.problem().1);
    }
    assert!(codes.contains(&"GTW0013".to_owned()), "{codes:?}");
}
