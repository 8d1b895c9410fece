//! Calls to the vault, many items at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use colibri_events::vault::v1::{
    Document, Field, FieldValue, Flow, GetDocumentRequest, PutDocumentsRequest, PutRequest, Record,
    RevealManyRequest, vault_service_client::VaultServiceClient,
};
use colibri_kit::{
    fault::{Fault, RpcError},
    rpc::{Peer, Peers},
};
use colibri_types::TenantId;

use crate::error::{codes, peer};

/// Items that one call to the vault may have.
const ITEMS_MAX: usize = 500;

/// What the vault answers for a record that is not there (any more).
const UNKNOWN: &str = "VLT0005";
/// What it answers when a flow has opened enough for now.
const BUDGET: &str = "VLT0006";
/// What it answers when another document stands under the id.
const DIFFERS: &str = "VLT0008";

/// What is told to whoever waits for the budget: it comes back within the day.
const BUDGET_WAIT: std::time::Duration = std::time::Duration::from_secs(60);

/// The vault, for all tenants.
#[derive(Debug, Clone)]
pub struct Vault(Peers);

/// Opened records by their refs; a denied one has the reason instead.
pub type Opened = HashMap<String, Result<Vec<FieldValue>, Denied>>;

/// Why a record was not opened: the vault's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied(pub String);

impl Denied {
    /// What it means for the work that needed the record.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self.0.as_str() {
            UNKNOWN => Fault::reject(codes::ADDRESS, "the record cannot be opened any more"),
            BUDGET => Fault::retry_after(BUDGET_WAIT, "the vault's budget is spent"),
            code => Fault::bug(format!("the vault denied an opening with {code}")),
        }
    }
}

/// What was opened for each tenant of a wave: one call each.
#[derive(Debug, Default)]
pub struct OpenedByTenant(HashMap<TenantId, Result<Opened, RpcError>>);

impl OpenedByTenant {
    /// The fields of a record.
    ///
    /// # Errors
    /// [`Fault`]: of the tenant's call, or why this record was not opened.
    pub fn record(&self, tenant: TenantId, record: &str) -> Result<&[FieldValue], Fault> {
        let told = match self.0.get(&tenant) {
            Some(Ok(opened)) => opened.get(record),
            Some(Err(error)) => return Err(peer(error)),
            None => None,
        };
        match told {
            Some(Ok(fields)) => Ok(fields),
            Some(Err(denied)) => Err(denied.fault()),
            None => Err(Fault::retry("the vault left a record out")),
        }
    }
}

/// What became of a document that was to be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealing {
    /// It is in the vault.
    Sealed,
    /// It never will be: too large, or the person is erased.
    Impossible,
}

impl Vault {
    /// The vault as this service sees it.
    #[must_use]
    pub const fn new(peers: Peers) -> Self {
        Self(peers)
    }

    fn client(&self, tenant: TenantId) -> VaultServiceClient<Peer> {
        VaultServiceClient::new(self.0.to("vault", tenant))
    }

