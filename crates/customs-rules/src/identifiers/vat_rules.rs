//! The check rule of each state's VAT numbers. Weighted sums run from the left.

use super::{digits, luhn, weighted};

/// What a rule says of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fits,
    Shape,
    CheckDigit,
    Doubt(&'static str),
}

use Verdict::{CheckDigit, Doubt, Fits, Shape};

const fn fits(fit: bool) -> Verdict {
    if fit { Fits } else { CheckDigit }
}

/// The rule of a prefix; `None` where no VAT numbers are issued under it.
pub(super) fn of(prefix: &str, body: &str) -> Option<Verdict> {
    let numeric = |length: usize, rule: fn(&[u32]) -> Option<bool>| match digits(body) {
        Some(all) if all.len() == length => rule(&all).map_or(Shape, fits),
        _ => Shape,
    };
    Some(match prefix {
        "AT" => austria(body),
        "BE" => numeric(10, |d| (d[0] <= 1).then(|| value(&d[8..]) == 97 - value(&d[..8]) % 97)),
        "BG" => bulgaria(body),
        "CY" => cyprus(body),
        "CZ" => czechia(body),
        "DE" => numeric(9, |d| (d[0] != 0).then(|| mod_11_10(d))),
        "DK" => {
            numeric(8, |d| (d[0] != 0).then(|| weighted(d, &[2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0))
        }
        "EE" => numeric(9, |d| Some(weighted(d, &[3, 7, 1]) % 10 == 0)),
        "EL" => numeric(9, |d| {
            Some(weighted(&d[..8], &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == d[8])
        }),
        "ES" => spain(body),
        "FI" => numeric(8, |d| Some(weighted(d, &[7, 9, 10, 5, 8, 4, 2, 1]) % 11 == 0)),
        "FR" => france(body),
        "HR" => numeric(11, |d| Some(mod_11_10(d))),
        "HU" => numeric(8, |d| Some(weighted(d, &[9, 7, 3, 1]) % 10 == 0)),
        "IE" => ireland(body),
        "IT" => numeric(11, italy),
        "LT" => lithuania(body),
        "LU" => numeric(8, |d| Some(value(&d[6..]) == value(&d[..6]) % 89)),
        "LV" => latvia(body),
        "MT" => numeric(8, |d| Some(weighted(d, &[3, 4, 6, 7, 8, 9, 10, 1]) % 37 == 0)),
        "NL" => netherlands(body),
        "PL" => numeric(10, |d| Some(weighted(&d[..9], &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == d[9])),
        "PT" => numeric(9, |d| {
            let rest = weighted(&d[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            (d[0] != 0).then(|| (11 - rest) % 11 % 10 == d[8])
        }),
        "RO" => romania(body),
        "SE" => numeric(12, |d| (value(&d[10..]) == 1).then(|| luhn(&d[..10]) == 0)),
        "SI" => numeric(8, |d| {
            let rest = 11 - weighted(&d[..7], &[8, 7, 6, 5, 4, 3, 2]) % 11;
            (d[0] != 0).then(|| rest != 11 && rest % 10 == d[7])
        }),
        "SK" => numeric(10, |d| {
            let third = matches!(d[2], 2 | 3 | 4 | 7 | 8 | 9);
            (d[0] != 0 && third).then(|| value(d) % 11 == 0)
        }),
        "GB" | "XI" => britain(body),
        "CHE" => switzerland(body),
        "NO" => norway(body),
        _ => return None,
    })
}

fn value(digits: &[u32]) -> u64 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(*digit))
}

/// ISO 7064, modulo 11 and 10, the check digit being the last.
fn mod_11_10(digits: &[u32]) -> bool {
    let Some((check, body)) = digits.split_last() else {
        return false;
    };
    let product = body.iter().fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        if sum == 0 { 20 % 11 } else { sum * 2 % 11 }
    });
    (product + check) % 10 == 1
}

fn austria(body: &str) -> Verdict {
    let all = body.strip_prefix('U').and_then(digits).filter(|all| all.len() == 8);
    let Some(all) = all else { return Shape };
    let (body, check) = (&all[..7], all[7]);
    let each = body.iter().zip([1, 2].into_iter().cycle()).map(|(digit, weight)| {
        let product = digit * weight;
        product / 10 + product % 10
    });
    fits((96 - each.sum::<u32>()) % 10 == check)
}

fn bulgaria(body: &str) -> Verdict {
    let Some(all) = digits(body) else { return Shape };
    match all.len() {
        9 => {
            let first = weighted(&all[..8], &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
            let second = weighted(&all[..8], &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10;
            fits(if first == 10 { second } else { first } == all[8])
        }
        10 => Doubt("a number of a person, whose check digit is not looked at"),
        _ => Shape,
    }
}

fn cyprus(body: &str) -> Verdict {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let Some((number, letter)) = body.split_at_checked(8) else { return Shape };
    let (Some(all), [letter @ b'A'..=b'Z']) = (digits(number), letter.as_bytes()) else {
        return Shape;
    };
    if number.starts_with("12") {
        return Shape;
    }
    let each = all.iter().enumerate().map(|(at, digit)| match at % 2 {
        0 => usize::try_from(*digit).ok().and_then(|d| ODD.get(d)).copied().unwrap_or_default(),
        _ => *digit,
    });
    fits(each.sum::<u32>() % 26 == u32::from(letter - b'A'))
}

fn czechia(body: &str) -> Verdict {
    let Some(all) = digits(body) else { return Shape };
    match all.len() {
        8 if all[0] != 9 => {
            let rest = (11 - weighted(&all[..7], &[8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
            let rest = if rest == 0 { 1 } else { rest };
            fits(rest % 10 == all[7])
        }
        9 | 10 => Doubt("a number of a person, whose check digit is not looked at"),
        _ => Shape,
    }
}

fn spain(body: &str) -> Verdict {
    const PERSON: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    const COMPANY: &[u8] = b"JABCDEFGHI";
    if body.len() != 9 || !body.is_ascii() {
        return Shape;
    }
    let (first, last) = (body.as_bytes()[0], body.as_bytes()[8]);
    let person = |digits: &str| {
        let number = digits.parse::<u64>().ok()?;
        let place = usize::try_from(number % 23).ok()?;
        PERSON.get(place).map(|letter| fits(*letter == last))
    };
    match first {
        b'0'..=b'9' => person(&body[..8]).unwrap_or(Shape),
        b'X' | b'Y' | b'Z' => person(&format!("{}{}", first - b'X', &body[1..8])).unwrap_or(Shape),
        b'K' | b'L' | b'M' => person(&body[1..8]).unwrap_or(Shape),
        b'A'..=b'J' | b'N' | b'P'..=b'S' | b'U' | b'V' | b'W' => {
            let Some(all) = digits(&body[1..8]) else { return Shape };
            let doubled = |digit: &u32| digit * 2 / 10 + digit * 2 % 10;
            let odd: u32 = all.iter().step_by(2).map(doubled).sum();
            let even: u32 = all.iter().skip(1).step_by(2).sum();
            let check = (10 - (odd + even) % 10) % 10;
            let letter = usize::try_from(check).ok().and_then(|place| COMPANY.get(place));
            fits(u32::from(last.wrapping_sub(b'0')) == check || letter == Some(&last))
        }
        _ => Shape,
    }
}

fn france(body: &str) -> Verdict {
    let Some((key, siren)) = body.split_at_checked(2) else { return Shape };
    let Some(siren) = digits(siren).filter(|all| all.len() == 9) else { return Shape };
    // Monaco's numbers begin with 000 and follow no Luhn.
    if siren[..3] != [0, 0, 0] && luhn(&siren) != 0 {
        return CheckDigit;
    }
    match digits(key) {
        Some(key) => fits((value(&siren) * 100 + 12) % 97 == value(&key)),
        None if key.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Doubt("a key with letters is not computed")
        }
        None => Shape,
    }
}

fn ireland(body: &str) -> Verdict {
    const LETTERS: &[u8] = b"WABCDEFGHIJKLMNOPQRSTUV";
    let Some((number, letters)) = body.split_at_checked(7) else { return Shape };
    let Some(all) = digits(number) else {
        return Doubt("an older form, whose check letter is not looked at");
    };
    let (letter, extra) = match letters.as_bytes() {
        [letter @ b'A'..=b'Z'] => (letter, 0),
        [letter @ b'A'..=b'Z', second @ b'A'..=b'I'] => (letter, u32::from(second - b'A') + 1),
        _ => return Shape,
    };
    let sum = weighted(&all, &[8, 7, 6, 5, 4, 3, 2]) + 9 * extra;
    let expected = usize::try_from(sum % 23).ok().and_then(|place| LETTERS.get(place));
    fits(expected == Some(letter))
}

fn italy(digits: &[u32]) -> Option<bool> {
    let office = value(digits.get(7..10)?);
    matches!(office, 1..=100 | 120 | 121 | 888 | 999).then(|| luhn(digits) == 0)
}

fn lithuania(body: &str) -> Verdict {
    let Some(all) = digits(body) else { return Shape };
    let Some((check, number)) = all.split_last() else { return Shape };
    if !matches!(all.len(), 9 | 12) || number.last() != Some(&1) {
        return Shape;
    }
    let from = |start: u32| -> u32 {
        let weights = (0..).map(|at| (at + start - 1) % 9 + 1);
        number.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11
    };
    let rest = if from(1) == 10 { from(3) % 10 } else { from(1) };
    fits(rest == *check)
}

fn latvia(body: &str) -> Verdict {
    match digits(body).filter(|all| all.len() == 11) {
        Some(all) if all[0] > 3 => {
            fits(weighted(&all, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3)
        }
        Some(_) => Doubt("a number of a person, whose check digit is not looked at"),
        None => Shape,
    }
}

fn netherlands(body: &str) -> Verdict {
    let parts = (body.get(..9).and_then(digits), body.get(9..10), body.get(10..));
    let (Some(number), Some("B"), Some(branch)) = parts else { return Shape };
    if branch.len() != 2 || branch == "00" || digits(branch).is_none() {
        return Shape;
    }
    // Companies: eleven test. Sole traders: ISO 7064 modulo 97 over all, letters as 10 to 35.
    let sum = weighted(&number[..8], &[9, 8, 7, 6, 5, 4, 3, 2]);
    if (sum + 11 - number[8]) % 11 == 0 {
        return Fits;
    }
    let whole = format!("NL{body}");
    let rest = whole.chars().filter_map(|c| c.to_digit(36)).fold(0_u64, |rest, digit| {
        let shift = if digit > 9 { 100 } else { 10 };
        (rest * shift + u64::from(digit)) % 97
    });
    fits(rest == 1)
}

fn romania(body: &str) -> Verdict {
    let Some(all) = digits(body).filter(|all| (2..=10).contains(&all.len())) else { return Shape };
    let padded = [vec![0; 10 - all.len()], all].concat();
    let sum = weighted(&padded[..9], &[7, 5, 3, 2, 1, 7, 5, 3, 2]);
    fits(sum * 10 % 11 % 10 == padded[9])
}

fn britain(body: &str) -> Verdict {
    let department = body.strip_prefix("GD").or_else(|| body.strip_prefix("HA"));
    if let Some(rest) = department {
        let plain = rest.len() == 3 && digits(rest).is_some();
        return if plain { Doubt("a number of a public department") } else { Shape };
    }
    match digits(body).filter(|all| matches!(all.len(), 9 | 12)) {
        Some(all) => {
            let sum = u64::from(weighted(&all[..7], &[8, 7, 6, 5, 4, 3, 2])) + value(&all[7..9]);
            let newer = value(&all[..3]) >= 100 && matches!(sum % 97, 42 | 55);
            fits(sum % 97 == 0 || newer)
        }
        None => Shape,
    }
}

fn switzerland(body: &str) -> Verdict {
    let body = body.trim_end_matches("MWST").trim_end_matches("TVA").trim_end_matches("IVA");
    match digits(body).filter(|all| all.len() == 9) {
        Some(all) => {
            let rest = (11 - weighted(&all[..8], &[5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11;
            fits(rest == all[8])
        }
        None => Shape,
    }
}

/// Nine digits and `MVA`, which may be missing.
pub(super) fn norway(body: &str) -> Verdict {
    match digits(body.trim_end_matches("MVA")).filter(|all| all.len() == 9) {
        Some(all) => fits(weighted(&all, &[3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0),
        None => Shape,
    }
}
