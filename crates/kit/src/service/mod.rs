//! A service is a list: migrations, handlers, workers, RPCs, tasks. The kit does the rest.

mod cx;
mod host;
mod runtime;

use std::{future::Future, sync::Arc};

use colibri_events::Event;
use futures::future::BoxFuture;
use tonic::service::RoutesBuilder;

pub(crate) use cx::Sees;
pub use cx::{Cx, Wake};
pub use host::{Host, Shell};
pub use runtime::{Runtime, StartError, database, declare, migrate_all};

use crate::{
    bus::{Consumer, Handle, Handlers, Relay},
    db::Migration,
    fault::BoxError,
    intent::{Worker, WorkerRunner},
    shutdown::Shutdown,
};

type Start<S> = Box<dyn FnOnce(Host) -> BoxFuture<'static, Result<S, BoxError>> + Send>;
type Grpc<S> = Box<dyn FnOnce(Shell<S>, &mut RoutesBuilder) + Send>;
type Task<S> = Box<dyn FnOnce(Shell<S>, Shutdown) -> BoxFuture<'static, ()> + Send>;
type Work<S> = Box<dyn FnOnce(Arc<S>, &Running<'_>) + Send>;

/// A service under construction.
pub struct Service<S> {
    name: &'static str,
    defaults: &'static str,
    migrations: &'static [Migration],
    publishes: bool,
    start: Start<S>,
    handlers: Handlers<S>,
    works: Vec<Work<S>>,
    grpc: Option<Grpc<S>>,
    tasks: Vec<(&'static str, Task<S>)>,
}

impl<S: Send + Sync + 'static> Service<S> {
    /// A service of this name (schema, streams, config section), with what makes its state.
    pub fn new<F, Fut>(name: &'static str, start: F) -> Self
    where
        F: FnOnce(Host) -> Fut + Send + 'static,
        Fut: Future<Output = Result<S, BoxError>> + Send + 'static,
    {
        Self {
            name,
            defaults: "",
            migrations: &[],
            publishes: false,
            start: Box::new(|host| Box::pin(start(host))),
            handlers: Handlers::default(),
            works: Vec::new(),
            grpc: None,
            tasks: Vec::new(),
        }
    }

    /// Commented defaults of its config section.
    #[must_use]
    pub const fn config(mut self, defaults: &'static str) -> Self {
        self.defaults = defaults;
        self
    }

    /// Its schema. Without migrations a service stores nothing and has no roles.
    #[must_use]
    pub const fn migrations(mut self, migrations: &'static [Migration]) -> Self {
        self.migrations = migrations;
        self
    }

    /// It publishes events: it gets streams and a relay.
    #[must_use]
    pub const fn publishes(mut self) -> Self {
        self.publishes = true;
        self
    }

    /// Handles single events: `async fn(&mut Cx<S>, &Event) -> Result<(), Fault>`.
    #[must_use]
    pub fn on<E: Event>(mut self, handler: impl for<'a> Handle<'a, S, E> + 'static) -> Self {
        self.handlers.on::<E>(handler);
        self
    }

    /// Handles runs of consecutive events: `async fn(&mut Cx<S>, &[Event]) -> Result<(), Fault>`.
    #[must_use]
    pub fn on_slice<E: Event>(
        mut self,
        handler: impl for<'a> Handle<'a, S, [E]> + 'static,
    ) -> Self {
        self.handlers.on_slice::<E>(handler);
        self
    }

    /// Does one kind of outside work.
    #[must_use]
    pub fn work<W: Worker<S>>(mut self, worker: W) -> Self {
        let service = self.name;
        self.works.push(Box::new(move |state, running: &Running<'_>| {
            let runner = WorkerRunner {
                service,
                worker: Arc::new(worker),
                state,
                db: running.host.db.clone(),
                clock: running.host.clock.clone(),
                wake: running.wake.clone(),
            };
            let shutdown = running.shutdown.clone();
            running.shutdown.spawn(format!("{service} {}", W::KIND), runner.run(shutdown));
        }));
        self
    }

    /// Answers RPCs: adds its generated servers to the routes.
    #[must_use]
    pub fn grpc(mut self, add: impl FnOnce(Shell<S>, &mut RoutesBuilder) + Send + 'static) -> Self {
        self.grpc = Some(Box::new(add));
        self
    }

    /// Runs beside the rest until shutdown: a poll loop, an HTTP edge.
    #[must_use]
    pub fn task<F, Fut>(mut self, name: &'static str, task: F) -> Self
    where
        F: FnOnce(Shell<S>, Shutdown) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.tasks.push((name, Box::new(|shell, shutdown| Box::pin(task(shell, shutdown)))));
        self
    }

    /// The service as the binary lists it.
    #[must_use]
    pub fn build(self) -> Box<dyn Definition> {
        Box::new(self)
    }
}

/// What the kit hands to the parts of a starting service.
pub struct Running<'a> {
    pub(crate) host: &'a Host,
    pub(crate) wake: Wake,
    pub(crate) shutdown: Shutdown,
    pub(crate) client: Option<async_nats::Client>,
    pub(crate) limits: crate::config::BusConfig,
}

