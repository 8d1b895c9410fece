//! Codes and names people choose.

use super::Violation;
use crate::error::{CODE, NAME};

/// Characters of a name: what fits a line on a screen.
const NAME_CHARS_MAX: usize = 100;
/// Characters of a code: what fits a column of a file.
const CODE_CHARS_MAX: usize = 32;

/// A code for files, rules and URLs.
///
/// # Errors
/// `ACC0009`.
pub fn code(text: &str, field: &str) -> Result<(), Violation> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    if (1..=CODE_CHARS_MAX).contains(&text.len()) && text.bytes().all(plain) {
        return Ok(());
    }
    Err(Violation::new(CODE, field, "MALFORMED", "1 to 32 of a-z, 0-9, _ and -"))
}

/// A name, without the blanks around it.
///
/// # Errors
/// `ACC0001`.
pub fn name(text: &str) -> Result<&str, Violation> {
    let name = text.trim();
    let length = name.chars().count();
    if (1..=NAME_CHARS_MAX).contains(&length) && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    Err(Violation::new(NAME, "name", "MALFORMED", "1 to 100 characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_small_and_plain() {
        for good in ["a", "paris-1", "0_0", &"x".repeat(32)] {
            assert_eq!(code(good, "code"), Ok(()), "{good}");
        }
        for bad in ["", "Paris", "a b", "é", "a/b", "a.b", &"x".repeat(33)] {
            assert!(code(bad, "code").is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_short_and_printable() {
        assert_eq!(name(" Muster & Söhne "), Ok("Muster & Söhne"));
        assert!(name(&"é".repeat(100)).is_ok());
        for bad in ["", "  ", "a\nb", "\u{7}", &"x".repeat(101)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
