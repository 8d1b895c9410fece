//! Pages of public error codes: titles of problems, and what the `type` of a problem leads to.

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of a code.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    let at = PAGES.binary_search_by(|(known, _)| (*known).cmp(code)).ok()?;
    PAGES.get(at).map(|(_, text)| *text)
}

/// What a code means, in one line: the heading of its page.
pub(crate) fn title(code: &str) -> Option<&'static str> {
    let heading = page(code)?.lines().next()?;
    heading.strip_prefix("# ")?.strip_prefix(code)?.strip_prefix(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_begins_with_its_code_and_meaning() {
        assert!(PAGES.len() > 100);
        for (code, _) in PAGES {
            assert!(title(code).is_some_and(|text| !text.is_empty()), "{code}");
        }
        assert_eq!(page("GTW9999"), None);
    }
}
