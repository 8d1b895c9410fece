//! What a process tells about itself: logs on stderr, metrics, traces, health.
//!
//! Never personal data: callers log ids and codes. The panic hook tells the place and, outside
//! development, not the message, because messages hold values.

pub mod metrics;
mod otlp;
mod ready;
pub mod trace;

use std::{io::IsTerminal as _, time::Duration};

pub use ready::{Ready, http};
use serde::Deserialize;
use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::config::{KitConfig, Profile};
use crate::fault::BoxError;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// What to tell, and to whom.
#[derive(Debug, Clone)]
pub struct TelemetryConfig {
    /// Name of the process: `labels`, or `colibri` when it runs them all.
    pub service: String,
    /// How log lines look.
    pub format: LogFormat,
    /// Filter directives of `tracing-subscriber`.
    pub level: String,
    /// OTLP/gRPC collector; `None` is off.
    pub otlp_endpoint: Option<String>,
    /// Per cent of traces begun here that are recorded.
    pub trace_sample_percent: u8,
    /// Time between two exports of metrics.
    pub metrics_export: Duration,
    /// Whether the message of a panic is logged: never where real people's data flow.
    pub panic_messages: bool,
}

impl TelemetryConfig {
    /// As `[kit]` says, for a process called `service`.
    #[must_use]
    pub fn new(service: &str, kit: &KitConfig) -> Self {
        Self {
            service: service.to_owned(),
            format: kit.log_format,
            level: kit.log_level.clone(),
            otlp_endpoint: kit.otlp_endpoint.clone(),
            trace_sample_percent: kit.trace_sample_percent,
            metrics_export: Duration::from_secs(kit.metrics_export_s),
            panic_messages: kit.profile != Profile::Production,
        }
    }
}

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is no filter.
    #[error("log_level is no filter")]
    Level(#[source] tracing_subscriber::filter::ParseError),
    /// A second start in one process.
    #[error("telemetry runs already")]
    Twice(#[source] BoxError),
    /// The exporter refuses its endpoint.
    #[error("set up OTLP")]
    Otlp(#[source] BoxError),
}

/// Flushes traces and metrics when dropped; keep it until the process ends, and drop it while the
/// tokio runtime still lives: the exporter sends through it.
#[derive(Debug)]
#[must_use = "dropping it ends the export"]
pub struct Guard(Option<otlp::Providers>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(providers) = self.0.take() {
            providers.shutdown();
        }
    }
}

/// Starts logging, and the export when an endpoint is set; then it must be called inside the
/// tokio runtime, whose threads the exporter uses.
///
/// # Errors
/// [`TelemetryError`] when a setting is wrong or it runs already.
pub fn init(config: &TelemetryConfig) -> Result<Guard, TelemetryError> {
    let filter = EnvFilter::try_new(&config.level).map_err(TelemetryError::Level)?;
    let providers = match &config.otlp_endpoint {
        Some(endpoint) => Some(otlp::Providers::new(endpoint, config)?),
        None => None,
    };
    let traces = providers.as_ref().map(otlp::Providers::layer::<Registry>);
    Registry::default()
        .with(traces)
        .with(log_layer(config.format))
        .with(filter)
        .try_init()
        .map_err(|error| TelemetryError::Twice(error.into()))?;
    hook_panics(config.panic_messages);
    Ok(Guard(providers))
}

fn log_layer<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    match format {
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(std::io::stderr)
            .boxed(),
        LogFormat::Text => fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .with_writer(std::io::stderr)
            .boxed(),
    }
}

fn hook_panics(messages: bool) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string);
        let place = place.unwrap_or_else(|| "an unknown place".to_owned());
        let message = if messages { info.payload_as_str().unwrap_or_default() } else { "" };
        tracing::error!(place, message, "panic at {place}");
    }));
}
