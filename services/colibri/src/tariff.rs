//! Tariffs of authorities as tables that `colibri assess --tariff` reads.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use colibri_customs_rules::tariff::{Areas, Published, Tariff};
use serde_json::json;

use crate::tools;

/// What `colibri tariff` is asked.
#[derive(Debug, Subcommand)]
pub enum TariffCommand {
    /// A published tariff as a table of measures: one JSON line per row that is not in it or cannot
    /// be computed, and one with the sums.
    Import(ImportArgs),
}

/// What `colibri tariff import` is asked.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Form of the file: `uk-measures`, `eu-taric`, `us-hts-csv` or `us-hts-json`.
    #[arg(long)]
    form: Published,
    /// The file as the authority publishes it; `-` is standard input.
    file: PathBuf,
    /// Members of country groups as `group,country`, a row each.
    #[arg(long)]
    areas: Option<PathBuf>,
    /// Where the table is written; its name ends in `.tsv`.
    #[arg(long)]
    out: PathBuf,
}

/// `colibri tariff import`: false when a row of a duty is not in the table.
pub fn import(args: &ImportArgs) -> anyhow::Result<bool> {
    let utf8 = |path: &PathBuf| -> anyhow::Result<String> {
        String::from_utf8(tools::read(path)?)
            .with_context(|| format!("{} is no UTF-8", path.display()))
    };
    anyhow::ensure!(
        args.out.extension().is_some_and(|extension| extension == "tsv"),
        "--out names a file that ends in .tsv"
    );
    let areas = args.areas.as_ref().map(&utf8).transpose()?;
    let areas = areas.map(|text| Areas::read(&text)).unwrap_or_default();
    let name = args.file.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
    let mut tariff = Tariff::default();
    let report = tariff.import(args.form, &utf8(&args.file)?, &areas, &name);
    for (rows, what) in [(&report.refused, "refused"), (&report.unread, "cannot be computed")] {
        for row in rows {
            tools::print(&json!({ "line": row.line, "what": what, "reason": row.reason }))?;
        }
    }
    anyhow::ensure!(!tariff.is_empty(), "{} holds no duty", args.file.display());
    std::fs::write(&args.out, tariff.table())
        .with_context(|| format!("write {}", args.out.display()))?;
    tools::print(&json!({
        "form": args.form.as_str(),
        "rows": report.rows,
        "loaded": report.loaded,
        "cannot_be_computed": report.unread.len(),
        "refused": report.refused.len(),
        "no_duty": report.other,
        "written": args.out.display().to_string(),
    }))?;
    Ok(report.refused.is_empty())
}
