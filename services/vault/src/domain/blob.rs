//! A sealed content: bound to its tenant, owner, ref, class, revision and shape.
//!
//! Padded to 64 bytes, so that the length of a short record says little about it.

use aws_lc_rs::rand::SecureRandom;
use zeroize::Zeroizing;

use super::{
    cipher::{self, OpenError, SealError},
    keys::{Dek, Owner, describe_text},
};

/// Contents are lengthened to a multiple of this many bytes: most persons fall into two or three
/// sizes, and a label grows by 0.1 %.
pub const BUCKET: usize = 64;
/// First byte of the padding; zeros follow.
const MARK: u8 = 0x80;

/// The row that a content is sealed for. Moved to another, it does not open.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Whose key.
    pub owner: Owner<'a>,
    /// Which record, document or account.
    pub item: &'a str,
    /// Which revision.
    pub revision: u32,
    /// How the content is read.
    pub shape: Shape,
}

/// How a content is read; part of what is authenticated, so that none is read as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Personal fields, first layout.
    Fields1,
    /// A document, first layout.
    Document1,
    /// Credentials, first layout.
    Credentials1,
}

impl Shape {
    /// For ever.
    const fn number(self) -> u16 {
        match self {
            Self::Fields1 => 1,
            Self::Document1 => 2,
            Self::Credentials1 => 3,
        }
    }
}

impl Place<'_> {
    fn context(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(160);
        out.extend_from_slice(b"colibri.vault.blob\0");
        self.owner.describe(&mut out);
        describe_text(&mut out, self.item);
        out.extend_from_slice(&self.revision.to_be_bytes());
        out.extend_from_slice(&self.shape.number().to_be_bytes());
        out
    }
}

/// Seals a content.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    dek: &Dek,
    place: &Place<'_>,
    content: &[u8],
    random: &dyn SecureRandom,
) -> Result<Vec<u8>, SealError> {
    let mut padded = Zeroizing::new(Vec::with_capacity(padded_len(content.len())));
    padded.extend_from_slice(content);
    padded.push(MARK);
    padded.resize(padded_len(content.len()), 0);
    cipher::seal(dek.key(), &dek.id().0, &place.context(), &padded, random)
}

/// Opens a content.
///
/// # Errors
/// [`OpenError`]; nothing of the content is given.
pub fn open(dek: &Dek, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let mut plain = cipher::open(dek.key(), dek.id().0, &place.context(), sealed)?;
    let end = plain.iter().rposition(|byte| *byte != 0).ok_or(OpenError::Malformed)?;
    if plain.get(end) != Some(&MARK) {
        return Err(OpenError::Malformed);
    }
    plain.truncate(end);
    Ok(plain)
}

/// At least one byte of padding, so that the mark is always there.
const fn padded_len(content: usize) -> usize {
    (content / BUCKET + 1) * BUCKET
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use aws_lc_rs::rand::SystemRandom;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::keys::Class;

    fn place<'a>(owner: &'a str, item: &'a str) -> Place<'a> {
        let owner = Owner { tenant: Uuid::from_u128(1), owner, class: Class::Delivery };
        Place { owner, item, revision: 1, shape: Shape::Fields1 }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_content_comes_back_whatever_it_ends_with(
            content in proptest::collection::vec(any::<u8>(), 0..300),
            zeros in 0..70_usize,
        ) {
            let content = [content, vec![0; zeros]].concat();
            let random = SystemRandom::new();
            let dek = Dek::generate(&random).unwrap();
            let sealed = seal(&dek, &place("o", "i"), &content, &random).unwrap();
            let opened = open(&dek, &place("o", "i"), &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), content.as_slice());
        }

        #[test]
        fn lengths_within_a_bucket_look_alike(
            bucket in 0..8_usize, a in 0..64_usize, b in 0..64_usize,
        ) {
            let random = SystemRandom::new();
            let dek = Dek::generate(&random).unwrap();
            let len = |extra: usize| {
                let content = vec![b'x'; bucket * BUCKET + extra];
                seal(&dek, &place("o", "i"), &content, &random).unwrap().len()
            };
            prop_assert_eq!(len(a), len(b));
            prop_assert_eq!((len(a) - 2 - 8 - 12 - 16) % BUCKET, 0);
        }
    }

    #[test]
    fn a_content_moved_to_any_other_place_does_not_open() {
        let random = SystemRandom::new();
        let dek = Dek::generate(&random).unwrap();
        let here = place("ab", "c");
        let sealed = seal(&dek, &here, b"Ottokar Beispiel", &random).unwrap();
        assert!(open(&dek, &here, &sealed).is_ok());
        let owner = |owner| Place { owner, ..here };
        for there in [
            place("a", "bc"),
            place("abc", ""),
            place("ab", "d"),
            Place { revision: 2, ..here },
            Place { shape: Shape::Document1, ..here },
            owner(Owner { tenant: Uuid::from_u128(2), ..here.owner }),
            owner(Owner { class: Class::Account, ..here.owner }),
        ] {
            assert_eq!(open(&dek, &there, &sealed).unwrap_err(), OpenError::Refused, "{there:?}");
        }
        // Two rows of one owner share the key; swapped, neither opens.
        let other = seal(&dek, &place("ab", "e"), b"Ottilie Muster", &random).unwrap();
        assert!(open(&dek, &here, &other).is_err());
        assert!(open(&dek, &place("ab", "e"), &sealed).is_err());
        let second = Dek::generate(&random).unwrap();
        assert_eq!(open(&second, &here, &sealed).unwrap_err(), OpenError::OtherKey);
    }
}
