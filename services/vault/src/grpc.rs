//! Decode, call, encode.

use colibri_events::vault::v1::{
    Credentials, Document, GetDocumentRequest, ListJournalRequest, ListJournalResponse,
    MatchManyRequest, MatchManyResponse, MatchPersonRequest, MatchPersonResponse,
    OpenCredentialsRequest, PutCredentialsRequest, PutCredentialsResponse, PutDocumentsRequest,
    PutDocumentsResponse, PutRequest, PutResponse, RevealManyRequest, RevealManyResponse,
    RevealRequest, Revealed,
    vault_service_server::{VaultService, VaultServiceServer},
};
use colibri_kit::{auth::Caller, service::Shell};
use tonic::{Request, Response, Status};

use crate::{
    Vault,
    calls::{credentials, documents, journal, matches, person, put, reveal},
};

/// Bytes of one message: 100 labels of 200 KiB, or one document at its limit with room.
const MESSAGE_BYTES_MAX: usize = 20 * 1024 * 1024;

/// The server to add to the routes.
#[must_use]
pub fn server(shell: Shell<Vault>) -> VaultServiceServer<Api> {
    VaultServiceServer::new(Api(shell)).max_decoding_message_size(MESSAGE_BYTES_MAX)
}

/// The RPCs of the vault.
pub struct Api(Shell<Vault>);

#[tonic::async_trait]
impl VaultService for Api {
    async fn put(&self, request: Request<PutRequest>) -> Result<Response<PutResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let tenant = caller.tenant()?;
        let refs = put::put(&self.0, &caller, tenant, request.into_inner()).await?;
        Ok(Response::new(PutResponse { refs }))
    }

    async fn reveal_many(
        &self,
        request: Request<RevealManyRequest>,
    ) -> Result<Response<RevealManyResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let tenant = caller.tenant()?;
        let records = reveal::many(&self.0, &caller, tenant, request.into_inner()).await?;
        Ok(Response::new(RevealManyResponse { records }))
    }

    async fn reveal(&self, request: Request<RevealRequest>) -> Result<Response<Revealed>, Status> {
        let caller = Caller::of(&request)?.clone();
        let tenant = caller.tenant()?;
        let revealed = reveal::one(&self.0, &caller, tenant, request.into_inner()).await?;
        Ok(Response::new(revealed))
    }

    async fn match_many(
        &self,
        request: Request<MatchManyRequest>,
    ) -> Result<Response<MatchManyResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let tenant = caller.tenant()?;
        let refs = matches::matches(&self.0, &caller, tenant, request.into_inner()).await?;
        Ok(Response::new(MatchManyResponse { refs }))
    }

    async fn match_person(
        &self,
        request: Request<MatchPersonRequest>,
    ) -> Result<Response<MatchPersonResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let tenant = caller.tenant()?;
        let r#ref = person::find(&self.0, &caller, tenant, request.into_inner()).await?;
        Ok(Response::new(MatchPersonResponse { r#ref }))
    }

    async fn put_documents(
        &self,
        request: Request<PutDocumentsRequest>,
    ) -> Result<Response<PutDocumentsResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let tenant = caller.tenant()?;
        documents::put(&self.0, &caller, tenant, request.into_inner()).await?;
        Ok(Response::new(PutDocumentsResponse {}))
    }

    async fn get_document(
        &self,
        request: Request<GetDocumentRequest>,
    ) -> Result<Response<Document>, Status> {
        let caller = Caller::of(&request)?.clone();
        let tenant = caller.tenant()?;
        let document = documents::get(&self.0, &caller, tenant, request.into_inner()).await?;
        Ok(Response::new(document))
    }

    async fn put_credentials(
        &self,
        request: Request<PutCredentialsRequest>,
    ) -> Result<Response<PutCredentialsResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let tenant = caller.tenant()?;
        let revision = credentials::put(&self.0, &caller, tenant, request.into_inner()).await?;
        Ok(Response::new(PutCredentialsResponse { revision }))
    }

    async fn open_credentials(
        &self,
        request: Request<OpenCredentialsRequest>,
    ) -> Result<Response<Credentials>, Status> {
        let caller = Caller::of(&request)?.clone();
        let tenant = caller.tenant()?;
        let opened = credentials::open(&self.0, &caller, tenant, request.into_inner()).await?;
        Ok(Response::new(opened))
    }

    async fn list_journal(
        &self,
        request: Request<ListJournalRequest>,
    ) -> Result<Response<ListJournalResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let tenant = caller.tenant()?;
        let entries = journal::list(&self.0, &caller, tenant, request.into_inner()).await?;
        Ok(Response::new(ListJournalResponse { entries }))
    }
}
