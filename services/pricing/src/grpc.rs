//! Decode, call, encode.

use std::collections::HashMap;

use colibri_events::pricing::v1::{
    self as pb, ActivateTariffRequest, ChooseResponse, ExplainRequest, ExplainResponse,
    ListTariffsRequest, ListTariffsResponse, RateRequest, RateResponse, TariffActivated,
    TariffSummary,
    pricing_service_server::{PricingService, PricingServiceServer},
};
use colibri_kit::{auth::Caller, fault::Fault, service::Shell};
use colibri_types::{ShipmentId, TenantId};
use tonic::{Request, Response, Status};

use crate::{
    Pricing, book,
    decision::{Record, Weighed, weigh},
    domain::{
        self, Code, Compared, Outcome, Quote, SelectionRules, Sheet, Standing, Tariff, TariffRef,
    },
    error,
    store::{self, Activation, Stored},
    waiting, wire,
};

/// Largest tariff text in bytes: twice a real one with all remote postcodes, and a third of what
/// a message may hold.
const TOML_BYTES_MAX: usize = 1024 * 1024;

/// The server to add to the routes.
#[must_use]
pub fn server(shell: Shell<Pricing>) -> PricingServiceServer<Api> {
    let bytes = shell.host.message_bytes_max;
    PricingServiceServer::new(Api(shell)).max_decoding_message_size(bytes)
}

/// The RPCs of pricing.
pub struct Api(Shell<Pricing>);

#[tonic::async_trait]
impl PricingService for Api {
    async fn rate(&self, request: Request<RateRequest>) -> Result<Response<RateResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(self.rated(tenant, request.get_ref()).await?))
    }

    async fn choose(
        &self,
        request: Request<RateRequest>,
    ) -> Result<Response<ChooseResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(self.chosen(tenant, request.get_ref()).await?))
    }

    async fn explain(
        &self,
        request: Request<ExplainRequest>,
    ) -> Result<Response<ExplainResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(self.explained(tenant, request.get_ref()).await?))
    }

    async fn activate_tariff(
        &self,
        request: Request<ActivateTariffRequest>,
    ) -> Result<Response<TariffSummary>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(self.activated(tenant, &request.get_ref().toml).await?))
    }

    async fn list_tariffs(
        &self,
        request: Request<ListTariffsRequest>,
    ) -> Result<Response<ListTariffsResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(self.listed(tenant).await?))
    }
}

impl Api {
    async fn book(&self, tenant: TenantId) -> Result<std::sync::Arc<book::Book>, Fault> {
        let mut cx = self.0.begin(tenant).await?;
        let generation = store::generation(cx.db(), tenant).await?;
        let book = crate::book(&mut cx, tenant, generation).await?;
        cx.rollback().await;
        Ok(book)
    }

    async fn rated(&self, tenant: TenantId, call: &RateRequest) -> Result<RateResponse, Fault> {
        let wish = wire::Wish::of_call(call)?;
        let book = self.book(tenant).await?;
        // Only to put prices in order: neither preferences nor lists of carriers apply.
        let currency = book.rules.as_ref().map_or(self.0.state.config.currency, |r| r.currency);
        let plain = SelectionRules { currency, ..self.0.state.config.rules() };
        let weighed = weigh(&wish, &book, plain, self.0.host.clock.now())?;
        let mut refused: Vec<_> =
            weighed.snapshot.rating.refused.iter().map(wire::refusal).collect();
        refused.extend(weighed.without_account.iter().map(no_account));
        let origin = wish.origin().country;
        let account = |q: &Quote| book.account(&q.carrier, origin).map(|a| a.id.to_string());
        let quotes = cheapest_first(&weighed);
        Ok(RateResponse {
            quotes: quotes.into_iter().map(|q| wire::quote(q, account(q))).collect(),
            refused,
        })
    }

    async fn chosen(&self, tenant: TenantId, call: &RateRequest) -> Result<ChooseResponse, Fault> {
        let wish = wire::Wish::of_call(call)?;
        let book = self.book(tenant).await?;
        let Some(rules) = book.rules.clone() else {
            let text = "the tenant's selection rules cannot be read";
            return Err(Fault::failed_precondition(error::RULES_UNREADABLE, text));
        };
        let weighed = weigh(&wish, &book, rules, self.0.host.clock.now())?;
        let snapshot = &weighed.snapshot;
        let mut refused: Vec<_> = snapshot.rating.refused.iter().map(wire::refusal).collect();
        refused.extend(weighed.without_account.iter().map(no_account));
        refused.extend(snapshot.choice.candidates.iter().filter_map(|c| match &c.standing {
            Standing::Eliminated { code, reason } => Some(pb::Refusal {
                carrier: c.carrier.clone(),
                service: c.service.clone(),
                code: code.as_str().to_owned(),
                detail: reason.clone(),
            }),
            Standing::Won | Standing::Lost { .. } => None,
        }));
        let origin = wish.origin().country;
        let account = |q: &Quote| book.account(&q.carrier, origin).map(|a| a.id.to_string());
        let quote = snapshot.choice.quote(&snapshot.rating);
        Ok(ChooseResponse {
            chosen: quote.map(|q| wire::quote(q, account(q))),
            reason: match &snapshot.choice.outcome {
                Outcome::Chosen { reason, .. } => reason.clone(),
                Outcome::Held { code, reason } => format!("{code}: {reason}"),
            },
            refused,
        })
    }

