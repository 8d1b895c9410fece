//! Decode, call, encode.

use colibri_events::accounts::v1::{
    CarrierAccount, ChannelAccount, CheckAccountRequest, CheckAccountResponse, Client,
    CreateClientRequest, CreateClientResponse, CreateSiteRequest, CreateTenantRequest,
    IssueTokenRequest, IssueTokenResponse, ListCarrierAccountsRequest, ListCarrierAccountsResponse,
    ListClientsRequest, ListClientsResponse, ListSitesRequest, ListSitesResponse,
    RegisterCarrierAccountRequest, RegisterChannelAccountRequest, ResolveAccountRequest,
    ResolveAccountResponse, RevokeClientRequest, RotateClientSecretRequest,
    RotateClientSecretResponse, Site, Tenant,
    accounts_service_server::{AccountsService, AccountsServiceServer},
};
use colibri_kit::{auth::Caller, service::Shell};
use tonic::{Request, Response, Status};

use crate::{
    Accounts,
    calls::{carriers, channels, check, clients, resolve, sites, tenants},
};

/// The server to add to the routes.
#[must_use]
pub fn server(shell: Shell<Accounts>) -> AccountsServiceServer<Api> {
    let max = shell.host.message_bytes_max;
    AccountsServiceServer::new(Api(shell)).max_decoding_message_size(max)
}

/// The RPCs of accounts.
pub struct Api(Shell<Accounts>);

#[tonic::async_trait]
impl AccountsService for Api {
    async fn create_tenant(
        &self,
        request: Request<CreateTenantRequest>,
    ) -> Result<Response<Tenant>, Status> {
        Ok(Response::new(tenants::create(&self.0, request.into_inner()).await?))
    }

    async fn create_site(
        &self,
        request: Request<CreateSiteRequest>,
    ) -> Result<Response<Site>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(sites::create(&self.0, tenant, request.into_inner()).await?))
    }

    async fn list_sites(
        &self,
        request: Request<ListSitesRequest>,
    ) -> Result<Response<ListSitesResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let sites = sites::list(&self.0, tenant).await?;
        Ok(Response::new(ListSitesResponse { sites }))
    }

    async fn create_client(
        &self,
        request: Request<CreateClientRequest>,
    ) -> Result<Response<CreateClientResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(clients::create(&self.0, tenant, request.into_inner()).await?))
    }

    async fn list_clients(
        &self,
        request: Request<ListClientsRequest>,
    ) -> Result<Response<ListClientsResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let clients = clients::list(&self.0, tenant).await?;
        Ok(Response::new(ListClientsResponse { clients }))
    }

    async fn revoke_client(
        &self,
        request: Request<RevokeClientRequest>,
    ) -> Result<Response<Client>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(clients::revoke(&self.0, tenant, request.into_inner()).await?))
    }

    async fn rotate_client_secret(
        &self,
        request: Request<RotateClientSecretRequest>,
    ) -> Result<Response<RotateClientSecretResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(clients::rotate(&self.0, tenant, request.into_inner()).await?))
    }

    async fn issue_token(
        &self,
        request: Request<IssueTokenRequest>,
    ) -> Result<Response<IssueTokenResponse>, Status> {
        Ok(Response::new(clients::issue(&self.0, request.into_inner()).await?))
    }

    async fn register_carrier_account(
        &self,
        request: Request<RegisterCarrierAccountRequest>,
    ) -> Result<Response<CarrierAccount>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(carriers::register(&self.0, tenant, request.into_inner()).await?))
    }

    async fn check_account(
        &self,
        request: Request<CheckAccountRequest>,
    ) -> Result<Response<CheckAccountResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(check::check(&self.0, tenant, request.into_inner()).await?))
    }

    async fn list_carrier_accounts(
        &self,
        request: Request<ListCarrierAccountsRequest>,
    ) -> Result<Response<ListCarrierAccountsResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let accounts = carriers::list(&self.0, tenant).await?;
        Ok(Response::new(ListCarrierAccountsResponse { accounts }))
    }

    async fn register_channel_account(
        &self,
        request: Request<RegisterChannelAccountRequest>,
    ) -> Result<Response<ChannelAccount>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(channels::register(&self.0, tenant, request.into_inner()).await?))
    }

    async fn resolve_account(
        &self,
        request: Request<ResolveAccountRequest>,
    ) -> Result<Response<ResolveAccountResponse>, Status> {
        Ok(Response::new(resolve::resolve(&self.0, request.into_inner()).await?))
    }
}
