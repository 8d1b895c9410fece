//! Applying events: position and effects in one transaction, poison parked with its key.

use std::{collections::HashMap, future::Future, marker::PhantomData};

use bytes::Bytes;
use colibri_events::Event;
use futures::future::BoxFuture;
use tracing::error;

use super::{
    names::parse_subject,
    parked::{hold_key, park, parked_keys},
};
use crate::{fault::Fault, service::Cx, telemetry::metrics};

/// An event as it was received: raw bytes, never re-encoded.
#[derive(Debug, Clone)]
pub struct RawEvent {
    /// Where it stands.
    pub meta: EventMeta,
    /// Full subject.
    pub subject: String,
    /// Headers of ours.
    pub headers: serde_json::Value,
    /// Protobuf.
    pub payload: Bytes,
}

impl RawEvent {
    /// Trace context that the producer stored with the event.
    pub(super) fn trace(&self) -> Vec<(String, String)> {
        let known = |name: &str| {
            let value = self.headers.get(name)?.as_str()?;
            Some((name.to_owned(), value.to_owned()))
        };
        ["traceparent", "tracestate"].into_iter().filter_map(known).collect()
    }
}

/// Where an event stands in its lane.
#[derive(Debug, Clone)]
pub struct EventMeta {
    /// Lane.
    pub lane: i16,
    /// Number in the lane.
    pub seq: i64,
    /// History id.
    pub gen_: i32,
    /// Aggregate.
    pub key: String,
}

/// A function of one event, or of a slice of them.
pub trait Handle<'a, S, E: ?Sized>: Send + Sync {
    /// Its future.
    type Future: Future<Output = Result<(), Fault>> + Send + 'a;
    /// Calls it.
    fn handle(&self, cx: &'a mut Cx<S>, event: &'a E) -> Self::Future;
}

impl<'a, S: 'a, E: ?Sized + 'a, F, Fut> Handle<'a, S, E> for F
where
    F: Fn(&'a mut Cx<S>, &'a E) -> Fut + Send + Sync,
    Fut: Future<Output = Result<(), Fault>> + Send + 'a,
{
    type Future = Fut;
    fn handle(&self, cx: &'a mut Cx<S>, event: &'a E) -> Fut {
        self(cx, event)
    }
}

trait Erased<S>: Send + Sync {
    fn apply<'a>(
        &'a self,
        cx: &'a mut Cx<S>,
        events: &'a [&'a RawEvent],
    ) -> BoxFuture<'a, Result<(), Fault>>;
}

fn decode<E: Event>(event: &RawEvent) -> Result<E, Fault> {
    E::decode(event.payload.clone())
        .map_err(|cause| Fault::reject("BUS0001", format!("not a {}", E::MESSAGE)).caused_by(cause))
}

struct One<F, E>(F, PhantomData<fn() -> E>);

impl<S: Send + Sync + 'static, E: Event, F> Erased<S> for One<F, E>
where
    F: for<'a> Handle<'a, S, E>,
{
    fn apply<'a>(
        &'a self,
        cx: &'a mut Cx<S>,
        events: &'a [&'a RawEvent],
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            for event in events {
                let event = decode::<E>(event)?;
                self.0.handle(cx, &event).await?;
            }
            Ok(())
        })
    }
}

struct Slice<F, E>(F, PhantomData<fn() -> E>);

impl<S: Send + Sync + 'static, E: Event, F> Erased<S> for Slice<F, E>
where
    F: for<'a> Handle<'a, S, [E]>,
{
    fn apply<'a>(
        &'a self,
        cx: &'a mut Cx<S>,
        events: &'a [&'a RawEvent],
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let events = events.iter().map(|e| decode::<E>(e)).collect::<Result<Vec<E>, _>>()?;
            self.0.handle(cx, &events).await
        })
    }
}

/// The handlers of one consuming service, by producer and event.
pub struct Handlers<S> {
    by_event: HashMap<(&'static str, u32, &'static str), Box<dyn Erased<S>>>,
}

impl<S> Default for Handlers<S> {
    fn default() -> Self {
        Self { by_event: HashMap::new() }
    }
}

