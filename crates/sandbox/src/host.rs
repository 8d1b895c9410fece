//! One simulated carrier behind one lock: draws the faults, asks the simulator, keeps the log.
//!
//! Knows nothing of sockets: a request in, at most one answer out.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use colibri_carriers::{
    Method,
    sim::{LedgerEntry, ScanFaults, SimOptions, SimPush, SimRequest, Simulator},
};
use colibri_kit::clock::SharedClock;
use time::OffsetDateTime;

use crate::{
    Fault, FaultProfile, FaultProfileError, LogEntry, Totals,
    answer::{Answer, instead, plain, spoil},
    draw::{hash, mix},
    log::Log,
    revoked::Revoked,
};

/// Different requests remembered, to draw anew when one is repeated: some 30 MB. Beyond, the
/// memory starts anew, and repeated requests draw as at first.
const SEEN_MAX: usize = 1_000_000;

/// A request as read from the wire.
pub struct Arrived {
    pub method: http::Method,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// What to do about a request.
pub struct Outcome {
    /// `None`: close the connection without a byte.
    pub answer: Option<Answer>,
    /// Held back for so long, in real time.
    pub delay: Option<Duration>,
}

/// Faults were not changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SetFaultsError {
    /// No such carrier runs here.
    #[error("no carrier `{0}` runs here")]
    UnknownCarrier(String),
    /// The profile makes no sense.
    #[error(transparent)]
    Profile(#[from] FaultProfileError),
    /// The stories of parcels are being told with other scan faults.
    #[error("once the carrier was asked, its scan faults stay, and must be repeated: {0}")]
    ScansFixed(String),
}

struct State {
    simulator: Box<dyn Simulator>,
    faults: FaultProfile,
    revoked: Revoked,
    /// How often a request was seen before, by its hash.
    seen: HashMap<u64, u32>,
    log: Log,
}

/// One carrier.
pub struct Host {
    pub id: &'static str,
    seed: u64,
    clock: SharedClock,
    state: Mutex<State>,
}

impl Host {
    /// `None` when no carrier has that id.
    pub fn new(id: &str, seed: u64, faults: FaultProfile, clock: SharedClock) -> Option<Self> {
        let simulator = simulator(id, seed, faults.scans)?;
        let id = simulator.carrier();
        let (revoked, seen, log) = (Revoked::default(), HashMap::new(), Log::default());
        let state = State { simulator, faults, revoked, seen, log };
        Some(Self { id, seed, clock, state: Mutex::new(state) })
    }

    /// Decides, asks and logs one request. Never waits but for the lock.
    pub fn answer(&self, arrived: Arrived) -> Outcome {
        let target = [arrived.path.as_bytes(), arrived.query.as_bytes()];
        let method = arrived.method.as_str();
        let key = hash(&[method.as_bytes(), target[0], target[1], &arrived.body]);
        let mut state = self.state();
        let state = &mut *state;
        let n = state.log.next();
        let Some(method) = known(&arrived.method) else {
            let entry = self.entry(n, arrived.method.as_str(), arrived.path);
            state.log.enter(LogEntry { status: Some(405), ..entry }, false);
            let answer = Some(Answer::whole(plain(405, "no carrier uses this method\n")));
            return Outcome { answer, delay: None };
        };
        let repeated = state.repeated(key);
        let request = state.revoked.hide(SimRequest {
            method,
            path: arrived.path,
            query: arrived.query,
            headers: arrived.headers,
            body: arrived.body,
            now: self.clock.now(),
        });
        let buys = state.simulator.buys(&request);
        let draw = key ^ mix(self.seed ^ mix(u64::from(repeated)));
        let decision = state.faults.wire(buys).decide(draw);
        let early = decision.fault.filter(|fault: &Fault| fault.is_before_commit());
        let answer = match early {
            Some(fault) => Some(Answer::whole(instead(fault, decision.variety))),
            None => {
                let response = state.simulator.answer(&request);
                spoil(response, decision.fault, decision.variety)
            }
        };
        let entry = LogEntry {
            buys,
            status: answer.as_ref().map(|answer| answer.response.status),
            fault: decision.fault,
            slow: decision.slow.is_some(),
            ..self.entry(n, method.as_str(), request.path)
        };
        state.log.enter(entry, early.is_none());
        Outcome { answer, delay: decision.slow }
    }

    fn entry(&self, n: u64, method: &str, path: String) -> LogEntry {
        LogEntry {
            carrier: self.id,
            n,
            method: method.to_owned(),
            path,
            buys: false,
            status: None,
            fault: None,
            slow: false,
        }
    }

    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Webhooks that have become due.
    pub fn due(&self) -> Vec<SimPush> {
        let now = self.clock.now();
        self.state().simulator.pushes(now)
    }

    pub fn last_scan_at(&self) -> Option<OffsetDateTime> {
        self.state().simulator.last_scan_at()
    }

    /// The ledger without its first lines.
    pub fn ledger(&self, skip: usize) -> Vec<LedgerEntry> {
        self.state().simulator.ledger().get(skip..).unwrap_or_default().to_vec()
    }

    pub fn log(&self) -> Vec<LogEntry> {
        self.state().log.entries().cloned().collect()
    }

    pub fn totals(&self) -> Totals {
        self.state().log.totals.clone()
    }

    /// Changes counts of pushes.
    pub fn count(&self, change: impl FnOnce(&mut Totals)) {
        change(&mut self.state().log.totals);
    }

    /// Refuses a secret from now on, and every token given so far.
    pub fn revoke(&self, secret: &str) {
        let mut state = self.state();
        state.revoked.add(secret);
        state.simulator.forget_tokens();
    }

    pub fn faults(&self) -> FaultProfile {
        self.state().faults
    }

    pub fn set_faults(&self, faults: FaultProfile) -> Result<(), SetFaultsError> {
        faults.validate()?;
        let mut state = self.state();
        if faults.scans != state.faults.scans {
            // A simulator takes its scan faults when it is made, and its ledger must not be lost.
            let untouched = state.log.totals.asked == 0;
            let made = untouched.then(|| simulator(self.id, self.seed, faults.scans)).flatten();
            state.simulator = made.ok_or_else(|| scans_fixed(state.faults.scans))?;
        }
        state.faults = faults;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn scans_fixed(scans: ScanFaults) -> SetFaultsError {
    let told = FaultProfile { scans, ..FaultProfile::default() }.to_string();
    SetFaultsError::ScansFixed(if told.is_empty() { "none".to_owned() } else { told })
}

impl State {
    /// How often the same request came before. Not the number of the request: what others ask at
    /// the same time must not change who is hit.
    fn repeated(&mut self, key: u64) -> u32 {
        if self.seen.len() >= SEEN_MAX {
            self.seen.clear();
        }
        let count = self.seen.entry(key).or_default();
        let before = *count;
        *count = count.saturating_add(1);
        before
    }
}

fn simulator(id: &str, seed: u64, faults: ScanFaults) -> Option<Box<dyn Simulator>> {
    colibri_carriers::simulator(id, SimOptions { seed, faults })
}

fn known(method: &http::Method) -> Option<Method> {
    [Method::Get, Method::Post, Method::Put, Method::Delete]
        .into_iter()
        .find(|known| known.as_str() == method.as_str())
}
