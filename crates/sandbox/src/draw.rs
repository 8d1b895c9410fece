//! Chance that repeats: every draw follows from a seed and from what is asked.

/// Finaliser of SplitMix64: spreads close keys apart.
pub const fn mix(key: u64) -> u64 {
    let mut z = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// FNV-1a over parts, told apart by their lengths. Not the standard library's hasher, whose
/// algorithm may change: a seed should give the same faults after an upgrade of the compiler.
pub fn hash(parts: &[&[u8]]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    parts.iter().fold(0xcbf2_9ce4_8422_2325, |hash, part| {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        mix(part.iter().fold(hash, step) ^ length)
    })
}

/// A fraction from 0 up to but not including 1.
pub fn fraction(key: u64) -> f64 {
    let bits = u32::try_from(mix(key) >> 32).unwrap_or_default();
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_ne!(hash(&[b"a"]), hash(&[b"a", b""]));
        assert_eq!(hash(&[b"a", b"b"]), hash(&[b"a", b"b"]));
    }

    #[test]
    fn fractions_are_spread_evenly() {
        let below = |limit: f64| (0..20_000).filter(|key| fraction(*key) < limit).count();
        assert_eq!((below(0.0), below(1.0)), (0, 20_000));
        assert!((180..=220).contains(&below(0.01)), "{}", below(0.01));
        assert!((9_800..=10_200).contains(&below(0.5)), "{}", below(0.5));
    }
}
