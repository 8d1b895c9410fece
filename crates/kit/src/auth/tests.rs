#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use time::macros::datetime;

use super::*;
use crate::clock::ManualClock;

mod fetched;
mod files;

const NOW: time::OffsetDateTime = datetime!(2026-03-01 10:00 UTC);

struct Bed {
    clock: ManualClock,
    issuer: Issuer,
    services: Issuer,
    verifier: Verifier,
}

fn bed() -> Bed {
    let clock = ManualClock::new(NOW);
    let shared = Arc::new(clock.clone());
    let issuer = Issuer::ephemeral().unwrap().clock(shared.clone());
    let services = Issuer::ephemeral().unwrap().clock(shared.clone());
    let services = services.named("colibri-services", "colibri");
    let verifier = Verifier::builder(shared).trust(&issuer).trust_services(&services).build();
    Bed { clock, issuer, services, verifier }
}

fn request() -> MintRequest {
    MintRequest {
        subject: "cli_x".to_owned(),
        tenant: Some(TenantId::generate()),
        scopes: vec!["labels.read".to_owned(), "labels.write".to_owned()],
        ttl: Duration::from_secs(600),
        service: None,
    }
}

/// A key pair whose private half the test holds, so that it can sign what no issuer of ours would.
struct Forge {
    signing: EncodingKey,
    jwks: Vec<u8>,
}

impl Forge {
    fn new() -> Self {
        use aws_lc_rs::{
            encoding::{AsDer as _, Pkcs8V1Der},
            signature::{Ed25519KeyPair, KeyPair as _},
        };
        let pair = Ed25519KeyPair::generate().unwrap();
        let der: Pkcs8V1Der<'static> = pair.as_der().unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": x });
        Self {
            signing: EncodingKey::from_ed_der(der.as_ref()),
            jwks: json!({ "keys": [key] }).to_string().into_bytes(),
        }
    }

    fn verifier(&self) -> Verifier {
        let clock = Arc::new(ManualClock::new(NOW));
        let builder = Verifier::builder(clock);
        let builder = builder.trust_keys("https://login.example", "colibri", &self.jwks);
        builder.unwrap().build()
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some("k1".to_owned());
        jsonwebtoken::encode(&header, claims, &self.signing).unwrap()
    }
}

