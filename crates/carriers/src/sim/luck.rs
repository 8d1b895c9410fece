//! Chance that follows from a seed: the same seed, name and position give the same number.

/// A number that depends on the seed, a name and a position only: splitmix64 over their bytes.
pub(crate) fn draw(seed: u64, name: &str, position: u64) -> u64 {
    let mix = |state: u64| {
        let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let start = mix(seed ^ mix(position));
    name.bytes().fold(start, |state, byte| mix(state ^ u64::from(byte)))
}

/// The same as a fraction from 0 to 1.
pub(crate) fn chance(seed: u64, name: &str, position: u64) -> f64 {
    let bits = u32::try_from(draw(seed, name, position) >> 32).unwrap_or_default();
    f64::from(bits) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_draw_counts_and_chances_are_spread() {
        assert_eq!(draw(1, "a", 2), draw(1, "a", 2));
        for other in [draw(2, "a", 2), draw(1, "b", 2), draw(1, "a", 3)] {
            assert_ne!(draw(1, "a", 2), other);
        }
        let low = (0..10_000).filter(|at| chance(7, "x", *at) < 0.25).count();
        assert!((2_300..2_700).contains(&low), "{low} of 10,000 under a quarter");
    }
}
