//! How far the search may be believed, from how often it was right before.

use super::search::Ranking;

/// How sure the search is of each place of an answer.
pub(crate) struct Sure {
    bin: usize,
}

/// What tells good answers from bad ones: how much of what was asked the first code has, times the
/// part of the query that is known at all, times its lead over the fifth.
pub(crate) fn strength(ranking: &Ranking) -> f32 {
    let score = |at: usize| ranking.hits.get(at).map_or(0.0, |hit| hit.score);
    if ranking.possible <= 0.0 {
        return 0.0;
    }
    let lead = (score(0) - score(4)) / score(0).max(f32::MIN_POSITIVE);
    score(0) / ranking.possible * ranking.known * (0.5 + lead)
}

/// Upper edges of the bins of [`strength`].
const EDGES: [f32; 6] = [0.08, 0.14, 0.24, 0.37, 0.55, 0.8];
/// By bin and place: the share of right codes at the first place, at the second and third, at the
/// fourth and fifth, after them. Counted on one half of two public sets (queries made from British
/// rulings, counted three times, and lines of British shops), where neighbours were too few to
/// differ by more than chance they are evened out. The other half came out within three hundredths
/// in every well-filled bin.
const RIGHT: [[f32; 4]; 7] = [
    [0.03, 0.015, 0.01, 0.005],
    [0.08, 0.02, 0.01, 0.01],
    [0.09, 0.04, 0.02, 0.01],
    [0.14, 0.06, 0.03, 0.015],
    [0.22, 0.06, 0.03, 0.015],
    [0.29, 0.08, 0.03, 0.015],
    [0.45, 0.08, 0.04, 0.015],
];
/// Below that strength nothing is offered: one first code in fifty would be right.
const OFFERED_MIN: f32 = 0.05;

pub(crate) fn of(strength: f32) -> Sure {
    Sure { bin: EDGES.iter().take_while(|edge| strength >= **edge).count() }
}

pub(crate) fn abstains(strength: f32) -> bool {
    strength < OFFERED_MIN
}

impl Sure {
    /// For a place, from zero.
    pub(crate) fn at(&self, place: usize) -> f32 {
        let column = match place {
            0 => 0,
            1 | 2 => 1,
            3 | 4 => 2,
            _ => 3,
        };
        RIGHT.get(self.bin).and_then(|row| row.get(column)).copied().unwrap_or_default()
    }
}
