//! Keys of an outside issuer, over HTTP.

use super::*;

/// A JWKS server that counts how often it is asked.
async fn jwks_server(
    answers: Vec<(u16, Vec<u8>)>,
) -> (String, Arc<std::sync::atomic::AtomicUsize>) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let asked = Arc::new(AtomicUsize::new(0));
    let seen = asked.clone();
    let route = axum::routing::get(move || {
        let n = seen.fetch_add(1, Ordering::SeqCst);
        let (status, body) = answers[n.min(answers.len() - 1)].clone();
        async move { (http::StatusCode::from_u16(status).unwrap(), body) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let app = axum::Router::new().route("/keys", route);
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, asked)
}

#[tokio::test]
async fn fetched_keys_are_kept_and_invented_key_ids_do_not_hammer_the_issuer() {
    use std::sync::atomic::Ordering;
    let (old, new) = (Forge::new(), Forge::new());
    let rotated = String::from_utf8(new.jwks.clone()).unwrap();
    let rotated = rotated.replace("\"k1\"", "\"k2\"").into_bytes();
    let answers = vec![(200, old.jwks.clone()), (200, rotated), (500, Vec::new())];
    let (url, asked) = jwks_server(answers).await;
    let clock = ManualClock::new(NOW);
    let builder = Verifier::builder(Arc::new(clock.clone()));
    let builder = builder.trust_url("https://login.example", "colibri", &url);
    let verifier = builder.unwrap().build();
    assert!(verifier.verify(&old.sign(&claims())).await.is_ok());
    let sign = |kid: &str, n: u64| {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(kid.to_owned());
        let claims = with("exp", json!(NOW.unix_timestamp() + 9000 + n as i64));
        jsonwebtoken::encode(&header, &claims, &new.signing).unwrap()
    };
    // Within the pause nothing is fetched again, however many unknown ids come.
    for n in 0..5 {
        let result = verifier.verify(&sign("k2", n)).await;
        assert_eq!(result.unwrap_err(), AuthError::Refused);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    clock.advance(time::Duration::seconds(31));
    assert!(verifier.verify(&sign("k2", 9)).await.is_ok(), "rotated");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    // The issuer is away and the keys are old: known keys stay good.
    clock.advance(time::Duration::seconds(700));
    assert!(verifier.verify(&sign("k2", 10)).await.is_ok());
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_issuer_that_cannot_be_asked_is_a_retry_and_not_a_refusal() {
    let (url, _) = jwks_server(vec![(500, Vec::new())]).await;
    let builder = Verifier::builder(Arc::new(ManualClock::new(NOW)));
    let builder = builder.trust_url("https://login.example", "colibri", &url);
    let verifier = builder.unwrap().build();
    for _ in 0..2 {
        let result = verifier.verify(&Forge::new().sign(&claims())).await;
        let error = result.unwrap_err();
        assert_eq!(error, AuthError::KeysUnavailable);
        assert_eq!(Fault::from(error).kind(), "retry");
    }
}
