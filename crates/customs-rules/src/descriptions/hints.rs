//! Words that may mean dangerous goods: a hint to those who check restrictions, no judgement.

use super::{Code, Finding, Severity, read::Read};

/// Words (stems, folded) and what they hint at.
const HINTS: &[(&str, &[&str])] = &[
    (
        "batteries",
        &[
            "battery",
            "batterie",
            "lithium",
            "li",
            "accumulator",
            "powerbank",
            "akku",
            "pile",
            "lipo",
            "hoverboard",
            "ebike",
            "escooter",
            "drone",
            "rechargeable",
            "vape",
        ],
    ),
    (
        "pressurised gas",
        &[
            "aerosol",
            "spraydose",
            "butane",
            "propane",
            "gas",
            "gaz",
            "helium",
            "oxygen",
            "co2",
            "extinguisher",
            "airbag",
            "hairspray",
            "deodorant",
        ],
    ),
    (
        "flammable liquid",
        &[
            "perfume",
            "parfum",
            "cologne",
            "edt",
            "edp",
            "paint",
            "peinture",
            "varnish",
            "verni",
            "lacquer",
            "solvent",
            "thinner",
            "acetone",
            "ethanol",
            "alcohol",
            "alcool",
            "petrol",
            "fuel",
            "essence",
            "kerosene",
            "turpentine",
            "sanitiser",
            "sanitizer",
            "primer",
            "lack",
            "toilette",
        ],
    ),
    (
        "corrosive or poisonous",
        &[
            "bleach",
            "acid",
            "acide",
            "ammonia",
            "chlorine",
            "pesticide",
            "insecticide",
            "herbicide",
            "mercury",
            "javel",
        ],
    ),
    (
        "ignition or explosion",
        &[
            "lighter",
            "briquet",
            "feuerzeug",
            "firework",
            "firecracker",
            "sparkler",
            "ammunition",
            "cartouche",
            "match",
            "matche",
            "flare",
            "explosive",
            "petard",
        ],
    ),
    ("magnetic or radioactive", &["neodymium", "radioactive", "uranium", "thorium"]),
];

/// One note for each kind of danger that a word hints at.
pub(super) fn dangerous(read: &Read<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (danger, words) in HINTS {
        let hit = read.content().find(|token| words.contains(&token.stem.as_str()));
        if let Some(token) = hit {
            let said = read.text.get(token.span.clone()).unwrap_or_default();
            findings.push(Finding {
                code: Code::DangerousHint,
                severity: Severity::Note,
                span: token.span.clone(),
                message: format!("\"{said}\" may mean dangerous goods: {danger}."),
                suggestion: None,
            });
        }
    }
    findings
}
