//! What orders asks of the vault: sealing persons, opening one for the operator, and the secret of
//! a channel's webhooks.

use colibri_events::vault::v1::{
    Field, Flow, OpenCredentialsRequest, PutRequest, Record, RevealRequest,
    vault_service_client::VaultServiceClient,
};
use colibri_kit::{
    fault::{Fault, RpcError},
    rpc::{Peer, Peers},
};
use colibri_types::{AccountId, SubjectRef, TenantId};
use secrecy::SecretString;
use tonic::{Response, Status};

use crate::domain::person::{self, Person};

/// Field of a channel account's credentials that holds the secret of its webhooks.
pub const WEBHOOK_SECRET: &str = "webhook_secret";

fn client(peers: &Peers, tenant: TenantId) -> VaultServiceClient<Peer> {
    VaultServiceClient::new(peers.to("vault", tenant))
}

/// The vault's code for what it does not have.
const UNKNOWN: &str = "VLT0005";

fn known<T>(answer: Result<Response<T>, Status>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(answer) => Ok(Some(answer.into_inner())),
        Err(status) => match RpcError::from_status(&status).reason.as_deref() {
            Some(UNKNOWN) => Ok(None),
            _ => Err(status.into()),
        },
    }
}

/// Seals persons in one call; the same keys again answer the same references.
///
/// # Errors
/// [`Fault::Retry`] while the vault is away; nothing may be stored then.
pub async fn put(
    peers: &Peers,
    tenant: TenantId,
    records: Vec<Record>,
) -> Result<Vec<SubjectRef>, Fault> {
    let count = records.len();
    let answer = client(peers, tenant).put(PutRequest { records }).await?.into_inner();
    let refs: Result<Vec<SubjectRef>, _> = answer.refs.iter().map(|text| text.parse()).collect();
    let refs = refs.map_err(Fault::bug)?;
    if refs.len() == count {
        Ok(refs)
    } else {
        Err(Fault::bug("the vault answered another number of references"))
    }
}

/// Opens the person of an order for the merchant's operator; `None`: it was erased.
///
/// # Errors
/// [`Fault::Retry`] while the vault is away or its budget is spent.
pub async fn open(
    peers: &Peers,
    tenant: TenantId,
    subject: SubjectRef,
) -> Result<Option<Person>, Fault> {
    let request = RevealRequest {
        flow: Flow::OrderView.into(),
        fields: person::FIELDS.iter().map(|field: &Field| (*field).into()).collect(),
        r#ref: subject.to_string(),
    };
    let answer = known(client(peers, tenant).reveal(request).await)?;
    Ok(answer.map(|answer| Person::from_fields(answer.fields)))
}

/// The secret with which a channel signs its webhooks; `None` when the account has none.
///
/// # Errors
/// [`Fault::Retry`] while the vault is away.
pub async fn webhook_secret(
    peers: &Peers,
    tenant: TenantId,
    account: AccountId,
) -> Result<Option<SecretString>, Fault> {
    let request = OpenCredentialsRequest {
        flow: Flow::ChannelVerify.into(),
        account_id: account.to_string(),
    };
    let answer = known(client(peers, tenant).open_credentials(request).await)?;
    let Some(answer) = answer else { return Ok(None) };
    let mut fields = answer.fields.into_iter();
    let secret = fields.find(|field| field.name == WEBHOOK_SECRET);
    Ok(secret.map(|field| SecretString::from(field.value)))
}