fn claims() -> Value {
    let now = NOW.unix_timestamp();
    json!({
        "iss": "https://login.example", "aud": ["other", "colibri"], "sub": "anna",
        "exp": now + 60, "nbf": now - 5, "scope": "a  b"
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => claims.as_object_mut().unwrap().remove(name),
        value => claims.as_object_mut().unwrap().insert(name.into(), value),
    };
    claims
}

#[tokio::test]
async fn a_token_of_ours_says_who_for_whom_and_what() {
    let bed = bed();
    let request = request();
    let token = bed.issuer.mint(request.clone()).unwrap();
    let caller = bed.verifier.verify(&token).await.unwrap();
    assert_eq!(caller.subject, "cli_x");
    assert_eq!(caller.tenant().unwrap(), request.tenant.unwrap());
    assert!(caller.require("labels.read").is_ok());
    let refused = caller.require("labels.void").unwrap_err();
    assert_eq!(refused.code(), "KIT0004");
    assert!(caller.service.is_none());
    // Again, from the cache: the very same.
    let again = bed.verifier.verify(&token).await.unwrap();
    assert!(Arc::ptr_eq(&caller, &again));
}

#[tokio::test]
async fn a_token_expires_even_when_remembered() {
    let bed = bed();
    let ttl = Duration::from_secs(20);
    let token = bed.issuer.mint(MintRequest { ttl, ..request() }).unwrap();
    assert!(bed.verifier.verify(&token).await.is_ok());
    bed.clock.advance(time::Duration::seconds(49));
    assert!(bed.verifier.verify(&token).await.is_ok(), "within leeway");
    bed.clock.advance(time::Duration::seconds(1));
    let error = bed.verifier.verify(&token).await.unwrap_err();
    assert_eq!(error, AuthError::Expired);
    assert_eq!(Fault::from(error).code(), "KIT0002");
}

#[tokio::test]
async fn a_token_is_not_good_before_its_time() {
    let bed = bed();
    let token = bed.issuer.mint(request()).unwrap();
    bed.clock.advance(time::Duration::seconds(-31));
    let early = bed.verifier.verify(&token).await;
    assert_eq!(early.unwrap_err(), AuthError::Refused);
}

#[tokio::test]
async fn another_key_is_refused_whatever_it_says() {
    let bed = bed();
    let stranger = Issuer::ephemeral().unwrap();
    let stranger = stranger.clock(Arc::new(bed.clock.clone()));
    let token = stranger.mint(request()).unwrap();
    let error = bed.verifier.verify(&token).await.unwrap_err();
    assert_eq!(error, AuthError::Refused);
    assert_eq!(Fault::from(error).code(), "KIT0010");
    // The key id of the trusted one does not help.
    let trusted = bed.issuer.mint(request()).unwrap();
    let (head, _) = trusted.split_once('.').unwrap();
    let (_, rest) = token.split_once('.').unwrap();
    let mixed = format!("{head}.{rest}");
    let error = bed.verifier.verify(&mixed).await.unwrap_err();
    assert_eq!(error, AuthError::Refused);
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    let bed = bed();
    let token = bed.issuer.mint(request()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let body = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
    let body = String::from_utf8(body).unwrap();
    let body = URL_SAFE_NO_PAD.encode(body.replace("labels.read", "labels.void"));
    let changed = format!("{}.{body}.{}", parts[0], parts[2]);
    assert!(bed.verifier.verify(&token).await.is_ok());
    let error = bed.verifier.verify(&changed).await.unwrap_err();
    assert_eq!(error, AuthError::Refused);
}

#[tokio::test]
async fn an_outside_token_is_read() {
    let forge = Forge::new();
    let token = forge.sign(&claims());
    let caller = forge.verifier().verify(&token).await.unwrap();
    assert_eq!((caller.subject.as_str(), caller.scopes.len()), ("anna", 2));
    assert_eq!(caller.tenant().unwrap_err().code(), "KIT0003");
}

#[tokio::test]
async fn claims_that_are_missing_or_of_a_wrong_type_are_malformed() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let soon = (NOW.unix_timestamp() + 60).to_string();
    let bad = [
        ("exp", json!(soon)),
        ("exp", Value::Null),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("nbf", json!("0")),
        ("nbf", Value::Null),
        ("aud", Value::Null),
        ("aud", json!(5)),
        ("iss", Value::Null),
        ("sub", Value::Null),
        ("iss", json!(["https://login.example"])),
        ("tenant", json!("ten_1")),
        ("scope", json!(["a"])),
    ];
    for (name, value) in bad {
        let token = forge.sign(&with(name, value.clone()));
        let result = verifier.verify(&token).await;
        assert_eq!(result.unwrap_err(), AuthError::Malformed, "{name} {value}");
    }
}

#[tokio::test]
async fn wrong_audience_issuer_and_service_claim_are_refused() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let bad = [
        ("aud", json!("colibri2")),
        ("aud", json!([])),
        ("iss", json!("https://login.example/")),
        // An outside issuer cannot make anybody one of our services.
        ("service", json!("vault")),
    ];
    for (name, value) in bad {
        let token = forge.sign(&with(name, value.clone()));
        let result = verifier.verify(&token).await;
        assert_eq!(result.unwrap_err(), AuthError::Refused, "{name} {value}");
    }
}

#[tokio::test]
async fn a_claim_given_twice_is_malformed() {
    let forge = Forge::new();
    let text = claims().to_string();
    let twice = text.replace("\"scope\"", "\"sub\":\"root\",\"scope\"");
    let raw: Box<serde_json::value::RawValue> = serde_json::from_str(&twice).unwrap();
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("k1".to_owned());
    let token = jsonwebtoken::encode(&header, &raw, &forge.signing).unwrap();
    let result = forge.verifier().verify(&token).await;
    assert_eq!(result.unwrap_err(), AuthError::Malformed);
}

#[tokio::test]
async fn algorithms_are_the_key_s_and_none_is_not_one() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let good = forge.sign(&claims());
    let body = good.split('.').nth(1).unwrap();
    for (alg, expected) in [
        ("none", AuthError::Malformed),
        ("None", AuthError::Malformed),
        ("HS256", AuthError::Refused),
        ("RS256", AuthError::Refused),
        ("ES256", AuthError::Refused),
    ] {
        let header = json!({ "alg": alg, "kid": "k1" }).to_string();
        let token = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(header));
        let result = verifier.verify(&token).await;
        assert_eq!(result.unwrap_err(), expected, "{alg}");
    }
    // HMAC with the public key as secret, the oldest trick.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("k1".to_owned());
    let secret = EncodingKey::from_secret(&forge.jwks);
    let token = jsonwebtoken::encode(&header, &claims(), &secret).unwrap();
    let result = verifier.verify(&token).await;
    assert_eq!(result.unwrap_err(), AuthError::Refused);
}

