//! The gRPC methods: decode, call, encode.

use std::{pin::Pin, time::Duration};

use colibri_events::tracking::v1::{
    self as proto, GetRequest, IngestWebhookRequest, IngestWebhookResponse, ListAlertsRequest,
    ListAlertsResponse, ListRequest, ListResponse, RedetectRequest, RedetectResponse, RemapRequest,
    RemapResponse, WatchRequest, tracking_service_server::TrackingService,
};
use colibri_kit::{auth::Caller, fault::Fault, fault::codes, service::Shell};
use colibri_types::{OrderId, ParcelId, ShipmentId, TenantId};
use futures::Stream;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    Tracking, alerts, detect,
    domain::{
        fact::Fact,
        page::{self, Cursor},
        state,
    },
    error,
    events::{headline, headline_word, order_text, party_word, timestamp},
    remap,
    store::{
        facts::{self, Kept, stated, status_party, status_word, sub_word},
        parcels::{self, Keys, Parcel, Wanted},
    },
    vault::Opened,
    watch::Waiting,
    webhook,
};

/// The service.
#[derive(Clone)]
pub struct Api(pub Shell<Tracking>);

type ParcelStream = Pin<Box<dyn Stream<Item = Result<proto::Parcel, Status>> + Send>>;

#[tonic::async_trait]
impl TrackingService for Api {
    async fn get(&self, request: Request<GetRequest>) -> Result<Response<proto::Parcel>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let asked = request.into_inner();
        let found = find(&self.0, tenant, parcel_id(&asked.parcel_id)?).await?;
        let opened = match asked.reveal {
            true => Some(reveal(&self.0, tenant, &found).await?),
            false => None,
        };
        Ok(Response::new(found.encode(opened.as_ref(), &self.0)))
    }

    async fn list(&self, request: Request<ListRequest>) -> Result<Response<ListResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(list(&self.0, tenant, request.get_ref()).await?))
    }

    type WatchStream = ParcelStream;

    async fn watch(
        &self,
        request: Request<WatchRequest>,
    ) -> Result<Response<ParcelStream>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        let parcel = parcel_id(&request.get_ref().parcel_id)?;
        let waiting = self.0.state.watchers.wait(parcel);
        let first = find(&self.0, tenant, parcel).await?;
        let following = Following {
            shell: self.0.clone(),
            tenant,
            parcel,
            waiting,
            version: 0,
            next: Some(first),
            ended: false,
        };
        Ok(Response::new(Box::pin(futures::stream::unfold(following, Following::step))))
    }

    async fn list_alerts(
        &self,
        request: Request<ListAlertsRequest>,
    ) -> Result<Response<ListAlertsResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(alerts::list(&self.0, tenant, request.get_ref()).await?))
    }

    async fn redetect(
        &self,
        request: Request<RedetectRequest>,
    ) -> Result<Response<RedetectResponse>, Status> {
        let tenant = Caller::of(&request)?.tenant()?;
        Ok(Response::new(detect::redetect(&self.0, tenant, request.get_ref()).await?))
    }

    async fn remap(
        &self,
        request: Request<RemapRequest>,
    ) -> Result<Response<RemapResponse>, Status> {
        Ok(Response::new(remap::remap(&self.0, request.get_ref()).await?))
    }

    async fn ingest_webhook(
        &self,
        request: Request<IngestWebhookRequest>,
    ) -> Result<Response<IngestWebhookResponse>, Status> {
        let asked = request.into_inner();
        let headers = asked.headers.into_iter().map(|header| (header.name, header.value));
        let headers: Vec<(String, String)> = headers.collect();
        let received = webhook::receive(&self.0, &asked.account_id, &headers, &asked.body).await?;
        Ok(Response::new(IngestWebhookResponse {
            scans: received.scans,
            fresh: received.fresh,
            unmatched: received.unmatched,
            replayed: received.replayed,
        }))
    }
}

/// A malformed id names nothing, as an unknown one.
fn parcel_id(text: &str) -> Result<Uuid, Fault> {
    text.parse::<ParcelId>().map(ParcelId::to_uuid).map_err(|_| error::unknown_parcel())
}

/// A parcel with its facts.
struct Found {
    parcel: Parcel,
    facts: Vec<Kept>,
}

async fn find(shell: &Shell<Tracking>, tenant: TenantId, parcel: Uuid) -> Result<Found, Fault> {
    let keys: Keys = [(tenant.to_uuid(), parcel)].into_iter().collect();
    let mut cx = shell.begin(tenant).await?;
    let found = parcels::load(cx.db(), &keys).await?.remove(&parcel);
    let mut facts = facts::load(cx.db(), &keys).await?;
    cx.rollback().await;
    let parcel = found.ok_or_else(error::unknown_parcel)?;
    let facts = facts.remove(&parcel.parcel_id).unwrap_or_default();
    Ok(Found { parcel, facts })
}

async fn reveal(shell: &Shell<Tracking>, tenant: TenantId, found: &Found) -> Result<Opened, Fault> {
    let id = found.parcel.parcel_id;
    let sealed = found.facts.iter().filter(|kept| kept.sealed && !kept.fact.before_label);
    let scans: Vec<Uuid> = sealed.map(|kept| kept.fact.scan_id(id).to_uuid()).collect();
    shell.state.vault.view(tenant, id, &scans).await
}

