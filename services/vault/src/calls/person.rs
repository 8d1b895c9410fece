//! `MatchPerson`: the record that holds an order number together with an e-mail or a postcode.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use colibri_events::vault::v1::{Field, MatchPersonRequest};
use colibri_kit::{auth::Caller, fault::Fault, service::Shell};
use colibri_types::TenantId;
use uuid::Uuid;

use super::reveal;
use crate::{
    Vault,
    domain::{
        index,
        policy::FieldSet,
        record::{ITEMS_MAX, Refused},
    },
    error::refused,
    store,
};

/// Records of one order number that are looked at: channels of a tenant that number alike.
const CANDIDATES: i64 = 16;

/// The ref, or empty text. Both values must be of one record; nothing tells which of them failed.
/// A postcode is compared inside, not indexed: there are too few of them to hide in an index.
///
/// # Errors
/// [`Fault::Reject`] `VLT0001` when a value is missing or both are given.
pub async fn find(
    shell: &Shell<Vault>,
    caller: &Caller,
    tenant: TenantId,
    request: MatchPersonRequest,
) -> Result<String, Fault> {
    let too_long = [&request.order_number, &request.email, &request.postcode]
        .iter()
        .any(|text| text.len() > ITEMS_MAX);
    let (field, told) = match (request.email.trim(), request.postcode.trim()) {
        (email, "") if !email.is_empty() => (Field::Email, email),
        ("", postcode) if !postcode.is_empty() => (Field::Postcode, postcode),
        _ => return Err(refused(Refused::Field, "email")),
    };
    if too_long {
        return Err(refused(Refused::Size, "order_number"));
    }
    let marks = shell.state.keys.marks(shell, tenant).await?;
    let number = marks
        .of_value(Field::OrderNumber, &request.order_number)
        .ok_or_else(|| refused(Refused::Field, "order_number"))?;
    let wanted = spelled(field, told);
    if wanted.is_empty() {
        return Err(refused(Refused::Field, "postcode"));
    }
    let mut cx = shell.begin(tenant).await?;
    let act = super::act(caller, tenant, "match", 1, cx.now());
    let fields = FieldSet::of(Field::OrderNumber).to_i32() | FieldSet::of(field).to_i32();
    let act = store::Act { fields, ..act };
    let refs = store::matches_of(cx.db(), tenant.to_uuid(), number, CANDIDATES, act).await?;
    let found = matching(&mut cx, tenant, refs, (field, &wanted)).await;
    cx.commit().await?;
    found
}

async fn matching(
    cx: &mut colibri_kit::service::Cx<Vault>,
    tenant: TenantId,
    refs: Vec<String>,
    (field, wanted): (Field, &str),
) -> Result<String, Fault> {
    let (state, id): (_, Uuid) = (cx.state(), tenant.to_uuid());
    let sealed = store::sealed(cx.db(), id, &refs).await?;
    let keks = state.keys.keks(cx.db(), id, sealed.iter().map(|row| row.epoch)).await?;
    let mut found = String::new();
    for wanted_ref in refs.iter().rev() {
        let Some(row) = sealed.iter().find(|row| row.r#ref == *wanted_ref) else { continue };
        let Some(fields) = reveal::fields(row, tenant, &keks) else { continue };
        let held = fields.iter().find(|(known, _)| *known == field);
        let held = held.map(|(_, value)| spelled(field, value)).unwrap_or_default();
        // No early end: how long it takes tells nothing about what differs.
        if verify_slices_are_equal(held.as_bytes(), wanted.as_bytes()).is_ok() {
            found.clone_from(&row.r#ref);
        }
    }
    Ok(found)
}

/// The one spelling of an e-mail or a postcode: people leave blanks and hyphens out.
fn spelled(field: Field, value: &str) -> String {
    match index::normalise(field, value) {
        Some(normal) => normal,
        None => {
            value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_meet() {
        assert_eq!(spelled(Field::Postcode, "sw1a 1aa"), spelled(Field::Postcode, "SW1A1AA"));
        assert_eq!(spelled(Field::Postcode, "110-0001"), spelled(Field::Postcode, "1100001"));
        assert_ne!(spelled(Field::Postcode, "69001"), spelled(Field::Postcode, "69002"));
        assert_eq!(spelled(Field::Email, " A@Example.org"), spelled(Field::Email, "a@example.org"));
    }
}
