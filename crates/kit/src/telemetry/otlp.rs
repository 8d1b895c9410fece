//! Export of traces and metrics over OTLP/gRPC.

use opentelemetry::{metrics::MeterProvider as _, trace::TracerProvider as _};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider},
    trace::{Sampler, SdkTracer, SdkTracerProvider},
};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use super::{TelemetryConfig, TelemetryError, metrics};

/// What exports, until shut down.
#[derive(Debug)]
pub(super) struct Providers {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
}

impl Providers {
    pub(super) fn new(endpoint: &str, config: &TelemetryConfig) -> Result<Self, TelemetryError> {
        let resource = Resource::builder_empty().with_service_name(config.service.clone()).build();
        let spans = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .map_err(|error| TelemetryError::Otlp(error.into()))?;
        let share = f64::from(config.trace_sample_percent) / 100.0;
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)));
        let traces = SdkTracerProvider::builder()
            .with_resource(resource.clone())
            .with_sampler(sampler)
            .with_batch_exporter(spans)
            .build();
        let exporter = MetricExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .map_err(|error| TelemetryError::Otlp(error.into()))?;
        let reader = PeriodicReader::builder(exporter).with_interval(config.metrics_export).build();
        let meters =
            SdkMeterProvider::builder().with_resource(resource).with_reader(reader).build();
        metrics::export_to(meters.meter("colibri"));
        Ok(Self { traces, metrics: meters })
    }

    pub(super) fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer().with_tracer(self.traces.tracer("colibri"))
    }

    pub(super) fn shutdown(self) {
        // A collector that is away must not keep the process: both give up by themselves, and
        // there is nobody left to tell but the log.
        if let Err(error) = self.traces.shutdown() {
            tracing::warn!(%error, "last traces were not exported");
        }
        if let Err(error) = self.metrics.shutdown() {
            tracing::warn!(%error, "last metrics were not exported");
        }
    }
}
