//! Light checks of phone and e-mail: only what cannot work is said.

/// Why a phone cannot be dialled; `None` when it might be.
pub fn phone_doubt(phone: &str) -> Option<&'static str> {
    let number = phone.split(['x', 'X', '#', 'e', 'E']).next().unwrap_or_default();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let known =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-–./()[]\u{2011}".contains(c);
    if !number.chars().all(known) {
        return Some("has characters that are no part of a phone number");
    }
    match digits {
        // 6: the shortest national numbers still in use.
        0..6 => Some("has fewer than 6 digits"),
        // 15: the limit of E.164, country code included.
        6..=15 => None,
        _ => Some("has more than 15 digits"),
    }
}

/// Why an e-mail cannot be one; `None` when it might be.
pub fn email_fault(email: &str) -> Option<&'static str> {
    // 254 bytes: the longest address SMTP can carry.
    if email.len() > 254 {
        return Some("longer than 254 bytes");
    }
    if email.contains(char::is_whitespace) {
        return Some("a space inside");
    }
    let Some((local, domain)) = email.split_once('@') else {
        return Some("no `@`");
    };
    if domain.contains('@') {
        return Some("more than one `@`");
    }
    if local.is_empty() {
        return Some("nothing before the `@`");
    }
    let labels: Vec<&str> = domain.split('.').collect();
    if labels.len() < 2 || labels.iter().any(|l| l.is_empty()) {
        return Some("no complete domain after the `@`");
    }
    let odd = |c: char| c.is_ascii_punctuation() && c != '-';
    if labels.iter().any(|l| l.contains(odd)) {
        return Some("a character in the domain that domains cannot have");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones() {
        for good in ["+33 1 23 45 67 89", "(020) 7946-0000", "+1 202-555-0147 x12", "555010"] {
            assert_eq!(phone_doubt(good), None, "{good}");
        }
        for bad in ["12345", "call me", "+33 1 23 45 67 89 01 23 45 67", ""] {
            assert!(phone_doubt(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn emails() {
        for good in ["a@example.com", "jean.valjean+x@sub.example.fr", "ü@exämple.de"] {
            assert_eq!(email_fault(good), None, "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(250));
        for bad in [
            "a",
            "@example.com",
            "a@",
            "a@b",
            "a@@example.com",
            "a b@example.com",
            "a@b..c",
            "a@b,c.d",
            &long,
        ] {
            assert!(email_fault(bad).is_some(), "{bad}");
        }
    }
}
