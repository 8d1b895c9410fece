//! A reader of Code 128 for tests: written from the symbology, with a table of its own, so that
//! it shares no mistake with the writer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

/// What a scanner reports: FNC1 as `\u{1D}`, which no test payload contains otherwise.
pub(crate) const FNC1_READ: char = '\u{1D}';

/// Symbols as eleven modules, dark is 1, by value.
#[rustfmt::skip]
const MODULES: [u16; 106] = [
    0x6CC, 0x66C, 0x666, 0x498, 0x48C, 0x44C, 0x4C8, 0x4C4, 0x464, 0x648, 0x644, 0x624,
    0x59C, 0x4DC, 0x4CE, 0x5CC, 0x4EC, 0x4E6, 0x672, 0x65C, 0x64E, 0x6E4, 0x674, 0x76E,
    0x74C, 0x72C, 0x726, 0x764, 0x734, 0x732, 0x6D8, 0x6C6, 0x636, 0x518, 0x458, 0x446,
    0x588, 0x468, 0x462, 0x688, 0x628, 0x622, 0x5B8, 0x58E, 0x46E, 0x5D8, 0x5C6, 0x476,
    0x776, 0x68E, 0x62E, 0x6E8, 0x6E2, 0x6EE, 0x758, 0x746, 0x716, 0x768, 0x762, 0x71A,
    0x77A, 0x642, 0x78A, 0x530, 0x50C, 0x4B0, 0x486, 0x42C, 0x426, 0x590, 0x584, 0x4D0,
    0x4C2, 0x434, 0x432, 0x612, 0x650, 0x7BA, 0x614, 0x47A, 0x53C, 0x4BC, 0x49E, 0x5E4,
    0x4F4, 0x4F2, 0x7A4, 0x794, 0x792, 0x6DE, 0x6F6, 0x7B6, 0x578, 0x51E, 0x45E, 0x5E8,
    0x5E2, 0x7A8, 0x7A2, 0x5DE, 0x5EE, 0x75E, 0x7AE, 0x684, 0x690, 0x69C,
];

/// Reads widths of bar, space, bar ...: symbol values without check and stop.
pub(crate) fn values(widths: &[u8]) -> Result<Vec<usize>, String> {
    let mut modules = String::new();
    for (index, width) in widths.iter().enumerate() {
        let dark = if index % 2 == 0 { '1' } else { '0' };
        modules.extend(std::iter::repeat_n(dark, usize::from(*width)));
    }
    let body = modules.strip_suffix("1100011101011").ok_or("no stop")?;
    let mut values = Vec::new();
    for chunk in body.as_bytes().chunks(11) {
        let text = std::str::from_utf8(chunk).unwrap();
        let bits = u16::from_str_radix(text, 2).unwrap();
        let value = MODULES.iter().position(|known| *known == bits);
        values.push(value.ok_or(format!("no symbol {text}"))?);
    }
    let check = values.pop().ok_or("nothing before the stop")?;
    let first = *values.first().ok_or("only a check symbol")?;
    let weighted: usize = (1..).zip(values.iter().skip(1)).map(|(n, value)| n * value).sum();
    if (first + weighted) % 103 != check {
        return Err(format!("check symbol is {check}"));
    }
    Ok(values)
}

/// Reads the text of a barcode from its widths.
pub(crate) fn read(widths: &[u8]) -> Result<String, String> {
    let mut text = String::new();
    let mut set = ' ';
    for (index, value) in values(widths)?.into_iter().enumerate() {
        match (index, set, value) {
            (0, _, 103..=105) => set = ['A', 'B', 'C'][value - 103],
            (0, ..) => return Err("no start".into()),
            (_, _, 102) => text.push(FNC1_READ),
            (_, 'A' | 'B', 99) => set = 'C',
            (_, 'A' | 'C', 100) => set = 'B',
            (_, 'B' | 'C', 101) => set = 'A',
            (_, 'C', 0..=99) => text.push_str(&format!("{value:02}")),
            (_, 'A', 64..=95) => text.push(char::from(value as u8 - 64)),
            (_, _, 0..=95) => text.push(char::from(value as u8 + 32)),
            _ => return Err(format!("symbol {value} in set {set}")),
        }
    }
    Ok(text)
}
