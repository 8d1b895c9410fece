//! Findings inside a text that says something.

use std::ops::Range;

use super::{
    Code, Context, Finding, Severity,
    read::{Read, Token},
    terms,
    whole::GIFTS,
};

fn finding(code: Code, severity: Severity, span: Range<usize>, message: String) -> Finding {
    Finding { code, severity, span, message, suggestion: None }
}

/// General terms among other words. Documented ones warn, the others are noted.
pub(super) fn stop_words(read: &Read<'_>, context: &Context<'_>) -> Vec<Finding> {
    let content: Vec<&Token> = read.content().collect();
    let mut findings = Vec::new();
    let mut place = 0;
    while place < content.len() {
        let Some((words, term)) = terms::at(&content, place, context.date) else {
            place += 1;
            continue;
        };
        let run = content.get(place..place + words).unwrap_or_default();
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            let severity = if term.documented { Severity::Warning } else { Severity::Note };
            let said = read.text.get(first.span.start..last.span.end).unwrap_or_default();
            let message = format!("\"{said}\" alone would be too general; the rest must name it.");
            let span = first.span.start..last.span.end;
            findings.push(finding(Code::StopWordInside, severity, span, message));
        }
        place += words.max(1);
    }
    findings
}

/// A text that says more than "gift", but says that too.
pub(super) fn gift(read: &Read<'_>) -> Option<Finding> {
    let word = read.content().find(|token| GIFTS.contains(&token.stem.as_str()))?;
    let message = "Why it is sent is declared elsewhere; what it is counts here.".to_owned();
    Some(finding(Code::GiftWording, Severity::Note, word.span.clone(), message))
}

/// Words that name a material. Stems, folded.
const MATERIALS: &[&str] = &[
    "cotton",
    "wool",
    "cashmere",
    "mohair",
    "silk",
    "linen",
    "flax",
    "hemp",
    "jute",
    "ramie",
    "polyester",
    "polyamide",
    "nylon",
    "acrylic",
    "elastane",
    "spandex",
    "lycra",
    "viscose",
    "rayon",
    "modal",
    "lyocell",
    "tencel",
    "acetate",
    "microfibre",
    "fleece",
    "denim",
    "velvet",
    "satin",
    "chiffon",
    "tulle",
    "lace",
    "felt",
    "textile",
    "fabric",
    "canvas",
    "leather",
    "suede",
    "nubuck",
    "fur",
    "rubber",
    "plastic",
    "pvc",
    "pu",
    "polyurethane",
    "eva",
    "tpu",
    "silicone",
    "wood",
    "cork",
    "straw",
    "paper",
    "metal",
    "steel",
    "stainless",
    "brass",
    "copper",
    "bronze",
    "zinc",
    "alloy",
    "aluminium",
    "titanium",
    "tungsten",
    "gold",
    "silver",
    "platinum",
    "palladium",
    "vermeil",
    "pearl",
    "diamond",
    "gemstone",
    "stone",
    "glass",
    "crystal",
    "ceramic",
    "resin",
    "neoprene",
    "down",
    "feather",
    "bamboo",
    "synthetic",
    "tricot",
    "corduroy",
    "jersey",
    "coton",
    "laine",
    "soie",
    "lin",
    "chanvre",
    "cuir",
    "daim",
    "fourrure",
    "caoutchouc",
    "plastique",
    "bois",
    "paille",
    "metal",
    "acier",
    "laiton",
    "cuivre",
    "argent",
    "or",
    "perle",
    "diamant",
    "verre",
    "synthetique",
    "toile",
    "velour",
    "dentelle",
    "tissu",
    "elasthanne",
    "baumwolle",
    "wolle",
    "seide",
    "leinen",
    "leder",
    "wildleder",
    "pelz",
    "gummi",
    "kunststoff",
    "stahl",
    "edelstahl",
    "silber",
    "kunstleder",
    "stoff",
    "samt",
    "messing",
];

/// Chapters whose codes turn on the material: leather goods, textiles, footwear, jewellery.
fn needs_material(chapter: u8) -> bool {
    matches!(chapter, 42 | 50..=64 | 71)
}

