//! An order that comes again: the same, newer, older, or another.

use time::OffsetDateTime;

use crate::domain::facts::State;

/// What is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// State.
    pub state: State,
    /// A label is bought and not void.
    pub labelled: bool,
    /// Of the content that the channel told last.
    pub fingerprint: &'a [u8],
    /// The channel's version of it.
    pub updated_at: Option<OffsetDateTime>,
}

/// What to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Nothing: it is the same.
    Replayed,
    /// The same content under a newer version: remember the version, or a late older one would
    /// win against it.
    Newer,
    /// Nothing: what is known is newer.
    Stale,
    /// Replace and check again.
    Amend,
    /// It goes its way already with other content.
    Refused,
}

/// Compares.
#[must_use]
pub fn compare(known: Known<'_>, fingerprint: &[u8], updated_at: Option<OffsetDateTime>) -> Again {
    let newer = match (known.updated_at, updated_at) {
        (Some(known), Some(new)) => Some(new.cmp(&known)),
        _ => None,
    };
    if known.fingerprint == fingerprint {
        let first_version = known.updated_at.is_none() && updated_at.is_some();
        return match newer {
            Some(std::cmp::Ordering::Greater) => Again::Newer,
            _ if first_version => Again::Newer,
            _ => Again::Replayed,
        };
    }
    match (newer, known.state) {
        (Some(std::cmp::Ordering::Less), _) => Again::Stale,
        (_, State::Held) if !known.labelled => Again::Amend,
        _ => Again::Refused,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(second).ok()
    }

    #[test]
    fn a_known_order_is_compared_by_content_then_version_then_state() {
        use State::{Accepted, Cancelled, Held};
        for (state, old, content, new, wanted) in [
            (Accepted, None, b"a", None, Again::Replayed),
            (Accepted, Some(5), b"a", Some(5), Again::Replayed),
            (Accepted, Some(5), b"a", Some(4), Again::Replayed),
            (Accepted, Some(5), b"a", Some(6), Again::Newer),
            (Held, None, b"a", Some(6), Again::Newer),
            (Held, Some(6), b"a", None, Again::Replayed),
            (Held, None, b"b", None, Again::Amend),
            (Held, Some(5), b"b", Some(5), Again::Amend),
            (Held, Some(5), b"b", Some(6), Again::Amend),
            (Held, Some(5), b"b", Some(4), Again::Stale),
            (Accepted, Some(5), b"b", Some(4), Again::Stale),
            (Accepted, Some(5), b"b", Some(6), Again::Refused),
            (Accepted, None, b"b", None, Again::Refused),
            (Cancelled, None, b"b", None, Again::Refused),
            (Cancelled, Some(5), b"b", Some(6), Again::Refused),
        ] {
            let known =
                Known { state, labelled: false, fingerprint: b"a", updated_at: old.and_then(at) };
            let found = compare(known, content, new.and_then(at));
            assert_eq!(found, wanted, "{state:?} {old:?} {new:?}");
        }
        let labelled = Known { state: Held, labelled: true, fingerprint: b"a", updated_at: None };
        assert_eq!(compare(labelled, b"b", None), Again::Refused);
    }

    proptest! {
        /// Whatever the order in which revisions of a held order arrive, the newest stays.
        #[test]
        fn any_order_of_revisions_ends_in_the_newest(
            revisions in proptest::collection::vec((0_u8..4, 0_i64..20), 1..12)
        ) {
            // One content per version, as a channel has it.
            let content = |version: i64| {
                let first = revisions.iter().find(|(_, v)| *v == version);
                first.map_or(0, |(content, _)| *content)
            };
            let (_, first) = revisions[0];
            let mut now = (content(first), first);
            for (_, version) in &revisions {
                let state = [now.0];
                let known = Known {
                    state: State::Held,
                    labelled: false,
                    fingerprint: &state,
                    updated_at: at(now.1),
                };
                match compare(known, &[content(*version)], at(*version)) {
                    Again::Amend => now = (content(*version), *version),
                    Again::Newer => now.1 = *version,
                    Again::Replayed | Again::Stale => {}
                    Again::Refused => prop_assert!(false, "a held order refuses nothing"),
                }
            }
            let newest = revisions.iter().map(|(_, v)| *v).max().unwrap_or_default();
            prop_assert_eq!(now, (content(newest), newest));
        }
    }
}
