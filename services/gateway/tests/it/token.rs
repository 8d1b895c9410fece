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

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_made_listed_given_another_secret_and_revoked() {
    let world = World::for_orders().await;
    let admin = world.api(&["accounts:read", "accounts:write"]);
    let body = json!({ "name": "warehouse", "scopes": ["orders:read"] });
    let made = admin.post("/v1/clients", &body).await;
    assert_eq!((made.status.as_u16(), made.header("cache-control")), (201, "no-store"));
    let made = made.json();
    let id = made["client_id"].as_str().unwrap();
    let granted = async |secret: &serde_json::Value| {
        let ask = json!({
            "grant_type": "client_credentials", "client_id": id, "client_secret": secret,
        });
        world.nobody().post("/v1/token", &ask).await.status.as_u16()
    };
    assert_eq!(granted(&made["client_secret"]).await, 200);
    let path = format!("/v1/clients/{id}/secret");
    let changed = admin.post(&path, &json!({ "overlap_s": 60 })).await;
    assert_eq!((changed.status.as_u16(), changed.header("cache-control")), (200, "no-store"));
    let changed = changed.json();
    assert_eq!(granted(&made["client_secret"]).await, 200, "while they overlap");
    assert_eq!(granted(&changed["client_secret"]).await, 200);
    let listed = admin.get("/v1/clients").await.json();
    assert_eq!(listed["clients"][0]["client_id"], id);
    assert_eq!(listed["clients"][0]["old_secret_until"], changed["old_secret_until"]);
    assert!(!listed.to_string().contains("colibri_sk_"));
    let reader = world.api(&["accounts:read"]);
    assert_eq!(reader.post(&path, &json!({})).await.problem(), (403, "KIT0004".to_owned()));
    let stranger = world.api_of(colibri_types::TenantId::generate(), &["accounts:write"]);
    assert_eq!(stranger.post(&path, &json!({})).await.problem(), (404, "ACC0016".to_owned()));
    let revoked = admin.post(&format!("/v1/clients/{id}/revoke"), &json!({})).await;
    assert_eq!(revoked.status.as_u16(), 200, "{revoked:?}");
    assert!(revoked.json()["revoked_at"].is_string());
    assert_eq!(granted(&changed["client_secret"]).await, 401);
    assert_eq!(admin.post(&path, &json!({})).await.problem().1, "ACC0017");
    world.stop().await;
}
