//! What a visitor carries for us: sealed, so that they can neither read nor change it.
//!
//! One key, derived from the configuration, so that all replicas and the next start open what this
//! one has sealed. Each purpose and tenant is bound in: a value is good at one place only.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    constant_time, hmac, rand,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use colibri_kit::{config::Profile, fault::BoxError, service::Host};
use colibri_types::TenantId;
use secrecy::ExposeSecret as _;
use serde::{Serialize, de::DeserializeOwned};

use crate::config::{Config, ConfigError};

/// Longest sealed text that is looked at: a session has 600 characters.
const SEALED_MAX: usize = 3072;

/// Seals and opens.
pub(crate) struct Sealer {
    key: RandomizedNonceKey,
    forms: hmac::Key,
}

impl Sealer {
    /// With the key of the configuration.
    ///
    /// # Errors
    /// [`ConfigError`] when there is none in production, or a short one.
    pub(crate) fn new(config: &Config, host: &Host) -> Result<Self, BoxError> {
        let kit = host.config.kit()?;
        let secret = match (&config.portal_key, &kit.db.role_secret) {
            (Some(own), _) if own.expose_secret().len() < 32 => {
                return Err(ConfigError::PortalKeyShort.into());
            }
            (Some(own), _) => own.expose_secret().as_bytes().to_vec(),
            (None, Some(roles)) => roles.expose_secret().as_bytes().to_vec(),
            (None, None) if kit.profile == Profile::Production => {
                return Err(ConfigError::PortalKeyMissing.into());
            }
            // A laptop without secrets: visitors identify themselves again after a start.
            (None, None) => random::<32>()?.to_vec(),
        };
        let root = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let seal = hmac::sign(&root, b"colibri portal seal 1");
        let forms = hmac::sign(&root, b"colibri portal forms 1");
        Ok(Self {
            key: RandomizedNonceKey::new(&AES_256_GCM, seal.as_ref())?,
            forms: hmac::Key::new(hmac::HMAC_SHA256, forms.as_ref()),
        })
    }

    /// Seals a value for one purpose of one tenant.
    ///
    /// # Errors
    /// When the machine gives no random bytes.
    pub(crate) fn seal(
        &self,
        purpose: &str,
        tenant: TenantId,
        value: &impl Serialize,
    ) -> Result<String, BoxError> {
        let mut bytes = serde_json::to_vec(value)?;
        let nonce = self.key.seal_in_place_append_tag(aad(purpose, tenant), &mut bytes)?;
        let all = [nonce.as_ref().as_slice(), &bytes].concat();
        Ok(URL_SAFE_NO_PAD.encode(all))
    }

    /// Opens what was sealed for this purpose of this tenant; nothing else opens.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        purpose: &str,
        tenant: TenantId,
        sealed: &str,
    ) -> Option<T> {
        if sealed.len() > SEALED_MAX {
            return None;
        }
        let all = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, rest) = all.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = rest.to_vec();
        let plain = self.key.open_in_place(nonce, aad(purpose, tenant), &mut bytes).ok()?;
        serde_json::from_slice(plain).ok()
    }

    /// What each form of a visit bears, so that another site cannot send it.
    pub(crate) fn form_token(&self, tenant: TenantId, visit: &str) -> String {
        let text = format!("{tenant}|{visit}");
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.forms, text.as_bytes()))
    }

    /// Whether a form is of this visit.
    pub(crate) fn is_form_token(&self, tenant: TenantId, visit: &str, token: &str) -> bool {
        let wanted = self.form_token(tenant, visit);
        constant_time::verify_slices_are_equal(wanted.as_bytes(), token.as_bytes()).is_ok()
    }
}

fn aad(purpose: &str, tenant: TenantId) -> Aad<Vec<u8>> {
    Aad::from(format!("{purpose}|{tenant}").into_bytes())
}

/// Random bytes.
///
/// # Errors
/// When the machine gives none.
fn random<const N: usize>() -> Result<[u8; N], BoxError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes)?;
    Ok(bytes)
}

/// A name nobody guesses: 128 bits.
///
/// # Errors
/// When the machine gives no random bytes.
pub(crate) fn unguessable() -> Result<String, BoxError> {
    Ok(URL_SAFE_NO_PAD.encode(random::<16>()?))
}

#[cfg(test)]
impl Sealer {
    /// With a key of a test.
    pub(crate) fn of_test(secret: &[u8; 32]) -> Self {
        let key = RandomizedNonceKey::new(&AES_256_GCM, secret).unwrap_or_else(|_| unreachable!());
        Self { key, forms: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sealed_value_opens_for_its_purpose_and_tenant_only() {
        let sealer = Sealer::of_test(&[7; 32]);
        let (one, other) = (TenantId::generate(), TenantId::generate());
        let sealed = sealer.seal("visit", one, &"secret").unwrap();
        assert!(!sealed.contains("secret"));
        assert_eq!(sealer.open::<String>("visit", one, &sealed).as_deref(), Some("secret"));
        assert_eq!(sealer.open::<String>("follow", one, &sealed), None);
        assert_eq!(sealer.open::<String>("visit", other, &sealed), None);
        assert_eq!(Sealer::of_test(&[8; 32]).open::<String>("visit", one, &sealed), None);
        assert_ne!(sealer.seal("visit", one, &"secret").unwrap(), sealed);
    }

    #[test]
    fn a_form_belongs_to_one_visit() {
        let sealer = Sealer::of_test(&[7; 32]);
        let tenant = TenantId::generate();
        let token = sealer.form_token(tenant, "a");
        assert!(sealer.is_form_token(tenant, "a", &token));
        assert!(!sealer.is_form_token(tenant, "b", &token));
        assert!(!sealer.is_form_token(TenantId::generate(), "a", &token));
        assert!(!sealer.is_form_token(tenant, "a", ""));
    }

    proptest! {
        #[test]
        fn nothing_else_opens(text in "\\PC{0,200}", at in 0usize..60, flip in 1u8..128) {
            let sealer = Sealer::of_test(&[7; 32]);
            let tenant = TenantId::generate();
            prop_assert_eq!(sealer.open::<String>("visit", tenant, &text), None);
            let sealed = sealer.seal("visit", tenant, &text).unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= flip;
            let bent = URL_SAFE_NO_PAD.encode(bytes);
            prop_assert_eq!(sealer.open::<String>("visit", tenant, &bent), None);
        }
    }
}
