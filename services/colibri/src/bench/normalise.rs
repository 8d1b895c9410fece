//! Tracking answers per CPU-second, beside the bare parse of the same bytes.

use std::time::Duration;

use colibri_carriers::{fold, read_payload};

use super::{Figure, cpu};

/// Answers in the carriers' documented shapes, written for this project.
const CASES: &[(&str, &str, &[u8])] = &[
    ("ups", "poll", include_bytes!("../../bench/ups-track.json")),
    ("colissimo", "poll", include_bytes!("../../bench/suivi.json")),
];
/// Long enough that a tick of the CPU clock (10 ms) is no more than one per cent.
const AT_LEAST: Duration = Duration::from_secs(2);

/// Repeats a call until enough CPU was used; answers calls per CPU-second.
fn per_cpu_second(mut call: impl FnMut()) -> f64 {
    let start = cpu::own();
    let mut calls = 0_u64;
    loop {
        for _ in 0..200 {
            call();
        }
        calls += 200;
        let used = cpu::own() - start;
        if used > AT_LEAST.as_secs_f64() {
            return calls as f64 / used;
        }
    }
}

/// Normalises each case again and again.
pub fn run() -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (carrier, kind, body) in CASES {
        anyhow::ensure!(
            matches!(read_payload(carrier, body), Some(Ok(ref tracks)) if !tracks.is_empty()),
            "the benchmark's {carrier} answer cannot be read"
        );
        let bare = per_cpu_second(|| {
            std::hint::black_box(serde_json::from_slice::<serde_json::Value>(body).ok());
        });
        let ours = per_cpu_second(|| {
            if let Some(Ok(tracks)) = read_payload(carrier, body) {
                for track in &tracks {
                    std::hint::black_box(fold(&track.scans, None));
                }
            }
        });
        let name = format!("normalise {carrier} {kind} ({} bytes)", body.len());
        let note = "limit: the bare parse of the same bytes; bar: within 3 x of it";
        figures.push(Figure::new(name, ours, "answers/CPU-s").of(bare, note).bar(bare / 3.0));
    }
    Ok(figures)
}
