//! Verdicts on the text as a whole: it says nothing that could be judged further.

use super::{
    Code, Context, Finding, Severity,
    read::{Read, Token},
    terms,
};
use crate::hs::words::fold;

const PATTERN: &str = "Say what it is, what it is made of and for whom or what, for example \
                       \"men's T-shirt, knitted cotton\".";

/// The one thing that is wrong with the whole text, when something is.
pub(super) fn verdict(read: &Read<'_>, context: &Context<'_>) -> Option<Finding> {
    let content: Vec<&Token> = read.content().collect();
    empty(read, &content)
        .or_else(|| placeholder(read, &content))
        .or_else(|| code_only(read, &content, context))
        .or_else(|| gift(read, &content))
        .or_else(|| general(read, &content, context))
        .or_else(|| name(read, context))
        .or_else(|| too_short(read, &content, context))
}

fn finding(read: &Read<'_>, code: Code, severity: Severity, message: String) -> Finding {
    let suggestion = Some(PATTERN.to_owned());
    Finding { code, severity, span: read.span(), message, suggestion }
}

fn empty(read: &Read<'_>, content: &[&Token]) -> Option<Finding> {
    content.is_empty().then(|| {
        let message = "The description says nothing of the goods.".to_owned();
        finding(read, Code::Empty, Severity::Error, message)
    })
}

/// Fillers, as folded words with one blank between them.
const PLACEHOLDERS: &[&str] = &[
    "n a",
    "na",
    "none",
    "nil",
    "null",
    "undefined",
    "test",
    "tests",
    "testing",
    "test product",
    "test item",
    "tbd",
    "tbc",
    "todo",
    "xx",
    "xxx",
    "xxxx",
    "xxxxx",
    "see invoice",
    "as invoice",
    "per invoice",
    "as per invoice",
    "see attached",
    "see attached invoice",
    "as attached",
    "as ordered",
    "as agreed",
    "various",
    "various goods",
    "various items",
    "unknown",
    "other",
    "others",
    "misc",
    "no description",
    "description",
    "not available",
    "not applicable",
    "default",
    "default title",
    "sample text",
    "lorem ipsum",
    "product",
    "products",
    "untitled",
    "voir facture",
    "selon facture",
    "selon commande",
    "comme commande",
    "divers",
    "neant",
    "inconnu",
    "inconnue",
    "aucun",
    "sans description",
    "non renseigne",
    "a definir",
    "siehe rechnung",
    "laut rechnung",
    "unbekannt",
    "verschiedenes",
    "diverses",
    "keine angabe",
];

fn placeholder(read: &Read<'_>, content: &[&Token]) -> Option<Finding> {
    let all: Vec<&str> = content.iter().map(|token| token.written.as_str()).collect();
    let said = all.join(" ");
    PLACEHOLDERS.contains(&said.as_str()).then(|| {
        let message = format!("\"{}\" stands in place of a description.", read.text.trim());
        finding(read, Code::Placeholder, Severity::Error, message)
    })
}

/// Words that announce a code.
const LABELS: &[&str] = &[
    "sku",
    "ean",
    "gtin",
    "upc",
    "asin",
    "isbn",
    "hs",
    "code",
    "ref",
    "reference",
    "art",
    "no",
    "nr",
    "num",
    "model",
    "item",
    "article",
    "part",
    "number",
    "hts",
    "taric",
    "cn",
    "id",
];

/// Letters beside the figures of a code: more of them are a word with a size glued to it.
const CODE_LETTERS_MAX: usize = 5;

