//! Words of the pages: one table per language, each with the same entries.

mod en;
mod fr;

use super::lang::Lang;

macro_rules! words {
    ($($name:ident)*) => {
        /// Every text of a language.
        pub(crate) struct Words {
            /// Months, as in a date.
            pub(crate) months: &'static [&'static str],
            /// Days of the week, Monday first.
            pub(crate) weekdays: &'static [&'static str],
            $(pub(crate) $name: &'static str,)*
            /// Codes of the services: `<kind>.<code>` and its text.
            pub(super) codes: &'static [(&'static str, &'static str)],
        }

        #[cfg(test)]
        impl Words {
            fn texts(&self) -> Vec<(&'static str, &'static str)> {
                let texts = vec![$((stringify!($name), self.$name)),*];
                texts.into_iter().chain(self.codes.iter().copied()).collect()
            }
        }
    };
}

words! {
    service
    skip
    language
    this_language
    other_language
    error_mark
    summary_title
    privacy
    leave
    step
    go_on
    back
    start_again
    error_code
    colon
    find_title
    find_intro
    find_button
    number
    number_hint
    either
    either_hint
    email
    postcode
    find_number_missing
    find_either_missing
    find_both
    find_nothing
    notice_over
    notice_left
    order_title
    earlier_title
    earlier_link
    withdraw_title
    withdraw_text
    withdraw_until
    withdraw_link
    return_title
    return_text
    return_link
    nothing_returnable
    not_offered_other
    items_title
    withdraw_items_title
    items_intro
    items_withdraw_intro
    bought
    ask_until
    units
    units_none
    units_missing
    units_many
    reason
    reason_choose
    reason_missing
    details_title
    outcome
    outcome_missing
    answer_missing
    answer_long
    wish
    wish_hint
    wish_missing
    exchange_terms
    exchange_title
    exchange_other
    keep
    keep_short
    photos
    photos_needed
    photos_optional
    photos_hint
    photos_there
    photos_missing
    photos_wrong
    way
    way_missing
    way_label
    way_label_hint
    way_code
    way_code_hint
    way_own
    way_own_hint
    parcels
    parcels_hint
    parcels_wrong
    note
    note_label
    note_hint
    note_long
    review_title
    review_withdraw_title
    pays_title
    pays_shop
    pays_buyer
    pays_some
    pays_nobody
    fee
    refund_sum
    waits
    law_title
    law_open
    law_open_undated
    law_effects
    law_link
    law_over
    law_none
    law_faults
    confirm
    confirm_withdraw
    change
    refused_title
    confirmed_title
    new_return
    new_withdrawal
    status_title
    return_number
    asked_on
    moment
    received_on
    carrier
    receipt_link
    receipt_withdrawal
    receipt_withdrawal_text
    receipt_return
    receipt_return_text
    state
    state_waiting
    state_open
    state_rejected
    state_closed
    send_until
    due_by
    parcel
    parcel_other
    look_again
    label_download
    paper_download
    paper_text
    qr_name
    qr_text
    qr_code
    qr_until
    points_near
    points_button
    points_missing
    points_city
    city_missing
    points_none
    points_unknown
    points_distance
    points_hours
    point_choose
    point_title
    point_text
    point_later
    point_missing
    point_chosen
    point_other
    rails_title
    rails_text
    goods
    money
    follow_title
    follow_text
    follow_link
    cancel_title
    cancel_text
    cancel_button
    cancel_refused
    back_to_order
    nothing_title
    nothing_text
    form_title
    form_text
    input_title
    input_text
    large_title
    large_text
    many_title
    many_text
    away_title
    away_text
    bug_title
    bug_text
    no_label_title
    no_label_text
    no_paper_title
    no_paper_text
}

impl Words {
    /// The text of a service's code; `None` for one that has none.
    pub(crate) fn code(&self, kind: &str, code: &str) -> Option<&'static str> {
        let is = |known: &str| {
            known.strip_prefix(kind).and_then(|rest| rest.strip_prefix('.')) == Some(code)
        };
        self.codes.iter().find(|(known, _)| is(known)).map(|(_, text)| *text)
    }
}

/// The table of a language.
pub(crate) const fn of(lang: Lang) -> &'static Words {
    match lang {
        Lang::Fr => &fr::FR,
        Lang::En => &en::EN,
    }
}

/// A text with its places filled.
pub(crate) fn fill(text: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(text.to_owned(), |text, (place, value)| text.replace(place, value))
}

/// A merchant's own code, which no table knows, as words: `which_part` is "Which part".
pub(crate) fn humanised(code: &str) -> String {
    let text = code.replace(['_', '-'], " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::portal::choice::REASONS;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn both_tables_are_complete_and_say_the_same_places() {
        let (fr, en) = (of(Lang::Fr).texts(), of(Lang::En).texts());
        assert_eq!(fr.len(), en.len());
        for ((name, french), (other, english)) in fr.iter().zip(&en) {
            assert_eq!(name, other);
            assert!(!french.trim().is_empty() && !english.trim().is_empty(), "{name}");
            assert_eq!(places(french), places(english), "{name}");
            assert!(!french.contains("  ") && !english.contains("  "), "{name}");
        }
        for words in [of(Lang::Fr), of(Lang::En)] {
            assert_eq!((words.months.len(), words.weekdays.len()), (12, 7));
        }
        let same = |(french, english): &((&str, &str), (&str, &str))| french.1 == english.1;
        let same: Vec<&str> = fr.into_iter().zip(en).filter(same).map(|both| both.0.0).collect();
        assert_eq!(same, ["photos", "note_label"], "texts that nobody has translated");
    }

    #[test]
    fn every_code_of_the_contract_has_words() {
        for words in [of(Lang::Fr), of(Lang::En)] {
            for code in colibri_returns_rules::reason::all().keys() {
                assert!(words.code("reason", code).is_some(), "{code}");
            }
            let closed = [
                "not_shipped_yet",
                "window_closed",
                "already_returned",
                "final_sale",
                "hygiene_sealed",
                "needs_operator",
            ];
            for code in closed {
                assert!(words.code("not_offered", code).is_some(), "{code}");
            }
            for code in ["refund", "credit", "exchange"] {
                assert!(words.code("outcome", code).is_some(), "{code}");
            }
            let states = [
                "asked",
                "proposed",
                "reserved",
                "awaiting_return",
                "advance_sent",
                "completed",
                "converted_to_refund",
                "charge_due",
            ];
            for code in states {
                assert!(words.code("exchange", code).is_some(), "{code}");
            }
            for code in ["due", "paid", "waived", "owed", "returned", "less", "same"] {
                assert!(words.code("difference", code).is_some(), "{code}");
            }
            assert_eq!(words.code("reason", "unknown"), None);
            assert_eq!(words.code("rea", "son.fit"), None);
        }
        let known = colibri_returns_rules::reason::all();
        assert!(REASONS.iter().all(|code| known.contains_key(*code)));
    }

    #[test]
    fn places_are_filled_and_codes_are_read() {
        assert_eq!(fill("{a} and {b}", &[("{a}", "1"), ("{b}", "2")]), "1 and 2");
        assert_eq!(humanised("which_part"), "Which part");
        assert_eq!(humanised(""), "");
    }
}
