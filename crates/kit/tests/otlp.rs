//! Traces and metrics reach a collector, also the last ones before the process ends.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::time::Duration;

use colibri_kit::telemetry::{self, LogFormat, TelemetryConfig, metrics, trace};
use colibri_testkit::Collector;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_traces_and_metrics_are_exported() {
    let collector = Collector::start().await;
    let config = TelemetryConfig {
        service: "labels".to_owned(),
        format: LogFormat::Json,
        level: "info".to_owned(),
        otlp_endpoint: Some(collector.endpoint()),
        trace_sample_percent: 100,
        metrics_export: Duration::from_secs(3600),
        panic_messages: false,
    };
    metrics::counter("colibri_before_total", &[("lane", "a-lane")]).inc();
    let guard = telemetry::init(&config).unwrap();
    metrics::histogram("colibri_after_seconds", &[]).observe(Duration::from_millis(3));
    let span = tracing::info_span!("a-span-of-work");
    let headers = span.in_scope(trace::headers);
    assert_eq!(headers.len(), 1, "{headers:?}");
    drop(span);
    assert!(telemetry::init(&config).is_err(), "one subscriber a process");
    drop(guard);

    for text in ["a-span-of-work", "labels"] {
        assert!(collector.holds("TraceService/Export", text), "{text}");
    }
    for text in ["colibri_before_total", "a-lane", "colibri_after_seconds_bucket"] {
        assert!(collector.holds("MetricsService/Export", text), "{text}");
    }
}
