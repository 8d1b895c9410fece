//! Section `[labels]`. Meaning, units and limits stand beside the defaults.

use std::{collections::BTreeMap, time::Duration};

use colibri_carriers::LabelFormat;
use colibri_kit::intent::WorkerOptions;
use colibri_types::{Dimensions, Millimetres};
use serde::{Deserialize, Deserializer, de::Error as _};

/// Settings of the service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Config {
    pub format: Format,
    pub concurrency: usize,
    pub call_timeout_ms: u64,
    pub lease_s: u32,
    pub look_up_s: u32,
    pub settle_no_s: u32,
    pub attempts_max: i32,
    pub goods: String,
    pub box_mm: BoxSides,
    #[serde(default)]
    pub formats: BTreeMap<String, Format>,
}

/// A format of label files, as spelt in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format(pub LabelFormat);

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        LabelFormat::parse(&word).map(Self).ok_or_else(|| {
            let known: Vec<&str> = LabelFormat::ALL.iter().map(|known| known.as_str()).collect();
            D::Error::custom(format!("a label format is one of {}", known.join(", ")))
        })
    }
}

/// Sides of a parcel that nobody measured, as spelt in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxSides(pub Option<Dimensions>);

impl<'de> Deserialize<'de> for BoxSides {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(Self(None));
        }
        let sides: Option<Vec<u32>> = text.split('x').map(|side| side.parse().ok()).collect();
        match sides.as_deref() {
            Some(&[length, width, height]) if length.min(width).min(height) > 0 => {
                let [length, width, height] = [length, width, height].map(Millimetres);
                Ok(Self(Some(Dimensions { length, width, height })))
            }
            _ => Err(D::Error::custom("sides are three lengths in millimetres: 300x200x150")),
        }
    }
}

/// A value, or several together, cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("[labels]: {0}")]
pub struct ConfigError(&'static str);

impl Config {
    /// How a worker that calls carriers is run.
    #[must_use]
    pub fn worker(&self) -> WorkerOptions {
        WorkerOptions {
            concurrency: self.concurrency,
            lease: time::Duration::seconds(i64::from(self.lease_s)),
            settle: time::Duration::seconds(i64::from(self.look_up_s)),
            attempts_max: self.attempts_max,
        }
    }

    /// Rules between values, and limits no type can say.
    ///
    /// # Errors
    /// [`ConfigError`] names the first rule that is broken.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let lease_ms = u64::from(self.lease_s) * 1000;
        let rules = [
            ((1..=4096).contains(&self.concurrency), "concurrency is 1 to 4096"),
            (self.call_timeout_ms >= 100, "call_timeout_ms is at least 100"),
            // A refused token costs a login and a second call; the rest is for the records.
            (self.call_timeout_ms * 2 + 15_000 <= lease_ms, "lease_s holds two calls and 15 s"),
            (self.settle_no_s >= self.lease_s, "settle_no_s is at least lease_s"),
            (self.attempts_max >= 1, "attempts_max is at least 1"),
            (self.goods.chars().count() <= 35, "goods has at most 35 characters"),
            (
                self.formats.keys().all(|id| colibri_carriers::by_id(id).is_some()),
                "formats names a carrier that is not installed here",
            ),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, rule)) => Err(ConfigError(rule)),
        }
    }

    /// Wanted format of this carrier's labels.
    #[must_use]
    pub fn format_of(&self, carrier: &str) -> LabelFormat {
        self.formats.get(carrier).unwrap_or(&self.format).0
    }

    /// How long a carrier may take for one answer.
    #[must_use]
    pub const fn call_timeout(&self) -> Duration {
        Duration::from_millis(self.call_timeout_ms)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_kit::config::Config as All;

    use super::*;

    fn load(env: &[(&str, &str)]) -> Config {
        let defaults = [("labels", include_str!("../config.default.toml"))];
        let env = env.iter().map(|(k, v)| (format!("COLIBRI_LABELS__{k}"), (*v).to_owned()));
        All::load(&defaults, None, env).unwrap().section("labels").unwrap()
    }

    #[test]
    fn the_defaults_hold_and_a_carrier_may_have_its_own_format() {
        let config = load(&[]);
        assert_eq!(config.validate(), Ok(()));
        assert_eq!(config.format_of("colissimo"), LabelFormat::Pdf);
        let config = load(&[("FORMATS__COLISSIMO", "zpl")]);
        assert_eq!(config.format_of("colissimo"), LabelFormat::Zpl);
        assert_eq!(config.format_of("ups"), LabelFormat::Pdf);
        assert!(load(&[("FORMATS__NOBODY", "zpl")]).validate().is_err());
    }

    #[test]
    fn a_box_has_three_sides_or_is_not_told() {
        let sides = |text: &'static str| load(&[("BOX_MM", text)]).box_mm.0;
        assert_eq!(load(&[]).box_mm.0, None);
        assert_eq!(sides("300x200x150").map(|sides| sides.width), Some(Millimetres(200)));
        let all = [("labels", include_str!("../config.default.toml"))];
        for wrong in ["300x200", "0x1x1", "a x b x c", "1x1x1x1"] {
            let env = [("COLIBRI_LABELS__BOX_MM".to_owned(), wrong.to_owned())];
            let read = All::load(&all, None, env.into_iter()).unwrap().section::<Config>("labels");
            assert!(read.is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_that_would_make_doubts_or_second_labels_are_refused() {
        for wrong in [("LEASE_S", "40"), ("SETTLE_NO_S", "59"), ("CONCURRENCY", "0")] {
            assert!(load(&[wrong]).validate().is_err(), "{wrong:?}");
        }
    }
}