fn chapter(code: &str) -> Option<u8> {
    code.get(..2)?.parse().ok()
}

/// What the text should say and does not: the material, or what a part is for.
pub(super) fn missing(read: &Read<'_>, context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let chapter = match context.hs {
        Some(code) => chapter(code),
        None => likely_chapter(read, context),
    };
    if chapter.is_some_and(needs_material) && !read.has(MATERIALS) && !compound_material(read) {
        let message = "What it is made of decides the code, and is not said.".to_owned();
        let mut missing = finding(Code::MissingMaterial, Severity::Warning, read.span(), message);
        missing.suggestion = Some(format!("{}, knitted cotton", read.text.trim()))
            .filter(|_| chapter == Some(61))
            .or_else(|| Some("Add the main material, for example \"cotton\".".to_owned()));
        findings.push(missing);
    }
    findings.extend(missing_use(read, context));
    findings
}

/// "Lederhandtasche" names the material inside the word.
fn compound_material(read: &Read<'_>) -> bool {
    const STARTS: &[&str] = &["leder", "baumwoll", "woll", "seiden", "silber", "gold", "gummi"];
    read.content().any(|token| STARTS.iter().any(|start| token.written.starts_with(start)))
}

/// Candidates that must agree before a chapter is taken for granted.
const AGREEING: usize = 4;

/// The chapter kind that the first candidates agree on, when no code is given.
fn likely_chapter(read: &Read<'_>, context: &Context<'_>) -> Option<u8> {
    let found = context.index.search(read.text, AGREEING);
    let chapters: Vec<u8> = found.candidates.iter().filter_map(|c| chapter(&c.hs6)).collect();
    let agree = chapters.len() == AGREEING && chapters.iter().all(|c| needs_material(*c));
    chapters.first().copied().filter(|_| agree)
}

fn missing_use(read: &Read<'_>, context: &Context<'_>) -> Option<Finding> {
    const PARTS: &[&str] = &["part", "component", "piece", "ersatzteil", "composant"];
    const FOR: &[&str] =
        &["for", "of", "pour", "fur", "de", "d", "to", "from", "fit", "compatible"];
    let word = read.content().find(|token| PARTS.contains(&token.stem.as_str()));
    // "3-piece" counts, it is no part.
    let word = word.filter(|token| {
        let before = read.text.get(..token.span.start).unwrap_or_default().trim_end();
        !before.ends_with(|c: char| c.is_ascii_digit() || c == '-')
            && (token.stem != "piece" || token.written == "pieces")
    });
    let code = context.hs.and_then(|code| code.get(..6));
    let text = code.and_then(|code| context.index.nomenclature().text(code));
    let part_by_code = text.is_some_and(|text| {
        let lower = text.to_lowercase();
        lower.contains("parts thereof") || lower.starts_with("parts") || lower.contains("; parts")
    });
    if (word.is_none() && !part_by_code) || read.has(FOR) {
        return None;
    }
    let span = word.map_or_else(|| read.span(), |token| token.span.clone());
    let message = "A part is known by what it is for, and that is not said.".to_owned();
    let mut missing = finding(Code::MissingUse, Severity::Warning, span, message);
    missing.suggestion = Some("Add what it is for, for example \"for passenger car\".".to_owned());
    Some(missing)
}

/// Headings that the search may place before the declared one.
const HEADINGS: usize = 50;

/// The declared heading is not among those that the text may mean.
pub(super) fn conflict(read: &Read<'_>, context: &Context<'_>) -> Option<Finding> {
    let heading = context.hs?.get(..4)?;
    let found = context.index.headings(read.text, HEADINGS);
    if found.is_empty() || found.contains(&heading) {
        return None;
    }
    let says = context.index.nomenclature().text(heading).unwrap_or("which does not exist");
    let message = format!("The code is of heading {heading} ({says}); the text reads otherwise.");
    Some(finding(Code::HsConflict, Severity::Warning, read.span(), message))
}

/// Longer than the form takes.
pub(super) fn length(read: &Read<'_>, context: &Context<'_>) -> Option<Finding> {
    let most = context.characters_max?;
    let text = read.text.trim();
    let count = text.chars().count();
    if count <= most {
        return None;
    }
    let message = format!("{count} characters, and {most} are taken.");
    let mut long = finding(Code::TooLong, Severity::Warning, read.span(), message);
    long.suggestion = shortened(read, most);
    Some(long)
}

