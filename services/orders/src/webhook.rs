//! A sales channel's webhook: whose it is, whether the channel signed it, whether it came before,
//! and what it means. The bytes are verified before anything reads them.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use colibri_channels::{Channel, Delivery as Told, Header, Parsed};
use colibri_events::{
    accounts::v1::{
        ResolveAccountRequest, accounts_service_client::AccountsServiceClient,
        resolve_account_response,
    },
    orders::v1::{Explanation, IngestWebhookRequest, IngestWebhookResponse, SubmitResult},
};
use colibri_kit::{
    fault::{Fault, RpcError, chain},
    service::Shell,
    telemetry::metrics,
};
use colibri_types::{AccountId, OrderId, TenantId};
use secrecy::{ExposeSecret as _, SecretString};
use tonic::Code;
use tracing::warn;

use crate::{
    Orders,
    cache::Recent,
    change::{self, Ended, Gone},
    config::Config,
    domain::{
        canonical::{self, Meaning, Source},
        facts,
    },
    error,
    store::{self, channel::Delivery},
    submit::{self, Door},
    vault,
};

/// Bytes of a body: channels stay far below, and the gateway takes no more.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Headers handed over: only those that a channel's own are among.
const HEADERS_MAX: usize = 64;
/// How often a wrong signature may make us ask the vault for a replaced secret: whoever sends
/// wrong ones must not spend the vault's budget.
const REOPEN_EVERY: Duration = Duration::from_secs(5);

/// How long a remembered secret serves while the vault is away or its budget is spent. An hour: by
/// then channels have begun to give up, and a replaced secret should be dead.
const STALE_SECRET: Duration = Duration::from_secs(3600);

/// What is remembered of accounts and their secrets.
#[derive(Debug)]
pub struct Memory {
    accounts: Recent<AccountId, Arc<Account>>,
    secrets: Recent<AccountId, Arc<SecretString>>,
    reopened: Recent<AccountId, ()>,
}

impl Memory {
    /// Remembers as long as configured.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            accounts: Recent::new(Duration::from_secs(config.account_cache_s)),
            secrets: Recent::new(STALE_SECRET.max(Duration::from_secs(config.secret_cache_s))),
            reopened: Recent::new(REOPEN_EVERY),
        }
    }
}

/// A tenant's account at a sales channel.
#[derive(Debug)]
struct Account {
    id: AccountId,
    tenant: TenantId,
    /// Id in the register of channels.
    channel: String,
    source: Source,
}

/// Takes a webhook in.
///
/// # Errors
/// `ORD0003`, `ORD0006`, `ORD0009`, `ORD0010`, or the `CHN` code of a body that cannot be read.
pub async fn ingest(
    shell: &Shell<Orders>,
    request: IngestWebhookRequest,
) -> Result<IngestWebhookResponse, Fault> {
    let account_id: AccountId = request.account_id.parse().map_err(|_| unknown())?;
    if request.body.len() > BODY_BYTES_MAX || request.headers.len() > HEADERS_MAX {
        return Err(Fault::resource_exhausted(error::LIMIT, "the webhook is too large"));
    }
    let account = account(shell, account_id).await?;
    let channel = colibri_channels::find(&account.channel).ok_or_else(unknown)?;
    let headers: Vec<Header<'_>> =
        request.headers.iter().map(|h| (h.name.as_str(), h.value.as_str())).collect();
    if !signed(shell, &account, channel, &headers, &request.body).await? {
        tell(channel, "unsigned");
        return Err(Fault::unauthenticated(error::SIGNATURE, "the signature does not hold"));
    }
    let told = channel.delivery(&headers);
    let topic = told
        .topic
        .as_deref()
        .ok_or_else(|| error::request("headers", "the header that names the topic is missing"))?;
    let parsed = channel.parse(topic, &request.body).map_err(|refused| {
        tell(channel, "unreadable");
        let place = refused.pointer.clone();
        Fault::reject(refused.code.as_str(), refused.code.meaning()).field(
            format!("body{place}"),
            refused.code.as_str(),
            refused.code.meaning(),
        )
    })?;
    let meaning = match parsed {
        Parsed::Order(order) => canonical::read(*order, &account.source),
        Parsed::Cancelled { external_id, updated_at, .. } => {
            Meaning::Gone { external_id, updated_at: updated_at.and_then(|at| at.utc()) }
        }
        Parsed::Ignored { .. } => Meaning::NotOurs,
    };
    let response = apply(shell, &account, told, &request.body, meaning).await?;
    let outcome = match (&response.result, response.replayed) {
        (_, true) => "replayed",
        (Some(result), _) if result.replayed => "replayed",
        (Some(result), _) if !result.refused.is_empty() => "refused",
        (Some(_), false) => "taken",
        (None, false) => "ignored",
    };
    tell(channel, outcome);
    Ok(response)
}

fn tell(channel: &dyn Channel, outcome: &str) {
    let labels = [("channel", channel.info().id), ("outcome", outcome)];
    metrics::counter("colibri_orders_webhooks_total", &labels).inc();
}

fn unknown() -> Fault {
    Fault::not_found(error::ACCOUNT, "no sales channel account of that id")
}

