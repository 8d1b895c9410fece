//! What rejections call a contact's fields, and names that are cut between words.

/// Names of a contact's fields, for rejections.
#[derive(Debug)]
pub(crate) struct Names {
    pub name: &'static str,
    pub company: &'static str,
    pub lines: &'static str,
    pub city: &'static str,
    pub postcode: &'static str,
    pub subdivision: &'static str,
    pub country: &'static str,
    pub phone: &'static str,
    pub email: &'static str,
}

macro_rules! names {
    ($root:literal) => {
        Names {
            name: concat!($root, ".name"),
            company: concat!($root, ".company"),
            lines: concat!($root, ".lines"),
            city: concat!($root, ".city"),
            postcode: concat!($root, ".postcode"),
            subdivision: concat!($root, ".subdivision"),
            country: concat!($root, ".country"),
            phone: concat!($root, ".phone"),
            email: concat!($root, ".email"),
        }
    };
}

/// Of [`crate::Shipment::sender`].
pub(crate) const SENDER: Names = names!("sender");
/// Of [`crate::Shipment::recipient`].
pub(crate) const RECIPIENT: Names = names!("recipient");
/// Of [`crate::PickupRequest::address`].
pub(crate) const PICKUP: Names = names!("address");
/// Of [`crate::PointSearch::near`].
pub(crate) const NEAR: Names = names!("near");
/// Of a pickup point's address, which came as an option.
pub(crate) const POINT: Names = Names {
    name: "options",
    company: "options",
    lines: "options",
    city: "options",
    postcode: "options",
    subdivision: "options",
    country: "options",
    phone: "options",
    email: "options",
};

/// Countries whose posts deliver nothing without a postcode. Elsewhere it may be missing.
const WITH_POSTCODES: &str = "AS AT AU AX BE BL BR CA CH CN CZ DE DK EE ES FI FK FM FR GB GF GG GL \
    GP GR GS GU HU IM IN IO IT JE JP KR LI LT LU LV MF MH MP MQ MX MY NC NL NO NZ PF PL PM PN PR \
    PT PW RE RO RU SE SG SH SJ SK SM TC TR TW UA US VI WF YT ZA";

/// Whether an address of this country is wrong without a postcode.
pub(crate) fn needs_postcode(country: &str) -> bool {
    WITH_POSTCODES.split(' ').any(|known| known == country)
}

/// At most `max` characters, cut at a word where the first word leaves a choice.
pub(crate) fn cut(text: &str, max: usize) -> String {
    let Some((end, next)) = text.char_indices().nth(max) else {
        return text.trim().to_owned();
    };
    let (head, _) = text.split_at(end);
    let whole = if next == ' ' { Some(head) } else { head.rsplit_once(' ').map(|(all, _)| all) };
    whole.filter(|whole| !whole.trim().is_empty()).unwrap_or(head).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_words_and_by_characters() {
        for (text, max, expected) in [
            ("Anne Exemple", 35, "Anne Exemple"),
            ("Anne Exemple", 8, "Anne"),
            ("Anne Exemple", 4, "Anne"),
            ("Éléonore", 4, "Éléo"),
            ("a bc", 3, "a"),
            (" abc", 3, "ab"),
            ("", 3, ""),
        ] {
            assert_eq!(cut(text, max), expected, "{text} to {max}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_cut_text_fits_and_is_a_part(text in "\\PC{0,60}", max in 1_usize..40) {
            let short = cut(&text, max);
            proptest::prop_assert!(short.chars().count() <= max);
            proptest::prop_assert!(text.trim_start().starts_with(&short) || text.contains(&short));
        }
    }
}
