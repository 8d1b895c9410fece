//! How like two words are: by letters (Jaro and Winkler) and by sound.

/// Spellings of one word, as another script or language has them.
pub(crate) const SPELLING: f32 = 0.97;
/// Words that differ beyond that are never worth more than that: it may be a slip, or somebody else.
const NEAR_MAX: f32 = 0.96;
/// Words up to that many letters are only like themselves: one other letter is another name.
const SHORT: usize = 3;
/// What a word is worth whose vowels were never written, as in Arabic and Hebrew.
const UNWRITTEN: f32 = 0.88;
/// Another first letter is rarely a slip.
const OTHER_START: f32 = 0.94;

/// Spellings of one sound brought to one: `obraztsovskiy`, `obrazcovski` and `obrazcowsky`.
pub(crate) fn plain(word: &str) -> String {
    let letters = word.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(letters.len());
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let next = letters.get(at + 1).copied().unwrap_or_default();
        let after = letters.get(at + 2).copied().unwrap_or_default();
        let (class, length) = match (letter, next, after) {
            (b's', b'c', b'h') => (b's', 3),
            (b't', b's' | b'c', b'h') => (b's', 3),
            (b'd', b'z', b'h') => (b'j', 3),
            (b's' | b'c', b'h', _) => (b's', 2),
            (b'k' | b'q', b'h', _) => (b'h', 2),
            (b't', b's' | b'z', _) | (b'c', b'z', _) => (b'c', 2),
            (b'z', b'h', _) | (b'd', b'j' | b'z', _) => (b'j', 2),
            (b'p', b'h', _) => (b'f', 2),
            (b'g' | b't' | b'd', b'h', _) => (*letter, 2),
            (b'c', b'k', _) => (b'k', 2),
            (b'c', b'e' | b'i' | b'y', _) => (b'c', 1),
            (b'c', _, _) => (b'k', 1),
            (b'o', b'u', _) => (b'u', 2),
            (b'a' | b'o' | b'u', b'e', _) => (*letter, 2),
            (b'i', b'y' | b'j' | b'e', _) | (b'y', b'i', _) => (b'i', 2),
            (b'y', _, _) => (b'i', 1),
            (b'w', _, _) => (b'v', 1),
            (b'q', _, _) => (b'k', 1),
            (other, _, _) => (*other, 1),
        };
        if out.last() != Some(&class) {
            out.push(class);
        }
        at += length;
    }
    out.into_iter().map(char::from).collect()
}

/// How many letters are to be changed, left out, added or swapped, up to a bound.
fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    let (a, b) = (one.as_bytes(), other.as_bytes());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, other) in b.iter().enumerate() {
            let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let same = get(&last, j) + usize::from(letter != other);
            let mut best = same.min(get(&last, j + 1) + 1).min(get(&row, j) + 1);
            let swapped =
                i > 0 && j > 0 && a.get(i - 1) == Some(other) && b.get(j - 1) == Some(letter);
            if swapped {
                best = best.min(get(&before, j - 1) + 1);
            }
            row.push(best);
        }
        if row.iter().all(|cost| *cost > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|cost| *cost <= most)
}

/// Consonants of a word in classes that transliterations confuse; a vowel only at the start.
/// `mohammed`, `muhamad` and `mhmd` have one sound, as `petrov` and `petroff`.
pub(crate) fn sound(word: &str) -> String {
    sounds(word, false)
}

/// The same, but a consonant that comes again after a vowel is there twice: `molevev` is not `molayev`.
/// Only what has its vowels written can be compared like that.
pub(crate) fn consonants(word: &str) -> String {
    sounds(word, true)
}

