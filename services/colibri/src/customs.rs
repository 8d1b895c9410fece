//! Customs as tools for people: no server is needed.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use colibri_customs_rules::{
    assess::{Shipped, State, assess},
    consignment::Consignment,
    declare::{Export, Parcel, SdrRates, exports, prepare},
    descriptions::{Context as Described, check, refused},
    fx::Fx,
    hs::{Index, Nomenclature},
};
use colibri_documents::{cn22::Size, invoice::Language};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use time::Date;

use colibri_customs_papers::{self as papers, Look};

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
    exchange(&mut world, args.rates.as_deref())?;
    for (ids, enabled) in [(&args.on, true), (&args.off, false)] {
        for id in ids {
            world.rules.switch(id, enabled)?;
        }
    }
    Ok(world)
}

/// Reads exchange rates in place of the shipped ones.
fn exchange(world: &mut Shipped, path: Option<&Path>) -> anyhow::Result<()> {
    if let Some(path) = path {
        let text = String::from_utf8_lossy(&tools::read(path)?).into_owned();
        world.fx = Fx::read("European Central Bank", &text)
            .with_context(|| format!("read {}", path.display()))?;
    }
    Ok(())
}

/// `colibri assess`: false when an answer could not be computed or a question makes no sense.
pub fn assess_files(args: &AssessArgs) -> anyhow::Result<bool> {
    let world = world(args)?;
    let day = day(args.date.as_deref())?;
    let mut good = true;
    for path in &args.files {
        let bytes = tools::read(path)?;
        let file = path.display().to_string();
        let parcels = match one_or_many::<Consignment>(&bytes) {
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

fn day(text: Option<&str>) -> anyhow::Result<Option<Date>> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    text.map(|text| Date::parse(text, &format).context("--date is a day: 2026-06-30")).transpose()
}

/// One object or a list of them.
fn one_or_many<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, serde_json::Error> {
    let list = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    match list {
        true => serde_json::from_slice(bytes),
        // The error of the single form names the field that is wrong.
        false => serde_json::from_slice(bytes).map(|parcel| vec![parcel]),
    }
}

/// What `colibri hs` is asked.
#[derive(Debug, Args)]
pub struct HsArgs {
    /// Descriptions of goods, in English, French or German.
    #[arg(required = true)]
    texts: Vec<String>,
    /// Most codes for a text.
    #[arg(long, default_value_t = 10)]
    limit: usize,
}

/// `colibri hs`: false when no code is offered for one of the texts.
pub fn suggest(args: &HsArgs) -> anyhow::Result<bool> {
    let index = Index::shipped()?;
    let mut good = true;
    for text in &args.texts {
        let found = index.search(text, args.limit);
        good &= !found.abstained;
        tools::print(&json!({
            "text": text,
            "nomenclature": Nomenclature::VERSION,
            "suggestions": found,
        }))?;
    }
    Ok(good)
}

/// What `colibri describe` is asked.
#[derive(Debug, Args)]
pub struct DescribeArgs {
    /// Descriptions as they would be declared.
    #[arg(required = true)]
    texts: Vec<String>,
    /// The tariff code that is declared beside it, six digits or more.
    #[arg(long)]
    hs: Option<String>,
    /// The day of the record, e.g. `2026-06-30`; all known terms without it.
    #[arg(long)]
    date: Option<String>,
    /// Quantity of the line, in pieces.
    #[arg(long)]
    quantity: Option<u32>,
    /// Most characters that the form or the carrier takes.
    #[arg(long)]
    characters_max: Option<usize>,
    /// Names of the shop, parties and brands, e.g. `acme,nordwind`.
    #[arg(long, value_delimiter = ',')]
    names: Vec<String>,
}

/// `colibri describe`: false when one of the texts would be refused.
pub fn describe(args: &DescribeArgs) -> anyhow::Result<bool> {
    let index = Index::shipped()?;
    let names: Vec<&str> = args.names.iter().map(String::as_str).collect();
    let context = Described {
        hs: args.hs.as_deref(),
        date: day(args.date.as_deref())?,
        quantity: args.quantity,
        characters_max: args.characters_max,
        names: &names,
        ..Described::new(&index)
    };
    let mut good = true;
    for text in &args.texts {
        let findings = check(text, &context);
        let refused = refused(&findings);
        good &= !refused;
        tools::print(&json!({ "text": text, "refused": refused, "findings": findings }))?;
    }
    Ok(good)
}

/// What `colibri customs-docs` is asked.
#[derive(Debug, Args)]
pub struct DocsArgs {
    /// Parcels with parties and facts as JSON, one object or a list; `-` is standard input. The
    /// parcels of one file are looked at together for export declarations.
    file: PathBuf,
    /// Folder for the papers and records; made when it is not there.
    #[arg(long)]
    out: PathBuf,
    /// Second language of invoices: `en`, `fr`, `de` or `es`.
    #[arg(long, default_value = "en", value_parser = ["en", "fr", "de", "es"])]
    language: String,
    /// CN22 as a panel of 100 x 150 mm with the address, in place of the label of 74 x 105 mm.
    #[arg(long)]
    panel: bool,
    /// Special drawing rights by day, `date,currency,per_sdr,status,source`.
    #[arg(long)]
    sdr: Option<PathBuf>,
    /// Table of exchange rates in the European Central Bank's form.
    #[arg(long)]
    rates: Option<PathBuf>,
}

/// `colibri customs-docs`: false when a parcel lacks something; nothing is written for it then.
pub fn customs_docs(args: &DocsArgs) -> anyhow::Result<bool> {
    let mut world = Shipped::read()?;
    exchange(&mut world, args.rates.as_deref())?;
    let sdr = match &args.sdr {
        Some(path) => SdrRates::read(&String::from_utf8_lossy(&tools::read(path)?))
            .with_context(|| format!("read {}", path.display()))?,
        None => SdrRates::shipped()?,
    };
    let language = match args.language.as_str() {
        "fr" => Language::French,
        "de" => Language::German,
        "es" => Language::Spanish,
        _ => Language::English,
    };
    let size = if args.panel { Size::Panel } else { Size::Label };
    let look = Look { size, language };
    let parcels: Vec<Parcel> = one_or_many(&tools::read(&args.file)?)
        .with_context(|| format!("{} is no parcel with parties and facts", args.file.display()))?;
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("make the folder {}", args.out.display()))?;
    let mut good = true;
    for (at, parcel) in parcels.iter().enumerate() {
        let name = file_name(&parcels, at);
        match prepare(parcel, world.world(), &sdr) {
            Ok(made) => {
                let files = papers::files(parcel, &made, look)?;
                let written = write(&args.out, &name, files)?;
                let (reasons, elsewhere) = (&made.choice.reasons, &made.choice.elsewhere);
                tools::print(&json!({
                    "parcel": name, "written": written, "reasons": reasons, "elsewhere": elsewhere,
                }))?;
            }
            Err(missing) => {
                good = false;
                tools::print(&json!({ "parcel": name, "written": [], "missing": missing }))?;
            }
        }
    }
    for (at, answer) in exports(&parcels, world.world()).iter().enumerate() {
        let mut written = Vec::new();
        if let Export::Due(record) = answer {
            let name = format!("export-{}", at + 1);
            written = write(&args.out, &name, vec![papers::data("declaration", record)?])?;
        }
        good &= !matches!(answer, Export::Unknown { .. });
        tools::print(&json!({ "export": answer, "written": written }))?;
    }
    Ok(good)
}

/// The number of the item, or the place in the list where it has none of its own.
fn file_name(parcels: &[Parcel], at: usize) -> String {
    let plain = |parcel: &Parcel| -> String {
        parcel.facts.item_id.chars().filter(char::is_ascii_alphanumeric).collect()
    };
    let own = parcels.get(at).map(plain).unwrap_or_default();
    let twice = parcels.iter().filter(|other| plain(other) == own).count() > 1;
    match own.as_str() {
        "" => format!("parcel-{}", at + 1),
        own if twice => format!("{own}-{}", at + 1),
        own => own.to_owned(),
    }
}

fn write(out: &Path, name: &str, files: Vec<papers::File>) -> anyhow::Result<Vec<Value>> {
    let mut written = Vec::new();
    for file in files {
        let path = out.join(format!("{name}-{}.{}", file.kind, file.extension));
        std::fs::write(&path, &file.bytes).with_context(|| format!("write {}", path.display()))?;
        written.push(json!({ "file": path.display().to_string(), "notes": file.notes }));
    }
    Ok(written)
}
