//! Words that stand in many descriptions and tell goods apart hardly or not at all.

/// Words that say nothing of goods: grammar, and the nomenclature's own formulas.
pub(crate) fn says_nothing(word: &str) -> bool {
    SILENT.contains(&word)
}

/// Words of size, colour, number and praise: they may match, but hardly tell goods apart.
pub(crate) fn says_little(word: &str) -> bool {
    LITTLE.contains(&word)
}

#[rustfmt::skip]
const SILENT: &[&str] = &[
    "and", "or", "of", "the", "an", "for", "with", "in", "to", "by", "on", "from", "at", "as", "is",
    "are", "be", "it", "its", "this", "that", "these", "those", "which", "than", "other", "others",
    "not", "no", "whether", "nec", "nesoi", "etc", "such", "their", "thereof", "having", "being",
    "been", "was", "has", "have", "can", "may", "used", "use", "kind", "kinds", "including",
    "included", "excluding", "excl", "heading", "headings", "chapter", "subheading", "item",
    "items", "whatever", "similar", "suitable", "designed", "specified", "elsewhere", "more",
    "less", "weighing", "exceeding", "ml", "kg", "cm", "mm", "g", "your", "our", "you", "new",
    "very", "also", "all", "any", "each", "per", "x", "but", "into", "hmrc", "classification",
    "classified", "code", "product", "products", "description",
];

#[rustfmt::skip]
const LITTLE: &[&str] = &[
    "pack", "packs", "set", "sets", "piece", "pieces", "pcs", "pair", "pairs", "small", "large",
    "mini", "medium", "big", "long", "short", "slim", "black", "white", "blue", "red", "green",
    "grey", "pink", "brown", "purple", "yellow", "orange", "navy", "beige", "silver", "gold",
    "colour", "coloured", "colours", "size", "original", "classic", "ultimate", "best", "assorted",
    "mixed", "premium", "quality", "collection", "brand", "branded", "super", "extra", "plus",
    "free", "pro", "advanced", "style", "design", "print", "printed", "plain", "round", "square",
    "single", "double", "multi", "various", "high", "low", "full", "easy", "soft", "home",
    "portable", "reusable", "disposable", "limited", "edition", "bag", "bags", "box", "boxes",
    "bottle", "tub", "jar", "pouch", "pouches", "packaging", "sachet", "light", "dark", "bright",
    "cute", "funny", "vintage", "retro", "modern", "craft",
];
