//! Credentials of carrier and channel accounts.

use colibri_events::vault::v1::{
    CredentialField, Credentials as Answer, Field, OpenCredentialsRequest, PutCredentialsRequest,
};
use colibri_kit::{
    auth::Caller,
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_types::TenantId;
use uuid::Uuid;

use super::gate::Gate;
use crate::{
    Vault,
    domain::{
        blob::{self, Place, Shape},
        content::Credentials,
        keys::{Class, Dek, Kek, Owner},
        policy::{Denied, FieldSet},
        record,
    },
    error::{DAMAGED, fault, refused},
    store::{self, CredentialRow, DekRow, JournalRow},
};

const CLASS: Class = Class::Account;

/// How often a call begins again because another one replaced the same credentials meanwhile.
const RACES_MAX: usize = 5;

/// Seals credentials; answers their revision.
///
/// # Errors
/// [`Fault::Reject`] `VLT0001`, `VLT0002`, `VLT0009`.
pub async fn put(
    shell: &Shell<Vault>,
    caller: &Caller,
    tenant: TenantId,
    request: PutCredentialsRequest,
) -> Result<u32, Fault> {
    let account = request.account_id;
    let credentials = record::check_credentials(&account, request.fields);
    let content = credentials.map_err(|r| refused(r, "fields"))?.encode();
    let keys = &shell.state.keys;
    let mark = keys.marks(shell, tenant).await?.of_content(&account, &content);
    let kek = keys.current(shell, tenant).await?;
    for _ in 0..RACES_MAX {
        let mut cx = shell.begin(tenant).await?;
        if let Some(revision) = write(&mut cx, tenant, &account, &kek, mark, &content).await? {
            let act = super::act(caller, tenant, "put_credentials", 1, cx.now());
            store::note_act(cx.db(), act).await?;
            cx.commit().await?;
            return Ok(revision);
        }
        cx.rollback().await;
    }
    Err(Fault::retry("other calls replace the same credentials at the same time"))
}

/// `None` when another call was faster.
async fn write(
    cx: &mut Cx<Vault>,
    tenant: TenantId,
    account: &str,
    kek: &Kek,
    mark: Uuid,
    content: &[u8],
) -> Result<Option<u32>, Fault> {
    let (id, class, now, state) =
        (tenant.to_uuid(), i16::from(CLASS.number()), cx.now(), cx.state());
    let random = state.keys.random();
    let seal = |dek: &Dek, revision: u32| {
        blob::seal(dek, &place(tenant, account, revision), content, random).map_err(Fault::bug)
    };
    if let Some(row) = store::credential(cx.db(), id, class, account).await? {
        let rev = revision(&row);
        if row.content_mark == mark {
            return Ok(Some(rev));
        }
        let dek = dek(cx, tenant, account, &row).await?;
        let dek = dek.ok_or_else(|| Fault::bug(format!("the key of {account} is damaged")))?;
        let next = rev.saturating_add(1);
        let blob = seal(&dek, next)?;
        let done = store::update_credential(cx.db(), id, account, row.rev, mark, &blob, now);
        return Ok(done.await?.then_some(next));
    }
    let dek = Dek::generate(random).map_err(Fault::bug)?;
    let row = DekRow {
        owner: account.to_owned(),
        dek_id: dek.id().to_i64(),
        epoch: kek.epoch().to_i32(),
        wrapped: kek.wrap(&dek, place(tenant, account, 1).owner, random).map_err(Fault::bug)?,
    };
    if !store::insert_dek(cx.db(), id, class, &row).await? {
        return Ok(None);
    }
    let blob = seal(&dek, 1)?;
    let done = store::insert_credential(cx.db(), id, account, mark, &blob, now).await?;
    Ok(done.then_some(1))
}

fn place(tenant: TenantId, account: &str, revision: u32) -> Place<'_> {
    let owner = Owner { tenant: tenant.to_uuid(), owner: account, class: CLASS };
    Place { owner, item: account, revision, shape: Shape::Credentials1 }
}

fn revision(row: &CredentialRow) -> u32 {
    u32::try_from(row.rev).unwrap_or_default()
}

async fn dek(
    cx: &mut Cx<Vault>,
    tenant: TenantId,
    account: &str,
    row: &CredentialRow,
) -> Result<Option<Dek>, Fault> {
    let state = cx.state();
    let keks = state.keys.keks(cx.db(), tenant.to_uuid(), std::iter::once(row.epoch)).await?;
    let owner = place(tenant, account, 1).owner;
    Ok(keks.open(row.epoch, &row.wrapped, row.dek_id, owner))
}

/// Opens the credentials of an account.
///
/// # Errors
/// [`Fault::Reject`] `VLT0003`, `VLT0004`, `VLT0005`, `VLT0006`, `VLT0010`, each journaled.
pub async fn open(
    shell: &Shell<Vault>,
    caller: &Caller,
    tenant: TenantId,
    request: OpenCredentialsRequest,
) -> Result<Answer, Fault> {
    let wanted = FieldSet::of(Field::Credentials);
    let gate = Gate::new(caller, tenant, request.flow, Some(wanted));
    let mut cx = shell.begin(tenant).await?;
    let answer = admit(&mut cx, &gate, tenant, &request.account_id).await?;
    cx.commit().await?;
    answer.map_err(fault)
}

/// The credentials or the code of their denial; either is in the journal.
async fn admit(
    cx: &mut Cx<Vault>,
    gate: &Gate,
    tenant: TenantId,
    account: &str,
) -> Result<Result<Answer, &'static str>, Fault> {
    let mut rows = JournalRow::default();
    let class = i16::from(CLASS.number());
    let found = match gate.verdict() {
        Err(denied) => Err(denied),
        Ok(()) => {
            let found = store::credential(cx.db(), tenant.to_uuid(), class, account).await?;
            found.ok_or(Denied::Unknown)
        }
    };
    let row = match found {
        Ok(row) => row,
        Err(denied) => {
            rows.push(account, denied.code());
            gate.note(cx, &rows).await?;
            return Ok(Err(denied.code()));
        }
    };
    let dek = dek(cx, tenant, account, &row).await?;
    let (bucket, granted) = gate.budget(cx, 1).await?;
    let answer = if granted == 0 {
        Err(Denied::Budget.code())
    } else {
        dek.and_then(|dek| read(&dek, tenant, account, &row)).ok_or(DAMAGED)
    };
    rows.push(account, answer.as_ref().err().copied().unwrap_or_default());
    gate.pass(cx, bucket, &rows).await?;
    Ok(answer)
}

fn read(dek: &Dek, tenant: TenantId, account: &str, row: &CredentialRow) -> Option<Answer> {
    let revision = revision(row);
    let content = blob::open(dek, &place(tenant, account, revision), &row.blob).ok();
    let Some(credentials) = content.and_then(|c| Credentials::decode(&c).ok()) else {
        tracing::error!(account, "the credentials of {account} do not open");
        return None;
    };
    let own = |(name, value): (&str, &str)| CredentialField {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    Some(Answer { fields: credentials.iter().map(own).collect(), revision })
}