async fn list(
    shell: &Shell<Tracking>,
    tenant: TenantId,
    asked: &ListRequest,
) -> Result<ListResponse, Fault> {
    let limit = page::limit(asked.limit).ok_or_else(|| {
        let text = format!("at most {}", page::LIMIT_MAX);
        Fault::reject(error::BAD_PAGE, "limit is too high").field("limit", "TOO_HIGH", text)
    })?;
    let after = match asked.page.as_str() {
        "" => None,
        text => Some(Cursor::decode(text).ok_or_else(|| {
            Fault::reject(error::BAD_PAGE, "page is none that was answered").field(
                "page",
                "MALFORMED",
                "give back next_page as it was",
            )
        })?),
    };
    let order_id = match asked.order_id.as_str() {
        "" => None,
        // A malformed id names no order, and no order has no parcels.
        text => match text.parse::<OrderId>() {
            Ok(order) => Some(order.to_uuid()),
            Err(_) => return Ok(ListResponse::default()),
        },
    };
    let headline = headline_word(asked.headline);
    if headline.is_none() && asked.headline != 0 {
        return Ok(ListResponse::default());
    }
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = i64::try_from(limit).unwrap_or(0) + 1;
    let wanted = Wanted { tenant_id: tenant.to_uuid(), headline, order_id, after, limit: more };
    let mut cx = shell.begin(tenant).await?;
    let mut parcels = parcels::list(cx.db(), &wanted).await?;
    cx.rollback().await;
    let next = parcels.len() > limit;
    parcels.truncate(limit);
    let last = parcels.last().filter(|_| next);
    let cursor = last.map(|last| Cursor { at: last.purchased_at, parcel_id: last.parcel_id });
    let next_page = cursor.map(|cursor| cursor.encode()).unwrap_or_default();
    let encode = |parcel| Found { parcel, facts: Vec::new() }.encode(None, shell);
    Ok(ListResponse { parcels: parcels.into_iter().map(encode).collect(), next_page })
}

impl Found {
    fn encode(&self, opened: Option<&Opened>, shell: &Shell<Tracking>) -> proto::Parcel {
        let (parcel, state) = (&self.parcel, &self.parcel.state);
        let facts: Vec<Fact> = self.facts.iter().map(|kept| kept.fact.clone()).collect();
        let scans = state::timeline(&facts).into_iter().map(|fact| self.scan(fact, opened));
        let today = shell.host.clock.now().date();
        proto::Parcel {
            parcel_id: ParcelId::from_uuid(parcel.parcel_id).to_string(),
            shipment_id: ShipmentId::from_uuid(parcel.shipment_id).to_string(),
            order_id: order_text(parcel),
            carrier: parcel.carrier.clone(),
            headline: headline(state.headline).into(),
            sub_status: state.sub.map_or("", |sub| sub.as_str()).to_owned(),
            scans: scans.collect(),
            version: parcel.version,
            tracking_number: opened.map(|opened| opened.number.clone()).unwrap_or_default(),
            reopened: state.reopened,
            attempts: state.attempts,
            promised_latest: parcel.promised.map(|day| day.to_string()).unwrap_or_default(),
            late: state.late(parcel.promised, today),
            party: party_word(state.party),
        }
    }

    fn scan(&self, fact: &Fact, opened: Option<&Opened>) -> proto::Scan {
        let id = fact.scan_id(self.parcel.parcel_id).to_uuid();
        // Of another parcel, and of another person: shown by its code alone.
        let opened = opened.filter(|_| !fact.before_label);
        let words = opened.and_then(|opened| opened.scans.get(&id).cloned());
        let (text, place) = words.unwrap_or_default();
        let kept = self.facts.iter().find(|kept| kept.fact.dedupe == fact.dedupe);
        let scan = &fact.scan;
        proto::Scan {
            code: scan.code.clone(),
            headline: status_word(scan.status).to_owned(),
            sub_status: sub_word(scan.status).unwrap_or_default().to_owned(),
            local_time: scan.time.map(stated).unwrap_or_default(),
            utc_offset: scan.time.and_then(|time| time.offset_text()).unwrap_or_default(),
            country: scan.location.country.map(|c| c.to_string()).unwrap_or_default(),
            text,
            place,
            future: fact.future,
            before_label: fact.before_label,
            received_at: kept.map(|kept| timestamp(kept.received_at)),
            party: party_word(status_party(scan.status)),
        }
    }
}

/// A watch in progress: what was told last, and what comes next.
struct Following {
    shell: Shell<Tracking>,
    tenant: TenantId,
    parcel: Uuid,
    waiting: Waiting,
    version: u64,
    next: Option<Found>,
    ended: bool,
}

impl Following {
    async fn step(mut self) -> Option<(Result<proto::Parcel, Status>, Self)> {
        if self.ended {
            return None;
        }
        let reread = Duration::from_millis(self.shell.state.config.watch_reread_ms);
        loop {
            if let Some(found) = self.next.take()
                && found.parcel.version > self.version
            {
                self.version = found.parcel.version;
                self.ended = found.parcel.state.ended();
                return Some((Ok(found.encode(None, &self.shell)), self));
            }
            let goes_on = tokio::select! {
                goes_on = self.waiting.changed() => goes_on,
                // Another process may have changed it.
                () = tokio::time::sleep(reread) => true,
            };
            if !goes_on {
                self.ended = true;
                let stops =
                    Fault::unavailable(codes::UNAVAILABLE, "the service stops, watch again");
                return Some((Err(stops.into()), self));
            }
            match find(&self.shell, self.tenant, self.parcel).await {
                Ok(found) => self.next = Some(found),
                // The database is away for a moment: the next look is soon enough.
                Err(Fault::Retry { .. }) => {}
                Err(fault) => {
                    self.ended = true;
                    return Some((Err(fault.into()), self));
                }
            }
        }
    }
}
