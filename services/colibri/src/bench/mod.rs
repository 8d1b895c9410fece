//! `colibri bench`: each figure with a limit measured in the same run, and their ratio.
//!
//! A shared machine is noisy: figures compare inside one run only.

mod chain;
mod costs;
mod cpu;
mod customs;
mod idle;
mod normalise;
mod parcels;
mod remap;
mod stored;
mod world;

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
    #[arg(long, default_value_t = 6_000)]
    parcels: usize,
    /// Parcels that are stored when `--only stored` measures what one more costs: it takes many
    /// minutes and gigabytes, so that it runs when it is named.
    #[arg(long, default_value_t = 1_000_000)]
    stored: usize,
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
    /// What this machine allows, measured in the same run; where nothing physical bounds it, the
    /// bar, and the note says so.
    pub limit: Option<f64>,
    /// `value / limit`: of a rate the part reached, of a cost the part used.
    pub ratio: Option<f64>,
    /// What must be reached (rates) or not exceeded (costs).
    pub bar: Option<f64>,
    /// What the limit is, and what else must be known to read the figure.
    pub note: String,
}

impl Figure {
    /// A figure without anything to compare it with.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        let (name, note) = (name.into(), String::new());
        Self { name, value, unit, limit: None, ratio: None, bar: None, note }
    }

    /// What bounds it, measured in the same run.
    pub fn of(mut self, limit: f64, note: impl Into<String>) -> Self {
        self.limit = Some(limit);
        self.ratio = (limit > 0.0).then(|| self.value / limit);
        self.note = note.into();
        self
    }

    /// What must be reached or not exceeded. It stands in for a limit where there is none.
    pub fn bar(mut self, bar: f64) -> Self {
        if self.limit.is_none() {
            self = self.of(bar, "the limit is the bar");
        }
        self.bar = Some(bar);
        self
    }
}

/// Runs the benchmarks and prints a table.
pub fn bench(args: &BenchArgs) -> anyhow::Result<bool> {
    let wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|o| name.starts_with(o));
    let mut figures = Vec::new();
    let bare_mib = cpu::resident_mib(std::process::id())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if wanted("normalise") {
        figures.extend(normalise::run()?);
        show(&figures);
    }
    if wanted("chain") {
        figures.extend(runtime.block_on(chain::run(args.events))?);
        show(&figures);
    }
    if wanted("costs") {
        figures.extend(runtime.block_on(costs::run())?);
        show(&figures);
    }
    if wanted("customs") {
        figures.extend(runtime.block_on(customs::run())?);
        show(&figures);
    }
    if wanted("parcels") {
        figures.extend(runtime.block_on(parcels::run(args.parcels))?);
        show(&figures);
    }
    if wanted("remap") {
        figures.extend(runtime.block_on(remap::run())?);
        show(&figures);
    }
    if args.only.iter().any(|only| only == "stored") {
        figures.extend(runtime.block_on(stored::run(args.stored))?);
        show(&figures);
    }
    if wanted("idle") {
        figures.extend(runtime.block_on(idle::run(bare_mib))?);
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
        "\n{:<52}{:>12} {:<14}{:>13}{:>8}{:>12}  note",
        "figure", "value", "unit", "limit", "ratio", "bar"
    );
    let number = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), |v| format!("{v:.2}"));
    for f in figures {
        println!(
            "{:<52}{:>12.2} {:<14}{:>13}{:>8}{:>12}  {}",
            f.name,
            f.value,
            f.unit,
            number(f.limit),
            number(f.ratio),
            number(f.bar),
            f.note
        );
    }
}
