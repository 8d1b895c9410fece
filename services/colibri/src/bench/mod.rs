//! `colibri bench`: each figure with a limit measured in the same run, and their ratio.
//!
//! A shared machine is noisy: figures compare inside one run only.

mod chain;
mod cpu;
mod idle;
mod normalise;
mod parcels;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

/// What to measure.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Where the figures are written.
    #[arg(long, default_value = "out/bench.json")]
    out: PathBuf,
    /// Only these, by the beginning of their names.
    #[arg(long = "only")]
    only: Vec<String>,
    /// Events of the chain.
    #[arg(long, default_value_t = 200_000)]
    events: usize,
    /// Parcels of the end-to-end run.
    #[arg(long, default_value_t = 5_000)]
    parcels: usize,
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// What this machine allows, measured in the same run; `None` where nothing bounds it.
    pub limit: Option<f64>,
    /// `value / limit`, or for times and sizes how much of the bar is used.
    pub ratio: Option<f64>,
    /// What must be reached.
    pub bar: Option<f64>,
}

impl Figure {
    /// A rate, the higher the better.
    pub fn rate(
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        limit: Option<f64>,
    ) -> Self {
        let ratio = limit.filter(|l| *l > 0.0).map(|l| value / l);
        Self { name: name.into(), value, unit, limit, ratio, bar: None }
    }

    /// A cost or size, the lower the better, with its bar.
    pub fn cost(name: impl Into<String>, value: f64, unit: &'static str, bar: Option<f64>) -> Self {
        Self { name: name.into(), value, unit, limit: None, ratio: bar.map(|b| value / b), bar }
    }

    /// What must be reached.
    pub fn at_least(mut self, bar: f64) -> Self {
        self.bar = Some(bar);
        self
    }
}

/// Runs the benchmarks and prints a table.
pub fn bench(args: &BenchArgs) -> anyhow::Result<bool> {
    let wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|o| name.starts_with(o));
    let mut figures = Vec::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if wanted("normalise") {
        figures.extend(normalise::run()?);
        show(&figures);
    }
    if wanted("chain") {
        figures.extend(runtime.block_on(chain::run(args.events))?);
        show(&figures);
    }
    if wanted("parcels") {
        figures.extend(runtime.block_on(parcels::run(args.parcels))?);
        show(&figures);
    }
    if wanted("idle") {
        figures.extend(runtime.block_on(idle::run())?);
    }
    show(&figures);
    if let Some(folder) = args.out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&args.out, serde_json::to_string_pretty(&figures)? + "\n")?;
    println!("written to {}", args.out.display());
    Ok(true)
}

fn show(figures: &[Figure]) {
    println!(
        "\n{:<52}{:>12} {:<14}{:>12}{:>8}{:>10}",
        "figure", "value", "unit", "limit", "ratio", "bar"
    );
    let number = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), |v| format!("{v:.2}"));
    for f in figures {
        println!(
            "{:<52}{:>12.2} {:<14}{:>12}{:>8}{:>10}",
            f.name,
            f.value,
            f.unit,
            number(f.limit),
            number(f.ratio),
            number(f.bar)
        );
    }
}
