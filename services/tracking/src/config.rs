//! Section `[tracking]`. Meaning, units and limits stand beside the defaults.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::{
    alerts::Rules,
    domain::{
        plan::{Ability, Plan, Watch},
        schedule::Pace,
    },
};

/// Settings of the service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Config {
    pub token_key: Option<SecretString>,
    pub public_url: String,
    pub poll_tick_ms: u64,
    pub poll_lease_s: u32,
    pub account_concurrency: usize,
    pub account_parcels_max: usize,
    pub request_timeout_ms: u64,
    pub gather_ms: u64,
    pub gather_max: usize,
    pub watch_reread_ms: u64,
    pub webhook_days: u32,
    pub poll: Pace,
    pub watch: Watch,
    pub alerts: Rules,
}

/// A value, or several together, cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("[tracking]: {0}")]
pub struct ConfigError(&'static str);

impl Config {
    /// Rules between values, and limits no type can say.
    ///
    /// # Errors
    /// [`ConfigError`] names the first rule that is broken.
    pub fn validate(&self, production: bool) -> Result<(), ConfigError> {
        let key = self.token_key.as_ref().map(|key| key.expose_secret().len());
        let answer_ms = u64::from(self.poll_lease_s) * 1000;
        let poll = &self.poll;
        let shortest = [
            poll.created_s,
            poll.moving_s,
            poll.delayed_s,
            poll.out_for_delivery_s,
            poll.pickup_point_s,
            poll.exception_s,
            poll.ended_s,
            poll.not_found_s,
        ];
        let url = &self.public_url;
        let rules = [
            (key.is_none_or(|length| length >= 32), "token_key has at least 32 characters"),
            (key.is_some() || !production, "token_key is required in production"),
            (
                url.is_empty() || url.starts_with("https://") || url.starts_with("http://"),
                "public_url is a URL or empty",
            ),
            ((10..=60_000).contains(&self.poll_tick_ms), "poll_tick_ms is 10 to 60000"),
            ((1..=1024).contains(&self.account_concurrency), "account_concurrency is 1 to 1024"),
            (
                (self.account_concurrency..=10_000).contains(&self.account_parcels_max),
                "account_parcels_max is account_concurrency to 10000",
            ),
            (self.request_timeout_ms >= 100, "request_timeout_ms is at least 100"),
            (answer_ms > 2 * self.request_timeout_ms, "poll_lease_s is over twice a request"),
            (self.gather_ms <= 1000, "gather_ms is at most 1000"),
            // What one call to the vault and one statement carry well.
            ((1..=1000).contains(&self.gather_max), "gather_max is 1 to 1000"),
            (self.watch_reread_ms >= 100, "watch_reread_ms is at least 100"),
            (self.webhook_days >= 1, "webhook_days is at least 1"),
            (shortest.iter().all(|s| *s >= 60), "each interval of [poll] is at least 60 s"),
            (poll.promise_divisor >= 1, "poll.promise_divisor is at least 1"),
            (poll.push_factor >= 1, "poll.push_factor is at least 1"),
            (poll.jitter_percent <= 90, "poll.jitter_percent is at most 90"),
        ];
        let broken = rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule);
        let broken = broken.or_else(|| self.watch.broken()).or_else(|| self.alerts.broken());
        broken.map_or(Ok(()), |rule| Err(ConfigError(rule)))
    }

    /// Intervals and budgets of the carriers that are installed.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let abilities = colibri_carriers::all().iter().map(|carrier| Ability {
            carrier: carrier.info().id,
            calls_per_second: carrier.info().calls_per_second,
            batch_max: carrier.polling().map_or(0, |polling| polling.batch_max()),
        });
        Plan::new(self.poll, &self.watch, abilities)
    }

    /// How long answers are gathered.
    #[must_use]
    pub const fn gather(&self) -> Duration {
        Duration::from_millis(self.gather_ms)
    }

    /// Time for one question to a carrier.
    #[must_use]
    pub const fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn config(settings: &[(&str, &str)]) -> Config {
        let defaults = [("tracking", include_str!("../config.default.toml"))];
        let key = |(name, value): &(&str, &str)| {
            (format!("COLIBRI_TRACKING__{name}"), (*value).to_owned())
        };
        let all = colibri_kit::config::Config::load(&defaults, None, settings.iter().map(key));
        all.unwrap().section("tracking").unwrap()
    }

    #[test]
    fn the_defaults_hold_and_production_wants_a_key_of_its_own() {
        assert_eq!(config(&[]).validate(false), Ok(()));
        assert!(config(&[]).validate(true).is_err());
        let key = [("TOKEN_KEY", "0123456789abcdef0123456789abcdef")];
        assert_eq!(config(&key).validate(true), Ok(()));
        assert!(config(&[("TOKEN_KEY", "short")]).validate(false).is_err());
    }

    #[test]
    fn values_that_cannot_be_are_named() {
        for (name, value) in [
            ("PUBLIC_URL", "hooks.example"),
            ("POLL_TICK_MS", "1"),
            ("POLL_LEASE_S", "20"),
            ("ACCOUNT_CONCURRENCY", "0"),
            ("ACCOUNT_PARCELS_MAX", "3"),
            ("GATHER_MAX", "0"),
            ("POLL__MOVING_S", "5"),
            ("POLL__PROMISE_DIVISOR", "0"),
            ("WATCH__BUDGET_PERCENT", "100"),
            ("ALERTS__PERCENTILE", "101"),
            ("ALERTS__LOOK_MS", "1"),
        ] {
            let refused = config(&[(name, value)]).validate(false).unwrap_err().to_string();
            let key = name.rsplit("__").next().unwrap().to_lowercase();
            assert!(refused.contains(&key) || key == "moving_s", "{name}: {refused}");
        }
    }
}