fn code_only(read: &Read<'_>, content: &[&Token], context: &Context<'_>) -> Option<Finding> {
    let figures = |word: &str| word.chars().any(|c| c.is_ascii_digit());
    if !content.iter().any(|token| figures(&token.written)) {
        return None;
    }
    // Pieces that a code is cut into by hyphens: no blank stands between them.
    let mut inside_code = vec![false; content.len()];
    for (at, token) in content.iter().enumerate() {
        let beside = |other: Option<&&Token>| {
            other.is_some_and(|other| {
                let (low, high) = (token.span.start.min(other.span.start), token.span.end);
                let between = if other.span.start > high {
                    read.text.get(high..other.span.start)
                } else {
                    read.text.get(other.span.end..low.max(token.span.start))
                };
                between.is_some_and(|gap| matches!(gap, "-" | "_" | "." | "/"))
            })
        };
        let before = at.checked_sub(1).and_then(|before| content.get(before));
        let touches = beside(before) || beside(content.get(at + 1));
        let word = token.written.as_str();
        let written = read.text.get(token.span.clone()).unwrap_or_default();
        // "3-pack" and "usb-c" hold words; "AW-2231-BLK" holds capitals that are none.
        let capitals = written.chars().all(|c| c.is_uppercase() || c.is_ascii_digit());
        let short = word.chars().count() <= 4 && !context.index.knows(word);
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let code =
            word.chars().filter(char::is_ascii_digit).count() >= 2 && letters <= CODE_LETTERS_MAX;
        if let Some(place) = inside_code.get_mut(at) {
            let digits = word.chars().all(|c| c.is_ascii_digit());
            *place = code || digits || LABELS.contains(&word) || (touches && capitals && short);
        }
    }
    inside_code.iter().all(|inside| *inside).then(|| {
        let message = format!("\"{}\" is a code and says nothing of the goods.", read.text.trim());
        finding(read, Code::CodeOnly, Severity::Error, message)
    })
}

/// Words that say that something is given, to whom and when.
pub(super) const GIFTS: &[&str] = &[
    "gift",
    "present",
    "birthday",
    "christmas",
    "xma",
    "cadeau",
    "cadeaux",
    "geschenk",
    "geschenke",
    "anniversaire",
    "noel",
    "surprise",
    "souvenir",
];
const GIVING: &[&str] = &[
    "for", "my", "your", "a", "an", "the", "from", "to", "of", "mum", "mom", "dad", "friend",
    "family", "you", "personal", "happy", "only", "item", "idea", "with", "love", "small",
    "little", "pour", "un", "de", "d", "ma", "mon", "mere", "pere", "maman", "papa", "petit",
    "ein", "fur", "and", "et", "und", "wedding", "sister", "brother", "son", "daughter", "him",
    "her", "private",
];

fn gift(read: &Read<'_>, content: &[&Token]) -> Option<Finding> {
    let gifts = content.iter().filter(|token| GIFTS.contains(&token.stem.as_str())).count();
    let all = content.iter().all(|token| {
        let stem = token.stem.as_str();
        GIFTS.contains(&stem) || GIVING.contains(&stem) || GIVING.contains(&token.written.as_str())
    });
    (gifts > 0 && all).then(|| {
        let message = "A gift is declared by what it is, not by why it is sent.".to_owned();
        finding(read, Code::GiftWording, Severity::Error, message)
    })
}

/// Words before a general term that make it no clearer.
const VAGUE: &[&str] = &[
    "various",
    "assorted",
    "different",
    "mixed",
    "new",
    "used",
    "other",
    "general",
    "several",
    "misc",
    "miscellaneous",
    "all",
    "some",
    "many",
    "more",
    "personal",
    "private",
    "my",
    "divers",
    "diverse",
    "diverses",
    "autre",
    "autres",
    "nouveau",
    "nouveaux",
    "lot",
    "of",
    "de",
    "the",
    "les",
    "des",
    "du",
    "verschiedene",
    "quality",
    "commercial",
];
/// Words after a general term that add nothing.
const HOLLOW: &[&str] = &[
    "good",
    "product",
    "item",
    "article",
    "stuff",
    "thing",
    "produit",
    "only",
    "etc",
    "diver",
    "merchandise",
];
const JOINING: &[&str] = &["and", "or", "et", "ou", "und", "oder"];

/// Is the whole text general terms, alone or joined? True with all of them documented.
fn only_general(tokens: &[&Token], context: &Context<'_>) -> Option<(bool, &'static str)> {
    let mut documented = true;
    let mut first = None;
    let mut place = 0;
    let is = |list: &[&str], at: usize| {
        tokens.get(at).is_some_and(|token| {
            list.contains(&token.written.as_str()) || list.contains(&token.stem.as_str())
        })
    };
    while place < tokens.len() {
        // Between two terms stands "and", a comma or the like: side by side they are goods, as
        // "fish oil" is.
        let parted = tokens.get(place).is_some_and(|token| token.joined);
        let and = is(JOINING, place);
        if first.is_some() && !parted && !and {
            return None;
        }
        place += usize::from(and && first.is_some());
        while terms::at(tokens, place, context.date).is_none() && is(VAGUE, place) {
            place += 1;
        }
        let (words, term) = terms::at(tokens, place, context.date)?;
        documented &= term.documented;
        first = first.or(Some(term.text.as_str()));
        place += words;
        while is(HOLLOW, place) && !tokens.get(place).is_some_and(|token| token.joined) {
            place += 1;
        }
    }
    first.map(|term| (documented, term))
}

