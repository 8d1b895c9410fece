//! Export over OTLP: observable instruments that read the same atomics.

use std::sync::{Arc, PoisonError, atomic::Ordering};

use opentelemetry::{KeyValue, metrics::Meter};

use super::{Family, Kind, Labels, REGISTRY, Series};

/// Exports every family, present and to come, through this meter.
pub(in crate::telemetry) fn export_to(meter: Meter) {
    let meter = REGISTRY.meter.get_or_init(|| meter);
    let all = REGISTRY.families.read().unwrap_or_else(PoisonError::into_inner);
    for (name, family) in all.iter() {
        observe(meter, name, family);
    }
}

pub(super) fn observe(meter: &Meter, name: &'static str, family: &Arc<Family>) {
    let seen = family.clone();
    match family.kind {
        Kind::Counter => {
            let _ = meter
                .u64_observable_counter(name)
                .with_callback(move |observer| {
                    for (labels, series) in seen.snapshot() {
                        if let Series::Counter(counter) = series {
                            observer.observe(counter.get(), &attributes(labels, None));
                        }
                    }
                })
                .build();
        }
        Kind::Gauge => {
            let _ = meter
                .i64_observable_gauge(name)
                .with_callback(move |observer| {
                    for (labels, series) in seen.snapshot() {
                        if let Series::Gauge(gauge) = series {
                            observer.observe(gauge.get(), &attributes(labels, None));
                        }
                    }
                })
                .build();
        }
        Kind::Times | Kind::Counts => observe_histogram(meter, name, seen),
    }
}

/// There is no observable histogram: its buckets are exported as counters, as Prometheus has them.
fn observe_histogram(meter: &Meter, name: &'static str, family: Arc<Family>) {
    let kind = family.kind;
    let sums = family.clone();
    let _ = meter
        .u64_observable_counter(format!("{name}_bucket"))
        .with_callback(move |observer| {
            for (labels, series) in family.snapshot() {
                let Series::Histogram(histogram) = series else {
                    continue;
                };
                let bounds = histogram.0.bounds.iter().map(|bound| kind.show(*bound));
                let bounds = bounds.chain(["+Inf".to_owned()]);
                for (bound, count) in bounds.zip(histogram.0.cumulative()) {
                    observer.observe(count, &attributes(labels.clone(), Some(bound)));
                }
            }
        })
        .build();
    let unit = if kind == Kind::Times { "us" } else { "1" };
    let _ = meter
        .u64_observable_counter(format!("{name}_sum"))
        .with_unit(unit)
        .with_callback(move |observer| {
            for (labels, series) in sums.snapshot() {
                if let Series::Histogram(histogram) = series {
                    let sum = histogram.0.sum.load(Ordering::Relaxed);
                    observer.observe(sum, &attributes(labels, None));
                }
            }
        })
        .build();
}

fn attributes(labels: Labels, bound: Option<String>) -> Vec<KeyValue> {
    let bound = bound.map(|bound| KeyValue::new("le", bound));
    labels.into_iter().map(|(key, value)| KeyValue::new(key, value)).chain(bound).collect()
}