/// A service, whatever its state.
pub trait Definition: Send {
    /// Name.
    fn name(&self) -> &'static str;
    /// Commented defaults of its config section.
    fn defaults(&self) -> &'static str;
    /// Its schema.
    fn migrations(&self) -> &'static [Migration];
    /// Whether it publishes events.
    fn publishes(&self) -> bool;
    /// Services it listens to.
    fn listens_to(&self) -> Vec<&'static str>;
    /// Starts everything of it; RPCs are added to the routes.
    fn start<'a>(
        self: Box<Self>,
        running: Running<'a>,
        routes: &'a mut RoutesBuilder,
    ) -> BoxFuture<'a, Result<(), BoxError>>;
}

impl<S: Send + Sync + 'static> Definition for Service<S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn defaults(&self) -> &'static str {
        self.defaults
    }

    fn migrations(&self) -> &'static [Migration] {
        self.migrations
    }

    fn publishes(&self) -> bool {
        self.publishes
    }

    fn listens_to(&self) -> Vec<&'static str> {
        self.handlers.producers()
    }

    fn start<'a>(
        self: Box<Self>,
        running: Running<'a>,
        routes: &'a mut RoutesBuilder,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            let this = *self;
            let host = running.host;
            let state = Arc::new((this.start)(host.clone()).await?);
            let handlers = Arc::new(this.handlers);
            let shell = Shell::new(host.clone(), state.clone(), running.wake.clone());
            if let Some(client) = &running.client {
                if this.publishes {
                    start_relay(this.name, client, &running)?;
                }
                for producer in handlers.producers() {
                    start_consumer(this.name, producer, &handlers, &state, client, &running)?;
                }
            }
            for work in this.works {
                work(state.clone(), &running);
            }
            for (name, task) in this.tasks {
                let task = task(shell.clone(), running.shutdown.clone());
                running.shutdown.spawn(format!("{} {name}", this.name), task);
            }
            if let Some(grpc) = this.grpc {
                grpc(shell, routes);
            }
            Ok(())
        })
    }
}

fn start_relay(
    service: &'static str,
    client: &async_nats::Client,
    running: &Running<'_>,
) -> Result<(), BoxError> {
    let lock = running.host.database.role(service, crate::db::Role::Log)?;
    let relay = Relay::new(
        service,
        lock,
        running.host.db.clone(),
        client.clone(),
        running.wake.relay.clone(),
        running.limits,
    );
    let shutdown = running.shutdown.clone();
    running.shutdown.spawn(format!("{service} relay"), relay.run(shutdown));
    Ok(())
}

fn start_consumer<S: Send + Sync + 'static>(
    service: &'static str,
    producer: &'static str,
    handlers: &Arc<Handlers<S>>,
    state: &Arc<S>,
    client: &async_nats::Client,
    running: &Running<'_>,
) -> Result<(), BoxError> {
    let consumer = Consumer {
        service,
        producer,
        handlers: handlers.clone(),
        state: state.clone(),
        lock: running.host.database.role(service, crate::db::Role::Log)?,
        db: running.host.db.clone(),
        js: async_nats::jetstream::new(client.clone()),
        clock: running.host.clock.clone(),
        wake: running.wake.clone(),
    };
    let shutdown = running.shutdown.clone();
    running.shutdown.spawn(format!("{service} from {producer}"), consumer.run(shutdown));
    Ok(())
}
