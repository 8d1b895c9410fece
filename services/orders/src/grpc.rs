//! Decode, call, encode.

use std::collections::HashMap;

use aws_lc_rs::hmac;
use colibri_events::orders::v1::{
    AmendRequest, CancelRequest, GetRequest, HoldRequest, ImportReport, ImportRequest,
    IngestWebhookRequest, IngestWebhookResponse, ListRequest, ListResponse, Order, OrderInput,
    OrderState, ReleaseRequest, SubmitRequest, SubmitResponse, get_request::By,
    orders_service_server::OrdersService,
};
use colibri_kit::{auth::Caller, fault::Fault, service::Shell};
use colibri_types::{OrderId, TenantId};
use prost::Message as _;
use time::OffsetDateTime;
use tonic::{Request, Response, Status};

use crate::{
    Orders, change,
    domain::{
        facts::{self, State},
        intake::Input,
        person,
    },
    error, import,
    store::{self, After, Stored, request::SubmitId},
    submit::{self, Door},
    vault, view, webhook,
};

/// The service.
pub struct Api(pub Shell<Orders>);

/// Orders of a page when nobody says, and at most.
const PAGE: (u32, u32) = (50, 500);

#[tonic::async_trait]
impl OrdersService for Api {
    async fn submit(
        &self,
        request: Request<SubmitRequest>,
    ) -> Result<Response<SubmitResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let SubmitRequest { orders, request_id } = request.into_inner();
        if orders.len() > submit::ORDERS_MAX {
            let fault = Fault::resource_exhausted(error::LIMIT, "a call takes 500 orders");
            return Err(fault.field("orders", "TOO_MANY", "more than 500").into());
        }
        let named = self.submit_id(&orders, request_id)?;
        let door = named.as_ref().map_or(Door::Plain, Door::Request);
        let inputs = orders.into_iter().map(Input::from).collect();
        let done = submit::submit(&self.0, tenant, inputs, door).await?;
        Ok(Response::new(SubmitResponse { results: done.results, known_request: done.known }))
    }

    async fn get(&self, request: Request<GetRequest>) -> Result<Response<Order>, Status> {
        let caller = Caller::of(&request)?;
        let tenant = caller.tenant()?;
        if request.get_ref().reveal {
            caller.require("orders:write")?;
        }
        let GetRequest { by, reveal } = request.into_inner();
        let id = match by {
            Some(By::OrderId(text)) => parse(&text)?,
            Some(By::External(key)) => facts::order_id(tenant, &key.channel, &key.external_id),
            None => return Err(error::request("by", "names no order").into()),
        };
        let order = change::find(&self.0, tenant, id).await?;
        let subject = order.subject.filter(|_| reveal);
        let mut order = self.show(tenant, order).await?;
        if let Some(subject) = subject {
            let person = vault::open(&self.0.host.peers, tenant, subject).await?;
            order.ship_to = person.and_then(|person| person.address).map(person::to_proto);
        }
        Ok(Response::new(order))
    }

    async fn list(&self, request: Request<ListRequest>) -> Result<Response<ListResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let list = self.page(tenant, request.into_inner()).await?;
        Ok(Response::new(list))
    }

    async fn hold(&self, request: Request<HoldRequest>) -> Result<Response<Order>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let id = parse(&request.get_ref().order_id)?;
        let order = change::hold(&self.0, tenant, id).await?;
        Ok(Response::new(self.show(tenant, order).await?))
    }

    async fn release(&self, request: Request<ReleaseRequest>) -> Result<Response<Order>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let request = request.into_inner();
        let id = parse(&request.order_id)?;
        let order = change::release(&self.0, tenant, id, &request.overrule).await?;
        Ok(Response::new(self.show(tenant, order).await?))
    }

    async fn amend(&self, request: Request<AmendRequest>) -> Result<Response<Order>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let request = request.into_inner();
        let id = parse(&request.order_id)?;
        let (order, found) = change::amend(&self.0, tenant, id, request).await?;
        let reasons = view::explain(&order.reasons, &found);
        let mut order = self.show(tenant, order).await?;
        order.reasons = reasons;
        Ok(Response::new(order))
    }

    async fn cancel(&self, request: Request<CancelRequest>) -> Result<Response<Order>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let id = parse(&request.get_ref().order_id)?;
        let order = change::cancel(&self.0, tenant, id).await?;
        Ok(Response::new(self.show(tenant, order).await?))
    }

    async fn import(
        &self,
        request: Request<ImportRequest>,
    ) -> Result<Response<ImportReport>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let report = import::import(&self.0, tenant, request.into_inner()).await?;
        Ok(Response::new(report))
    }

    async fn ingest_webhook(
        &self,
        request: Request<IngestWebhookRequest>,
    ) -> Result<Response<IngestWebhookResponse>, Status> {
        let answer = webhook::ingest(&self.0, request.into_inner()).await?;
        Ok(Response::new(answer))
    }
}

