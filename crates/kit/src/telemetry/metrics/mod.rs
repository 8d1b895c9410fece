//! Counters, gauges and histograms of this process: atomics behind names, shown as Prometheus
//! text and exported over OTLP.
//!
//! Names are `colibri_<what>_<unit>`, counters end in `_total`. Labels take few values: a service,
//! a lane, a method, a code; never a key, a tenant or anything of a person. Each name keeps at
//! most [`SERIES_MAX`] label sets; further ones are counted together as `other`, so that a mistake
//! costs precision and not memory. Hot paths keep the handle they were given.

mod export;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Arc, LazyLock, OnceLock, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

pub(super) use export::export_to;
use opentelemetry::metrics::Meter;

/// Most label sets of one name.
pub const SERIES_MAX: usize = 1000;

/// Bounds of time histograms, microseconds: 100 µs (a cached answer) to 60 s (the longest call).
const TIME_BOUNDS: &[u64] = &[
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000,
];

/// Bounds of count histograms: sizes of batches.
const COUNT_BOUNDS: &[u64] = &[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

type Labels = Vec<(&'static str, String)>;

/// Only ever grows.
#[derive(Debug, Clone)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// One more.
    pub fn inc(&self) {
        self.add(1);
    }

    /// `n` more.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// The count so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Goes up and down.
#[derive(Debug, Clone)]
pub struct Gauge(Arc<AtomicI64>);

impl Gauge {
    /// The present value.
    pub fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// More, or less when negative.
    pub fn add(&self, by: i64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    /// The present value.
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often which size was seen.
#[derive(Debug, Clone)]
pub struct Histogram(Arc<Buckets>);

#[derive(Debug)]
struct Buckets {
    bounds: &'static [u64],
    /// One per bound, and one for what is above them all.
    counts: Vec<AtomicU64>,
    sum: AtomicU64,
}

impl Buckets {
    fn new(bounds: &'static [u64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    /// Counts up to and including each bound, then all.
    fn cumulative(&self) -> Vec<u64> {
        let mut total = 0;
        let mut add = |count: &AtomicU64| {
            total += count.load(Ordering::Relaxed);
            total
        };
        self.counts.iter().map(&mut add).collect()
    }
}

impl Histogram {
    /// A duration, in a histogram of times.
    pub fn observe(&self, took: Duration) {
        self.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// A plain number, in a histogram of counts.
    pub fn record(&self, value: u64) {
        let at = self.0.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.0.counts.get(at) {
            count.fetch_add(1, Ordering::Relaxed);
            self.0.sum.fetch_add(value, Ordering::Relaxed);
        }
    }

    /// How many were seen.
    #[must_use]
    pub fn count(&self) -> u64 {
        let counts = self.0.counts.iter();
        counts.map(|count| count.load(Ordering::Relaxed)).sum()
    }

    /// All times that were seen, together; of a histogram of times.
    #[must_use]
    pub fn sum(&self) -> Duration {
        Duration::from_micros(self.0.sum.load(Ordering::Relaxed))
    }
}

#[derive(Debug, Clone)]
enum Series {
    Counter(Counter),
    Gauge(Gauge),
    Histogram(Histogram),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    /// Microseconds inside, seconds outside.
    Times,
    Counts,
}

impl Kind {
    fn series(self) -> Series {
        match self {
            Self::Counter => Series::Counter(Counter(Arc::default())),
            Self::Gauge => Series::Gauge(Gauge(Arc::default())),
            Self::Times => Series::Histogram(Histogram(Arc::new(Buckets::new(TIME_BOUNDS)))),
            Self::Counts => Series::Histogram(Histogram(Arc::new(Buckets::new(COUNT_BOUNDS)))),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Times | Self::Counts => "histogram",
        }
    }

    /// A value as shown: seconds for times.
    fn show(self, value: u64) -> String {
        if self != Self::Times {
            return value.to_string();
        }
        let text = format!("{}.{:06}", value / 1_000_000, value % 1_000_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

#[derive(Debug)]
struct Family {
    kind: Kind,
    series: RwLock<BTreeMap<Labels, Series>>,
}

impl Family {
    fn get(&self, labels: &[(&'static str, &str)]) -> Series {
        let mut key: Labels = labels.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
        key.sort_unstable();
        let known = self.series.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(&key) {
            return series.clone();
        }
        drop(known);
        let mut all = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SERIES_MAX && !all.contains_key(&key) {
            for (_, value) in &mut key {
                "other".clone_into(value);
            }
        }
        all.entry(key).or_insert_with(|| self.kind.series()).clone()
    }

    fn snapshot(&self) -> Vec<(Labels, Series)> {
        let all = self.series.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }
}

#[derive(Debug, Default)]
struct Registry {
    families: RwLock<BTreeMap<&'static str, Arc<Family>>>,
    meter: OnceLock<Meter>,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::default);

impl Registry {
    fn get(&self, name: &'static str, kind: Kind, labels: &[(&'static str, &str)]) -> Series {
        let known = self.families.read().unwrap_or_else(PoisonError::into_inner);
        let family = known.get(name).cloned();
        drop(known);
        let family = family.unwrap_or_else(|| self.add(name, kind));
        if family.kind == kind {
            return family.get(labels);
        }
        // One name, two kinds: a mistake of ours. The second is counted nowhere rather than
        // spoiling the first; a debug build stops.
        debug_assert!(false, "metric {name} has two kinds");
        kind.series()
    }

    fn add(&self, name: &'static str, kind: Kind) -> Arc<Family> {
        let mut all = self.families.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(family) = all.get(name) {
            return family.clone();
        }
        let family = Arc::new(Family { kind, series: RwLock::default() });
        all.insert(name, family.clone());
        drop(all);
        if let Some(meter) = self.meter.get() {
            export::observe(meter, name, &family);
        }
        family
    }
}

/// The counter of this name and labels; the same one each time.
#[must_use]
pub fn counter(name: &'static str, labels: &[(&'static str, &str)]) -> Counter {
    match REGISTRY.get(name, Kind::Counter, labels) {
        Series::Counter(counter) => counter,
        _ => Counter(Arc::default()),
    }
}

/// The gauge of this name and labels; the same one each time.
#[must_use]
pub fn gauge(name: &'static str, labels: &[(&'static str, &str)]) -> Gauge {
    match REGISTRY.get(name, Kind::Gauge, labels) {
        Series::Gauge(gauge) => gauge,
        _ => Gauge(Arc::default()),
    }
}

/// The histogram of times of this name and labels; the name ends in `_seconds`.
#[must_use]
pub fn histogram(name: &'static str, labels: &[(&'static str, &str)]) -> Histogram {
    histogram_of(name, Kind::Times, labels)
}

/// The histogram of plain numbers, such as sizes of batches.
#[must_use]
pub fn histogram_counts(name: &'static str, labels: &[(&'static str, &str)]) -> Histogram {
    histogram_of(name, Kind::Counts, labels)
}

fn histogram_of(name: &'static str, kind: Kind, labels: &[(&'static str, &str)]) -> Histogram {
    match REGISTRY.get(name, kind, labels) {
        Series::Histogram(histogram) => histogram,
        _ => Histogram(Arc::new(Buckets::new(COUNT_BOUNDS))),
    }
}

