//! Public keys of an issuer, each pinned to one algorithm.

use std::collections::HashMap;

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse},
};

/// A key and the only algorithm it is used with: what a token's header claims decides nothing.
#[derive(Clone)]
pub(super) struct PinnedKey {
    pub(super) key: DecodingKey,
    pub(super) algorithm: Algorithm,
}

/// Keys by `kid`.
#[derive(Clone, Default)]
pub(super) struct KeySet(HashMap<String, PinnedKey>);

impl KeySet {
    pub(super) fn one(kid: &str, key: DecodingKey, algorithm: Algorithm) -> Self {
        let key = PinnedKey { key, algorithm };
        Self(HashMap::from([(kid.to_owned(), key)]))
    }

    pub(super) fn get(&self, kid: &str) -> Option<&PinnedKey> {
        self.0.get(kid)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a JWKS document. Keys we do not use (symmetric, for encryption, without `kid`, of
    /// another curve) are left out: an issuer may publish more than we need.
    pub(super) fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(serde::Deserialize)]
        struct Document {
            keys: Vec<serde_json::Value>,
        }
        let document: Document = serde_json::from_slice(text)?;
        let keys = document.keys.into_iter();
        let set = JwkSet { keys: keys.filter_map(|k| serde_json::from_value(k).ok()).collect() };
        let usable = set.keys.iter().filter_map(|jwk| {
            let kid = jwk.common.key_id.clone()?;
            let algorithm = algorithm(jwk)?;
            let key = DecodingKey::from_jwk(jwk).ok()?;
            Some((kid, PinnedKey { key, algorithm }))
        });
        Ok(Self(usable.collect()))
    }
}

fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    let signs = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(p) if p.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        AlgorithmParameters::EllipticCurve(p) if p.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return None,
    };
    // The key may name its algorithm; then it must be the one we pin (RS512, PS256 are not).
    let named = jwk.common.key_algorithm.map(|a| a.to_string());
    let agrees = named.is_none_or(|name| name == format!("{algorithm:?}"));
    (signs && agrees).then_some(algorithm)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_usable_keys_are_taken_and_pinned() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let text = format!(
            r#"{{"keys":[
            {{"kty":"OKP","crv":"Ed25519","kid":"ed","x":"{x}"}},
            {{"kty":"OKP","crv":"Ed25519","kid":"enc","use":"enc","x":"{x}"}},
            {{"kty":"OKP","crv":"Ed25519","kid":"mixed","alg":"RS256","x":"{x}"}},
            {{"kty":"OKP","crv":"Ed25519","x":"{x}"}},
            {{"kty":"oct","kid":"hmac","k":"c2VjcmV0"}},
            {{"kty":"new","kid":"future","z":1}},
            {{"kty":"RSA","kid":"rsa","n":"AQAB","e":"AQAB","alg":"RS256"}},
            {{"kty":"RSA","kid":"pss","n":"AQAB","e":"AQAB","alg":"PS256"}}]}}"#
        );
        let keys = KeySet::parse(text.as_bytes()).unwrap();
        assert_eq!(keys.get("ed").unwrap().algorithm, Algorithm::EdDSA);
        assert_eq!(keys.get("rsa").unwrap().algorithm, Algorithm::RS256);
        for left_out in ["enc", "mixed", "hmac", "future", "pss"] {
            assert!(keys.get(left_out).is_none(), "{left_out}");
        }
        assert!(KeySet::parse(b"{}").is_err());
        assert!(KeySet::parse(br#"{"keys":[]}"#).unwrap().is_empty());
    }
}
