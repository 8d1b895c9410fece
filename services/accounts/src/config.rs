//! The section `[accounts]`. Meaning and limits stand beside the defaults.

use std::path::PathBuf;

use serde::Deserialize;

/// `[accounts]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Config {
    pub pepper_file: PathBuf,
    pub token_ttl_s: u32,
}

impl Config {
    /// Rules that no type can say.
    ///
    /// # Errors
    /// A text that names what is wrong.
    pub fn validate(&self) -> Result<(), String> {
        // A day: nobody would notice a stolen token sooner than that.
        if (60..=86_400).contains(&self.token_ttl_s) {
            Ok(())
        } else {
            Err("token_ttl_s is 60 to 86400".to_owned())
        }
    }
}
