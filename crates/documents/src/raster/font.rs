//! A bitmap font of 5 by 7 dots for printable ASCII, drawn for this crate.

/// The seven rows of a character from the top, five bits each, leftmost highest. Blank for space
/// and for what is not printable ASCII.
pub(super) fn rows(c: char) -> [u8; 7] {
    let place = u32::from(c)
        .checked_sub(u32::from('!'))
        .and_then(|n| usize::try_from(n).ok());
    let bits = place
        .and_then(|place| GLYPHS.get(place))
        .copied()
        .unwrap_or_default();
    [30, 25, 20, 15, 10, 5, 0].map(|shift| u8::try_from(bits >> shift & 31).unwrap_or_default())
}

/// From `!` to `~`: seven rows of five bits, the first row highest.
#[rustfmt::skip]
const GLYPHS: [u64; 94] = [
    0x1084_21004, 0x294A_00000, 0x295F_57D4A, 0x11F4_717C4, 0x6722_22273, 0x3254_4564D,
    0x1084_00000, 0x0888_42082, 0x2082_10888, 0x0095_75480, 0x0084_F9080, 0x0000_01888,
    0x0000_F8000, 0x0000_000C6, 0x0422_22210, 0x3A33_AE62E, 0x1184_2108E, 0x3A21_1111F,
    0x3A21_3062E, 0x08CA_97C42, 0x7E1E_0862E, 0x1910_F462E, 0x7C22_11084, 0x3A31_7462E,
    0x3A31_7844C, 0x00C6_018C0, 0x00C6_01888, 0x0888_82082, 0x001F_07C00, 0x2082_08888,
    0x3A21_11004, 0x3A37_ADA0F, 0x3A31_FC631, 0x7A31_F463E, 0x3A30_8422E, 0x7A31_8C63E,
    0x7E10_F421F, 0x7E10_F4210, 0x3A30_BC62E, 0x4631_FC631, 0x3884_2108E, 0x1C42_10A4C,
    0x4654_C5251, 0x4210_8421F, 0x4775_AC631, 0x4739_ACE71, 0x3A31_8C62E, 0x7A31_F4210,
    0x3A31_8D64D, 0x7A31_F5251, 0x3E10_7043E, 0x7C84_21084, 0x4631_8C62E, 0x4631_8A944,
    0x4631_AD771, 0x462A_22A31, 0x462A_21084, 0x7C22_2221F, 0x3908_4210E, 0x4208_20821,
    0x3842_1084E, 0x1151_00000, 0x0000_0001F, 0x2080_00000, 0x000E_0BE2F, 0x421E_8C63E,
    0x000F_8420F, 0x042F_8C62F, 0x000E_8FE0E, 0x191E_42108, 0x01F1_8BC2E, 0x421E_8C631,
    0x100C_2108E, 0x0806_10A4C, 0x4212_A6292, 0x3084_2108E, 0x001A_AD6B5, 0x001E_8C631,
    0x000E_8C62E, 0x03D1_8FA10, 0x01F1_8BC21, 0x0017_C4210, 0x000F_8383E, 0x211E_42106,
    0x0011_8C62F, 0x0011_8A944, 0x0011_AD6AA, 0x0011_51151, 0x0231_51110, 0x001F_1111F,
    0x0C84_41083, 0x1084_21084, 0x6084_11098, 0x0008_A8800,
];