fn general(read: &Read<'_>, content: &[&Token], context: &Context<'_>) -> Option<Finding> {
    let (documented, term) = only_general(content, context)?;
    let severity = if documented { Severity::Error } else { Severity::Warning };
    let refused = if documented { "is refused by EU customs as" } else { "may be refused as" };
    let message = format!("\"{}\" {refused} too general.", read.text.trim());
    let mut finding = finding(read, Code::StopWordAlone, severity, message);
    if let Some(better) = better(&fold(term)) {
        finding.suggestion = Some(format!(
            "Say what it is and what it is made of or for, for example \"{better}\"."
        ));
    }
    Some(finding)
}

/// A good text for goods that people mean by a general term.
fn better(term: &str) -> Option<&'static str> {
    Some(match term {
        "clothes" | "clothing" | "apparel" | "garments" | "wearing apparel" | "vetements"
        | "vetement" | "habillement" => "women's dress, woven viscose",
        "electronics"
        | "electronic goods"
        | "electronic items"
        | "electronic equipment"
        | "electronique" => "wireless headphones with lithium-ion battery in equipment",
        "accessories" | "accessoires" => "phone case, silicone",
        "parts" | "spare parts" | "auto parts" | "machine parts" | "pieces detachees"
        | "pieces de rechange" | "pieces" => "brake disc, steel, for passenger car",
        "footwear" | "chaussures" => "men's running shoes, textile upper, rubber sole",
        "bags" | "sacs" => "women's shoulder bag, leather",
        "battery" | "batterie" => "lithium-ion battery, 3.7 V 2.6 Ah, for camera",
        "cables" => "USB-C charging cable, 1 m",
        "food" | "foodstuff" | "food products" | "alimentation" => "milk chocolate bars, filled",
        "toys" | "jouets" => "teddy bear, polyester plush",
        "documents" | "docs" | "dox" => {
            "printed contract, paper, no commercial value to third parties"
        }
        "samples" | "echantillons" => "fabric swatches, woven cotton, 10 x 10 cm",
        _ => return None,
    })
}

fn name(read: &Read<'_>, context: &Context<'_>) -> Option<Finding> {
    let words = |text: &str| {
        let folded = fold(text);
        let all = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        all.map(str::to_owned).collect::<Vec<_>>()
    };
    let said: Vec<String> = words(read.text);
    let known = context.names.iter().find(|name| !said.is_empty() && words(name) == said)?;
    let severity = if context.hs.is_some() { Severity::Warning } else { Severity::Error };
    let message = format!("\"{known}\" is a name: it does not say what the goods are.");
    Some(finding(read, Code::CompanyOrBrandOnly, severity, message))
}

/// Fewer letters name nothing.
const LETTERS_MIN: usize = 3;

fn too_short(read: &Read<'_>, content: &[&Token], context: &Context<'_>) -> Option<Finding> {
    let letters = content.iter().flat_map(|token| token.written.chars());
    let letters = letters.filter(|c| c.is_alphabetic());
    // One sign of an East Asian script is a word.
    let count: usize = letters.map(|c| if u32::from(c) > 0x2E7F { 3 } else { 1 }).sum();
    if count < LETTERS_MIN {
        let message = format!("\"{}\" is too short to name goods.", read.text.trim());
        return Some(finding(read, Code::TooShort, Severity::Error, message));
    }
    match content {
        [word] if word.written.is_ascii() && !context.index.knows(&word.written) => {
            let message =
                format!("\"{}\" is one word, and no nomenclature knows it.", read.text.trim());
            Some(finding(read, Code::TooShort, Severity::Warning, message))
        }
        _ => None,
    }
}
