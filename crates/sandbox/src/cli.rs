//! The command line of `colibri sandbox`, read without side effects.

use std::{fmt::Display, net::SocketAddr, str::FromStr, sync::Arc};

use colibri_kit::clock::{self, SystemClock};

use crate::{CarrierOptions, SandboxOptions};

/// What `colibri sandbox` understands.
pub const USAGE: &str = "\
colibri sandbox [--seed N] [--faults LIST] [--carrier ID [--seed N] [--faults LIST] \
[--listen ADDRESS]]...
                [--clock CLOCK] [--admin ADDRESS]

  --carrier ID      simulate this carrier; all when none is named
  --seed N          decides numbers, stories of parcels and faults; 1 when not given
  --faults LIST     e.g. lost-answer=0.02,buy.5xx=0.01,slow=0.05:2000ms,late-scan=0.1
  --listen ADDRESS  loopback address and port of the carrier; a free port when not given
  --clock CLOCK     `system`, or scaled:real=<RFC 3339>,virtual=<RFC 3339>,rate=<0..>
  --admin ADDRESS   loopback address and port for the ledgers of all carriers

--seed and --faults hold for the carrier named before them; before the first, for all after.
";

/// The command line cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CliError {
    /// An option that does not exist here.
    #[error("unknown option `{0}`")]
    Unknown(String),
    /// An option without its value.
    #[error("`{0}` needs a value")]
    Missing(String),
    /// An option that was given before, for the same carrier or for all.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// A value that cannot be read.
    #[error("`{option}`: {reason}")]
    Value {
        /// The option.
        option: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// An address before the first carrier: it cannot be shared.
    #[error("`--listen` belongs behind the `--carrier` that listens")]
    ListenOfNobody,
}

/// Reads what follows `colibri sandbox`. Opens nothing and asks no clock.
///
/// # Errors
/// [`CliError`] names the option that is wrong.
pub fn cli_options(
    arguments: impl IntoIterator<Item = String>,
) -> Result<SandboxOptions, CliError> {
    let mut reader = Reader::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (option, value) = match argument.split_once('=') {
            Some((option, value)) if argument.starts_with("--") => {
                (option.to_owned(), Some(value.to_owned()))
            }
            _ => (argument, None),
        };
        let value = value.or_else(|| arguments.next());
        reader.option(&option, value)?;
    }
    Ok(reader.finish())
}

#[derive(Default)]
struct Reader {
    all: Common,
    carriers: Vec<(CarrierOptions, Common)>,
    clock: Option<clock::SharedClock>,
    admin: Option<SocketAddr>,
}

/// What may be given for all carriers or for one.
#[derive(Default)]
struct Common {
    seed: Option<u64>,
    faults: Option<crate::FaultProfile>,
    listen: Option<SocketAddr>,
}

impl Reader {
    fn option(&mut self, option: &str, value: Option<String>) -> Result<(), CliError> {
        let value = || value.ok_or_else(|| CliError::Missing(option.to_owned()));
        let alone = self.carriers.is_empty();
        let common = self.carriers.last_mut().map_or(&mut self.all, |(_, common)| common);
        match option {
            "--carrier" => {
                self.carriers.push((CarrierOptions::new(value()?), Common::default()));
                Ok(())
            }
            "--seed" => once(&mut common.seed, "--seed", &value()?),
            "--faults" => once(&mut common.faults, "--faults", &value()?),
            "--listen" if alone => Err(CliError::ListenOfNobody),
            "--listen" => once(&mut common.listen, "--listen", &value()?),
            "--admin" => once(&mut self.admin, "--admin", &value()?),
            "--clock" => {
                if self.clock.is_some() {
                    return Err(CliError::Twice(option.to_owned()));
                }
                let parsed = clock::parse(&value()?);
                self.clock = Some(parsed.map_err(|error| wrong("--clock", &error))?);
                Ok(())
            }
            _ => Err(CliError::Unknown(option.to_owned())),
        }
    }

