//! The text form: `name=probability`, parted by commas.

use std::{fmt, str::FromStr};

use colibri_carriers::sim::ScanFaults;

use super::{Fault, FaultProfile, FaultProfileError, WireFaults};

/// Names of what the simulator does to scans.
pub const SCANS: [&str; 5] =
    ["duplicate-scan", "out-of-order", "late-scan", "unknown-code", "lost-parcel"];

pub const fn scan_mut<'a>(scans: &'a mut ScanFaults, name: &str) -> Option<&'a mut f64> {
    match name.as_bytes() {
        b"duplicate-scan" => Some(&mut scans.duplicate_scan),
        b"out-of-order" => Some(&mut scans.out_of_order),
        b"late-scan" => Some(&mut scans.late_scan),
        b"unknown-code" => Some(&mut scans.unknown_code),
        b"lost-parcel" => Some(&mut scans.lost_parcel),
        _ => None,
    }
}

impl FromStr for FaultProfile {
    type Err = FaultProfileError;

    fn from_str(text: &str) -> Result<Self, FaultProfileError> {
        let mut profile = Self::default();
        let mut seen = Vec::new();
        let mut pairs = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let pair = part.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
            let (name, value) = pair.ok_or_else(|| FaultProfileError::Shape(part.to_owned()))?;
            if seen.contains(&name) {
                return Err(FaultProfileError::Twice(name.to_owned()));
            }
            seen.push(name);
            pairs.push((name, value));
        }
        // Stable: names for every request first, so that those with an aim win wherever they are.
        pairs.sort_by_key(|(name, _)| name.contains('.'));
        for (name, value) in pairs {
            set(&mut profile, name, value)?;
        }
        profile.validate()?;
        Ok(profile)
    }
}

fn set(profile: &mut FaultProfile, name: &str, value: &str) -> Result<(), FaultProfileError> {
    if let Some(scan) = scan_mut(&mut profile.scans, name) {
        *scan = probability(name, value)?;
        return Ok(());
    }
    match name.split_once('.') {
        Some(("buy", fault)) => set_wire(&mut profile.buy, name, fault, value),
        Some(("other", fault)) => set_wire(&mut profile.other, name, fault, value),
        Some(_) => Err(FaultProfileError::Unknown(name.to_owned())),
        None => {
            set_wire(&mut profile.buy, name, name, value)?;
            set_wire(&mut profile.other, name, name, value)
        }
    }
}

fn set_wire(
    wire: &mut WireFaults,
    whole: &str,
    fault: &str,
    value: &str,
) -> Result<(), FaultProfileError> {
    if fault == "slow" {
        // `slow=0` switches off and needs no delay.
        let (chance, delay) = value.split_once(':').unwrap_or((value, "0ms"));
        wire.slow = probability(whole, chance)?;
        wire.slow_ms = milliseconds(delay).ok_or(FaultProfileError::Delay)?;
        return Ok(());
    }
    let fault = Fault::ALL.into_iter().find(|known| known.name() == fault);
    let fault = fault.ok_or_else(|| FaultProfileError::Unknown(whole.to_owned()))?;
    *wire.of_mut(fault) = probability(whole, value)?;
    Ok(())
}

fn probability(name: &str, value: &str) -> Result<f64, FaultProfileError> {
    let wrong = || FaultProfileError::Probability(name.to_owned());
    let probability: f64 = value.parse().map_err(|_| wrong())?;
    super::check_probability(name, probability).map(|()| probability)
}

fn milliseconds(text: &str) -> Option<u32> {
    match text.strip_suffix("ms") {
        Some(number) => number.parse().ok(),
        None => text.strip_suffix('s')?.parse::<u32>().ok()?.checked_mul(1000),
    }
}

/// Only what can happen, aimed where the two kinds of requests differ; empty when nothing can.
impl fmt::Display for FaultProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let slow = |wire: &WireFaults| (wire.slow > 0.0).then_some((wire.slow, wire.slow_ms));
        match (slow(&self.buy), slow(&self.other)) {
            (Some((chance, ms)), other) if other == Some((chance, ms)) => {
                parts.push(format!("slow={chance}:{ms}ms"));
            }
            (buy, other) => {
                for (aim, slow) in [("buy", buy), ("other", other)] {
                    parts.extend(slow.map(|(chance, ms)| format!("{aim}.slow={chance}:{ms}ms")));
                }
            }
        }
        for fault in Fault::ALL {
            let (name, buy, other) = (fault.name(), self.buy.of(fault), self.other.of(fault));
            if buy == other {
                parts.extend((buy > 0.0).then(|| format!("{name}={buy}")));
                continue;
            }
            for (aim, chance) in [("buy", buy), ("other", other)] {
                parts.extend((chance > 0.0).then(|| format!("{aim}.{name}={chance}")));
            }
        }
        let mut scans = self.scans;
        for name in SCANS {
            let chance = scan_mut(&mut scans, name).map_or(0.0, |value| *value);
            parts.extend((chance > 0.0).then(|| format!("{name}={chance}")));
        }
        f.write_str(&parts.join(","))
    }
}
