//! The pure parts as tools for people: no server is needed.

use std::{
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use colibri_addresses::{FormatHint, check_text};
use colibri_carriers::{MappedStatus, ParcelTrack, Scan, fold, read_payload};
use colibri_numbers::Hints;
use serde_json::{Value, json};

/// Largest file read: a carrier's answer or a channel's page of orders is far smaller.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The bytes of a file, or of standard input for `-`.
pub fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let source: Box<dyn std::io::Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).with_context(|| format!("open {}", path.display()))?)
    };
    source
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("read {}", path.display()))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        bail!("{} is larger than {FILE_BYTES_MAX} bytes", path.display());
    }
    Ok(bytes)
}

/// Prints one JSON value a line; an error when the reader of our output went away.
pub fn print(line: &Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, line)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// `colibri normalise`: false when a file could not be read as the carrier's payload.
pub fn normalise(carrier: &str, files: &[PathBuf]) -> anyhow::Result<bool> {
    // La Poste is the tracking service of Colissimo: people call it by either name.
    let id = match carrier.to_ascii_lowercase().replace(['-', ' '], "_").as_str() {
        "la_poste" | "laposte" | "suivi" => "colissimo".to_owned(),
        other => other.to_owned(),
    };
    let mut good = true;
    for path in files {
        let body = read(path)?;
        match read_payload(&id, &body) {
            None => {
                let known: Vec<_> = colibri_carriers::all().iter().map(|c| c.info().id).collect();
                bail!("carrier {carrier} is not installed here; known: {}", known.join(", "));
            }
            Some(Ok(tracks)) => {
                for track in tracks {
                    print(&parcel(&track))?;
                }
            }
            Some(Err(cause)) => {
                good = false;
                let file = path.display().to_string();
                print(&json!({ "file": file, "error": cause.to_string() }))?;
            }
        }
    }
    Ok(good)
}

fn parcel(track: &ParcelTrack) -> Value {
    let (scans, folded) = fold(&track.scans, None);
    json!({
        "tracking_number": track.tracking_number,
        "status": folded.headline.as_str(),
        "substatus": folded.sub.map(|s| s.as_str()),
        "delivered": folded.delivered,
        "events": scans.iter().map(event).collect::<Vec<_>>(),
    })
}

fn event(scan: &Scan) -> Value {
    let (status, substatus) = match scan.status {
        MappedStatus::State(headline, sub) => (headline.as_str(), sub.map(|s| s.as_str())),
        MappedStatus::NoChange => ("no_change", None),
        MappedStatus::Unknown => ("unknown", None),
    };
    json!({
        "code": scan.code,
        "description": scan.description,
        "status": status,
        "substatus": substatus,
        "local_time": scan.time.map(|t| t.local_text()),
        "utc_offset": scan.time.and_then(|t| t.offset_text()),
        "location": scan.location.text(),
    })
}

/// `colibri detect`: false when a number has the shape of no known format.
pub fn detect(
    carriers: &[String],
    country: Option<&str>,
    numbers: &[String],
) -> anyhow::Result<bool> {
    let carriers: Vec<&str> = carriers.iter().map(String::as_str).collect();
    let hints = Hints { carriers: &carriers, country };
    let mut good = true;
    for number in numbers {
        let candidates = colibri_numbers::detect(number, hints);
        good &= !candidates.is_empty();
        let carrier = candidates.first().and_then(|candidate| candidate.carrier);
        print(&json!({
            "number": number,
            "normalised": colibri_numbers::normalise(number),
            "carrier": carrier,
            "candidates": candidates,
        }))?;
    }
    Ok(good)
}

/// `colibri order`: false when a payload is not an order of the channel.
pub fn order(channel: &str, files: &[PathBuf]) -> anyhow::Result<bool> {
    let mut good = true;
    for path in files {
        for result in colibri_channels::read_text(channel, &read(path)?) {
            match result {
                Ok(order) => print(&serde_json::to_value(&order)?)?,
                Err(cause) => {
                    good = false;
                    let file = path.display().to_string();
                    print(&json!({ "file": file, "error": cause.to_string() }))?;
                }
            }
        }
    }
    Ok(good)
}

/// `colibri address`: false when one of the addresses is not valid.
pub fn address(files: &[PathBuf]) -> anyhow::Result<bool> {
    let mut good = true;
    for path in files {
        let bytes = read(path)?;
        let text = String::from_utf8_lossy(&bytes);
        let name = path.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
        for verdict in check_text(&text, FormatHint::from_file_name(&name)) {
            good &= verdict.valid;
            print(&serde_json::to_value(&verdict)?)?;
        }
    }
    Ok(good)
}