#[tokio::test]
async fn headers_we_cannot_honour_are_refused() {
    let forge = Forge::new();
    let verifier = forge.verifier();
    let mut header = Header::new(Algorithm::EdDSA);
    let no_kid = jsonwebtoken::encode(&header, &claims(), &forge.signing).unwrap();
    header.kid = Some("k2".to_owned());
    let unknown = jsonwebtoken::encode(&header, &claims(), &forge.signing).unwrap();
    header.kid = Some("k1".to_owned());
    header.crit = Some(vec!["b64".to_owned()]);
    let critical = jsonwebtoken::encode(&header, &claims(), &forge.signing).unwrap();
    for token in [no_kid, unknown, critical] {
        let result = verifier.verify(&token).await;
        assert_eq!(result.unwrap_err(), AuthError::Refused);
    }
}

#[tokio::test]
async fn texts_that_are_no_tokens_are_malformed() {
    let verifier = Forge::new().verifier();
    let long = "a".repeat(9000);
    for text in ["", ".", "..", "a.b.c", "a.b.c.d", &long, "e30.e30.", "é.é.é"] {
        let result = verifier.verify(text).await;
        assert_eq!(result.unwrap_err(), AuthError::Malformed, "{text}");
    }
}

#[tokio::test]
async fn only_the_service_key_speaks_for_services_and_only_they_choose_a_tenant() {
    let bed = bed();
    let service = MintRequest {
        subject: "labels".to_owned(),
        tenant: None,
        scopes: vec![EVERY_SCOPE.to_owned()],
        service: Some("labels".to_owned()),
        ..request()
    };
    let token = bed.services.mint(service.clone()).unwrap();
    let caller = (*bed.verifier.verify(&token).await.unwrap()).clone();
    assert!(caller.holds("vault.reveal"));
    let tenant = TenantId::generate();
    let acting = caller.clone().acting_for(Some(&tenant.to_string()));
    assert_eq!(acting.unwrap().tenant, Some(tenant));
    let bad = caller.acting_for(Some("ten_x")).unwrap_err();
    assert_eq!(bad, AuthError::Malformed);

    let forged = bed.issuer.mint(service).unwrap();
    let error = bed.verifier.verify(&forged).await.unwrap_err();
    assert_eq!(error, AuthError::Refused);
    let person = bed.services.mint(request()).unwrap();
    let error = bed.verifier.verify(&person).await.unwrap_err();
    assert_eq!(error, AuthError::Refused);

    let own = request();
    let token = bed.issuer.mint(own.clone()).unwrap();
    let caller = (*bed.verifier.verify(&token).await.unwrap()).clone();
    let acting = caller.acting_for(Some(&tenant.to_string())).unwrap();
    assert_eq!(acting.tenant, own.tenant, "a person's header is ignored");
}

#[tokio::test]
async fn the_star_is_worth_nothing_to_a_person() {
    let bed = bed();
    let scopes = vec![EVERY_SCOPE.to_owned()];
    let token = bed.issuer.mint(MintRequest { scopes, ..request() });
    let caller = bed.verifier.verify(&token.unwrap()).await.unwrap();
    assert!(!caller.holds("vault.reveal"));
}

#[test]
fn nothing_printed_holds_a_key() {
    let text = format!("{:?} {:?}", bed().issuer, bed().verifier);
    assert!(!text.contains("PRIVATE") && text.len() < 2000, "{text}");
}

#[test]
fn bearer_headers_are_read_strictly() {
    let read = |values: &[&'static str]| {
        let mut headers = http::HeaderMap::new();
        for value in values {
            let value = http::HeaderValue::from_static(value);
            headers.append(http::header::AUTHORIZATION, value);
        }
        bearer(&headers).map(str::to_owned)
    };
    assert_eq!(read(&["Bearer a.b.c"]), Ok("a.b.c".to_owned()));
    assert_eq!(read(&["bearer a.b.c"]), Ok("a.b.c".to_owned()));
    assert_eq!(read(&[]), Err(AuthError::Missing));
    for bad in [&["Basic eA=="][..], &["Bearer"], &["Bearer "], &["Bearer a", "Bearer b"]] {
        assert_eq!(read(bad), Err(AuthError::Malformed), "{bad:?}");
    }
}
