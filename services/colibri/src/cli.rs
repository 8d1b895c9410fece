//! The command line.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{bench, customs, demo, doctor, parked, run, sandbox, tariff, token, tools, up};

/// Colibri: the digital life of parcels.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything on this machine: servers, services and simulated carriers, until Ctrl-C.
    Up(up::UpArgs),
    /// Invented orders through everything, and what became of them.
    Demo(demo::DemoArgs),
    /// Services by name against configured servers.
    Run(run::RunArgs),
    /// Brings schemas and streams up to date.
    Migrate(run::ConfigArgs),
    /// A bearer token for a tenant.
    Token(token::TokenArgs),
    /// Checks servers, streams, and that logs, streams and positions agree.
    Doctor(run::ConfigArgs),
    /// Events that a service could not apply: listed, released after a repair, or discarded.
    Parked(parked::ParkedArgs),
    /// Figures, each with a limit measured in the same run.
    Bench(bench::BenchArgs),
    /// Simulated carriers as HTTP servers, for anybody's tests. `--help` after it lists its words.
    #[command(disable_help_flag = true)]
    Sandbox {
        /// Words of the sandbox, e.g. `--carrier ups --seed 7 --faults lost-answer=0.02`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// A carrier's raw tracking payload (poll or push) as one JSON line per parcel.
    Normalise {
        /// Carrier id, e.g. `ups`.
        #[arg(long)]
        carrier: String,
        /// Files; `-` is standard input.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Whose a tracking number may be and whether its check digit is right, likeliest first: one
    /// JSON line per number.
    Detect {
        /// Carriers you have contracts with, e.g. `ups,colissimo`: they come first.
        #[arg(long, value_delimiter = ',')]
        carriers: Vec<String>,
        /// Country of the shipment, e.g. `FR`.
        #[arg(long)]
        country: Option<String>,
        /// Tracking numbers, as typed.
        #[arg(required = true)]
        numbers: Vec<String>,
    },
    /// What a parcel costs at a border, with the rule behind each figure: one JSON line per parcel.
    Assess(customs::AssessArgs),
    /// Tariffs of authorities, made ready for `assess`.
    #[command(subcommand)]
    Tariff(tariff::TariffCommand),
    /// Six-digit codes that a description of goods may mean, with reasons: one JSON line per text.
    /// A help and no decision.
    Hs(customs::HsArgs),
    /// What customs would say of descriptions of goods: one JSON line per text.
    Describe(customs::DescribeArgs),
    /// Customs papers (PDF) and records (JSON) of parcels, or what is missing for them: one JSON
    /// line per parcel and per export declaration.
    CustomsDocs(customs::DocsArgs),
    /// The canonical order that a channel's payload becomes, one JSON line per order.
    Order {
        /// Channel id, e.g. `shopify`.
        #[arg(long)]
        channel: String,
        /// Files; `-` is standard input.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Checks postal addresses (JSON, JSON lines or CSV), one JSON line per address.
    Address {
        /// Files; `-` is standard input.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Reads the command line and does it.
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Up(args) => up::up(args),
        Command::Demo(args) => demo::demo(&args),
        Command::Bench(args) => bench::bench(&args),
        Command::Sandbox { words } => sandbox::sandbox(words),
        Command::Run(args) => run::run(args),
        Command::Migrate(args) => run::migrate(&args),
        Command::Token(args) => token::token(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Parked(args) => parked::parked(&args),
        Command::Normalise { carrier, files } => tools::normalise(&carrier, &files),
        Command::Detect { carriers, country, numbers } => {
            tools::detect(&carriers, country.as_deref(), &numbers)
        }
        Command::Assess(args) => customs::assess_files(&args),
        Command::Tariff(tariff::TariffCommand::Import(args)) => tariff::import(&args),
        Command::Hs(args) => customs::suggest(&args),
        Command::Describe(args) => customs::describe(&args),
        Command::CustomsDocs(args) => customs::customs_docs(&args),
        Command::Order { channel, files } => tools::order(&channel, &files),
        Command::Address { files } => tools::address(&files),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(cause) => {
            eprintln!("colibri: {cause:#}");
            ExitCode::FAILURE
        }
    }
}
