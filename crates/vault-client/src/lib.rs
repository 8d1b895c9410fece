//! The vault as the services that seal and open there use it.
//!
//! Owns: how many items one call carries, what a denied record means to the work that wanted it,
//! and that one item which the vault refuses does not hold up the others.
//! Deliberately absent: flows and fields, which stand where something is opened; public codes,
//! which are each service's own; and anything kept: what was opened is the caller's to forget.

mod opened;
mod sealing;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use colibri_events::vault::v1::{
    Document, Field, Flow, GetDocumentRequest, PutRequest, Record, RevealManyRequest,
    vault_service_client::VaultServiceClient,
};
use colibri_kit::{
    fault::RpcError,
    rpc::{Peer, Peers},
};
use colibri_types::TenantId;
use tonic::Status;

pub use opened::{Denied, Opened, OpenedByTenant, value};
pub use sealing::Sealing;

/// Items that one call to the vault may have.
pub const ITEMS_MAX: usize = 500;

/// Codes of the vault that its callers tell apart.
pub mod codes {
    /// A field is not allowed in a record.
    pub const FIELD: &str = "VLT0001";
    /// A size is over the limit.
    pub const SIZE: &str = "VLT0002";
    /// What was asked for is not there (any more): never sealed, or the person was erased.
    pub const UNKNOWN: &str = "VLT0005";
    /// A flow has opened enough for now.
    pub const BUDGET: &str = "VLT0006";
    /// Another document stands under the id.
    pub const DIFFERS: &str = "VLT0008";
}

/// The fields of an address; whoever wants more of a record names it beside them.
pub const ADDRESS: &[Field] = &[
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

/// The public code with which the vault refused a call for good; none when the call may be made
/// again, or when it was not the vault that answered.
#[must_use]
pub fn refusal(status: &Status) -> Option<String> {
    let error = RpcError::from_status(status);
    if error.clears_by_itself() { None } else { error.reason }
}

/// The vault, for all tenants. Cheap to clone.
#[derive(Debug, Clone)]
pub struct VaultClient(Peers);

impl VaultClient {
    /// The vault as this service sees it.
    #[must_use]
    pub const fn new(peers: Peers) -> Self {
        Self(peers)
    }

    /// The plain client, for the calls that only one service makes.
    #[must_use]
    pub fn of(&self, tenant: TenantId) -> VaultServiceClient<Peer> {
        VaultServiceClient::new(self.0.to("vault", tenant))
    }

    /// Opens records of a tenant. Each stands alone: a denied one does not hold up the others.
    ///
    /// # Errors
    /// [`Status`] of the first call that failed as a whole.
    pub async fn reveal(
        &self,
        tenant: TenantId,
        flow: Flow,
        fields: &[Field],
        refs: impl IntoIterator<Item = String>,
    ) -> Result<Opened, Status> {
        let refs: BTreeSet<String> = refs.into_iter().collect();
        let refs: Vec<String> = refs.into_iter().collect();
        let mut opened = Opened::default();
        for refs in refs.chunks(ITEMS_MAX) {
            let asked = RevealManyRequest {
                flow: flow.into(),
                fields: fields.iter().map(|field| i32::from(*field)).collect(),
                refs: refs.to_vec(),
            };
            opened.extend(self.of(tenant).reveal_many(asked).await?.into_inner().records);
        }
        Ok(opened)
    }

    /// Opens records of several tenants, each tenant's in calls of its own.
    pub async fn reveal_each(
        &self,
        flow: Flow,
        fields: &[Field],
        wanted: impl IntoIterator<Item = (TenantId, String)>,
    ) -> OpenedByTenant {
        let mut refs: BTreeMap<TenantId, Vec<String>> = BTreeMap::new();
        for (tenant, record) in wanted {
            refs.entry(tenant).or_default().push(record);
        }
        let mut opened = HashMap::with_capacity(refs.len());
        for (tenant, refs) in refs {
            opened.insert(tenant, self.reveal(tenant, flow, fields, refs).await);
        }
        OpenedByTenant(opened)
    }

    /// Seals records; answers their refs in order. The same keys again answer the same refs.
    ///
    /// # Errors
    /// [`Status`] of the first call that failed.
    pub async fn put(&self, tenant: TenantId, records: &[Record]) -> Result<Vec<String>, Status> {
        let mut refs = Vec::with_capacity(records.len());
        for records in records.chunks(ITEMS_MAX) {
            let asked = PutRequest { records: records.to_vec() };
            refs.extend(self.of(tenant).put(asked).await?.into_inner().refs);
        }
        if refs.len() == records.len() {
            Ok(refs)
        } else {
            Err(Status::internal("the vault answered another number of refs than asked"))
        }
    }

    /// Opens a document; None: it is not there (any more).
    ///
    /// # Errors
    /// [`Status`] of the call.
    pub async fn document(
        &self,
        tenant: TenantId,
        flow: Flow,
        document_id: String,
    ) -> Result<Option<Document>, Status> {
        let asked = GetDocumentRequest { flow: flow.into(), document_id };
        match self.of(tenant).get_document(asked).await {
            Ok(answer) => Ok(Some(answer.into_inner())),
            Err(status) if refusal(&status).as_deref() == Some(codes::UNKNOWN) => Ok(None),
            Err(status) => Err(status),
        }
    }
}