impl<S: Send + Sync + 'static> Handlers<S> {
    /// Adds a handler of single events.
    pub fn on<E: Event>(&mut self, handler: impl for<'a> Handle<'a, S, E> + 'static) {
        let one = Box::new(One(handler, PhantomData));
        self.by_event.insert((E::SERVICE, E::VERSION, E::NAME), one);
    }

    /// Adds a handler of runs of consecutive events.
    pub fn on_slice<E: Event>(&mut self, handler: impl for<'a> Handle<'a, S, [E]> + 'static) {
        let slice = Box::new(Slice(handler, PhantomData));
        self.by_event.insert((E::SERVICE, E::VERSION, E::NAME), slice);
    }

    /// Services listened to.
    #[must_use]
    pub fn producers(&self) -> Vec<&'static str> {
        let mut producers: Vec<_> = self.by_event.keys().map(|(service, ..)| *service).collect();
        producers.sort_unstable();
        producers.dedup();
        producers
    }

    fn find(&self, producer: &str, event: &RawEvent) -> Option<&dyn Erased<S>> {
        let (version, name) = parse_subject(&event.subject)?;
        self.by_event
            .iter()
            .find(|((p, v, n), _)| *p == producer && *v == version && *n == name)
            .map(|(_, handler)| handler.as_ref())
    }

    /// Whether anything is done with any of these events.
    #[must_use]
    pub(super) fn hear(&self, producer: &str, events: &[RawEvent]) -> bool {
        events.iter().any(|event| self.find(producer, event).is_some())
    }

    /// The happy path: runs of one event type in order, no savepoint. Events that nobody here
    /// handles do not end a run. Any fault means: roll back.
    ///
    /// # Errors
    /// The first [`Fault`] of a handler.
    pub(super) async fn apply_all(
        &self,
        cx: &mut Cx<S>,
        producer: &str,
        events: &[RawEvent],
    ) -> Result<(), Fault> {
        let heard = events.iter().filter(|event| self.find(producer, event).is_some());
        let heard: Vec<&RawEvent> = heard.collect();
        let mut rest = heard.as_slice();
        while let Some(first) = rest.first() {
            let same = parse_subject(&first.subject);
            let run = rest.iter().take_while(|e| parse_subject(&e.subject) == same).count();
            let (now, later) = rest.split_at(run);
            if let Some(handler) = self.find(producer, first) {
                handler.apply(cx, now).await?;
            }
            rest = later;
        }
        Ok(())
    }

    /// The careful path after a fault: event by event under savepoints. A rejected event and all
    /// later events of its key are parked; everything else goes on.
    ///
    /// # Errors
    /// `Retry` faults and those of the database: the batch is rolled back and repeated.
    pub(super) async fn apply_each(
        &self,
        cx: &mut Cx<S>,
        service: &str,
        producer: &str,
        events: &[RawEvent],
    ) -> Result<u64, Fault> {
        let keys: Vec<&str> = events.iter().map(|e| e.meta.key.as_str()).collect();
        let mut held = parked_keys(cx.db(), service, producer, &keys).await?;
        let mut parked = 0;
        for event in events {
            let Some(handler) = self.find(producer, event) else {
                continue;
            };
            if held.contains(&event.meta.key) {
                park(cx.db(), service, producer, event, "BUS0002", "behind a parked event").await?;
                parked += 1;
                continue;
            }
            let fault = match try_one(cx, handler, event).await {
                Ok(()) => continue,
                Err(fault @ Fault::Retry { .. }) => return Err(fault),
                Err(fault) => fault,
            };
            let reason = crate::fault::chain(&fault);
            error!(
                service, producer, seq = event.meta.seq, code = fault.code(), reason = %reason,
                "event {} of {producer} parked: {}", event.meta.seq, fault.code()
            );
            metrics::counter("bus_parked_total", &[("service", service)]).inc();
            park(cx.db(), service, producer, event, fault.code(), &reason).await?;
            hold_key(cx.db(), service, producer, &event.meta.key).await?;
            held.push(event.meta.key.clone());
            parked += 1;
        }
        Ok(parked)
    }
}

async fn try_one<S: Send + Sync + 'static>(
    cx: &mut Cx<S>,
    handler: &dyn Erased<S>,
    event: &RawEvent,
) -> Result<(), Fault> {
    let marks = cx.marks();
    sqlx::query("savepoint one").execute(cx.db()).await?;
    let done = handler.apply(cx, &[event]).await;
    // A handler's events may be what the database refuses: write them inside the savepoint too.
    let done = match done {
        Ok(()) => cx.flush().await,
        Err(fault) => Err(fault),
    };
    if done.is_err() {
        cx.forget_after(marks);
        sqlx::query("rollback to savepoint one").execute(cx.db()).await?;
    }
    sqlx::query("release savepoint one").execute(cx.db()).await?;
    done
}
