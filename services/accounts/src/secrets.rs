//! Secrets of API clients: answered once, kept only as a keyed hash.
//!
//! 256 random bits need no slow hash: nobody can try them through. The pepper makes a stolen table
//! useless even for checking a guess.

use aws_lc_rs::{hmac, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use colibri_kit::fault::Fault;
use colibri_types::ClientId;
use zeroize::Zeroizing;

/// Begins every secret: scanners of code recognise it.
const PREFIX: &str = "colibri_sk_";

/// The key of the hashes.
#[derive(Debug)]
pub struct Pepper(hmac::Key);

impl Pepper {
    /// From its bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// What is stored for this client's secret.
    #[must_use]
    pub fn mac(&self, client: ClientId, secret: &str) -> Vec<u8> {
        hmac::sign(&self.0, &message(client, secret)).as_ref().to_vec()
    }

    /// Whether it is the client's secret, in constant time.
    #[must_use]
    pub fn accepts(&self, client: ClientId, secret: &str, mac: &[u8]) -> bool {
        hmac::verify(&self.0, &message(client, secret), mac).is_ok()
    }
}

/// The client first, at fixed length: a hash copied to another client's row is no good there.
fn message(client: ClientId, secret: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([client.to_uuid().as_bytes(), secret.as_bytes()].concat())
}

/// A new secret.
///
/// # Errors
/// [`Fault::Bug`] when the machine gives no random bytes.
pub fn generate() -> Result<String, Fault> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    rand::fill(bytes.as_mut_slice()).map_err(|_| Fault::bug("draw random bytes"))?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_secret_is_good_for_its_client_under_its_pepper_only() {
        let (one, two) = (ClientId::generate(), ClientId::generate());
        let (pepper, other) = (Pepper::new(&[1; 32]), Pepper::new(&[2; 32]));
        let secret = generate().unwrap();
        assert_eq!(secret.len(), PREFIX.len() + 43);
        assert_ne!(secret, generate().unwrap());
        let mac = pepper.mac(one, &secret);
        assert!(pepper.accepts(one, &secret, &mac));
        assert!(!pepper.accepts(two, &secret, &mac));
        assert!(!other.accepts(one, &secret, &mac));
        assert!(!pepper.accepts(one, &format!("{secret}x"), &mac));
        assert!(!pepper.accepts(one, "", &mac));
    }
}
