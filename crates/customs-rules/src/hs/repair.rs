//! Words in place of one that nobody knows: its parts, its spelling, its whole.

use super::{
    index::Index,
    spellings::{SKELETON_MIN, skeleton, trigrams},
};

/// Two known words that a word is made of: "waterbottle".
pub(crate) fn parts<'a>(index: &Index, stem: &'a str) -> Option<(&'a str, &'a str)> {
    let known = |part: &str| index.vocabulary.contains_key(part);
    let cuts = stem.char_indices().map(|(at, _)| at).filter(|at| *at >= 4);
    cuts.map(|at| stem.split_at(at))
        .find(|(left, right)| right.len() >= 4 && known(left) && known(right))
}

/// Known words in place of an unknown one: without its vowels, as a start, by shared letters.
pub(crate) fn instead<'a>(index: &'a Index, stem: &str) -> Vec<&'a str> {
    let spelling = |at: &usize| index.spellings.get(*at).map(String::as_str);
    let bare = skeleton(stem);
    if bare.len() >= SKELETON_MIN && bare.len() + 1 >= stem.len() {
        let found: Vec<&str> =
            index.skeletons.get(&bare).into_iter().flatten().filter_map(spelling).collect();
        if (1..=MEANT_MAX).contains(&found.len()) {
            return found;
        }
    }
    let close = closest(index, stem);
    if !close.is_empty() {
        return close;
    }
    // Tills cut words: "condo", "foundat".
    if stem.len() >= 5 {
        let from = index.spellings.partition_point(|word| word.as_str() < stem);
        let starts = index.spellings.iter().skip(from).take_while(|word| word.starts_with(stem));
        let found: Vec<&str> = starts.map(String::as_str).take(MEANT_MAX + 1).collect();
        if (1..=MEANT_MAX).contains(&found.len()) {
            return found;
        }
    }
    Vec::new()
}

/// Words that an unclear one may mean: more would be no answer.
const MEANT_MAX: usize = 4;
/// Shortest word that is taken for a mistyped one: shorter ones are names and codes.
const TYPO_LETTERS_MIN: usize = 5;

/// The words that differ by one or two letters, found through runs of three letters they share.
fn closest<'a>(index: &'a Index, stem: &str) -> Vec<&'a str> {
    if stem.len() < TYPO_LETTERS_MIN {
        return Vec::new();
    }
    let own = trigrams(stem);
    let mut shared = vec![0_u8; index.spellings.len()];
    for three in &own {
        for at in index.trigrams.get(three).into_iter().flatten() {
            if let Some(count) = shared.get_mut(*at) {
                *count = count.saturating_add(1);
            }
        }
    }
    let letters_off = if stem.len() >= 8 { 2 } else { 1 };
    let mut found: Vec<(usize, &str)> = Vec::new();
    for (at, count) in shared.into_iter().enumerate().filter(|(_, count)| *count > 0) {
        let count = usize::from(count);
        let Some(word) = index.spellings.get(at) else { continue };
        // One wrong letter spoils three runs at most.
        let near = count + 3 * letters_off >= own.len() && count * 3 >= own.len();
        if near && word.len().abs_diff(stem.len()) <= letters_off {
            let off = distance(stem, word, letters_off);
            if off <= letters_off {
                found.push((off, word));
            }
        }
    }
    found.sort_unstable();
    let best = found.first().map_or(0, |(off, _)| *off);
    found.into_iter().take_while(|(off, _)| *off == best).take(2).map(|(_, word)| word).collect()
}

/// Letters to add, take away, change or swap with their neighbour; more than `most` is not counted.
fn distance(left: &str, right: &str, most: usize) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let at =
                |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX / 2);
            let mut cost = at(&last, column) + usize::from(a != b);
            cost = cost.min(at(&last, column + 1) + 1).min(at(&next, column) + 1);
            let swapped = column > 0
                && row > 0
                && right.get(column - 1) == Some(a)
                && left.get(row - 1) == Some(b);
            if swapped {
                cost = cost.min(at(&before, column - 1) + 1);
            }
            next.push(cost);
        }
        if next.iter().min().is_some_and(|least| *least > most) {
            return most + 1;
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_off_are_counted() {
        for (left, right, off) in [
            ("shampoo", "shampoo", 0),
            ("shmapoo", "shampoo", 1),
            ("shampo", "shampoo", 1),
            ("umbrela", "umbrella", 1),
            ("abc", "xyz", 3),
        ] {
            assert_eq!(distance(left, right, 2).min(3), off, "{left} {right}");
        }
    }
}
