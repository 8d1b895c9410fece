//! The Colibri binary: every service, chosen by name, and the tools for people.

mod bench;
mod cli;
mod customs;
mod demo;
mod doctor;
mod embedded;
mod merchant;
mod parked;
mod run;
mod sandbox;
mod stack;
mod tariff;
mod token;
mod tools;
mod up;

use colibri_kit::service::Definition;

/// Small pieces, many and short-lived, from several threads: an eighth of the process's CPU was the
/// system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The list of services: the one line that a new service costs here.
fn services() -> Vec<Box<dyn Definition>> {
    vec![
        colibri_accounts::service(),
        colibri_vault::service(),
        colibri_orders::service(),
        colibri_pricing::service(),
        colibri_customs::service(),
        colibri_labels::service(),
        colibri_tracking::service(),
        colibri_returns::service(),
        colibri_gateway::service(),
    ]
}

fn main() -> std::process::ExitCode {
    cli::main()
}
