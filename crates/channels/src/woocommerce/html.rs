//! HTML entities in article names, which WordPress stores encoded.

/// Entities seen in shop names; any other named one stays as it is written.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("times", '×'),
    ("deg", '°'),
    ("reg", '®'),
    ("trade", '™'),
    ("copy", '©'),
    ("euro", '€'),
    ("frac12", '½'),
];

/// Decodes once, never the result again: `&amp;lt;` is the text `&lt;`.
pub(super) fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // The longest entity of the table has 6 letters, a number at most 8.
        let found = after
            .split_once(';')
            .filter(|(name, _)| name.len() <= 8)
            .and_then(|(name, tail)| Some((entity(name)?, tail)));
        match found {
            Some((c, tail)) => {
                out.push(c);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16),
            None => (number, 10),
        };
        let plain = digits.starts_with(|c: char| c.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, radix).ok().filter(|_| plain)?;
        return char::from_u32(code).filter(|c| !c.is_control());
    }
    let (_, c) = NAMED.iter().find(|(known, _)| *known == name)?;
    Some(*c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_decoded_once() {
        for (raw, wanted) in [
            ("Ship &ndash; Color", "Ship – Color"),
            ("A &amp; B", "A & B"),
            ("&amp;lt;", "&lt;"),
            ("l&#8217;eau &#x27;x&#39;", "l’eau 'x'"),
            ("&unknown; &; & &#0; &#xD800; &#+41;", "&unknown; &; & &#0; &#xD800; &#+41;"),
            ("R&D; 5", "R&D; 5"),
        ] {
            assert_eq!(decode(raw), wanted);
        }
    }

    proptest::proptest! {
        #[test]
        fn text_without_ampersand_is_kept(text in "[^&]{0,40}") {
            proptest::prop_assert_eq!(decode(&text), text);
        }
    }
}