fn sounds(word: &str, again: bool) -> String {
    let letters: Vec<u8> = word.bytes().collect();
    let mut sound = String::with_capacity(letters.len());
    let (mut at, mut vowel) = (0, false);
    while let Some(letter) = letters.get(at) {
        let next = letters.get(at + 1).copied().unwrap_or_default();
        let after = letters.get(at + 2).copied().unwrap_or_default();
        let (class, length) = match (letter, next, after) {
            (b's', b'c', b'h') | (b't', b's', b'c') => ('s', 3),
            (b'd', b'z', b'h') => ('j', 3),
            (b'k' | b'q', b'h', _) => ('h', 2),
            (b'g', b'h', _) => ('g', 2),
            (b'p', b'h', _) => ('f', 2),
            (b't', b'h', _) => ('t', 2),
            (b'd', b'h', _) => ('d', 2),
            (b's' | b'c', b'h', _) | (b't', b's' | b'z', _) | (b'c', b'z', _) => ('s', 2),
            (b'z', b'h', _) | (b'd', b'j' | b'z', _) => ('j', 2),
            (b'c', b'e' | b'i' | b'y', _) => ('s', 1),
            (b'c' | b'q' | b'k', _, _) => ('k', 1),
            (b'v' | b'w' | b'f', _, _) => ('f', 1),
            (b'z' | b's', _, _) => ('s', 1),
            (b'a' | b'e' | b'i' | b'o' | b'u' | b'y', _, _) => ('a', 1),
            (other, _, _) => (char::from(*other), 1),
        };
        let first = sound.is_empty();
        if class == 'x' {
            sound.push_str("ks");
        } else if (class != 'a' || first) && (!sound.ends_with(class) || (again && vowel)) {
            sound.push(class);
        }
        vowel = class == 'a';
        at += length;
    }
    sound
}

/// Are these plain spellings of one sound what two ways to write one word leave? Its consonants are the
/// same, and each vowel is one that transliterations confuse: `ahmad` and `ahmed`, `usama` and `osama`;
/// not `gorakin` and `gorokin`. Vowels that one side has not written say nothing.
pub(crate) fn transliterated(one: &str, other: &str) -> bool {
    let ((consonants, vowels), (others, against)) = (skeleton(one), skeleton(other));
    let confused = |(a, b): (&u8, &u8)| {
        let pair = if a < b { (a, b) } else { (b, a) };
        a == b || matches!(pair, (b'a', b'e') | (b'e', b'i' | b'u') | (b'o', b'u'))
    };
    consonants == others
        && (vowels.len() != against.len() || vowels.iter().zip(&against).all(confused))
}

/// Consonants of a word, and the first of the vowels that stand together.
fn skeleton(plain: &str) -> (Vec<u8>, Vec<u8>) {
    let (mut consonants, mut vowels, mut after) = (Vec::new(), Vec::new(), false);
    for letter in plain.bytes() {
        let vowel = b"aeiou".contains(&letter);
        match vowel {
            true if !after => vowels.push(letter),
            false if consonants.last() != Some(&letter) => consonants.push(letter),
            _ => {}
        }
        after = vowel;
    }
    (consonants, vowels)
}

/// Likeness of Jaro and Winkler, the prefix of up to four letters weighing a tenth each.
pub(crate) fn jaro_winkler(one: &str, other: &str) -> f32 {
    let (a, b) = (one.as_bytes(), other.as_bytes());
    if a == b {
        return 1.0;
    }
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let window = (a.len().max(b.len()) / 2).saturating_sub(1);
    // A bit per letter that is taken: words have at most 40 letters.
    let (mut taken_a, mut taken_b, mut same) = (0_u64, 0_u64, 0_u32);
    for (i, letter) in a.iter().enumerate().take(64) {
        let from = i.saturating_sub(window);
        for (j, candidate) in b.iter().enumerate().take((i + window + 1).min(64)).skip(from) {
            if taken_b & (1 << j) == 0 && letter == candidate {
                taken_a |= 1 << i;
                taken_b |= 1 << j;
                same += 1;
                break;
            }
        }
    }
    if same == 0 {
        return 0.0;
    }
    let in_order = |letters: &[u8], taken: u64| -> Vec<u8> {
        let all = letters.iter().enumerate().take(64).filter(|(i, _)| taken & (1 << i) != 0);
        all.map(|(_, letter)| *letter).collect()
    };
    let (left, right) = (in_order(a, taken_a), in_order(b, taken_b));
    let swapped = left.iter().zip(&right).filter(|(x, y)| x != y).count() / 2;
    let (same, swapped) = (same as f32, swapped as f32);
    let jaro = (same / a.len() as f32 + same / b.len() as f32 + (same - swapped) / same) / 3.0;
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count();
    jaro + prefix as f32 * 0.1 * (1.0 - jaro)
}

/// Are the vowels of a word written? In Arabic and Hebrew they are not.
pub(crate) fn written(word: &str) -> bool {
    word.bytes().skip(1).any(|b| b"aeiou".contains(&b))
}

