//! The confirmation of a request as a file to keep: what was declared, with its day and time, as
//! the law wants it for a withdrawal. Says nothing that the page of the return does not say.

use std::collections::BTreeMap;

use colibri_documents::{
    pdf::{Document, Page},
    pen::{Align, Pen as _},
    text::{Font, width},
};
use colibri_events::returns::v1::{Return, WayBack};

use super::{
    session::Who,
    view::{Frame, choose::short, day, moment},
};

/// A4, in micrometres.
const PAGE_UM: (u32, u32) = (210_000, 297_000);
/// Edges of the text in dots of 1/8 mm: 20 mm on every side.
const LEFT: u32 = 160;
const TOP: u32 = 160;
const BOTTOM: u32 = 2216;
const WIDTH: u32 = 1360;
/// Sizes of letters, in dots: about 20, 12 and 10 points.
const TITLE: u32 = 56;
const TEXT: u32 = 34;
const SMALL: u32 = 28;

/// Writes lines from the top of a page downwards, and on the next one.
struct Writer {
    document: Document,
    page: Page,
    y: u32,
}

impl Writer {
    fn put(&mut self, font: Font, size: u32, text: &str) {
        for line in wrap(font, size, text) {
            if self.y + size > BOTTOM {
                let full = std::mem::replace(&mut self.page, Page::new(PAGE_UM.0, PAGE_UM.1));
                self.document.push(full);
                self.y = TOP;
            }
            self.page.text((LEFT, self.y), Align::Left, font, size, &line);
            self.y += size * 14 / 10;
        }
    }

    fn fact(&mut self, name: &str, text: &str) {
        self.put(Font::Regular, SMALL, name);
        self.put(Font::Bold, TEXT, text);
        self.y += SMALL;
    }
}

/// Lines that fit; a word that is wider than a line is cut.
fn wrap(font: Font, size: u32, text: &str) -> Vec<String> {
    let fits = |line: &str| width(font, size, line) <= WIDTH;
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split([' ', '\n']).filter(|word| !word.is_empty()) {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if fits(&longer) {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            line.push(letter);
            if !fits(&line) && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, letter.to_string()));
            }
        }
    }
    lines.push(line);
    lines
}

/// The file, as PDF. The same return gives the same bytes.
pub(crate) fn pdf(
    frame: &Frame,
    who: &Who,
    found: &Return,
    names: &BTreeMap<u32, String>,
) -> Vec<u8> {
    let w = frame.words;
    let page = Page::new(PAGE_UM.0, PAGE_UM.1);
    let mut writer = Writer { document: Document::new(), page, y: TOP };
    let (title, text) = match found.withdrawal {
        true => (w.receipt_withdrawal, w.receipt_withdrawal_text),
        false => (w.receipt_return, w.receipt_return_text),
    };
    writer.put(Font::Bold, TITLE, title);
    writer.y += SMALL;
    writer.put(Font::Regular, TEXT, text);
    writer.y += TEXT;
    if let Some(at) = &found.requested_at {
        writer.fact(w.received_on, &moment(w, at.seconds));
    }
    writer.fact(w.number, &who.number);
    writer.fact(w.return_number, &format!("{} ({})", short(&found.return_id), found.return_id));
    let asked: Vec<String> = found
        .lines
        .iter()
        .map(|line| format!("{} × {}", line.units, names.get(&line.line).unwrap_or(&line.sku)))
        .collect();
    writer.put(Font::Regular, SMALL, w.goods);
    for line in &asked {
        writer.put(Font::Bold, TEXT, line);
    }
    writer.y += SMALL;
    let way = match found.way_back() {
        WayBack::Label => Some(w.way_label),
        WayBack::Code => Some(w.way_code),
        WayBack::Own => Some(w.way_own),
        WayBack::Unspecified => None,
    };
    if let Some(way) = way {
        writer.fact(w.way, way);
    }
    if let Some(until) = &found.send_until {
        writer.fact(w.send_until, &day(w, until.seconds));
    }
    if let Some(due) = &found.refund_due_by {
        writer.fact(w.due_by, &day(w, due.seconds));
    }
    if found.withdrawal {
        writer.put(Font::Regular, SMALL, w.law_effects);
    }
    writer.put(Font::Regular, SMALL, w.law_faults);
    let Writer { mut document, page, .. } = writer;
    document.push(page);
    document.finish()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_events::returns::v1::ReturnedLine;
    use colibri_types::TenantId;
    use proptest::prelude::*;

    use super::*;
    use crate::portal::{lang::Lang, words};

    fn of(lang: Lang, withdrawal: bool, lines: u32) -> String {
        let frame = Frame {
            tenant: TenantId::generate(),
            lang,
            words: words::of(lang),
            known: true,
            token: String::new(),
        };
        let who = Who { number: "WEG-1".into(), ..Who::default() };
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let line = |line| ReturnedLine { line, units: 2, ..ReturnedLine::default() };
        let found = Return {
            return_id: "ret_01M81D6K58NZN9PNAF118PSWCX".into(),
            lines: (1..=lines).map(line).collect(),
            requested_at: at(1_792_000_000),
            withdrawal,
            ..Return::default()
        };
        let names = (1..=lines).map(|line| (line, format!("Tasse {line}"))).collect();
        let file = pdf(&frame, &who, &found, &names);
        assert_eq!(file, pdf(&frame, &who, &found, &names), "the same bytes");
        file.iter().map(|byte| char::from(*byte)).collect()
    }

    /// Plain, or in hexadecimal where a line has a letter beyond ASCII.
    fn says(file: &str, part: &str) -> bool {
        let hex: String = part.chars().map(|c| format!("{:02X}", u32::from(c))).collect();
        file.contains(part) || file.to_uppercase().contains(&hex)
    }

    #[test]
    fn it_says_what_was_declared_and_when() {
        for (lang, withdrawal, title, at) in [
            (Lang::Fr, true, "tractation", "octobre 2026 \u{e0} 17:46 UTC"),
            (Lang::En, false, "return request", "October 2026 at 17:46 UTC"),
        ] {
            let text = of(lang, withdrawal, 3);
            assert!(text.starts_with("%PDF-"));
            for part in [title, at, "WEG-1", "ret_01M81D6K58NZN9PNAF118PSWCX", "Tasse 3"] {
                assert!(says(&text, part), "{part}");
            }
            assert!(text.contains("/Count 1"));
        }
        assert!(of(Lang::Fr, true, 100).contains("/Count 3"), "what does not fit goes on");
    }

    proptest! {
        #[test]
        fn lines_fit_and_nothing_is_lost(text in "[a-zé ]{0,400}") {
            let lines = wrap(Font::Regular, TEXT, &text);
            prop_assert!(lines.iter().all(|line| width(Font::Regular, TEXT, line) <= WIDTH));
            let plain = |text: &str| text.replace(' ', "");
            prop_assert_eq!(plain(&lines.concat()), plain(&text));
        }
    }
}
