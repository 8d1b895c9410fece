//! The services beside tracking, as small as they can be: they publish what the test says.

use colibri_events::{
    accounts::v1::{
        self as v1, CarrierAccount, CarrierAccountChanged, Host as HostOf,
        accounts_service_server::{AccountsService, AccountsServiceServer},
    },
    labels::v1::{LabelPurchased, LabelVoided},
    types::v1::Date,
};
use colibri_kit::{fault::Fault, service::Definition};
use colibri_testkit::{Door, stand_in};
use colibri_types::{AccountId, ParcelId, ShipmentId, TenantId};
use prost_types::Timestamp;
use time::OffsetDateTime;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// Accounts, asked for an account too.
pub fn accounts(door: &Door) -> Box<dyn Definition> {
    stand_in("accounts", door)
        .grpc(|_, routes| {
            routes.add_service(AccountsServiceServer::new(NoAccounts));
        })
        .build()
}

/// An accounts service that knows no account.
struct NoAccounts;

fn none<T>() -> Result<Response<T>, Status> {
    Err(Fault::not_found("ACC0008", "no such account").into())
}

#[tonic::async_trait]
impl AccountsService for NoAccounts {
    async fn create_tenant(&self, _: Request<v1::CreateTenantRequest>) -> Answer<v1::Tenant> {
        none()
    }
    async fn create_site(&self, _: Request<v1::CreateSiteRequest>) -> Answer<v1::Site> {
        none()
    }
    async fn list_sites(&self, _: Request<v1::ListSitesRequest>) -> Answer<v1::ListSitesResponse> {
        none()
    }
    async fn create_client(
        &self,
        _: Request<v1::CreateClientRequest>,
    ) -> Answer<v1::CreateClientResponse> {
        none()
    }
    async fn list_clients(
        &self,
        _: Request<v1::ListClientsRequest>,
    ) -> Answer<v1::ListClientsResponse> {
        none()
    }
    async fn revoke_client(&self, _: Request<v1::RevokeClientRequest>) -> Answer<v1::Client> {
        none()
    }
    async fn rotate_client_secret(
        &self,
        _: Request<v1::RotateClientSecretRequest>,
    ) -> Answer<v1::RotateClientSecretResponse> {
        none()
    }
    async fn issue_token(
        &self,
        _: Request<v1::IssueTokenRequest>,
    ) -> Answer<v1::IssueTokenResponse> {
        none()
    }
    async fn register_carrier_account(
        &self,
        _: Request<v1::RegisterCarrierAccountRequest>,
    ) -> Answer<CarrierAccount> {
        none()
    }
    async fn check_account(
        &self,
        _: Request<v1::CheckAccountRequest>,
    ) -> Answer<v1::CheckAccountResponse> {
        none()
    }
    async fn list_carrier_accounts(
        &self,
        _: Request<v1::ListCarrierAccountsRequest>,
    ) -> Answer<v1::ListCarrierAccountsResponse> {
        none()
    }
    async fn register_channel_account(
        &self,
        _: Request<v1::RegisterChannelAccountRequest>,
    ) -> Answer<v1::ChannelAccount> {
        none()
    }
    async fn resolve_account(
        &self,
        _: Request<v1::ResolveAccountRequest>,
    ) -> Answer<v1::ResolveAccountResponse> {
        none()
    }
}

/// A label to be told of.
#[derive(Clone)]
pub struct Bought {
    pub parcel: ParcelId,
    pub shipment: ShipmentId,
    pub tenant: TenantId,
    pub account: AccountId,
    pub carrier: &'static str,
    pub subject: String,
    pub at: OffsetDateTime,
    /// `None`: as labels of before tell it.
    pub asked: Option<OffsetDateTime>,
    pub promised: Option<time::Date>,
}

/// Tells of labels, in one transaction.
pub async fn purchased(labels: &Door, bought: &[Bought]) {
    let mut cx = labels.begin().await;
    for label in bought {
        let event = LabelPurchased {
            parcel_id: label.parcel.to_string(),
            shipment_id: label.shipment.to_string(),
            tenant_id: label.tenant.to_string(),
            account_id: label.account.to_string(),
            carrier: label.carrier.to_owned(),
            subject_ref: label.subject.clone(),
            asked_at: label.asked.map(|at| Timestamp { seconds: at.unix_timestamp(), nanos: 0 }),
            purchased_at: Some(Timestamp { seconds: label.at.unix_timestamp(), nanos: 0 }),
            promised_latest: label.promised.map(|day| Date {
                year: day.year(),
                month: u8::from(day.month()).into(),
                day: day.day().into(),
            }),
            origin_country: "FR".into(),
            country: "DE".into(),
            weight_g: 1_250,
            parcel_index: 1,
            parcel_count: 1,
            ..LabelPurchased::default()
        };
        cx.publish(&event, &label.parcel.to_string());
    }
    cx.commit().await.unwrap();
}

/// Tells that labels are void.
pub async fn voided(labels: &Door, label: &Bought) {
    let event = LabelVoided {
        shipment_id: label.shipment.to_string(),
        tenant_id: label.tenant.to_string(),
        parcel_ids: vec![label.parcel.to_string()],
        ..LabelVoided::default()
    };
    labels.say(&event, "1").await;
}

/// Tells of a carrier account.
pub async fn account_changed(
    accounts: &Door,
    tenant: TenantId,
    account: AccountId,
    carrier: &str,
    hosts: &[(&str, String)],
    version: u64,
) {
    let host = |(name, url): &(&str, String)| HostOf { name: (*name).into(), url: url.clone() };
    let event = CarrierAccountChanged {
        account_id: account.to_string(),
        tenant_id: tenant.to_string(),
        version,
        account: Some(CarrierAccount {
            account_id: account.to_string(),
            code: carrier.to_owned(),
            carrier: carrier.to_owned(),
            hosts: hosts.iter().map(host).collect(),
            ..CarrierAccount::default()
        }),
    };
    accounts.say(&event, &version.to_string()).await;
}
