//! What is inside a blob: fields, a document, or credentials. Sorted and length-prefixed, so that
//! equal contents have equal bytes.

use std::fmt;

use colibri_events::vault::v1::Field;
use zeroize::Zeroizing;

use super::cipher::OpenError;

/// Personal fields in clear. Wiped when dropped; `Debug` names the fields only.
#[derive(Default)]
pub struct Fields(Vec<(Field, Zeroizing<String>)>);

impl Fields {
    /// From unique fields in any order; empty values are left out: absent is absent.
    #[must_use]
    pub fn new(mut fields: Vec<(Field, Zeroizing<String>)>) -> Self {
        fields.retain(|(_, value)| !value.is_empty());
        fields.sort_by_key(|(field, _)| *field as i32);
        Self(fields)
    }

    /// Each field with its value, by number.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        self.0.iter().map(|(field, value)| (*field, value.as_str()))
    }

    /// The bytes to seal.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let len = self.0.iter().map(|(_, value)| 5 + value.len()).sum();
        let mut out = Zeroizing::new(Vec::with_capacity(len));
        for (field, value) in &self.0 {
            // Numbers of fields are small; `Put` lets no others in.
            out.push(u8::try_from(*field as i32).unwrap_or_default());
            push(&mut out, value.as_bytes());
        }
        out
    }

    /// Reads what [`Fields::encode`] wrote.
    ///
    /// # Errors
    /// [`OpenError::Malformed`].
    pub fn decode(mut bytes: &[u8]) -> Result<Self, OpenError> {
        let mut fields = Vec::new();
        while let Some((number, rest)) = bytes.split_first() {
            bytes = rest;
            let field = Field::try_from(i32::from(*number)).map_err(|_| OpenError::Malformed)?;
            fields.push((field, text(pull(&mut bytes)?)?));
        }
        Ok(Self(fields))
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(field, _)| field.as_str_name())).finish()
    }
}

/// Credentials of an account in clear. Wiped when dropped; `Debug` names the fields only.
#[derive(Default)]
pub struct Credentials(Vec<(String, Zeroizing<String>)>);

impl Credentials {
    /// From unique names in any order.
    #[must_use]
    pub fn new(mut fields: Vec<(String, Zeroizing<String>)>) -> Self {
        fields.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self(fields)
    }

    /// Each name with its value, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The bytes to seal.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let len = self.0.iter().map(|(name, value)| 8 + name.len() + value.len()).sum();
        let mut out = Zeroizing::new(Vec::with_capacity(len));
        for (name, value) in &self.0 {
            push(&mut out, name.as_bytes());
            push(&mut out, value.as_bytes());
        }
        out
    }

    /// Reads what [`Credentials::encode`] wrote.
    ///
    /// # Errors
    /// [`OpenError::Malformed`].
    pub fn decode(mut bytes: &[u8]) -> Result<Self, OpenError> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let name = text(pull(&mut bytes)?)?;
            fields.push((name.to_string(), text(pull(&mut bytes)?)?));
        }
        Ok(Self(fields))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// The bytes to seal of a document: its media type, then its data.
#[must_use]
pub fn encode_document(media_type: &str, data: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(4 + media_type.len() + data.len()));
    push(&mut out, media_type.as_bytes());
    out.extend_from_slice(data);
    out
}

/// Reads what [`encode_document`] wrote.
///
/// # Errors
/// [`OpenError::Malformed`].
pub fn decode_document(mut bytes: &[u8]) -> Result<(String, &[u8]), OpenError> {
    let media_type = text(pull(&mut bytes)?)?;
    Ok((media_type.to_string(), bytes))
}

fn push(out: &mut Vec<u8>, part: &[u8]) {
    // Limits where contents come in are far below 4 GiB.
    out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(part);
}

fn pull<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], OpenError> {
    let (len, rest) = bytes.split_first_chunk::<4>().ok_or(OpenError::Malformed)?;
    let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| OpenError::Malformed)?;
    let (part, rest) = rest.split_at_checked(len).ok_or(OpenError::Malformed)?;
    *bytes = rest;
    Ok(part)
}

fn text(bytes: &[u8]) -> Result<Zeroizing<String>, OpenError> {
    let text = std::str::from_utf8(bytes).map_err(|_| OpenError::Malformed)?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use proptest::prelude::*;

    use super::*;

    fn fields(pairs: &[(Field, &str)]) -> Fields {
        let own = |(field, value): &(Field, &str)| (*field, Zeroizing::new((*value).to_owned()));
        Fields::new(pairs.iter().map(own).collect())
    }

    #[test]
    fn order_and_empty_values_make_no_difference() {
        let one = fields(&[(Field::Name, "Ottokar"), (Field::City, "Musterstadt")]);
        let two =
            fields(&[(Field::City, "Musterstadt"), (Field::Email, ""), (Field::Name, "Ottokar")]);
        assert_eq!(one.encode(), two.encode());
        let read = Fields::decode(&one.encode()).unwrap();
        let read: Vec<_> = read.iter().collect();
        assert_eq!(read, [(Field::Name, "Ottokar"), (Field::City, "Musterstadt")]);
    }

    #[test]
    fn debug_tells_no_value() {
        let shown = format!("{:?}", fields(&[(Field::Name, "Ottokar")]));
        assert_eq!(shown, r#"["FIELD_NAME"]"#);
        let secret = vec![("api_key".to_owned(), Zeroizing::new("s3cr3t".to_owned()))];
        assert_eq!(format!("{:?}", Credentials::new(secret)), r#"["api_key"]"#);
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_and_noise_never_panics(
            name in ".*", city in ".*", data in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let own = fields(&[(Field::Name, &name), (Field::City, &city)]);
            let bytes = own.encode();
            prop_assert_eq!(Fields::decode(&bytes).unwrap().encode(), bytes);
            let pairs = [(name.clone(), city), ("b".into(), String::new())];
            let pairs = pairs.map(|(name, value)| (name, Zeroizing::new(value))).to_vec();
            let bytes = Credentials::new(pairs).encode();
            prop_assert_eq!(Credentials::decode(&bytes).unwrap().encode(), bytes);
            let bytes = encode_document(&name, &data);
            prop_assert_eq!(decode_document(&bytes).unwrap(), (name, data.as_slice()));
            let _ = Fields::decode(&data);
            let _ = Credentials::decode(&data);
            let _ = decode_document(&data);
        }
    }
}
