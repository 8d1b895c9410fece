//! What orders asks of the vault: sealing persons, opening one for the operator, and the secret of
//! a channel's webhooks.

use colibri_events::vault::v1::{Field, Flow, OpenCredentialsRequest, Record, RevealRequest};
use colibri_kit::{fault::Fault, rpc::Peers};
use colibri_types::{AccountId, SubjectRef, TenantId};
use colibri_vault_client::{ADDRESS, VaultClient, codes, refusal};
use secrecy::SecretString;
use tonic::{Response, Status};

use crate::domain::person::Person;

/// Field of a channel account's credentials that holds the secret of its webhooks.
pub const WEBHOOK_SECRET: &str = "webhook_secret";

/// What an operator sees of a person beside the address.
const WORDS: &[Field] = &[Field::Note, Field::OrderNumber, Field::SafePlace];

fn known<T>(answer: Result<Response<T>, Status>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(answer) => Ok(Some(answer.into_inner())),
        Err(status) if refusal(&status).as_deref() == Some(codes::UNKNOWN) => Ok(None),
        Err(status) => Err(status.into()),
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
    let refs = VaultClient::new(peers.clone()).put(tenant, &records).await?;
    refs.iter().map(|text| text.parse::<SubjectRef>()).collect::<Result<_, _>>().map_err(Fault::bug)
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
        fields: [ADDRESS, WORDS].concat().into_iter().map(i32::from).collect(),
        r#ref: subject.to_string(),
    };
    let answer = known(VaultClient::new(peers.clone()).of(tenant).reveal(request).await)?;
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
    let answer = known(VaultClient::new(peers.clone()).of(tenant).open_credentials(request).await)?;
    let Some(answer) = answer else { return Ok(None) };
    let mut fields = answer.fields.into_iter();
    let secret = fields.find(|field| field.name == WEBHOOK_SECRET);
    Ok(secret.map(|field| SecretString::from(field.value)))
}
