//! The one question whose answer tells the first candidates apart.

use serde::Serialize;

use super::{
    search::Candidate,
    words::{fold, words},
};

/// A question to the person who wrote the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// What it is about, e.g. `material`.
    pub about: &'static str,
    /// The question, in English.
    pub text: String,
    /// The answers that split the candidates.
    pub choices: Vec<Choice>,
}

/// An answer, and the candidates that it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// In a word or two.
    pub answer: &'static str,
    /// Six-digit codes.
    pub hs6: Vec<String>,
}

struct Matter {
    about: &'static str,
    asks: &'static str,
    /// Answers, each with the stems that give it away.
    answers: &'static [(&'static str, &'static [&'static str])],
}

/// What codes differ by, the commonest first.
const MATTERS: &[Matter] = &[
    Matter {
        about: "making",
        asks: "Is the fabric knitted or woven?",
        answers: &[("knitted", &["knitted", "crocheted"]), ("woven", &["woven"])],
    },
    Matter {
        about: "wearer",
        asks: "For whom is it?",
        answers: &[
            ("women or girls", &["women", "girl"]),
            ("men or boys", &["men", "boy"]),
            ("babies", &["baby", "infant"]),
        ],
    },
    Matter {
        about: "material",
        asks: "What is it mainly made of?",
        answers: &[
            ("cotton", &["cotton"]),
            ("wool", &["wool"]),
            ("synthetic fibres", &["synthetic", "nylon", "polyester"]),
            ("artificial fibres", &["artificial", "viscose"]),
            ("silk", &["silk"]),
            ("leather", &["leather"]),
            ("plastics", &["plastic", "polyethylene", "polypropylene", "polymer"]),
            ("rubber", &["rubber"]),
            ("wood", &["wood", "bamboo"]),
            ("paper or board", &["paper", "paperboard", "cardboard"]),
            ("glass", &["glass"]),
            ("ceramics", &["ceramic", "porcelain", "earthenware", "china"]),
            ("iron or steel", &["iron", "steel"]),
            ("aluminium", &["aluminium"]),
            ("copper", &["copper", "brass"]),
            ("precious metal", &["gold", "silver", "platinum", "precious"]),
            ("other textile", &["textile", "flax", "linen", "jute"]),
        ],
    },
    Matter {
        about: "state",
        asks: "In what state is it?",
        answers: &[
            ("live", &["live"]),
            ("fresh or chilled", &["fresh", "chilled"]),
            ("frozen", &["frozen"]),
            ("dried", &["dried"]),
            ("smoked or salted", &["smoked", "salted"]),
            ("prepared or preserved", &["prepared", "preserved"]),
        ],
    },
    Matter {
        about: "part",
        asks: "Is it the whole thing, or a part or accessory of it?",
        answers: &[("a part or accessory", &["part", "accessory"]), ("the whole thing", &[])],
    },
    Matter {
        about: "power",
        asks: "Does it work with electricity?",
        answers: &[("electric", &["electric", "electro", "motor", "battery"]), ("not", &[])],
    },
    Matter {
        about: "place of use",
        asks: "Where is it used?",
        answers: &[
            ("household", &["household", "domestic", "kitchen", "table"]),
            ("vehicle", &["vehicle", "motor", "aircraft", "bicycle"]),
            ("industry", &["industrial", "machine", "machinery"]),
        ],
    },
];

/// Candidates that the question is to split: what a person sees at a glance.
const FIRST: usize = 6;

/// The question that splits the first candidates most evenly, unless the text already answers it.
pub(crate) fn splitting(candidates: &[Candidate], asked: &[&str]) -> Option<Question> {
    let first = candidates.get(..FIRST.min(candidates.len()))?;
    let texts: Vec<Vec<String>> = first
        .iter()
        .map(|candidate| stems(&format!("{} {}", candidate.text, candidate.heading_text)))
        .collect();
    let said = stems(&asked.join(" "));
    let mut best: Option<(f32, Question)> = None;
    for matter in MATTERS {
        let told = |stems: &[String], signs: &[&str]| {
            signs.iter().any(|sign| stems.iter().any(|stem| stem == sign))
        };
        if matter.answers.iter().any(|(_, signs)| told(&said, signs)) {
            continue;
        }
        let mut choices: Vec<(f32, Choice)> = Vec::new();
        let mut placed = vec![false; first.len()];
        for (answer, signs) in matter.answers {
            let mut choice = Choice { answer, hs6: Vec::new() };
            let mut weight = 0.0;
            for ((candidate, stems), placed) in first.iter().zip(&texts).zip(placed.iter_mut()) {
                let left = signs.is_empty() && !*placed;
                if left || told(stems, signs) {
                    *placed = true;
                    weight += candidate.score;
                    choice.hs6.push(candidate.hs6.clone());
                }
            }
            // A code that fits every answer tells nothing; one answer is no question.
            if !choice.hs6.is_empty() && choice.hs6.len() < first.len() {
                choices.push((weight, choice));
            }
        }
        let all: f32 = choices.iter().map(|(weight, _)| weight).sum();
        if choices.len() < 2 || all <= 0.0 {
            continue;
        }
        let spread: f32 =
            choices.iter().map(|(weight, _)| weight / all).map(|share| -share * share.ln()).sum();
        let covered = placed.iter().filter(|placed| **placed).count() as f32;
        let worth = spread * covered / first.len().max(1) as f32;
        if best.as_ref().is_none_or(|(most, _)| worth > *most) {
            let choices = choices.into_iter().map(|(_, choice)| choice).collect();
            let question = Question { about: matter.about, text: matter.asks.to_owned(), choices };
            best = Some((worth, question));
        }
    }
    best.map(|(_, question)| question)
}

fn stems(text: &str) -> Vec<String> {
    let folded = super::words::without_negatives(&fold(text));
    words(&folded).into_iter().map(|word| word.stem).collect()
}