/// Everything as Prometheus text.
#[must_use]
pub fn render() -> String {
    let all = REGISTRY.families.read().unwrap_or_else(PoisonError::into_inner);
    let families: Vec<_> = all.iter().map(|(name, f)| (*name, f.clone())).collect();
    drop(all);
    let mut out = String::new();
    for (name, family) in families {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(out, "# TYPE {name} {}", family.kind.word());
        for (labels, series) in family.snapshot() {
            render_series(&mut out, name, family.kind, &labels, &series);
        }
    }
    out
}

fn render_series(out: &mut String, name: &str, kind: Kind, labels: &Labels, series: &Series) {
    let plain = shown(labels, None);
    let buckets = match series {
        Series::Counter(counter) => {
            let _ = writeln!(out, "{name}{plain} {}", counter.get());
            return;
        }
        Series::Gauge(gauge) => {
            let _ = writeln!(out, "{name}{plain} {}", gauge.get());
            return;
        }
        Series::Histogram(histogram) => &histogram.0,
    };
    let counts = buckets.cumulative();
    let bounds = buckets.bounds.iter().map(|bound| kind.show(*bound));
    let bounds = bounds.chain(["+Inf".to_owned()]);
    for (bound, count) in bounds.zip(&counts) {
        let labels = shown(labels, Some(&bound));
        let _ = writeln!(out, "{name}_bucket{labels} {count}");
    }
    let sum = kind.show(buckets.sum.load(Ordering::Relaxed));
    let count = counts.last().copied().unwrap_or_default();
    let _ = writeln!(out, "{name}_sum{plain} {sum}\n{name}_count{plain} {count}");
}

fn shown(labels: &Labels, bound: Option<&str>) -> String {
    let mut parts: Vec<String> = labels
        .iter()
        .map(|(key, value)| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            format!("{key}=\"{}\"", value.replace('\n', "\\n"))
        })
        .collect();
    parts.extend(bound.map(|bound| format!("le=\"{bound}\"")));
    if parts.is_empty() { String::new() } else { format!("{{{}}}", parts.join(",")) }
}

#[cfg(test)]
mod tests;
