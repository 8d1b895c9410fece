//! Customs as tools for people: no server is needed.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use colibri_customs_rules::{
    assess::{Shipped, State, assess},
    consignment::Consignment,
    fx::Fx,
};
use serde_json::json;
use time::Date;

use crate::tools;

/// What `colibri assess` is asked.
#[derive(Debug, Args)]
pub struct AssessArgs {
    /// Parcels as JSON, one object or a list a file; `-` is standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Another day than the parcel's own, e.g. `2026-06-30`.
    #[arg(long)]
    date: Option<String>,
    /// Tables of duty rates (CSV, or TSV by the name) in place of the sample.
    #[arg(long)]
    tariff: Vec<PathBuf>,
    /// Table of exchange rates in the European Central Bank's form.
    #[arg(long)]
    rates: Option<PathBuf>,
    /// Rules to switch on, by id.
    #[arg(long)]
    on: Vec<String>,
    /// Rules to switch off, by id.
    #[arg(long)]
    off: Vec<String>,
}

/// The world that the arguments describe.
fn world(args: &AssessArgs) -> anyhow::Result<Shipped> {
    let mut world = Shipped::read()?;
    if !args.tariff.is_empty() {
        world.tariff = Default::default();
    }
    for path in &args.tariff {
        let text = String::from_utf8(tools::read(path)?)
            .with_context(|| format!("{} is no UTF-8", path.display()))?;
        let tab = path.extension().is_some_and(|extension| extension == "tsv");
        let name = path.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
        let report = world.tariff.load(&text, if tab { '\t' } else { ',' }, &name);
        for refused in &report.refused {
            eprintln!("{}: {refused}", path.display());
        }
        anyhow::ensure!(report.loaded > 0, "{} holds no duty rate", path.display());
    }
    if let Some(path) = &args.rates {
        let text = String::from_utf8_lossy(&tools::read(path)?).into_owned();
        world.fx = Fx::read("European Central Bank", &text)
            .with_context(|| format!("read {}", path.display()))?;
    }
    for (ids, enabled) in [(&args.on, true), (&args.off, false)] {
        for id in ids {
            world.rules.switch(id, enabled)?;
        }
    }
    Ok(world)
}

/// `colibri assess`: false when an answer could not be computed or a question makes no sense.
pub fn assess_files(args: &AssessArgs) -> anyhow::Result<bool> {
    let world = world(args)?;
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let day = match &args.date {
        Some(text) => Some(Date::parse(text, &format).context("--date is a day: 2026-06-30")?),
        None => None,
    };
    let mut good = true;
    for path in &args.files {
        let bytes = tools::read(path)?;
        let file = path.display().to_string();
        let parcels = match parcels(&bytes) {
            Ok(parcels) => parcels,
            Err(cause) => {
                good = false;
                tools::print(&json!({ "file": file, "error": cause.to_string() }))?;
                continue;
            }
        };
        for mut parcel in parcels {
            parcel.date = day.unwrap_or(parcel.date);
            let line = match assess(&parcel, world.world()) {
                Ok(found) => {
                    good &= found.state != State::CannotBeComputed;
                    serde_json::to_value(&found)?
                }
                Err(faults) => {
                    good = false;
                    json!({ "file": file, "error": "the question makes no sense", "faults": faults })
                }
            };
            tools::print(&line)?;
        }
    }
    Ok(good)
}

fn parcels(bytes: &[u8]) -> Result<Vec<Consignment>, serde_json::Error> {
    match serde_json::from_slice::<Vec<Consignment>>(bytes) {
        Ok(list) => Ok(list),
        // The error of the single form names the field that is wrong.
        Err(_) => serde_json::from_slice(bytes).map(|parcel| vec![parcel]),
    }
}