async fn account(shell: &Shell<Orders>, id: AccountId) -> Result<Arc<Account>, Fault> {
    let memory = &shell.state.webhooks;
    if let Some((known, _)) = memory.accounts.get(&id) {
        return Ok(known);
    }
    let mut accounts = AccountsServiceClient::new(shell.host.peers.to("accounts", None));
    let request = ResolveAccountRequest { account_id: id.to_string() };
    let answer = accounts.resolve_account(request).await.map_err(|status| {
        if RpcError::from_status(&status).code == Code::NotFound {
            unknown()
        } else {
            status.into()
        }
    })?;
    let answer = answer.into_inner();
    let Some(resolve_account_response::Account::Channel(told)) = answer.account else {
        return Err(unknown());
    };
    let tenant: TenantId = answer.tenant_id.parse().map_err(Fault::bug)?;
    let mut cx = shell.begin(tenant).await?;
    let first = store::channel::first_account(cx.db(), tenant, &told.channel, id).await?;
    cx.commit().await?;
    let name = match first == id {
        true => told.channel.clone(),
        false => format!("{}:{}", told.channel, told.code),
    };
    let source = Source {
        channel: name,
        site_code: told.site_code,
        unit_weight_g: told.default_unit_weight_g,
        file: false,
    };
    let account = Arc::new(Account { id, tenant, channel: told.channel, source });
    memory.accounts.put(id, account.clone());
    Ok(account)
}

/// Whether the channel signed exactly these bytes. A replaced secret is asked for when the
/// remembered one does not fit.
async fn signed(
    shell: &Shell<Orders>,
    account: &Account,
    channel: &dyn Channel,
    headers: &[Header<'_>],
    body: &[u8],
) -> Result<bool, Fault> {
    let memory = &shell.state.webhooks;
    let fits =
        |secret: &SecretString| channel.verify(secret.expose_secret().as_bytes(), headers, body);
    let remembered = memory.secrets.get(&account.id);
    let fresh = Duration::from_secs(shell.state.config.secret_cache_s);
    if let Some((secret, age)) = &remembered {
        let fits = fits(secret);
        if fits && *age < fresh {
            return Ok(true);
        }
        if !fits && memory.reopened.get(&account.id).is_some() {
            return Ok(false);
        }
        memory.reopened.put(account.id, ());
    }
    let opened = vault::webhook_secret(&shell.host.peers, account.tenant, account.id).await;
    let opened = match (opened, &remembered) {
        (Err(Fault::Retry { source, .. }), Some((secret, _))) => {
            let cause = chain(source.as_ref());
            warn!(account = %account.id, cause, "the secret remembered serves on: {cause}");
            return Ok(fits(secret));
        }
        (opened, _) => opened?,
    };
    let Some(secret) = opened.map(Arc::new) else { return Ok(false) };
    memory.secrets.put(account.id, secret.clone());
    Ok(fits(&secret))
}

async fn apply(
    shell: &Shell<Orders>,
    account: &Account,
    told: Told,
    body: &[u8],
    meaning: Meaning,
) -> Result<IngestWebhookResponse, Fault> {
    let external_id = match &meaning {
        Meaning::Order(input) => input.order.external_id.as_str(),
        Meaning::Gone { external_id, .. } => external_id.as_str(),
        Meaning::NotOurs => return Ok(IngestWebhookResponse::default()),
    };
    let order = facts::order_id(account.tenant, &account.source.channel, external_id);
    let delivery = Delivery {
        account: account.id,
        body: hmac::sign(&shell.state.key, body).as_ref().to_vec(),
        delivery_id: told.id,
        order: Some(order),
    };
    match meaning {
        Meaning::Order(input) => take(shell, account, *input, &delivery, order).await,
        Meaning::Gone { external_id, updated_at } => {
            let gone =
                Gone { channel: &account.source.channel, external_id: &external_id, updated_at };
            end(shell, account, &gone, &delivery, order).await
        }
        Meaning::NotOurs => Ok(IngestWebhookResponse::default()),
    }
}

async fn take(
    shell: &Shell<Orders>,
    account: &Account,
    input: crate::domain::intake::Input,
    delivery: &Delivery,
    order: OrderId,
) -> Result<IngestWebhookResponse, Fault> {
    let door = Door::Delivery(delivery);
    let done = submit::submit(shell, account.tenant, vec![input], door).await?;
    if done.known {
        return known(shell, account, order).await;
    }
    Ok(IngestWebhookResponse { result: done.results.into_iter().next(), replayed: false })
}

/// The answer to a delivery that came before: the order as it is now.
async fn known(
    shell: &Shell<Orders>,
    account: &Account,
    order: OrderId,
) -> Result<IngestWebhookResponse, Fault> {
    let order = change::find(shell, account.tenant, order).await?;
    Ok(IngestWebhookResponse { result: Some(result(&order, true)), replayed: true })
}

fn result(order: &store::Stored, replayed: bool) -> SubmitResult {
    SubmitResult {
        order_id: order.order_id.to_string(),
        state: order.state.to_proto().into(),
        reasons: crate::view::explain(&order.reasons, &[]),
        replayed,
        refused: String::new(),
    }
}

async fn end(
    shell: &Shell<Orders>,
    account: &Account,
    gone: &Gone<'_>,
    delivery: &Delivery,
    order: OrderId,
) -> Result<IngestWebhookResponse, Fault> {
    let result = match change::gone(shell, account.tenant, gone, delivery).await? {
        Ended::KnownDelivery => return known(shell, account, order).await,
        Ended::Done(order) => result(&order, false),
        Ended::Unchanged(order) => {
            let mut answer = result(&order, true);
            if order.state != facts::State::Cancelled {
                let detail = "what is known of the order is newer: nothing was changed";
                answer.reasons.push(Explanation {
                    code: error::STALE.to_owned(),
                    field: "updated_at".to_owned(),
                    detail: detail.to_owned(),
                });
            }
            answer
        }
    };
    Ok(IngestWebhookResponse { result: Some(result), replayed: false })
}