impl Api {
    /// Id and content of the call, when it has an id.
    fn submit_id(
        &self,
        orders: &[OrderInput],
        request_id: String,
    ) -> Result<Option<SubmitId>, Fault> {
        if request_id.is_empty() {
            return Ok(None);
        }
        import::check_request_id(&request_id)?;
        let mut context = hmac::Context::with_key(&self.0.state.key);
        for order in orders {
            // Each with its length, so that no two lists sign alike.
            context.update(&order.encode_length_delimited_to_vec());
        }
        let fingerprint = context.sign().as_ref().to_vec();
        Ok(Some(SubmitId { id: request_id, fingerprint }))
    }

    async fn show(&self, tenant: TenantId, order: Stored) -> Result<Order, Fault> {
        let orders = self.show_all(tenant, vec![order]).await?;
        orders.into_iter().next().ok_or_else(|| Fault::bug("one order became none"))
    }

    /// With the words for their sites, asked for once.
    async fn show_all(&self, tenant: TenantId, orders: Vec<Stored>) -> Result<Vec<Order>, Fault> {
        let mut codes = HashMap::new();
        if orders.iter().any(|order| order.site.is_some()) {
            let mut cx = self.0.begin(tenant).await?;
            let sites = store::site::of_tenant(cx.db(), tenant).await?;
            cx.rollback().await;
            codes.extend(sites.into_iter().map(|site| (site.site_id, site.code)));
        }
        let show = |order: Stored| {
            let code = order.site.and_then(|site| codes.get(&site).cloned());
            view::order(order, code)
        };
        Ok(orders.into_iter().map(show).collect())
    }

    async fn page(&self, tenant: TenantId, request: ListRequest) -> Result<ListResponse, Fault> {
        let state = match OrderState::try_from(request.state) {
            Ok(OrderState::Unspecified) => None,
            Ok(wanted) => State::ALL.iter().find(|(s, _)| s.to_proto() == wanted).map(|(s, _)| *s),
            Err(_) => return Err(error::request("state", "is no state of an order")),
        };
        let after = match request.page.as_str() {
            "" => None,
            page => Some(parse_page(page).ok_or_else(|| {
                Fault::reject(error::PAGE, "the page is none of an earlier answer")
            })?),
        };
        let limit = match request.limit {
            0 => PAGE.0,
            limit => limit.min(PAGE.1),
        };
        let mut cx = self.0.begin(tenant).await?;
        // One more than asked: whether there is a next page.
        let mut orders = store::list(cx.db(), tenant, state, after, i64::from(limit) + 1).await?;
        cx.rollback().await;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = orders.len() > limit;
        orders.truncate(limit);
        let next_page = orders.last().filter(|_| more).map(page_after).unwrap_or_default();
        Ok(ListResponse { orders: self.show_all(tenant, orders).await?, next_page })
    }
}

/// An id that is none is nobody's order.
fn parse(text: &str) -> Result<OrderId, Fault> {
    text.parse().map_err(|_| error::unknown())
}

fn page_after(order: &Stored) -> String {
    let micros = order.received_at.unix_timestamp_nanos() / 1000;
    format!("{micros:x}.{}", order.order_id)
}

fn parse_page(text: &str) -> Option<After> {
    let (micros, id) = text.split_once('.')?;
    let micros = i64::from_str_radix(micros, 16).ok()?;
    let received_at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).ok()?;
    Some(After { received_at, order_id: id.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_ours_are_pages() {
        let id = OrderId::generate();
        let text = format!("6400000000000.{id}");
        let read = parse_page(&text).map(|after| after.order_id);
        assert_eq!(read, Some(id));
        for wrong in ["x", ".", "1.", "1.ord_", "zz.ord_1", "7fffffffffffffff.ord_", &text[1..3]] {
            assert_eq!(parse_page(wrong), None, "{wrong}");
        }
    }
}