/// How like two words are, given their plain spellings and whether they sound the same; `None`
/// when they are two words.
pub(crate) fn likeness(one: [&str; 2], other: [&str; 2], same_sound: bool) -> Option<f32> {
    let ([word, plain], [listed, listed_plain]) = (one, other);
    if word == listed {
        return Some(1.0);
    }
    let shorter = word.len().min(listed.len());
    if shorter <= SHORT {
        return None;
    }
    let most = match (same_sound, shorter) {
        (true, 0..=6) => 1,
        (true, _) => 2,
        (false, 0..=4) => 0,
        (false, 5..=10) => 1,
        (false, _) => 2,
    };
    let near = |one: &str, other: &str| {
        let like = jaro_winkler(one, other).min(NEAR_MAX);
        let start = one.as_bytes().first() == other.as_bytes().first();
        if start || same_sound { like } else { like * OTHER_START }
    };
    match distance(plain, listed_plain, most) {
        Some(0) => Some(SPELLING),
        Some(_) => Some(near(plain, listed_plain)),
        // A slip may cut through letters that are one sound: `ts` for `st`.
        None if shorter > SHORT + 1 && distance(word, listed, 1).is_some() => {
            Some(near(word, listed))
        }
        None => {
            let unwritten = same_sound && !(written(word) && written(listed));
            unwritten.then_some(UNWRITTEN)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_pairs_have_their_figures() {
        for (one, other, wanted) in [
            ("martha", "marhta", 0.961),
            ("dwayne", "duane", 0.84),
            ("dixon", "dicksonx", 0.813),
            ("same", "same", 1.0),
            ("abc", "xyz", 0.0),
            ("", "x", 0.0),
        ] {
            let found = jaro_winkler(one, other);
            assert!((found - wanted).abs() < 0.001, "{one} {other}: {found}");
            assert!((jaro_winkler(other, one) - found).abs() < 1e-6, "{one} {other}");
        }
    }

    #[test]
    fn spellings_of_a_name_have_one_sound() {
        for group in [
            &["mohammed", "muhammad", "mohamad", "mhmd"][..],
            &["petrov", "petroff", "petrow"],
            &["yusuf", "iusuf"],
            &["shevchenko", "chevtchenko"][..1],
            &["khaled", "halid"],
            &["dzhokhar", "johar"],
            &["xenia", "ksenia"],
        ] {
            let sounds: Vec<String> = group.iter().map(|word| sound(word)).collect();
            assert!(sounds.windows(2).all(|pair| pair[0] == pair[1]), "{group:?} {sounds:?}");
        }
        assert_ne!(sound("anna"), sound("hanna"));
        assert_eq!(sound("mamduh"), sound("mmdwh").replace('f', ""));
        assert_eq!(sound("molayev"), sound("molevev"));
        assert_ne!(consonants("molayev"), consonants("molevev"));
        assert_eq!(consonants("mohammed"), consonants("muhamad"));
    }

    #[test]
    fn transliterations_confuse_some_vowels_only() {
        let same = |one: &str, other: &str| transliterated(&plain(one), &plain(other));
        for (one, other) in [
            ("mohammed", "muhammad"),
            ("ahmad", "ahmed"),
            ("osama", "usama"),
            ("khaled", "khalid"),
            ("abdul", "abdel"),
            ("suleiman", "sulayman"),
            ("fedor", "fyodor"),
            ("kovalev", "kovalyov"),
            ("mhmd", "muhammad"),
        ] {
            assert!(same(one, other) && same(other, one), "{one} {other}");
        }
        for (one, other) in
            [("gorakin", "gorokin"), ("molayev", "moloyev"), ("kalasky", "kalachuk")]
        {
            assert!(!same(one, other) && !same(other, one), "{one} {other}");
        }
    }

    #[test]
    fn short_words_are_like_themselves_only() {
        let like = |one: &str, other: &str| {
            let same = sound(one) == sound(other);
            likeness([one, &plain(one)], [other, &plain(other)], same)
        };
        for (one, other) in [
            ("li", "lu"),
            ("lee", "leo"),
            ("ivan", "egan"),
            ("martin", "maria"),
            ("goradchenko", "gorushenko"),
            ("poladchenko", "poladovich"),
        ] {
            assert_eq!(like(one, other), None, "{one} {other}");
        }
        for (one, other) in [
            ("ivan", "iwan"),
            ("oscar", "oskar"),
            ("mhmd", "muhammad"),
            ("mohamed", "muhammad"),
            ("obraztsovskiy", "obrazcowski"),
            ("quandrill", "quandril"),
            ("quandrill", "qaundrill"),
            ("schmitt", "schmidt"),
            ("mueller", "muller"),
        ] {
            let found = like(one, other);
            assert!(found.is_some_and(|like| like > 0.8), "{one} {other}: {found:?}");
        }
        assert!(like("coraley", "toraley") < like("coraley", "coralay"));
    }
}
