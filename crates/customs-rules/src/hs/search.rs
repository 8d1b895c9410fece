//! Codes for a text, best first, each with its reasons.

use serde::Serialize;

use super::{
    Index, Question, confidence,
    query::Query,
    question,
    words::{fold, without_negatives, words},
};

/// Where a word of the query was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The text of the code itself.
    Subheading,
    /// The text of its heading.
    Heading,
    /// A trade term that leads to the code.
    TradeTerm,
}

/// Which words of the query hit which text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Words as they were asked, lower case and without accents.
    pub words: Vec<String>,
    /// What kind of text.
    pub source: Source,
    /// The text.
    pub text: String,
}

/// A code that a text may mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Six digits.
    pub hs6: String,
    /// Text of the code.
    pub text: String,
    /// Four digits.
    pub heading: String,
    /// Text of the heading.
    pub heading_text: String,
    /// Points of the search: comparable within one answer only.
    pub score: f32,
    /// How often a code at this place with such points was right, 0 to 1, among public queries
    /// with known answers. Never certainty.
    pub confidence: f32,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// What the search offers. A help, never a decision: nothing may be filed from it unseen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suggestions {
    /// Best first; empty when the search abstains.
    pub candidates: Vec<Candidate>,
    /// The text says too little, or nothing known: no code is offered.
    pub abstained: bool,
    /// What confidence is read from: how much of what was asked the first code has, how much of it
    /// is known at all, and the lead of the first code. From 0, rarely above 1.
    pub strength: f32,
    /// One question whose answer splits the first candidates.
    pub question: Option<Question>,
}

/// A document with its points.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) document: usize,
    pub(crate) score: f32,
    /// The trade term most like the query, when one is.
    pub(crate) term: Option<usize>,
}

/// Points of every document for a query.
pub(crate) struct Ranking {
    pub(crate) hits: Vec<Hit>,
    /// Points that a text with every word of the query would have.
    pub(crate) possible: f32,
    /// Of the query's weight, the part whose words are known as they were written.
    pub(crate) known: f32,
}

/// Codes that are put in order: the first fifty headings are among them, nobody reads further.
const HITS_MAX: usize = 600;
/// Codes of a heading whose points the heading's other codes share.
const FAMILY_BEST: usize = 3;

impl Index {
    /// Codes that a text may mean, at most `limit`. Any text is good: words that nobody knows make
    /// the search abstain.
    #[must_use]
    pub fn search(&self, text: &str, limit: usize) -> Suggestions {
        let query = Query::read(text, self);
        let ranking = self.rank(&query);
        let strength = confidence::strength(&ranking);
        let sure = confidence::of(strength);
        if confidence::abstains(strength) {
            let candidates = Vec::new();
            return Suggestions { candidates, abstained: true, strength, question: None };
        }
        let candidates: Vec<Candidate> = ranking
            .hits
            .iter()
            .take(limit)
            .enumerate()
            .filter_map(|(place, hit)| self.candidate(&query, hit, sure.at(place)))
            .collect();
        let asked: Vec<&str> = query.asked.iter().map(|asked| asked.written.as_str()).collect();
        let question = question::splitting(&candidates, &asked);
        Suggestions { candidates, abstained: false, strength, question }
    }

    /// Headings in the order of their best code.
    #[must_use]
    pub fn headings(&self, text: &str, limit: usize) -> Vec<&str> {
        let ranking = self.rank(&Query::read(text, self));
        let mut found: Vec<&str> = Vec::new();
        for hit in ranking.hits {
            let code = self.documents.get(hit.document).and_then(|d| d.code.get(..4));
            if let Some(heading) = code.filter(|heading| !found.contains(heading)) {
                found.push(heading);
                if found.len() >= limit {
                    break;
                }
            }
        }
        found
    }

    pub(crate) fn rank(&self, query: &Query) -> Ranking {
        let (best, similarity) = self.best_terms(query);
        let mut points = vec![0.0_f32; self.documents.len()];
        let mut possible = 0.0;
        for sought in &query.sought {
            let rarity = self.rarity.get(sought.word).copied().unwrap_or_default();
            possible += sought.weight * rarity;
            for (document, count) in self.in_documents.get(sought.word).into_iter().flatten() {
                if let Some(points) = points.get_mut(*document) {
                    *points += sought.weight * rarity * count;
                }
            }
        }
        let lift = self.weights.best_term * possible;
        for ((points, similarity), document) in
            points.iter_mut().zip(&similarity).zip(&self.documents)
        {
            *points = (*points + lift * similarity) * document.prior;
        }
        self.share_in_families(&mut points);
        let mut hits: Vec<Hit> = points
            .into_iter()
            .enumerate()
            .filter(|(_, score)| *score > 0.0)
            .map(|(document, score)| Hit {
                document,
                score,
                term: best.get(document).copied().flatten(),
            })
            .collect();
        let better =
            |a: &Hit, b: &Hit| b.score.total_cmp(&a.score).then(a.document.cmp(&b.document));
        if hits.len() > HITS_MAX {
            hits.select_nth_unstable_by(HITS_MAX, better);
            hits.truncate(HITS_MAX);
        }
        hits.sort_unstable_by(better);
        Ranking { hits, possible: possible * (self.weights.k1 + 1.0) + lift, known: known(query) }
    }

