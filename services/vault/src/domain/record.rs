//! What may be put in: which fields in which kind of record, how large, under which names.

use colibri_events::vault::v1::{CredentialField, Document, Field, Record};
use zeroize::Zeroizing;

use super::content::{Credentials, Fields};

/// Records, refs or values in one call: enough to share one commit, few enough to repeat cheaply.
pub const ITEMS_MAX: usize = 500;
/// Documents in one call: a shipment's, or a batch of labels of 50 KiB.
pub const DOCUMENTS_MAX: usize = 100;
/// Characters of an external key: a prefix, an account id and a shop's order id.
pub const EXTERNAL_KEY_CHARS_MAX: usize = 200;
/// Bytes of a value: a buyer's note of 5 000 characters in any script fits.
pub const VALUE_BYTES_MAX: usize = 20_000;
/// Bytes of a record: a long note and a long address; contacts are far below.
pub const RECORD_BYTES_MAX: usize = 32_768;
/// Bytes of a document: labels are far smaller, a customs file of some pages fits.
pub const DOCUMENT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of a media type: the longest registered ones are shorter.
pub const MEDIA_TYPE_BYTES_MAX: usize = 100;
/// Fields of an account: carriers ask for fewer than ten.
pub const CREDENTIALS_MAX: usize = 50;

/// Why something may not be put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A field twice, none of the known ones, or not for this kind of record.
    #[error("a field is not allowed here")]
    Field,
    /// Too many or too large.
    #[error("a size is over the limit")]
    Size,
    /// A ref, an id or an external key that is none.
    #[error("a ref or key is malformed")]
    Malformed,
}

impl Refused {
    /// Public code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Field => "VLT0001",
            Self::Size => "VLT0002",
            Self::Malformed => "VLT0009",
        }
    }
}

/// A record that may be sealed.
#[derive(Debug)]
pub struct Checked {
    /// `None` for a person; owner and ref for what belongs to one.
    pub owned: Option<Owned>,
    /// What to seal.
    pub fields: Fields,
}

/// A record that belongs to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// The person's ref.
    pub owner: String,
    /// The record's own.
    pub item: String,
}