/// Whole words up to the limit. The word that names the thing stays: when it would be cut, words
/// before it go.
fn shortened(read: &Read<'_>, most: usize) -> Option<String> {
    let content: Vec<&Token> = read.content().collect();
    let breaks = |token: &&Token| {
        token.joined || matches!(token.written.as_str(), "for" | "with" | "of" | "in" | "from")
    };
    let after_first = content.iter().skip(1).position(breaks).map_or(content.len(), |at| at + 1);
    let name = content.get(after_first.checked_sub(1)?)?;
    let fits = |from: usize, to: usize| {
        let cut = read.text.get(from..to).unwrap_or_default();
        (!cut.is_empty() && cut.chars().count() <= most).then(|| cut.to_owned())
    };
    let start = content.first()?.span.start;
    let ends = || content.iter().rev().map(|token| token.span.end);
    let whole = ends().filter(|end| *end >= name.span.end).find_map(|end| fits(start, end));
    whole.or_else(|| content.iter().find_map(|token| fits(token.span.start, name.span.end)))
}

/// Units after a figure that measure and do not count.
const UNITS: &[&str] = &[
    "ml", "l", "cl", "g", "kg", "mg", "oz", "lb", "cm", "mm", "m", "in", "inch", "inche", "ft",
    "w", "watt", "v", "volt", "ah", "mah", "gb", "tb", "mb", "mp", "hz", "litre", "liter", "metre",
    "meter", "gram", "ply", "tier", "way", "year", "month", "day", "hour", "percent", "carat",
    "ct", "k", "karat", "in1", "d", "stage", "speed", "led", "minute", "spf", "piece",
];

/// Starts with a count that differs from the line's.
pub(super) fn quantity(read: &Read<'_>, context: &Context<'_>) -> Option<Finding> {
    let declared = context.quantity?;
    let first = read.tokens.first()?;
    let digits: String = first.written.chars().take_while(char::is_ascii_digit).collect();
    let after = first.written.get(digits.len()..)?;
    let count: u32 = digits.parse().ok()?;
    let counted = match after {
        "x" | "pcs" | "pc" | "stk" => true,
        "" => {
            let next = read.tokens.get(1)?;
            let gap = read.text.get(first.span.end..next.span.start)?;
            let blank = gap.chars().all(char::is_whitespace) || gap.contains('×');
            let counting = ["x", "pcs", "pc", "pieces", "pair", "stk"];
            let counts = counting.contains(&next.written.as_str());
            let word = next.written.chars().all(char::is_alphabetic) && next.written.len() > 2;
            blank && (counts || (word && !UNITS.contains(&next.stem.as_str())))
        }
        _ => false,
    };
    if !counted || count == declared {
        return None;
    }
    let message = format!("The text counts {count}, the line {declared}.");
    Some(finding(Code::QuantityInside, Severity::Warning, first.span.clone(), message))
}

/// Set phrases, and the text without them.
pub(super) fn noise(read: &Read<'_>) -> Option<Finding> {
    let start = read.tokens.iter().find(|token| token.noise)?.span.start;
    let end = read.tokens.iter().rev().find(|token| token.noise)?.span.end;
    let message = "A set phrase says nothing of the goods: it is not printed.".to_owned();
    let mut noise = finding(Code::NoisePhrase, Severity::Note, start..end, message);
    let mut kept = String::new();
    let mut last = None::<&Token>;
    for token in read.content() {
        let gap = last.and_then(|last| {
            let noisy = read.tokens.iter().any(|between| {
                between.noise
                    && between.span.start >= last.span.end
                    && between.span.end <= token.span.start
            });
            read.text.get(last.span.end..token.span.start).map(|gap| if noisy { " " } else { gap })
        });
        kept.push_str(gap.unwrap_or_default());
        kept.push_str(read.text.get(token.span.clone()).unwrap_or_default());
        last = Some(token);
    }
    noise.suggestion = Some(kept).filter(|kept| !kept.is_empty());
    Some(noise)
}
