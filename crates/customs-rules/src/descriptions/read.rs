//! A description as words with their places.

use std::ops::Range;

use crate::hs::words::{WORDS_MAX, fold, stem};

/// A run of letters and digits.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    /// Folded.
    pub(super) written: String,
    /// Its stem.
    pub(super) stem: String,
    /// What stood between the word before and this one held a comma, an ampersand or the like.
    pub(super) joined: bool,
    /// Part of a set phrase that says nothing of the goods.
    pub(super) noise: bool,
}

/// A text, read once.
pub(super) struct Read<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
}

/// Phrases that speak of the shipment and not of the goods. Stems, as [`stem`] makes them.
const NOISE: &[&[&str]] = &[
    &["value", "for", "custom", "purpose", "only"],
    &["for", "custom", "purpose", "only"],
    &["for", "custom", "only"],
    &["no", "commercial", "value"],
    &["not", "for", "resale"],
    &["return", "to", "shipper"],
    &["return", "to", "sender"],
    &["never", "entered", "commerce"],
    &["sans", "valeur", "commerciale"],
    &["valeur", "pour", "la", "douane", "uniquement"],
    &["ohne", "handelswert"],
];

impl<'a> Read<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut tokens: Vec<Token> = Vec::new();
        let mut start = None;
        let mut joined = false;
        let edges = text.char_indices().map(|(at, c)| (at, Some(c)));
        for (at, character) in edges.chain([(text.len(), None)]) {
            let inside = character.is_some_and(char::is_alphanumeric)
                // A combining accent belongs to its letter.
                || (start.is_some() && character.is_some_and(is_mark));
            match (start, inside) {
                (None, true) => start = Some(at),
                (Some(from), false) => {
                    start = None;
                    push(&mut tokens, text, from..at, std::mem::take(&mut joined));
                }
                _ => {}
            }
            joined |= matches!(character, Some(',' | '&' | '+' | ';' | '/' | '|' | '\n'));
            if tokens.len() >= WORDS_MAX {
                break;
            }
        }
        let mut read = Self { text, tokens };
        read.mark_noise();
        read
    }

    fn mark_noise(&mut self) {
        let mut spans = Vec::new();
        for at in 0..self.tokens.len() {
            for phrase in NOISE {
                let run = self.tokens.get(at..at + phrase.len()).unwrap_or_default();
                let fits = run.iter().map(|token| token.stem.as_str()).eq(phrase.iter().copied());
                if fits && !run.is_empty() {
                    spans.push(at..at + phrase.len());
                }
            }
        }
        for span in spans {
            for token in self.tokens.get_mut(span).into_iter().flatten() {
                token.noise = true;
            }
        }
    }

    /// Words that are no noise.
    pub(super) fn content(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(|token| !token.noise)
    }

    /// From the first letter to the last.
    pub(super) fn span(&self) -> Range<usize> {
        let first = self.tokens.first().map_or(0, |token| token.span.start);
        let last = self.tokens.last().map_or(self.text.len(), |token| token.span.end);
        first..last
    }

    /// Does one of the words occur?
    pub(super) fn has(&self, stems: &[&str]) -> bool {
        self.content().any(|token| stems.contains(&token.stem.as_str()))
    }
}

fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}

fn push(tokens: &mut Vec<Token>, text: &str, span: Range<usize>, joined: bool) {
    let written = fold(text.get(span.clone()).unwrap_or_default());
    // The "s" of "men's".
    let possessive = written == "s"
        && text.get(..span.start).is_some_and(|before| before.ends_with(['\'', '’']));
    if !possessive && !written.is_empty() {
        let stem = stem(&written);
        tokens.push(Token { span, written, stem, joined, noise: false });
    }
}
