//! Code 128 (ISO/IEC 15417): from characters to symbols to bars.
//!
//! Chooses the code sets A, B and C by dynamic programming, so that no other choice needs fewer
//! symbols. SHIFT is not used: it saves a symbol only where control characters alternate with
//! lower case, which no carrier prints, and printers differ in how they read it from ZPL. FNC4
//! (Latin-1) is not used either: scanners at carriers are rarely set up for it.

/// Symbol value of FNC1 in every code set.
pub(crate) const FNC1: u8 = 102;

/// Bars in modules that end every barcode: the one symbol with a seventh element.
const STOP: [u8; 7] = *b"2331112";

/// Bar, space, bar, space, bar, space in modules, by symbol value.
#[rustfmt::skip]
const PATTERNS: [[u8; 6]; 106] = [
    *b"212222", *b"222122", *b"222221", *b"121223", *b"121322", *b"131222", *b"122213", *b"122312",
    *b"132212", *b"221213", *b"221312", *b"231212", *b"112232", *b"122132", *b"122231", *b"113222",
    *b"123122", *b"123221", *b"223211", *b"221132", *b"221231", *b"213212", *b"223112", *b"312131",
    *b"311222", *b"321122", *b"321221", *b"312212", *b"322112", *b"322211", *b"212123", *b"212321",
    *b"232121", *b"111323", *b"131123", *b"131321", *b"112313", *b"132113", *b"132311", *b"211313",
    *b"231113", *b"231311", *b"112133", *b"112331", *b"132131", *b"113123", *b"113321", *b"133121",
    *b"313121", *b"211331", *b"231131", *b"213113", *b"213311", *b"213131", *b"311123", *b"311321",
    *b"331121", *b"312113", *b"312311", *b"332111", *b"314111", *b"221411", *b"431111", *b"111224",
    *b"111422", *b"121124", *b"121421", *b"141122", *b"141221", *b"112214", *b"112412", *b"122114",
    *b"122411", *b"142112", *b"142211", *b"241211", *b"221114", *b"413111", *b"241112", *b"134111",
    *b"111242", *b"121142", *b"121241", *b"114212", *b"124112", *b"124211", *b"411212", *b"421112",
    *b"421211", *b"212141", *b"214121", *b"412121", *b"111143", *b"111341", *b"131141", *b"114113",
    *b"114311", *b"411113", *b"411311", *b"113141", *b"114131", *b"311141", *b"411131", *b"211412",
    *b"211214", *b"211232",
];

/// What can be said in Code 128 without extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Datum {
    /// 0 to 127.
    Ascii(u8),
    /// The function character that marks GS1 data and separates its elements.
    Fnc1,
}

/// A code set: what a symbol value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    /// Control characters, digits, capitals.
    A,
    /// Digits, capitals, lower case.
    B,
    /// Pairs of digits.
    C,
}

impl Set {
    /// In the order of preference where the count of symbols is equal: C has the densest future,
    /// B is what every printer and scanner was tested with.
    const ALL: [Self; 3] = [Self::C, Self::B, Self::A];

    /// The symbol that opens a barcode in this set.
    pub(crate) fn start(self) -> u8 {
        match self {
            Self::A => 103,
            Self::B => 104,
            Self::C => 105,
        }
    }

    /// The symbol that changes to this set from another.
    pub(crate) fn switch(self) -> u8 {
        match self {
            Self::A => 101,
            Self::B => 100,
            Self::C => 99,
        }
    }

    /// The first symbol of `data` in this set and how many data it takes.
    fn take(self, data: &[Datum]) -> Option<(u8, usize)> {
        match (self, data) {
            (_, [Datum::Fnc1, ..]) => Some((FNC1, 1)),
            (Self::A, [Datum::Ascii(c @ 0..=31), ..]) => Some((c + 64, 1)),
            (Self::A, [Datum::Ascii(c @ 32..=95), ..]) => Some((c - 32, 1)),
            (Self::B, [Datum::Ascii(c @ 32..=127), ..]) => Some((c - 32, 1)),
            (Self::C, [Datum::Ascii(tens @ b'0'..=b'9'), Datum::Ascii(ones @ b'0'..=b'9'), ..]) => {
                Some(((tens - b'0') * 10 + (ones - b'0'), 2))
            }
            _ => None,
        }
    }
}

/// The best way on from one position in one set.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// Symbols from here to the end of the data, check and stop not counted.
    cost: usize,
    /// The set to go on in: another one costs the switch, which `cost` includes.
    set: Set,
}

/// Symbol values from the start code to the last datum, in the fewest symbols. Empty data gives a
/// start code alone; data outside ASCII end the encoding, which the caller excludes.
pub(crate) fn encode(data: &[Datum]) -> Vec<u8> {
    let plans = plan(data);
    let first = plans.first().and_then(|here| here.iter().flatten().min_by_key(|p| p.cost));
    let mut set = first.map_or(Set::B, |plan| plan.set);
    let mut symbols = vec![set.start()];
    let mut at = 0;
    while let Some(rest) = data.get(at..).filter(|rest| !rest.is_empty()) {
        let next = plans.get(at).and_then(|here| slot(here, set)).map_or(set, |plan| plan.set);
        if next != set {
            symbols.push(next.switch());
            set = next;
        }
        let Some((symbol, taken)) = set.take(rest) else {
            break;
        };
        symbols.push(symbol);
        at += taken;
    }
    symbols
}

/// Plans for every position, from the last backwards; `None` where a set leads nowhere.
fn plan(data: &[Datum]) -> Vec<[Option<Plan>; 3]> {
    let end = Set::ALL.map(|set| Some(Plan { cost: 0, set }));
    let mut plans = vec![end; data.len() + 1];
    for at in (0..data.len()).rev() {
        let direct = Set::ALL.map(|set| {
            let (_, taken) = set.take(data.get(at..)?)?;
            let after = slot(plans.get(at + taken)?, set)?;
            Some(Plan { cost: after.cost + 1, set })
        });
        let best = Set::ALL.map(|set| {
            let stay = slot(&direct, set);
            let leave = direct.iter().flatten().min_by_key(|plan| plan.cost);
            let leave = leave.map(|plan| Plan { cost: plan.cost + 1, set: plan.set });
            stay.into_iter().chain(leave).min_by_key(|plan| plan.cost)
        });
        if let Some(here) = plans.get_mut(at) {
            *here = best;
        }
    }
    plans
}

fn slot(plans: &[Option<Plan>; 3], set: Set) -> Option<Plan> {
    let [c, b, a] = *plans;
    match set {
        Set::A => a,
        Set::B => b,
        Set::C => c,
    }
}

/// The check symbol: start code plus every symbol times its position, modulo 103.
pub(crate) fn check(symbols: &[u8]) -> u8 {
    let sum = symbols.iter().enumerate().fold(0_usize, |sum, (position, symbol)| {
        (sum + position.max(1) * usize::from(*symbol)) % 103
    });
    u8::try_from(sum).unwrap_or_default()
}

/// Widths in modules of all bars and spaces, with check symbol and stop.
pub(crate) fn widths(symbols: &[u8]) -> Vec<u8> {
    let check = check(symbols);
    let patterns = symbols.iter().chain([&check]);
    let mut widths: Vec<u8> = patterns
        .filter_map(|symbol| PATTERNS.get(usize::from(*symbol)))
        .flatten()
        .chain(&STOP)
        .map(|digit| digit - b'0')
        .collect();
    widths.shrink_to_fit();
    widths
}

#[cfg(test)]
#[path = "code128_tests.rs"]
mod tests;
