//! `Reveal` and `RevealMany`: the fields of records, for a flow.

use std::collections::HashMap;

use colibri_events::vault::v1::{FieldValue, RevealManyRequest, RevealRequest, Revealed};
use colibri_kit::{
    auth::Caller,
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_types::TenantId;

use super::gate::Gate;
use crate::{
    Vault,
    domain::{
        blob::{self, Place, Shape},
        content::Fields,
        keys::{Class, Owner},
        policy::{Denied, FieldSet},
        record::{ITEMS_MAX, Refused},
    },
    error::{DAMAGED, fault, refused},
    keyring::Keks,
    store::{self, JournalRow, SealedRow},
};

/// Opens fields of records; a denied one has a code instead.
///
/// # Errors
/// [`Fault::Reject`] `VLT0002`; [`Fault::Retry`] when the database is away: nothing is answered
/// that is not in the journal.
pub async fn many(
    shell: &Shell<Vault>,
    caller: &Caller,
    tenant: TenantId,
    request: RevealManyRequest,
) -> Result<Vec<Revealed>, Fault> {
    if request.refs.len() > ITEMS_MAX {
        return Err(refused(Refused::Size, "refs"));
    }
    if request.refs.is_empty() {
        return Ok(Vec::new());
    }
    let fields = FieldSet::from_numbers(&request.fields);
    let gate = Gate::new(caller, tenant, request.flow, fields);
    let mut cx = shell.begin(tenant).await?;
    let answer = if let Err(denied) = gate.verdict() {
        let answer = deny_all(request.refs, denied.code());
        gate.note(&mut cx, &rows(&answer)).await?;
        answer
    } else {
        open(&mut cx, &gate, tenant, request.refs).await?
    };
    cx.commit().await?;
    Ok(answer)
}

/// Opens fields of one record.
///
/// # Errors
/// As [`many`]; and [`Fault::Reject`] with the code of a denial.
pub async fn one(
    shell: &Shell<Vault>,
    caller: &Caller,
    tenant: TenantId,
    request: RevealRequest,
) -> Result<Revealed, Fault> {
    let RevealRequest { flow, fields, r#ref } = request;
    let request = RevealManyRequest { flow, fields, refs: vec![r#ref] };
    let revealed = many(shell, caller, tenant, request).await?.pop();
    let revealed = revealed.ok_or_else(|| Fault::bug("a reveal without an answer"))?;
    match crate::error::ALL.iter().find(|(code, ..)| *code == revealed.denied) {
        Some((code, ..)) => Err(fault(code)),
        None => Ok(revealed),
    }
}

fn deny_all(refs: Vec<String>, code: &str) -> Vec<Revealed> {
    let deny = |r#ref| Revealed { r#ref, fields: Vec::new(), denied: code.to_owned() };
    refs.into_iter().map(deny).collect()
}

/// The journal of an answer.
fn rows(answer: &[Revealed]) -> JournalRow {
    let mut rows = JournalRow::default();
    for one in answer {
        let code = crate::error::ALL.iter().find(|(code, ..)| *code == one.denied);
        rows.push(&one.r#ref, code.map_or("", |(code, ..)| code));
    }
    rows
}

async fn open(
    cx: &mut Cx<Vault>,
    gate: &Gate,
    tenant: TenantId,
    refs: Vec<String>,
) -> Result<Vec<Revealed>, Fault> {
    let (state, id) = (cx.state(), tenant.to_uuid());
    let sealed = store::sealed(cx.db(), id, &refs).await?;
    let keks = state.keys.keks(cx.db(), id, sealed.iter().map(|row| row.epoch)).await?;
    let sealed: HashMap<&str, &SealedRow> =
        sealed.iter().map(|row| (row.r#ref.as_str(), row)).collect();
    let found = refs.iter().filter(|r| sealed.contains_key(r.as_str())).count();
    let wanted = u32::try_from(found).unwrap_or(u32::MAX);
    let (bucket, mut granted) = gate.budget(cx, wanted).await?;
    let mut answer = Vec::with_capacity(refs.len());
    for r#ref in refs {
        let (fields, denied) = match sealed.get(r#ref.as_str()) {
            None => (Vec::new(), Denied::Unknown.code()),
            Some(_) if granted == 0 => (Vec::new(), Denied::Budget.code()),
            Some(row) => {
                granted -= 1;
                read(row, tenant, &keks, gate.fields())
            }
        };
        answer.push(Revealed { r#ref, fields, denied: denied.to_owned() });
    }
    gate.pass(cx, bucket, &rows(&answer)).await?;
    Ok(answer)
}

/// The wanted fields of a record, as far as it has them, or the code of its damage: one damaged
/// record does not keep the others back.
fn read(
    row: &SealedRow,
    tenant: TenantId,
    keks: &Keks,
    wanted: FieldSet,
) -> (Vec<FieldValue>, &'static str) {
    let Some(fields) = fields(row, tenant, keks) else {
        tracing::error!(r#ref = row.r#ref, "the sealed record {} does not open", row.r#ref);
        return (Vec::new(), DAMAGED);
    };
    let values = fields.iter().filter(|(field, _)| wanted.holds(*field));
    let value = |(field, value): (_, &str)| FieldValue { field: field as i32, value: value.into() };
    (values.map(value).collect(), "")
}

/// What a record holds; `None`: it is damaged.
pub(super) fn fields(row: &SealedRow, tenant: TenantId, keks: &Keks) -> Option<Fields> {
    let owner = Owner { tenant: tenant.to_uuid(), owner: &row.owner, class: Class::Delivery };
    let revision = u32::try_from(row.rev).unwrap_or_default();
    let place = Place { owner, item: &row.r#ref, revision, shape: Shape::Fields1 };
    keks.open(row.epoch, &row.wrapped, row.dek_id, owner)
        .and_then(|dek| blob::open(&dek, &place, &row.blob).ok())
        .and_then(|content| Fields::decode(&content).ok())
}