/// Checks a record. The external key stays with the caller, who marks it.
///
/// # Errors
/// [`Refused`].
pub fn check(record: Record) -> Result<Checked, Refused> {
    let key = record.external_key.chars().count();
    if key == 0 {
        return Err(Refused::Malformed);
    }
    if key > EXTERNAL_KEY_CHARS_MAX {
        return Err(Refused::Size);
    }
    let owned = match (record.owner_ref.is_empty(), record.r#ref.is_empty()) {
        (true, true) => None,
        (false, false) if is_ref(&record.owner_ref) && is_ref(&record.r#ref) => {
            Some(Owned { owner: record.owner_ref, item: record.r#ref })
        }
        _ => return Err(Refused::Malformed),
    };
    let mut seen = super::policy::FieldSet::EMPTY;
    let mut fields = Vec::with_capacity(record.fields.len());
    let mut size = 0;
    for entry in record.fields {
        let value = Zeroizing::new(entry.value);
        let field = Field::try_from(entry.field).map_err(|_| Refused::Field)?;
        if seen.holds(field) || !allowed(field, owned.is_some()) {
            return Err(Refused::Field);
        }
        seen = seen.with(field);
        size += value.len();
        if value.len() > VALUE_BYTES_MAX || size > RECORD_BYTES_MAX {
            return Err(Refused::Size);
        }
        fields.push((field, value));
    }
    Ok(Checked { owned, fields: Fields::new(fields) })
}

/// A person has a contact and what it wrote; what belongs to a person has numbers and words.
const fn allowed(field: Field, owned: bool) -> bool {
    match field {
        Field::Name
        | Field::Company
        | Field::Street
        | Field::City
        | Field::Postcode
        | Field::Subdivision
        | Field::Country
        | Field::Phone
        | Field::Email => !owned,
        Field::Note | Field::OrderNumber | Field::SafePlace => true,
        Field::TrackingNumber | Field::ShipmentNumber | Field::ScanText | Field::ScanPlace => owned,
        Field::Unspecified | Field::Document | Field::Credentials => false,
    }
}

/// Checks a document's names and sizes.
///
/// # Errors
/// [`Refused`].
pub fn check_document(document: &Document) -> Result<(), Refused> {
    let id = document.document_id.starts_with("doc_") && is_ref(&document.document_id);
    if !id || !is_ref(&document.owner_ref) || document.media_type.is_empty() {
        return Err(Refused::Malformed);
    }
    let size = document.data.len() <= DOCUMENT_BYTES_MAX
        && document.media_type.len() <= MEDIA_TYPE_BYTES_MAX;
    if size { Ok(()) } else { Err(Refused::Size) }
}

/// Checks credentials.
///
/// # Errors
/// [`Refused`].
pub fn check_credentials(
    account: &str,
    fields: Vec<CredentialField>,
) -> Result<Credentials, Refused> {
    if !account.starts_with("acc_") || !is_ref(account) {
        return Err(Refused::Malformed);
    }
    let mut kept: Vec<(String, Zeroizing<String>)> = Vec::with_capacity(fields.len());
    let mut size = 0;
    for field in fields {
        let value = Zeroizing::new(field.value);
        size += value.len() + field.name.len();
        if kept.len() == CREDENTIALS_MAX || size > RECORD_BYTES_MAX {
            return Err(Refused::Size);
        }
        if field.name.is_empty() || kept.iter().any(|(name, _)| *name == field.name) {
            return Err(Refused::Field);
        }
        kept.push((field.name, value));
    }
    Ok(Credentials::new(kept))
}

/// Only random refs pass: a name or an order number used as one would be stored in clear. A UUID
/// in lower case, or three letters, `_` and 26 characters of a ULID.
#[must_use]
pub fn is_ref(text: &str) -> bool {
    let prefixed = |(prefix, ulid): (&str, &str)| {
        prefix.len() == 3
            && prefix.bytes().all(|b| b.is_ascii_lowercase())
            && ulid.len() == 26
            && ulid.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    };
    let uuid = || {
        text.len() == 36
            && !text.bytes().any(|b| b.is_ascii_uppercase())
            && uuid::Uuid::try_parse(text).is_ok()
    };
    text.split_once('_').is_some_and(prefixed) || uuid()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_events::vault::v1::FieldValue;
    use colibri_types::{DocumentId, ParcelId, SubjectRef};

    use super::*;

    fn record(owned: bool, fields: &[(Field, &str)]) -> Record {
        let value = |(field, value): &(Field, &str)| FieldValue {
            field: *field as i32,
            value: (*value).to_owned(),
        };
        let some = |text: String| if owned { text } else { String::new() };
        Record {
            external_key: "order:shopify:1".into(),
            owner_ref: some(SubjectRef::generate().to_string()),
            r#ref: some(ParcelId::generate().to_string()),
            fields: fields.iter().map(value).collect(),
        }
    }

    #[test]
    fn persons_and_what_belongs_to_them_have_their_own_fields() {
        let person = [(Field::Name, "Ottokar"), (Field::Email, "o@example.org")];
        assert!(check(record(false, &person)).unwrap().owned.is_none());
        assert_eq!(check(record(true, &person)).unwrap_err(), Refused::Field);
        let numbers = [(Field::TrackingNumber, "1Z"), (Field::ShipmentNumber, "2")];
        assert!(check(record(true, &numbers)).unwrap().owned.is_some());
        assert_eq!(check(record(false, &numbers)).unwrap_err(), Refused::Field);
        for wrong in [
            &[(Field::Name, "a"), (Field::Name, "b")][..],
            &[(Field::Unspecified, "a")],
            &[(Field::Document, "a")],
            &[(Field::Credentials, "a")],
        ] {
            assert_eq!(check(record(false, wrong)).unwrap_err(), Refused::Field);
        }
    }

    #[test]
    fn sizes_and_names_are_limited() {
        let long = "x".repeat(VALUE_BYTES_MAX);
        assert!(check(record(false, &[(Field::Note, &long)])).is_ok());
        let both = [(Field::Note, long.as_str()), (Field::Name, long.as_str())];
        assert_eq!(check(record(false, &both)).unwrap_err(), Refused::Size);
        let longer = format!("{long}x");
        let fields = [(Field::Note, longer.as_str())];
        assert_eq!(check(record(false, &fields)).unwrap_err(), Refused::Size);
        for (key, error) in [(0, Refused::Malformed), (201, Refused::Size)] {
            let record = Record { external_key: "é".repeat(key), ..record(false, &[]) };
            assert_eq!(check(record).unwrap_err(), error);
        }
        let half = Record { r#ref: String::new(), ..record(true, &[]) };
        assert_eq!(check(half).unwrap_err(), Refused::Malformed);
        let document = Document {
            document_id: DocumentId::generate().to_string(),
            owner_ref: SubjectRef::generate().to_string(),
            media_type: "application/pdf".into(),
            data: vec![0; DOCUMENT_BYTES_MAX].into(),
        };
        assert_eq!(check_document(&document), Ok(()));
        let data = vec![0; DOCUMENT_BYTES_MAX + 1].into();
        let larger = Document { data, ..document.clone() };
        assert_eq!(check_document(&larger), Err(Refused::Size));
        let other = Document { document_id: ParcelId::generate().to_string(), ..document };
        assert_eq!(check_document(&other), Err(Refused::Malformed));
    }

    #[test]
    fn only_random_refs_are_refs() {
        assert!(is_ref(&SubjectRef::generate().to_string()));
        assert!(is_ref(&ParcelId::generate().to_string()));
        for wrong in [
            "",
            "_",
            "Ottokar Beispiel",
            "pcl_",
            "1001",
            "pcl_01ARZ3NDEKTSV4RRFFQ69G5FA",
            "PCL_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "pcl_ottokar.beispiel@example.o",
            "67E55044-10B1-426F-9247-BB680E5FE0C8",
        ] {
            assert!(!is_ref(wrong), "{wrong}");
        }
    }

    #[test]
    fn credentials_have_one_value_per_name() {
        let account = colibri_types::AccountId::generate().to_string();
        let field = |name: &str| CredentialField { name: name.into(), value: "s".into() };
        assert!(check_credentials(&account, vec![field("a"), field("b")]).is_ok());
        let twice = check_credentials(&account, vec![field("a"), field("a")]);
        assert_eq!(twice.unwrap_err(), Refused::Field);
        let many = (0..=CREDENTIALS_MAX).map(|n| field(&n.to_string())).collect();
        assert_eq!(check_credentials(&account, many).unwrap_err(), Refused::Size);
        assert_eq!(check_credentials("me", vec![]).unwrap_err(), Refused::Malformed);
    }
}
