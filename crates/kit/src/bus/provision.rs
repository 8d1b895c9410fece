//! Streams and consumers, declared in code and made by one command; services only verify.

use std::{collections::HashMap, time::Duration};

use async_nats::jetstream::{
    self,
    consumer::{AckPolicy, DeliverPolicy, pull},
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};

use crate::config::BusConfig;

use super::names::{all_subjects, consumer_name, stream_name};

/// A service that publishes, and the services that listen to it.
#[derive(Debug, Clone)]
pub struct Producer {
    /// Service.
    pub service: String,
    /// Consuming services.
    pub consumers: Vec<String>,
}

/// Why the bus is not as declared.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// The server did not do it.
    #[error("declare {what}")]
    Declare {
        /// Stream or consumer.
        what: String,
        /// Cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A setting differs and cannot or must not be changed silently.
    #[error("{what}: {field} is {found}, must be {wanted}")]
    Drift {
        /// Stream or consumer.
        what: String,
        /// Setting.
        field: &'static str,
        /// As found.
        found: String,
        /// As declared.
        wanted: String,
    },
}

/// Largest event with its headers: the outbox allows 48 KiB of payload and 8 KiB of headers.
const MESSAGE_MAX_BYTES: i32 = 65_536;
/// Consumers may be away a week; the log holds 30 days.
const MAX_AGE: Duration = Duration::from_secs(7 * 24 * 3600);
/// A second net only: the expected-sequence fence does the real work.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(60);

/// The stream of a lane as it must be.
pub(super) fn stream_config(
    service: &str,
    lane: i16,
    gen_: i32,
    first: u64,
    limits: BusConfig,
) -> Config {
    Config {
        name: stream_name(service, lane),
        subjects: vec![all_subjects(service)],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        num_replicas: limits.replicas,
        max_age: MAX_AGE,
        max_bytes: limits.stream_bytes_max,
        discard: DiscardPolicy::New,
        max_message_size: MESSAGE_MAX_BYTES,
        allow_direct: true,
        allow_atomic_publish: true,
        deny_delete: true,
        deny_purge: true,
        duplicate_window: DUPLICATE_WINDOW,
        first_sequence: (first > 1).then_some(first),
        metadata: HashMap::from([
            ("colibri.service".to_owned(), service.to_owned()),
            ("colibri.lane".to_owned(), lane.to_string()),
            ("colibri.gen".to_owned(), gen_.to_string()),
        ]),
        ..Config::default()
    }
}

/// The durable of a consuming service as it must be.
pub(super) fn consumer_config(service: &str) -> pull::Config {
    pull::Config {
        durable_name: Some(consumer_name(service)),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::All,
        ack_wait: Duration::from_secs(30),
        max_deliver: -1, // only we may decide to drop a message
        max_ack_pending: 5000,
        ..pull::Config::default()
    }
}

/// Makes what is missing and verifies what is there. Idempotent.
///
/// # Errors
/// [`ProvisionError`] names stream or consumer and the first setting that differs.
pub async fn provision(
    js: &jetstream::Context,
    producers: &[Producer],
    limits: BusConfig,
) -> Result<(), ProvisionError> {
    for producer in producers {
        let name = stream_name(&producer.service, 0);
        let declare = |source| ProvisionError::Declare { what: name.clone(), source };
        let wanted = stream_config(&producer.service, 0, 1, 0, limits);
        let stream =
            js.get_or_create_stream(wanted.clone()).await.map_err(|e| declare(Box::new(e)))?;
        verify_stream(&stream.cached_info().config, &wanted)?;
        for consumer in &producer.consumers {
            declare_consumer(&stream, &name, consumer).await?;
        }
    }
    Ok(())
}

pub(super) async fn declare_consumer(
    stream: &jetstream::stream::Stream,
    name: &str,
    service: &str,
) -> Result<(), ProvisionError> {
    let what = format!("{name} consumer {service}");
    let wanted = consumer_config(service);
    let found = stream
        .get_or_create_consumer(&consumer_name(service), wanted.clone())
        .await
        .map_err(|e| ProvisionError::Declare { what: what.clone(), source: Box::new(e) })?;
    let config = &found.cached_info().config;
    differs(&what, "ack_policy", &config.ack_policy, &wanted.ack_policy)?;
    differs(&what, "deliver_policy", &config.deliver_policy, &wanted.deliver_policy)?;
    differs(&what, "max_deliver", &config.max_deliver, &wanted.max_deliver)?;
    differs(&what, "max_ack_pending", &config.max_ack_pending, &wanted.max_ack_pending)?;
    Ok(())
}

/// Compares the settings that the proofs rest on.
pub(super) fn verify_stream(found: &Config, wanted: &Config) -> Result<(), ProvisionError> {
    let what = &wanted.name;
    differs(what, "subjects", &found.subjects, &wanted.subjects)?;
    differs(what, "retention", &found.retention, &wanted.retention)?;
    differs(what, "storage", &found.storage, &wanted.storage)?;
    differs(what, "replicas", &found.num_replicas, &wanted.num_replicas)?;
    differs(what, "discard", &found.discard, &wanted.discard)?;
    differs(what, "max_msg_size", &found.max_message_size, &wanted.max_message_size)?;
    differs(what, "allow_atomic", &found.allow_atomic_publish, &wanted.allow_atomic_publish)?;
    differs(what, "deny_delete", &found.deny_delete, &wanted.deny_delete)?;
    differs(what, "deny_purge", &found.deny_purge, &wanted.deny_purge)?;
    differs(what, "duplicate_window", &found.duplicate_window, &wanted.duplicate_window)?;
    differs(what, "subject_transform", &found.subject_transform, &None)?;
    differs(what, "mirror", &found.mirror.is_some(), &false)?;
    differs(what, "allow_rollup", &found.allow_rollup, &false)?;
    Ok(())
}

fn differs<T: PartialEq + std::fmt::Debug>(
    what: &str,
    field: &'static str,
    found: &T,
    wanted: &T,
) -> Result<(), ProvisionError> {
    if found == wanted {
        return Ok(());
    }
    Err(ProvisionError::Drift {
        what: what.to_owned(),
        field,
        found: format!("{found:?}"),
        wanted: format!("{wanted:?}"),
    })
}
