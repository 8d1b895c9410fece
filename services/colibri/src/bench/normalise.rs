//! Tracking answers per CPU-second, beside the bare parse of the same bytes: a line per carrier.
//!
//! The answers are what each carrier's own simulator says about parcels that reached their end, so
//! that nobody picks the bytes.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use colibri_carriers::{
    Carrier, all, fold, read_payload,
    sim::{Desk, ScanFaults, SimOptions, example_account},
};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use time::{OffsetDateTime, macros::datetime};

use super::{Figure, cpu};

/// Long enough that a tick of the CPU clock (10 ms) is no more than one per cent.
const AT_LEAST: Duration = Duration::from_secs(1);
/// Answers per carrier, one parcel each: journeys differ, and so do their answers.
const ANSWERS: usize = 24;
/// Decides numbers and journeys, the same in every run.
const SEED: u64 = 7;
/// When the parcels are bought: a Friday at noon, far from changes of the clock.
const BOUGHT: OffsetDateTime = datetime!(2026-11-20 11:00 UTC);

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

/// What a simulated carrier says about parcels at their end.
fn answers(carrier: &'static dyn Carrier) -> anyhow::Result<Vec<Bytes>> {
    let options = SimOptions { seed: SEED, faults: ScanFaults::default() };
    let mut desk = Desk::open(carrier, example_account(carrier), options, BOUGHT)?;
    let shipment = desk.plain().context("no service carries a plain parcel")?;
    let mut numbers = Vec::with_capacity(ANSWERS);
    for _ in 0..ANSWERS {
        let sold = desk.buy(&shipment)?.labels.into_iter().next().context("no label")?;
        numbers.push(sold.tracking_number);
    }
    desk.wait_until(desk.sim.last_scan_at().context("no scan to come")?)?;
    let ask = |number| Ok(desk.poll(std::slice::from_ref(number))?.0.body);
    numbers.iter().map(ask).collect()
}

/// XML as a value, for the bare parse.
#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

/// A parse into a value that knows no carrier.
fn bare(body: &[u8]) -> Option<()> {
    if body.first().is_some_and(|first| matches!(first, b'{' | b'[')) {
        std::hint::black_box(serde_json::from_slice::<serde_json::Value>(body).ok()?);
        return Some(());
    }
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    let named = |start: BytesStart<'_>| Element {
        name: start.name().as_ref().to_owned(),
        ..Element::default()
    };
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => open.push(named(start)),
            Event::Empty(start) => open.last_mut()?.children.push(named(start)),
            Event::End(_) => {
                let done = open.pop()?;
                open.last_mut()?.children.push(done);
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
            Event::CData(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
            Event::Eof => break,
            _ => {}
        }
    }
    let root = std::hint::black_box(open).pop()?.children.pop()?;
    (!root.name.is_empty() && root.text.len() <= body.len()).then_some(())
}

/// All that happens to an answer before it is compared with what is known.
fn normalised(carrier: &str, body: &[u8]) -> Option<()> {
    let tracks = read_payload(carrier, body)?.ok()?;
    for track in &tracks {
        std::hint::black_box(fold(&track.scans, None));
    }
    (!tracks.is_empty()).then_some(())
}

/// Normalises the answers of each carrier again and again.
pub fn run() -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for carrier in all() {
        let id = carrier.info().id;
        let answers = answers(*carrier).with_context(|| format!("answers of {id}"))?;
        let readable = answers.iter().all(|body| bare(body).and(normalised(id, body)).is_some());
        anyhow::ensure!(readable, "an answer of {id} cannot be read");
        let bytes = answers.iter().map(Bytes::len).sum::<usize>() / answers.len();
        let mut turn = answers.iter().cycle();
        let limit = per_cpu_second(|| {
            std::hint::black_box(turn.next().and_then(|body| bare(body)));
        });
        let mut turn = answers.iter().cycle();
        let ours = per_cpu_second(|| {
            std::hint::black_box(turn.next().and_then(|body| normalised(id, body)));
        });
        let note = "limit: the same bytes parsed into a plain value; bar: within 3 x of it";
        let name = format!("normalise {id} poll ({bytes} bytes)");
        figures.push(Figure::new(name, ours, "answers/CPU-s").of(limit, note).bar(limit / 3.0));
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_carrier_has_answers_that_both_can_read() -> anyhow::Result<()> {
        for carrier in all() {
            let id = carrier.info().id;
            for body in answers(*carrier)? {
                assert!(bare(&body).is_some() && normalised(id, &body).is_some(), "{id}");
            }
        }
        assert!(bare(b"{\"a\":").is_none() && bare(b"<a><b></a>").is_none());
        Ok(())
    }
}