    /// By document: the trade term most like the query, and how much alike they are, 0 to 1.
    fn best_terms(&self, query: &Query) -> (Vec<Option<usize>>, Vec<f32>) {
        let mut products = vec![0.0_f32; self.terms.len()];
        let mut squares = 0.0;
        for sought in &query.sought {
            let rarity = self.rarity.get(sought.word).copied().unwrap_or_default();
            let weight = sought.weight * rarity;
            squares += weight * weight;
            for (term, own) in self.in_terms.get(sought.word).into_iter().flatten() {
                if let Some(product) = products.get_mut(*term) {
                    *product += weight * own;
                }
            }
        }
        let norm = squares.sqrt().max(f32::MIN_POSITIVE);
        let mut best = vec![None; self.documents.len()];
        let mut similarity = vec![0.0_f32; self.documents.len()];
        for (at, (product, term)) in products.into_iter().zip(&self.terms).enumerate() {
            let alike = product / (norm * term.norm);
            if let (Some(best), Some(most)) =
                (best.get_mut(term.document), similarity.get_mut(term.document))
                && alike > *most
                && product > 0.0
            {
                (*best, *most) = (Some(at), alike);
            }
        }
        (best, similarity)
    }

    /// A heading with several good codes is likelier than a single stray hit.
    fn share_in_families(&self, points: &mut [f32]) {
        let mut families = vec![[0.0_f32; FAMILY_BEST]; self.families];
        for (document, points) in self.documents.iter().zip(points.iter()) {
            if let Some(best) = families.get_mut(document.family) {
                let mut carried = *points;
                for place in best {
                    if carried > *place {
                        std::mem::swap(place, &mut carried);
                    }
                }
            }
        }
        for (document, points) in self.documents.iter().zip(points.iter_mut()) {
            if let Some(best) = families.get(document.family).filter(|_| *points > 0.0) {
                let mean = best.iter().sum::<f32>() / FAMILY_BEST as f32;
                *points += self.weights.family * mean;
            }
        }
    }

    fn candidate(&self, query: &Query, hit: &Hit, confidence: f32) -> Option<Candidate> {
        let document = self.documents.get(hit.document)?;
        let text = self.nomenclature.text(&document.code)?;
        let heading = document.code.get(..4)?;
        let heading_text = self.nomenclature.text(heading).unwrap_or_default();
        let term = hit.term.and_then(|at| self.terms.get(at)).map(|term| term.text.as_str());
        let texts = [
            (Source::Subheading, Some(text)),
            (Source::Heading, Some(heading_text).filter(|heading| *heading != text)),
            (Source::TradeTerm, term),
        ];
        let reasons = texts
            .into_iter()
            .filter_map(|(source, text)| {
                let text = text?;
                let words = self.hits_in(query, text);
                (!words.is_empty()).then(|| Reason { words, source, text: text.to_owned() })
            })
            .collect();
        Some(Candidate {
            hs6: document.code.clone(),
            text: text.to_owned(),
            heading: heading.to_owned(),
            heading_text: heading_text.to_owned(),
            score: hit.score,
            confidence,
            reasons,
        })
    }

    /// Words of the query that a text holds, in the query's order.
    fn hits_in(&self, query: &Query, text: &str) -> Vec<String> {
        let folded = without_negatives(&fold(text));
        let held: Vec<usize> = words(&folded)
            .iter()
            .filter_map(|word| self.vocabulary.get(&word.stem).copied())
            .collect();
        let hit = |at: usize| {
            query.sought.iter().any(|sought| sought.asked == at && held.contains(&sought.word))
        };
        let all = query.asked.iter().enumerate();
        all.filter(|(at, _)| hit(*at)).map(|(_, asked)| asked.written.clone()).collect()
    }
}

fn known(query: &Query) -> f32 {
    let all: f32 = query.asked.iter().map(|asked| asked.weight).sum();
    let sure = query.asked.iter().filter(|asked| asked.known);
    let worth = |repaired: bool| if repaired { 0.5 } else { 1.0 };
    let known: f32 = sure.map(|asked| asked.weight * worth(asked.repaired)).sum();
    if all > 0.0 { known / all } else { 0.0 }
}
