//! Sealing many things at once, without one that is refused holding up the others.

use std::collections::HashMap;

use colibri_events::vault::v1::{Document, PutDocumentsRequest, Record};
use colibri_kit::fault::Fault;
use colibri_types::TenantId;
use tonic::Status;

use crate::{VaultClient, codes, refusal};

/// Documents of one call: what the vault takes.
const DOCUMENTS_MAX: usize = 100;
/// Bytes of one call, because a message has a size; the vault takes no larger document either.
const BYTES_MAX: usize = 2 * 1024 * 1024;

/// What became of a document that was to be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealing {
    /// It is in the vault.
    Sealed,
    /// Another document is there under its id, and stays: what was sealed first is kept.
    Stands,
    /// It never will be: too large, or the person is erased.
    Impossible,
}

impl Sealing {
    /// Whether a document can be opened under the id.
    #[must_use]
    pub const fn is_there(self) -> bool {
        matches!(self, Self::Sealed | Self::Stands)
    }
}

impl VaultClient {
    /// Seals records that must not hold each other up: together, and one by one when together is
    /// refused. A record whose owner is erased stays out.
    ///
    /// # Errors
    /// [`Fault::Retry`] when the vault is away.
    pub async fn put_each(&self, tenant: TenantId, records: &[Record]) -> Result<(), Fault> {
        match self.put(tenant, records).await {
            Ok(_) => return Ok(()),
            Err(status) if refusal(&status).is_none() => return Err(status.into()),
            Err(_) => {}
        }
        for record in records {
            if let Err(status) = self.put(tenant, std::slice::from_ref(record)).await {
                let Some(code) = refusal(&status) else { return Err(status.into()) };
                tracing::error!(record = %record.r#ref, code, "a record is not sealed: {code}");
            }
        }
        Ok(())
    }

    /// Seals documents, and answers what became of each: together, and one by one when together is
    /// refused.
    ///
    /// # Errors
    /// [`Fault::Retry`] when the vault is away.
    pub async fn put_documents(
        &self,
        tenant: TenantId,
        documents: Vec<Document>,
    ) -> Result<HashMap<String, Sealing>, Fault> {
        let mut done = HashMap::with_capacity(documents.len());
        let (fit, large): (Vec<_>, Vec<_>) =
            documents.into_iter().partition(|document| document.data.len() <= BYTES_MAX);
        for document in large {
            let (id, bytes) = (document.document_id, document.data.len());
            tracing::error!(document = %id, bytes, "document {id} is too large to be sealed");
            done.insert(id, Sealing::Impossible);
        }
        for batch in batches(fit) {
            match self.seal(tenant, batch.clone()).await {
                Ok(()) => {
                    done.extend(batch.into_iter().map(|d| (d.document_id, Sealing::Sealed)));
                }
                Err(status) if refusal(&status).is_none() => return Err(status.into()),
                Err(_) => {
                    for document in batch {
                        let id = document.document_id.clone();
                        let one = self.seal_one(tenant, document).await?;
                        done.insert(id, one);
                    }
                }
            }
        }
        Ok(done)
    }

    async fn seal_one(&self, tenant: TenantId, document: Document) -> Result<Sealing, Fault> {
        let id = document.document_id.clone();
        let Err(status) = self.seal(tenant, vec![document]).await else {
            return Ok(Sealing::Sealed);
        };
        match refusal(&status).as_deref() {
            None => Err(status.into()),
            Some(codes::DIFFERS) => Ok(Sealing::Stands),
            Some(code) => {
                tracing::error!(document = %id, code, "document {id} cannot be sealed: {code}");
                Ok(Sealing::Impossible)
            }
        }
    }

    /// Seals documents in one call, all or none; the same again changes nothing.
    ///
    /// # Errors
    /// [`Status`] of the call.
    pub async fn seal(&self, tenant: TenantId, documents: Vec<Document>) -> Result<(), Status> {
        self.of(tenant).put_documents(PutDocumentsRequest { documents }).await.map(drop)
    }
}

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
}
