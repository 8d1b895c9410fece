//! The child's settings, as variables of its environment.

use std::net::SocketAddr;

use colibri_embedded::{Nats, Postgres, Scratch};
use colibri_kit::clock::ScaledClock;

use crate::harness::{DATABASE, Options};

/// What the settings depend on.
pub struct Base<'a> {
    pub scratch: &'a Scratch,
    pub postgres: &'a Postgres,
    pub nats: &'a Nats,
    pub clock: ScaledClock,
    pub rest: &'a str,
}

impl Base<'_> {
    pub fn settings(
        &self,
        options: &Options,
        grpc: SocketAddr,
        health: SocketAddr,
    ) -> Vec<(String, String)> {
        let file = |name: &str| self.scratch.path().join(name).display().to_string();
        let hooks = format!("{}/v1/hooks/carriers", self.rest);
        let own = [
            ("KIT__PROFILE", "test".to_owned()),
            ("KIT__NATS_URL", self.nats.url()),
            ("KIT__NATS_MONITOR_URL", self.nats.monitor_url()),
            ("KIT__DATABASE_URL", self.postgres.url(DATABASE)),
            ("KIT__BUS__REPLICAS", "1".to_owned()),
            ("KIT__BUS__STREAM_BYTES_MAX", (64 * 1024 * 1024).to_string()),
            ("KIT__DB__ROLE_SECRET", "a secret of the flow tests".to_owned()),
            ("KIT__AUTH__ISSUER_KEY_FILE", file("issuer.pem")),
            ("KIT__AUTH__SERVICE_KEY_FILE", file("service.pem")),
            ("VAULT__ROOT_KEY_FILE", file("vault-root.key")),
            ("ACCOUNTS__PEPPER_FILE", file("accounts-pepper.key")),
            ("KIT__CLOCK", self.clock.to_string()),
            ("KIT__LISTEN_GRPC", grpc.to_string()),
            ("KIT__LISTEN_HTTP", health.to_string()),
            ("KIT__LOG_FORMAT", "text".to_owned()),
            ("KIT__LOG_LEVEL", options.log.to_owned()),
            ("GATEWAY__LISTEN", self.rest.trim_start_matches("http://").to_owned()),
            ("TRACKING__PUBLIC_URL", if options.push { hooks } else { String::new() }),
        ];
        let all = own.into_iter().chain(options.settings.iter().cloned());
        all.map(|(key, value)| (format!("COLIBRI_{key}"), value)).collect()
    }
}
