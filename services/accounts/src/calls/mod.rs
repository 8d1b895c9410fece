//! What each RPC does, from a decoded request to an answer.

pub mod carriers;
pub mod channels;
pub mod check;
pub mod clients;
pub mod resolve;
pub mod sites;
pub mod tenants;

use colibri_events::vault::v1::{
    CredentialField, PutCredentialsRequest, vault_service_client::VaultServiceClient,
};
use colibri_kit::{
    fault::Fault,
    rpc::Peer,
    service::{Cx, Shell},
};
use colibri_types::{AccountId, TenantId};
use uuid::Uuid;

use crate::{
    Accounts,
    error::{TOO_MANY, fault},
    store::{self, Kind},
};

/// Namespace of account and site ids, fixed for ever. They follow from tenant and code: a call
/// that is repeated after a crash seals its secret under the same id again.
const IDS: Uuid = Uuid::from_u128(0x3b1d_7f10_92c4_5a68_b0e5_6f2d_acc0_0475);

/// The name that an id follows from.
fn id_name(tenant: TenantId, kind: &str, code: &str) -> Vec<u8> {
    format!("{tenant}/{kind}/{code}").into_bytes()
}

fn vault(shell: &Shell<Accounts>, tenant: TenantId) -> VaultServiceClient<Peer> {
    VaultServiceClient::new(shell.host.peers.to("vault", tenant))
}

/// Refuses one more when there are `max`.
async fn room(cx: &mut Cx<Accounts>, tenant: TenantId, kind: Kind, max: i64) -> Result<(), Fault> {
    if store::count(cx.db(), tenant, kind).await? < max {
        return Ok(());
    }
    Err(fault(TOO_MANY))
}

/// Seals credentials of an account, before anybody can learn of the account.
async fn seal(
    shell: &Shell<Accounts>,
    tenant: TenantId,
    account: AccountId,
    fields: Vec<CredentialField>,
) -> Result<(), Fault> {
    let request = PutCredentialsRequest { account_id: account.to_string(), fields };
    vault(shell, tenant).put_credentials(request).await?;
    Ok(())
}
