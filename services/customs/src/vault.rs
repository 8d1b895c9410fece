//! Calls to the vault: opening addresses for papers, sealing the papers.

use std::collections::HashMap;

use colibri_events::vault::v1::{
    Document, Field, FieldValue, Flow, GetDocumentRequest, PutDocumentsRequest, RevealManyRequest,
    vault_service_client::VaultServiceClient,
};
use colibri_kit::{
    fault::RpcError,
    rpc::{Peer, Peers},
};
use colibri_types::TenantId;

/// Items that one call to the vault may have.
const ITEMS_MAX: usize = 500;
/// Documents of one call: the vault takes a hundred, and a message has a size.
const DOCUMENTS_MAX: usize = 20;

/// What the flow of customs papers may see.
const FIELDS: &[Field] = &[
    Field::Name,
    Field::Company,
    Field::Street,
    Field::City,
    Field::Postcode,
    Field::Subdivision,
    Field::Country,
    Field::Phone,
    Field::Email,
];

/// What the flow of screening may see.
const NAMES: &[Field] = &[Field::Name, Field::Company, Field::Country];

/// Opened records by their refs; a denied one has the vault's code instead.
pub type Opened = HashMap<String, Result<Vec<FieldValue>, String>>;

/// The vault, for all tenants.
#[derive(Debug, Clone)]
pub struct Vault(Peers);

impl Vault {
    /// The vault as this service sees it.
    #[must_use]
    pub const fn new(peers: Peers) -> Self {
        Self(peers)
    }

    fn client(&self, tenant: TenantId) -> VaultServiceClient<Peer> {
        VaultServiceClient::new(self.0.to("vault", tenant))
    }

    /// Opens addresses for papers. Each stands alone: a denied one does not hold up the others.
    ///
    /// # Errors
    /// [`RpcError`] when the call as a whole failed.
    pub async fn open(&self, tenant: TenantId, refs: Vec<String>) -> Result<Opened, RpcError> {
        self.reveal(tenant, Flow::CustomsPapers, FIELDS, refs).await
    }

    /// Opens names to compare them with lists, and nothing else.
    ///
    /// # Errors
    /// [`RpcError`] when the call as a whole failed.
    pub async fn names(&self, tenant: TenantId, refs: Vec<String>) -> Result<Opened, RpcError> {
        self.reveal(tenant, Flow::CustomsScreen, NAMES, refs).await
    }

    async fn reveal(
        &self,
        tenant: TenantId,
        flow: Flow,
        fields: &[Field],
        mut refs: Vec<String>,
    ) -> Result<Opened, RpcError> {
        refs.sort_unstable();
        refs.dedup();
        let mut opened = HashMap::with_capacity(refs.len());
        for refs in refs.chunks(ITEMS_MAX) {
            let asked = RevealManyRequest {
                flow: flow.into(),
                fields: fields.iter().map(|field| i32::from(*field)).collect(),
                refs: refs.to_vec(),
            };
            let answer = self.client(tenant).reveal_many(asked).await;
            let answer = answer.map_err(|status| RpcError::from_status(&status))?;
            for record in answer.into_inner().records {
                let told = match record.denied.as_str() {
                    "" => Ok(record.fields),
                    _ => Err(record.denied),
                };
                opened.insert(record.r#ref, told);
            }
        }
        Ok(opened)
    }

    /// Seals papers; the same again changes nothing.
    ///
    /// # Errors
    /// [`RpcError`] of the first call that failed.
    pub async fn seal(&self, tenant: TenantId, papers: &[Document]) -> Result<(), RpcError> {
        for documents in papers.chunks(DOCUMENTS_MAX) {
            let asked = PutDocumentsRequest { documents: documents.to_vec() };
            let answer = self.client(tenant).put_documents(asked).await;
            answer.map_err(|status| RpcError::from_status(&status))?;
        }
        Ok(())
    }

    /// Opens a paper for the operator.
    ///
    /// # Errors
    /// [`RpcError`] of the vault.
    pub async fn paper(&self, tenant: TenantId, document_id: String) -> Result<Document, RpcError> {
        let asked = GetDocumentRequest { flow: Flow::CustomsServe.into(), document_id };
        let answer = self.client(tenant).get_document(asked).await;
        answer.map(tonic::Response::into_inner).map_err(|status| RpcError::from_status(&status))
    }
}