    async fn explained(
        &self,
        tenant: TenantId,
        call: &ExplainRequest,
    ) -> Result<ExplainResponse, Fault> {
        let unknown = || {
            let text = "no decision about that shipment is known";
            Fault::not_found(error::SHIPMENT_UNKNOWN, text)
        };
        let shipment: ShipmentId = call.shipment_id.parse().map_err(|_| unknown())?;
        let mut cx = self.0.begin(tenant).await?;
        let stored = store::find(cx.db(), tenant, shipment).await?.ok_or_else(unknown)?;
        let Some(bytes) = &stored.record else {
            cx.rollback().await;
            return Ok(ExplainResponse {
                snapshot_json: without_record(&stored),
                recomputed_equal: false,
            });
        };
        let record: Record = serde_json::from_slice(bytes).map_err(Fault::bug)?;
        let names = &record.decision.inputs.tariffs;
        let tariffs = store::named(cx.db(), tenant, names).await?;
        cx.rollback().await;
        let tariffs: HashMap<TariffRef, Tariff> =
            tariffs.into_iter().map(|tariff| (tariff.reference(), tariff)).collect();
        let whole = record.decision.expand(|name| tariffs.get(name).cloned());
        Ok(ExplainResponse {
            snapshot_json: String::from_utf8(bytes.clone()).map_err(Fault::bug)?,
            recomputed_equal: whole.is_ok_and(|snapshot| domain::verify(&snapshot).is_ok()),
        })
    }

    async fn activated(&self, tenant: TenantId, text: &str) -> Result<TariffSummary, Fault> {
        if text.len() > TOML_BYTES_MAX {
            let (code, why) = (Code::TariffUnreadable.as_str(), "at most 1 MiB is read");
            return Err(Fault::reject(code, why).field("toml", code, why));
        }
        let tariff = Tariff::from_toml(text)?;
        let sheet = tariff.sheet();
        let mut cx = self.0.begin(tenant).await?;
        let now = cx.now();
        store::change(cx.db(), &[tenant]).await?;
        match store::activate(cx.db(), tenant, &tariff, text, now).await? {
            Activation::Known => {
                cx.rollback().await;
                return Ok(summary(sheet));
            }
            Activation::Differs => {
                cx.rollback().await;
                let text = "this version was activated with other content: raise the version";
                let fault = Fault::already_exists(error::TARIFF_VERSION, text);
                return Err(fault.field("toml.version", error::TARIFF_VERSION, text));
            }
            Activation::New => {}
        }
        let event = TariffActivated {
            tariff_id: sheet.id.clone(),
            tenant_id: tenant.to_string(),
            carrier: sheet.carrier.clone(),
            service: sheet.service.clone(),
            version: sheet.version,
            at: Some(wire::timestamp(now)),
        };
        // Tariffs are named per tenant, the key is the name alone.
        cx.publish(&event, &format!("{tenant}:{}", sheet.version));
        let more = waiting::release_changed(&mut cx, tenant).await?;
        cx.commit().await?;
        if more {
            self.0.state.more_waiting.notify_one();
        }
        Ok(summary(sheet))
    }

    async fn listed(&self, tenant: TenantId) -> Result<ListTariffsResponse, Fault> {
        let mut cx = self.0.begin(tenant).await?;
        let listed = store::list(cx.db(), tenant).await?;
        cx.rollback().await;
        let one = |listed: store::Listed| TariffSummary {
            tariff_id: listed.tariff.id,
            carrier: listed.carrier,
            service: listed.service,
            valid_from: domain::Day(listed.valid.0).to_string(),
            valid_to: domain::Day(listed.valid.1).to_string(),
            version: listed.tariff.version,
        };
        Ok(ListTariffsResponse { tariffs: listed.into_iter().map(one).collect() })
    }
}

/// Quotes by what they come to in one currency; those without a usable rate last, by name.
fn cheapest_first(weighed: &Weighed) -> Vec<&Quote> {
    let snapshot = &weighed.snapshot;
    let compared: HashMap<&TariffRef, &Compared> = snapshot
        .choice
        .candidates
        .iter()
        .filter_map(|c| Some((&c.tariff, c.compared.as_ref()?)))
        .collect();
    let mut quotes: Vec<&Quote> = snapshot.rating.quotes.iter().collect();
    quotes.sort_by_key(|quote| {
        let price = compared.get(&quote.tariff).map(|compared| compared.amount);
        (price.is_none(), price)
    });
    quotes
}

fn no_account(tariff: &Tariff) -> pb::Refusal {
    pb::Refusal {
        carrier: tariff.sheet().carrier.clone(),
        service: tariff.sheet().service.clone(),
        code: error::NO_ACCOUNT.to_owned(),
        detail: "no enabled carrier account may ship from there".to_owned(),
    }
}

fn summary(sheet: &Sheet) -> TariffSummary {
    TariffSummary {
        tariff_id: sheet.id.clone(),
        carrier: sheet.carrier.clone(),
        service: sheet.service.clone(),
        valid_from: sheet.valid_from.to_string(),
        valid_to: sheet.valid_to.to_string(),
        version: sheet.version,
    }
}

/// What can be said of a shipment that nothing could be rated for.
fn without_record(stored: &Stored) -> String {
    let Stored { state, reasons, .. } = stored;
    serde_json::json!({ "state": state, "reasons": reasons }).to_string()
}
