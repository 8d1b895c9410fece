//! Documents: sealed under the key of the person they show.

use std::collections::{HashMap, HashSet};

use colibri_events::vault::v1::{Document, Field, GetDocumentRequest, PutDocumentsRequest};
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
        content,
        keys::{Class, Dek, Owner},
        policy::{Denied, FieldSet},
        record::{self, DOCUMENTS_MAX, Refused},
    },
    error::{DAMAGED, DOCUMENT_DIFFERS, fault, refused},
    store::{self, DocumentRow, JournalRow, NewDocuments},
};

const CLASS: Class = Class::Delivery;

/// Seals documents.
///
/// # Errors
/// [`Fault::Reject`] `VLT0002`, `VLT0005`, `VLT0008`, `VLT0009`; nothing is kept then.
pub async fn put(
    shell: &Shell<Vault>,
    caller: &Caller,
    tenant: TenantId,
    request: PutDocumentsRequest,
) -> Result<(), Fault> {
    if request.documents.len() > DOCUMENTS_MAX {
        return Err(refused(Refused::Size, "documents"));
    }
    let mut seen = HashSet::new();
    for (at, document) in request.documents.iter().enumerate() {
        let path = || format!("documents[{at}]");
        record::check_document(document).map_err(|r| refused(r, path()))?;
        if !seen.insert(&document.document_id) {
            return Err(refused(Refused::Malformed, path()));
        }
    }
    if request.documents.is_empty() {
        return Ok(());
    }
    let marks = shell.state.keys.marks(shell, tenant).await?;
    let mut cx = shell.begin(tenant).await?;
    let deks = deks(&mut cx, tenant, &request.documents).await?;
    let mut new = NewDocuments::default();
    for document in request.documents {
        let dek = deks.get(&document.owner_ref).ok_or_else(|| fault(Denied::Unknown.code()))?;
        let content = content::encode_document(&document.media_type, &document.data);
        let place = place(tenant, &document.owner_ref, &document.document_id);
        let sealed = blob::seal(dek, &place, &content, shell.state.keys.random());
        new.contents.push(marks.of_content(&document.document_id, &content));
        new.blobs.push(sealed.map_err(Fault::bug)?);
        new.ids.push(document.document_id);
        new.owners.push(document.owner_ref);
    }
    let (id, class, now) = (tenant.to_uuid(), i16::from(CLASS.number()), cx.now());
    let act = super::act(caller, tenant, "put_documents", new.ids.len(), now);
    let act = store::Act { fields: FieldSet::of(Field::Document).to_i32(), ..act };
    let written = store::insert_documents(cx.db(), id, class, &new, act).await?;
    if written.len() < new.ids.len() {
        let kept = store::content_marks(cx.db(), id, &new.ids).await?;
        let kept: HashMap<String, Uuid> = kept.into_iter().collect();
        if new.ids.iter().zip(&new.contents).any(|(id, mark)| kept.get(id) != Some(mark)) {
            return Err(fault(DOCUMENT_DIFFERS));
        }
    }
    cx.commit().await
}

fn place<'a>(tenant: TenantId, owner: &'a str, id: &'a str) -> Place<'a> {
    let owner = Owner { tenant: tenant.to_uuid(), owner, class: CLASS };
    // A document has one revision: a corrected one is another document.
    Place { owner, item: id, revision: 1, shape: Shape::Document1 }
}

async fn deks(
    cx: &mut Cx<Vault>,
    tenant: TenantId,
    documents: &[Document],
) -> Result<HashMap<String, Dek>, Fault> {
    let (state, id) = (cx.state(), tenant.to_uuid());
    let owners: HashSet<&String> = documents.iter().map(|d| &d.owner_ref).collect();
    let owners: Vec<String> = owners.into_iter().cloned().collect();
    let rows = store::deks(cx.db(), id, i16::from(CLASS.number()), &owners).await?;
    let keks = state.keys.keks(cx.db(), id, rows.iter().map(|row| row.epoch)).await?;
    let open = |row: store::DekRow| {
        let owner = Owner { tenant: id, owner: &row.owner, class: CLASS };
        let dek = keks.open(row.epoch, &row.wrapped, row.dek_id, owner);
        let dek = dek.ok_or_else(|| Fault::bug(format!("the key of {} is damaged", row.owner)))?;
        Ok((row.owner, dek))
    };
    rows.into_iter().map(open).collect()
}

/// Opens one document.
///
/// # Errors
/// [`Fault::Reject`] `VLT0003`, `VLT0004`, `VLT0005`, `VLT0006`, `VLT0010`, each journaled.
pub async fn get(
    shell: &Shell<Vault>,
    caller: &Caller,
    tenant: TenantId,
    request: GetDocumentRequest,
) -> Result<Document, Fault> {
    let wanted = FieldSet::of(Field::Document);
    let gate = Gate::new(caller, tenant, request.flow, Some(wanted));
    let mut cx = shell.begin(tenant).await?;
    let answer = open(&mut cx, &gate, tenant, request.document_id).await?;
    cx.commit().await?;
    answer.map_err(fault)
}

/// The document or the code of its denial; either is in the journal.
async fn open(
    cx: &mut Cx<Vault>,
    gate: &Gate,
    tenant: TenantId,
    id: String,
) -> Result<Result<Document, &'static str>, Fault> {
    let mut rows = JournalRow::default();
    let found = match gate.verdict() {
        Err(denied) => Err(denied),
        Ok(()) => {
            let found = store::document(cx.db(), tenant.to_uuid(), &id).await?;
            found.ok_or(Denied::Unknown)
        }
    };
    let row = match found {
        Ok(row) => row,
        Err(denied) => {
            rows.push(&id, denied.code());
            gate.note(cx, &rows).await?;
            return Ok(Err(denied.code()));
        }
    };
    let state = cx.state();
    let kek = state.keys.keks(cx.db(), tenant.to_uuid(), std::iter::once(row.epoch)).await?;
    let (bucket, granted) = gate.budget(cx, 1).await?;
    let answer = if granted == 0 {
        Err(Denied::Budget.code())
    } else {
        read(row, tenant, id.clone(), &kek).ok_or(DAMAGED)
    };
    rows.push(&id, answer.as_ref().err().copied().unwrap_or_default());
    gate.pass(cx, bucket, &rows).await?;
    Ok(answer)
}

fn read(
    row: DocumentRow,
    tenant: TenantId,
    document_id: String,
    keks: &crate::keyring::Keks,
) -> Option<Document> {
    let place = place(tenant, &row.owner, &document_id);
    let read = keks
        .open(row.epoch, &row.wrapped, row.dek_id, place.owner)
        .and_then(|dek| blob::open(&dek, &place, &row.blob).ok());
    let Some((media_type, data)) =
        read.as_ref().and_then(|content| content::decode_document(content).ok())
    else {
        tracing::error!(document = document_id, "the document {document_id} does not open");
        return None;
    };
    let data = bytes::Bytes::copy_from_slice(data);
    Some(Document { document_id, owner_ref: row.owner, media_type, data })
}
