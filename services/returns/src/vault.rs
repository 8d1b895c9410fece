//! What returns ask of the vault: who a buyer is, without opening it; sealing photos and words;
//! opening them for the operator.

use colibri_events::vault::v1::{Document, Field, Flow, MatchManyRequest, MatchPersonRequest};
use colibri_kit::{fault::Fault, rpc::Peers};
use colibri_types::{DocumentId, SubjectRef, TenantId};
use colibri_vault_client::{VaultClient, codes, refusal};
use uuid::Uuid;

use crate::error::{NO_ORDER, away, fault};

/// The buyer's record; None: no record has both.
///
/// # Errors
/// [`Fault`] `RET0001` for values that cannot be of anybody, `RET0017` while the vault is away.
pub async fn find(
    peers: &Peers,
    tenant: TenantId,
    order_number: &str,
    email: &str,
    postcode: &str,
) -> Result<Option<SubjectRef>, Fault> {
    let request = MatchPersonRequest {
        order_number: order_number.to_owned(),
        email: email.to_owned(),
        postcode: postcode.to_owned(),
    };
    match VaultClient::new(peers.clone()).of(tenant).match_person(request).await {
        Ok(answer) => Ok(answer.into_inner().r#ref.parse().ok()),
        Err(status) => match refusal(&status).as_deref() {
            Some(codes::FIELD | codes::SIZE) => Err(fault(NO_ORDER)),
            _ => Err(away(status)),
        },
    }
}

/// The reference that one value leads to; empty: none, or a value that can be of nobody.
///
/// # Errors
/// [`Fault`] `RET0017` while the vault is away.
pub async fn find_by(
    peers: &Peers,
    tenant: TenantId,
    field: Field,
    value: &str,
) -> Result<String, Fault> {
    let request = MatchManyRequest { field: field.into(), values: vec![value.to_owned()] };
    match VaultClient::new(peers.clone()).of(tenant).match_many(request).await {
        Ok(answer) => Ok(answer.into_inner().refs.into_iter().next().unwrap_or_default()),
        Err(status) => match refusal(&status).as_deref() {
            Some(codes::FIELD | codes::SIZE) => Ok(String::new()),
            _ => Err(away(status)),
        },
    }
}

/// Seals what belongs to a buyer, under a new id.
///
/// # Errors
/// [`Fault`] `RET0017` while the vault is away; `Bug` when the person was erased.
pub async fn seal(
    peers: &Peers,
    tenant: TenantId,
    owner: Uuid,
    id: DocumentId,
    media_type: &str,
    data: Vec<u8>,
) -> Result<(), Fault> {
    let document = Document {
        document_id: id.to_string(),
        owner_ref: SubjectRef(owner).to_string(),
        media_type: media_type.to_owned(),
        data: data.into(),
    };
    VaultClient::new(peers.clone()).seal(tenant, vec![document]).await.map_err(away)
}

/// Opens what was sealed, for the merchant's operator; None: it was erased.
///
/// # Errors
/// [`Fault`] `RET0017` while the vault is away.
pub async fn open(peers: &Peers, tenant: TenantId, id: Uuid) -> Result<Option<Document>, Fault> {
    let id = DocumentId::from_uuid(id).to_string();
    let vault = VaultClient::new(peers.clone());
    vault.document(tenant, Flow::ReturnView, id).await.map_err(away)
}