    /// Opens records of a tenant. Each stands alone: a denied one does not hold up the others.
    ///
    /// # Errors
    /// [`RpcError`] when the call as a whole failed.
    pub async fn reveal(
        &self,
        tenant: TenantId,
        flow: Flow,
        fields: &[Field],
        refs: Vec<String>,
    ) -> Result<Opened, RpcError> {
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
                    _ => Err(Denied(record.denied)),
                };
                opened.insert(record.r#ref, told);
            }
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
        let mut refs: BTreeMap<TenantId, BTreeSet<String>> = BTreeMap::new();
        for (tenant, record) in wanted {
            refs.entry(tenant).or_default().insert(record);
        }
        let mut opened = HashMap::with_capacity(refs.len());
        for (tenant, refs) in refs {
            let answer = self.reveal(tenant, flow, fields, refs.into_iter().collect()).await;
            opened.insert(tenant, answer);
        }
        OpenedByTenant(opened)
    }

    /// Seals records; answers their refs in order.
    ///
    /// # Errors
    /// [`RpcError`] of the first call that failed.
    pub async fn put(&self, tenant: TenantId, records: &[Record]) -> Result<Vec<String>, RpcError> {
        let mut refs = Vec::with_capacity(records.len());
        for records in records.chunks(ITEMS_MAX) {
            let asked = PutRequest { records: records.to_vec() };
            let answer = self.client(tenant).put(asked).await;
            let answer = answer.map_err(|status| RpcError::from_status(&status))?;
            refs.extend(answer.into_inner().refs);
        }
        Ok(refs)
    }

    /// Seals records that must not hold each other up: together, and one by one when together is
    /// refused. A record whose owner is erased stays out.
    ///
    /// # Errors
    /// [`Fault::Retry`] when the vault is away.
    pub async fn put_each(&self, tenant: TenantId, records: &[Record]) -> Result<(), Fault> {
        match self.put(tenant, records).await {
            Ok(_) => return Ok(()),
            Err(error) if error.clears_by_itself() || error.reason.is_none() => {
                return Err(peer(&error));
            }
            Err(_) => {}
        }
        for record in records {
            match self.put(tenant, std::slice::from_ref(record)).await {
                Ok(_) => {}
                Err(error) if error.clears_by_itself() => return Err(peer(&error)),
                Err(error) => {
                    let code = error.reason.unwrap_or_default();
                    tracing::error!(record = %record.r#ref, code, "numbers not sealed: {code}");
                }
            }
        }
        Ok(())
    }

    /// Seals documents: together, and one by one when together is refused.
    ///
    /// # Errors
    /// [`Fault::Retry`] when the vault is away.
    pub async fn put_documents(
        &self,
        tenant: TenantId,
        documents: Vec<Document>,
    ) -> Result<HashMap<String, Sealing>, Fault> {
        let mut sealed = HashMap::with_capacity(documents.len());
        let (fit, large): (Vec<_>, Vec<_>) =
            documents.into_iter().partition(|document| document.data.len() <= DOCUMENT_BYTES_MAX);
        for document in large {
            let (id, bytes) = (document.document_id, document.data.len());
            tracing::error!(document = %id, bytes, "label {id} is too large to be sealed");
            sealed.insert(id, Sealing::Impossible);
        }
        for batch in batches(fit) {
            match self.seal(tenant, batch.clone()).await {
                Ok(()) => {
                    let ids = batch.into_iter().map(|d| (d.document_id, Sealing::Sealed));
                    sealed.extend(ids);
                }
                Err(error) if error.clears_by_itself() || error.reason.is_none() => {
                    return Err(peer(&error));
                }
                Err(_) => {
                    for document in batch {
                        let id = document.document_id.clone();
                        let one = self.seal_one(tenant, document).await?;
                        sealed.insert(id, one);
                    }
                }
            }
        }
        Ok(sealed)
    }

    async fn seal_one(&self, tenant: TenantId, document: Document) -> Result<Sealing, Fault> {
        let id = document.document_id.clone();
        match self.seal(tenant, vec![document]).await {
            Ok(()) => Ok(Sealing::Sealed),
            Err(error) if error.clears_by_itself() => Err(peer(&error)),
            // The same attempt's label, drawn another time by the carrier: the first one is good.
            Err(error) if error.reason.as_deref() == Some(DIFFERS) => Ok(Sealing::Sealed),
            Err(error) => {
                let code = error.reason.unwrap_or_default();
                tracing::error!(document = %id, code, "label {id} cannot be sealed: {code}");
                Ok(Sealing::Impossible)
            }
        }
    }

    async fn seal(&self, tenant: TenantId, documents: Vec<Document>) -> Result<(), RpcError> {
        let asked = PutDocumentsRequest { documents };
        let answer = self.client(tenant).put_documents(asked).await;
        answer.map(drop).map_err(|status| RpcError::from_status(&status))
    }

    /// Opens a label for the operator.
    ///
    /// # Errors
    /// [`RpcError`] of the vault.
    pub async fn document(
        &self,
        tenant: TenantId,
        document_id: String,
    ) -> Result<Document, RpcError> {
        let asked = GetDocumentRequest { flow: Flow::LabelServe.into(), document_id };
        let answer = self.client(tenant).get_document(asked).await;
        answer.map(tonic::Response::into_inner).map_err(|status| RpcError::from_status(&status))
    }
}

/// Documents of one call: the vault takes a hundred, and a message has a size.
const DOCUMENTS_MAX: usize = 100;
const BYTES_MAX: usize = 2 * 1024 * 1024;
/// Largest document that the vault takes.
const DOCUMENT_BYTES_MAX: usize = 2 * 1024 * 1024;

fn batches(documents: Vec<Document>) -> Vec<Vec<Document>> {
    let mut batches: Vec<Vec<Document>> = Vec::new();
    let mut bytes = 0;
    for document in documents {
        bytes += document.data.len();
        match batches.last_mut() {
            Some(batch) if batch.len() < DOCUMENTS_MAX && bytes <= BYTES_MAX => {
                batch.push(document);
            }
            _ => {
                bytes = document.data.len();
                batches.push(vec![document]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_go_in_batches_of_bounded_size_and_count() {
        let document = |size: usize| Document { data: vec![0; size].into(), ..Default::default() };
        let sizes =
            |documents: Vec<Document>| batches(documents).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(Vec::new()), Vec::<usize>::new());
        assert_eq!(sizes((0..250).map(|_| document(10)).collect()), [100, 100, 50]);
        assert_eq!(sizes((0..3).map(|_| document(BYTES_MAX / 2)).collect()), [2, 1]);
        assert_eq!(sizes(vec![document(BYTES_MAX * 2), document(1)]), [1, 1]);
    }

    #[test]
    fn denials_are_sorted_by_what_can_be_done() {
        let denied = |code: &str| Denied(code.to_owned()).fault();
        assert_eq!(denied(UNKNOWN).code(), codes::ADDRESS);
        assert_eq!(denied(BUDGET).kind(), "retry");
        assert_eq!(denied("VLT0003").kind(), "bug");
    }
}