    fn finish(self) -> SandboxOptions {
        let Self { all, mut carriers, clock, admin } = self;
        if carriers.is_empty() {
            let known = colibri_carriers::all().iter().map(|carrier| carrier.info().id);
            carriers.extend(known.map(|id| (CarrierOptions::new(id), Common::default())));
        }
        let carriers = carriers.into_iter().map(|(mut options, own)| {
            options.seed = own.seed.or(all.seed).unwrap_or(options.seed);
            options.faults = own.faults.or(all.faults).unwrap_or(options.faults);
            options.listen = own.listen.unwrap_or(options.listen);
            options
        });
        let clock = clock.unwrap_or_else(|| Arc::new(SystemClock));
        SandboxOptions { carriers: carriers.collect(), clock, admin }
    }
}

fn once<T: FromStr<Err: Display>>(
    place: &mut Option<T>,
    option: &'static str,
    value: &str,
) -> Result<(), CliError> {
    if place.is_some() {
        return Err(CliError::Twice(option.to_owned()));
    }
    *place = Some(value.parse().map_err(|error| wrong(option, &error))?);
    Ok(())
}

fn wrong(option: &'static str, reason: &dyn Display) -> CliError {
    CliError::Value { option, reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn parse(line: &str) -> Result<SandboxOptions, CliError> {
        cli_options(line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned))
    }

    #[test]
    fn options_belong_to_the_carrier_before_them() {
        let options = parse(
            "--seed 3 --faults html=0.1 --carrier one --seed=7 --listen 127.0.0.1:9101 \
             --carrier two --faults=lost-answer=0.02,buy.429=0.1 --admin 127.0.0.1:9100",
        )
        .unwrap();
        let one = CarrierOptions {
            listen: "127.0.0.1:9101".parse().unwrap(),
            seed: 7,
            faults: "html=0.1".parse().unwrap(),
            ..CarrierOptions::new("one")
        };
        let faults = "lost-answer=0.02,buy.429=0.1".parse().unwrap();
        let two = CarrierOptions { seed: 3, faults, ..CarrierOptions::new("two") };
        assert_eq!(options.carriers, [one, two]);
        assert_eq!(options.admin, "127.0.0.1:9100".parse().ok());
    }

    #[test]
    fn without_a_carrier_all_are_simulated() {
        let options = parse("--seed 9").unwrap();
        assert_eq!(options.carriers.len(), colibri_carriers::all().len());
        assert!(options.carriers.iter().all(|carrier| carrier.seed == 9));
        assert!(options.carriers.iter().all(|carrier| carrier.listen.port() == 0));
    }

    #[test]
    fn the_services_clock_is_taken_as_they_write_it() {
        let text = "scaled:real=2026-03-01T10:00:00Z,virtual=2026-06-01T00:00:00Z,rate=0";
        let options = parse(&format!("--clock {text}")).unwrap();
        assert_eq!(options.clock.now().to_string(), "2026-06-01 0:00:00.0 +00:00:00");
    }

    #[test]
    fn what_cannot_be_followed_is_named() {
        for (line, error) in [
            ("--speed 3", "unknown option `--speed`"),
            ("one", "unknown option `one`"),
            ("--carrier", "`--carrier` needs a value"),
            ("--carrier one --seed", "`--seed` needs a value"),
            ("--carrier one --seed 1 --seed 2", "`--seed` is given twice"),
            ("--clock system --clock system", "`--clock` is given twice"),
            ("--listen 127.0.0.1:1 --carrier one", "`--listen` belongs behind"),
            ("--carrier one --listen here", "`--listen`: invalid socket address"),
            ("--faults html=2", "`--faults`: `html` needs a probability"),
            ("--clock noon", "`--clock`: a clock is"),
        ] {
            let told = parse(line).unwrap_err().to_string();
            assert!(told.starts_with(error), "{line}: {told}");
        }
    }
}
