//! What happened, in memory: the last requests one by one, and counts of all.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::Fault;

/// Requests kept: some 20 MB at most, and enough for the longest test that reads them.
const KEPT_MAX: usize = 100_000;

/// One request, in order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// Id of the carrier.
    pub carrier: &'static str,
    /// Number of the request at this carrier, from 1.
    pub n: u64,
    /// Method as sent.
    pub method: String,
    /// Path without query, as sent.
    pub path: String,
    /// Does it spend money?
    pub buys: bool,
    /// Status that went out; absent when no byte of an answer did.
    pub status: Option<u16>,
    /// What was done to it on the wire.
    pub fault: Option<Fault>,
    /// Was the answer held back?
    pub slow: bool,
}

/// Counts since the start.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// All requests but those below `/_sandbox/`.
    pub requests: u64,
    /// Those that would spend money.
    pub buys: u64,
    /// Those that the simulator was asked: all but the ones stopped before it.
    pub asked: u64,
    /// Answers held back.
    pub slow: u64,
    /// Faults by name.
    pub faults: BTreeMap<Fault, u64>,
    /// Webhooks that were taken with a 2xx.
    pub pushes_delivered: u64,
    /// Attempts to deliver one that failed; each is tried again.
    pub pushes_failed: u64,
    /// Webhooks never sent because their URL is not plain HTTP on loopback.
    pub pushes_refused: u64,
    /// Webhooks that are due and not yet taken.
    pub pushes_waiting: u64,
}

#[derive(Debug, Default)]
pub struct Log {
    entries: VecDeque<LogEntry>,
    pub totals: Totals,
}

impl Log {
    /// Number of the request that comes next.
    pub const fn next(&self) -> u64 {
        self.totals.requests + 1
    }

    pub fn enter(&mut self, entry: LogEntry, asked: bool) {
        let totals = &mut self.totals;
        totals.requests += 1;
        totals.buys += u64::from(entry.buys);
        totals.asked += u64::from(asked);
        totals.slow += u64::from(entry.slow);
        if let Some(fault) = entry.fault {
            *totals.faults.entry(fault).or_default() += 1;
        }
        if self.entries.len() == KEPT_MAX {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub fn entries(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.iter()
    }
}
