//! One envelope for everything sealed: keys under keys, and contents under keys.
//!
//! `version(1) | alg(1) | id | nonce(12) | ciphertext and tag(16)`. The id names the key it was
//! sealed under. Everything before the nonce is authenticated, so no byte can be changed, and an
//! unknown version or algorithm is an error, never a reason to try another way.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::SecureRandom,
};
use zeroize::{Zeroize as _, Zeroizing};

/// Bytes of a key.
pub const KEY_LEN: usize = 32;
/// Layout of the envelope.
const VERSION: u8 = 1;
/// AES-256-GCM-SIV: a nonce that repeats after a restored snapshot does not break it.
const AES_256_GCM_SIV_ID: u8 = 1;
/// Version and algorithm.
const HEADER_LEN: usize = 2;
/// Bytes of the authentication tag.
const TAG_LEN: usize = 16;

/// A 256-bit key. Wiped when dropped; never printed, compared or copied by accident.
pub struct Key(Zeroizing<[u8; KEY_LEN]>);

impl Key {
    /// A new random key.
    ///
    /// # Errors
    /// [`SealError::Random`] when the machine gives no random bytes.
    pub fn generate(random: &dyn SecureRandom) -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        random.fill(bytes.as_mut_slice()).map_err(|_| SealError::Random)?;
        Ok(Self(bytes))
    }

    /// From its bytes.
    #[must_use]
    pub fn new(bytes: &[u8; KEY_LEN]) -> Self {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        key.copy_from_slice(bytes);
        Self(key)
    }

    /// From its bytes; `None` when they are not [`KEY_LEN`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }

    /// The bytes: to seal this key under another, or to derive from it.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM_SIV, self.0.as_slice()).ok().map(LessSafeKey::new)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The machine gives no random bytes.
    #[error("draw random bytes")]
    Random,
    /// The cipher refused: the content is longer than it takes.
    #[error("seal a content")]
    Cipher,
}

/// Why something sealed did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Shorter than an envelope, or its content has an impossible shape.
    #[error("the sealed bytes are malformed")]
    Malformed,
    /// Another layout or cipher.
    #[error("the sealed bytes have version {version} and algorithm {alg}, unknown here")]
    Format {
        /// Version byte.
        version: u8,
        /// Algorithm byte.
        alg: u8,
    },
    /// Sealed under another key.
    #[error("the bytes are sealed under another key")]
    OtherKey,
    /// Changed, or moved to another place.
    #[error("the sealed bytes do not belong here or were changed")]
    Refused,
}

/// Seals `plain` under `key`, which `id` names, for the place that `context` describes.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    key: &Key,
    id: &[u8],
    context: &[u8],
    plain: &[u8],
    random: &dyn SecureRandom,
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce).map_err(|_| SealError::Random)?;
    let start = HEADER_LEN + id.len() + NONCE_LEN;
    // Whole at once: growing would leave copies of the clear content behind.
    let mut out = Vec::with_capacity(start + plain.len() + TAG_LEN);
    out.extend_from_slice(&[VERSION, AES_256_GCM_SIV_ID]);
    out.extend_from_slice(id);
    let aad = [out.as_slice(), context].concat();
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plain);
    let body = out.get_mut(start..).unwrap_or_default();
    let cipher = key.cipher().ok_or(SealError::Cipher)?;
    let nonce = Nonce::assume_unique_for_key(nonce);
    match cipher.seal_in_place_separate_tag(nonce, Aad::from(aad), body) {
        Ok(tag) => {
            out.extend_from_slice(tag.as_ref());
            Ok(out)
        }
        Err(_) => {
            out.zeroize();
            Err(SealError::Cipher)
        }
    }
}

/// The id of the key that something is sealed under.
///
/// # Errors
/// [`OpenError::Malformed`], [`OpenError::Format`].
pub fn key_id<const N: usize>(sealed: &[u8]) -> Result<[u8; N], OpenError> {
    let (header, rest) = sealed.split_at_checked(HEADER_LEN).ok_or(OpenError::Malformed)?;
    if header != [VERSION, AES_256_GCM_SIV_ID] {
        let byte = |at: usize| header.get(at).copied().unwrap_or_default();
        return Err(OpenError::Format { version: byte(0), alg: byte(1) });
    }
    rest.first_chunk().copied().ok_or(OpenError::Malformed)
}

/// Opens what [`seal`] sealed under the same key, id and context.
///
/// # Errors
/// [`OpenError`]; nothing of the content is given.
pub fn open<const N: usize>(
    key: &Key,
    id: [u8; N],
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    if key_id::<N>(sealed)? != id {
        return Err(OpenError::OtherKey);
    }
    let (head, rest) = sealed.split_at_checked(HEADER_LEN + N).ok_or(OpenError::Malformed)?;
    let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(OpenError::Malformed)?;
    let aad = [head, context].concat();
    let mut plain = Zeroizing::new(body.to_vec());
    let cipher = key.cipher().ok_or(OpenError::Malformed)?;
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let len = cipher
        .open_in_place(nonce, Aad::from(aad), plain.as_mut_slice())
        .map_err(|_| OpenError::Refused)?
        .len();
    plain.truncate(len);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use aws_lc_rs::rand::SystemRandom;
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> Key {
        Key::from_bytes(&[byte; KEY_LEN]).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_sealed_opens_only_with_its_key_id_and_context(
            plain in proptest::collection::vec(any::<u8>(), 0..300),
            context in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let random = SystemRandom::new();
            let sealed = seal(&key(1), &[7; 8], &context, &plain, &random).unwrap();
            prop_assert_eq!(sealed.len(), 2 + 8 + 12 + plain.len() + 16);
            let opened = open(&key(1), [7; 8], &context, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
            let other = open(&key(2), [7; 8], &context, &sealed);
            prop_assert_eq!(other.unwrap_err(), OpenError::Refused);
            let other = open(&key(1), [8; 8], &context, &sealed);
            prop_assert_eq!(other.unwrap_err(), OpenError::OtherKey);
            let moved = [context.as_slice(), &[0]].concat();
            let other = open(&key(1), [7; 8], &moved, &sealed);
            prop_assert_eq!(other.unwrap_err(), OpenError::Refused);
        }

        #[test]
        fn any_flipped_bit_and_any_cut_is_noticed(
            plain in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let random = SystemRandom::new();
            let sealed = seal(&key(1), &[7; 4], b"here", &plain, &random).unwrap();
            for at in 0..sealed.len() {
                for bit in 0..8 {
                    let mut changed = sealed.clone();
                    changed[at] ^= 1 << bit;
                    prop_assert!(open(&key(1), [7; 4], b"here", &changed).is_err());
                }
                prop_assert!(open(&key(1), [7; 4], b"here", &sealed[..at]).is_err());
            }
        }
    }

    #[test]
    fn an_unknown_format_is_named_and_not_tried() {
        let mut sealed = seal(&key(1), &[7; 4], b"", b"x", &SystemRandom::new()).unwrap();
        sealed[1] = 9;
        let error = open(&key(1), [7; 4], b"", &sealed).unwrap_err();
        assert_eq!(error, OpenError::Format { version: 1, alg: 9 });
    }

    #[test]
    fn equal_contents_look_different_and_keys_print_nothing() {
        let random = SystemRandom::new();
        let seal = || seal(&key(1), &[7; 4], b"", b"same", &random).unwrap();
        assert_ne!(seal(), seal());
        assert_eq!(format!("{:?}", key(0xAB)), "Key(..)");
    }
}
