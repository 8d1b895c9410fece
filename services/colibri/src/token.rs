//! `colibri token`: a bearer token signed with the local issuer's key.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use clap::Args;
use colibri_kit::{
    auth::{MintRequest, Trust},
    clock::{SharedClock, SystemClock},
};
use colibri_types::TenantId;

use crate::{embedded, run::ConfigArgs};

/// For whom and what.
#[derive(Debug, Args)]
pub struct TokenArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Tenant the caller acts for, `ten_…`; without it the tenant that `colibri up` made.
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Scopes; without any, all that a tenant's operator has.
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// How long it is valid, in seconds.
    #[arg(long, default_value_t = 3600)]
    ttl_s: u64,
    /// Data folder of `colibri up` whose key signs, when the configuration names none.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// Scopes of a tenant's operator: everything that a tenant may grant.
#[must_use]
pub fn operator() -> Vec<&'static str> {
    colibri_accounts::domain::scopes::grantable()
}

/// Prints a token.
pub fn token(args: &TokenArgs) -> anyhow::Result<bool> {
    let data = args.data.clone().unwrap_or_else(|| embedded::root().join(".colibri/data"));
    let mut kit = args.config.load()?.kit()?;
    if kit.auth.issuer_key_file.is_none() {
        let key = data.join("issuer.pem");
        anyhow::ensure!(
            key.exists(),
            "{} is not there: start `colibri up` first, or set kit.auth.issuer_key_file",
            key.display()
        );
        kit.auth.issuer_key_file = Some(key);
    }
    let clock: SharedClock = Arc::new(SystemClock);
    let issuer = Trust::load(&kit.auth, &clock)?.own.context("no issuer key")?;
    let tenant = match args.tenant {
        Some(tenant) => Some(tenant),
        None => std::fs::read_to_string(data.join("tenant"))
            .ok()
            .and_then(|text| text.trim().parse().ok()),
    };
    let scopes = if args.scopes.is_empty() {
        operator().into_iter().map(str::to_owned).collect()
    } else {
        args.scopes.clone()
    };
    let request = MintRequest {
        subject: "operator".to_owned(),
        tenant,
        scopes,
        ttl: Duration::from_secs(args.ttl_s),
        service: None,
    };
    println!("{}", issuer.mint(request)?);
    Ok(true)
}
