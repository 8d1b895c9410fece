//! The public codes of customs. A code is for ever; each has a page under `docs/errors`.

use colibri_events::customs::v1::Finding;
use colibri_kit::fault::Fault;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*

        /// Every code.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

codes! {
    /// No such article, quote, declaration or paper of this tenant.
    UNKNOWN = "CUS0001";
    /// A field of a request does not say what it should.
    FIELD = "CUS0002";
    /// More items than a call takes, or a file too large.
    LIMIT = "CUS0003";
    /// The request id was used for another file.
    REQUEST_REUSED = "CUS0004";
    /// An event that cannot be taken.
    EVENT = "CUS0005";
    /// There is no paper of that type.
    NO_PAPER = "CUS0006";
    /// Changed or cancelled before its papers were drawn.
    SUPERSEDED = "CUS0007";
    /// A file is no list of denied parties of its form.
    NO_LIST = "CUS0008";
    /// A list lost so many entries that a person has to say it is right.
    LIST_SHRUNK = "CUS0009";
    /// The company prefix numbers somebody else's units.
    PREFIX_TAKEN = "CUS0010";
    /// The numbers of a prefix are used up.
    NUMBERS_USED_UP = "CUS0011";
    /// The papers of goods that come back lack something.
    WAY_BACK = "CUS0012";
    /// Customs know nothing of the article.
    SKU_UNKNOWN = "CUS0101";
    /// There is no tariff code that somebody stands for.
    CODE_MISSING = "CUS0102";
    /// The tariff code has the wrong length, or does not exist.
    CODE_WRONG = "CUS0103";
    /// The description is missing, or customs would refuse it.
    DESCRIPTION = "CUS0104";
    /// The country of origin is missing.
    ORIGIN = "CUS0105";
    /// A weight is missing, or weights contradict each other.
    WEIGHT = "CUS0106";
    /// A value is missing or impossible.
    VALUE = "CUS0107";
    /// The tenant's profile lacks a number, or it cannot be right.
    PROFILE = "CUS0108";
    /// The addressee's record lacks what customs ask for.
    ADDRESSEE = "CUS0109";
    /// The sender pays, and what cannot be computed.
    DUTY = "CUS0110";
    /// More lines than a declaration here can hold.
    LINES = "CUS0111";
    /// An address cannot be opened any more.
    ADDRESS = "CUS0112";
    /// The destination is not covered.
    DESTINATION = "CUS0113";
    /// An identifier of the article cannot be right.
    IDENTIFIER = "CUS0114";
    /// Something else that the papers ask for.
    PAPERS = "CUS0115";
    /// A party is like somebody on a list, and nobody has decided yet.
    SCREENING_HIT = "CUS0116";
    /// A person said that a party is somebody on a list.
    SCREENING_CONFIRMED = "CUS0117";
    /// A rule restricts an article where it goes, and nobody has decided yet.
    RESTRICTED = "CUS0118";
    /// A person said that an article may not go there.
    RESTRICTION_CONFIRMED = "CUS0119";
}

/// A finding about a field.
pub fn finding(code: &str, field: impl Into<String>, detail: impl Into<String>) -> Finding {
    Finding { code: code.to_owned(), field: field.into(), detail: detail.into() }
}

/// A field of the request that cannot be taken.
pub fn request(field: &str, detail: &str) -> Fault {
    Fault::reject(FIELD, format!("{field} {detail}")).field(field, FIELD, detail)
}

/// More items than a call takes.
pub fn limit(field: &str, most: usize) -> Fault {
    let text = format!("1 to {most} items are taken at once");
    Fault::resource_exhausted(LIMIT, text.clone()).field(field, LIMIT, text)
}

/// What was asked for is not there, or not this tenant's.
pub fn unknown(what: &str) -> Fault {
    Fault::not_found(UNKNOWN, format!("no such {what}"))
}
