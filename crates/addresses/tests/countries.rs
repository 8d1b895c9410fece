//! Good and bad addresses of many countries, all fictitious.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use colibri_addresses::{Address, Code, NoticeCode, Verdict, check};

/// Given: country, subdivision, postcode, town, lines. Expected: country, subdivision, postcode.
const GOOD: &str = "\
FR||75008|Paris|12 rue Imaginaire|FR||75008
France||F-75008|Paris|12 rue Imaginaire|FR||75008
FRA|Bretagne|35 000|Rennes|Lieu-dit Le Rêve|FR|Bretagne|35000
Deutschland||D-10115|Berlin|Musterweg 1|DE||10115
AT|Wien|A-1010|Wien|Mustergasse 2/Stiege 3|AT|Wien|1010
CH|ZH|CH-8001|Zürich|Musterstrasse 3|CH|ZH|8001
LI||9490|Vaduz|Musterweg 4|LI||9490
UK||sw1a1aa|London|1 Example Road|GB||SW1A 1AA
England||M2 5bq|Manchester|Example House|GB||M2 5BQ
IE|Co. Dublin|d02x285|Dublin|5 Example Quay|IE|D|D02 X285
IE|||Cork|Example Cottage|IE||
NL||1012ab|Amsterdam|Voorbeeldstraat 6|NL||1012 AB
BE||1000|Bruxelles|Rue Fictive 7|BE||1000
LU||L-4750|Pétange|8, rue Fictive|LU||4750
ES|Madrid|28013|Madrid|Calle Inventada 9|ES|M|28013
PT||1250096|Lisboa|Rua Inventada 10|PT||1250-096
IT|Roma|00144|Roma|Via Inventata 11|IT|RM|00144
PL||00950|Warszawa|ul. Zmyślona 12|PL||00-950
CZ||11000|Praha|Vymyšlená 13|CZ||110 00
SK||81101|Bratislava|Vymyslená 14|SK||811 01
SE||SE-11455|Stockholm|Exempelgatan 15|SE||114 55
DK||1566|København|Eksempelvej 16|DK||1566
NO||0107|Oslo|Eksempelveien 17|NO||0107
FI||FI-00100|Helsinki|Esimerkkikatu 18|FI||00100
LV||1073|Rīga|Piemēra iela 19|LV||LV-1073
EL||15124|Αθήνα|Οδός Παράδειγμα 20|GR||151 24
HU||1037|Budapest|Példa utca 21|HU||1037
US|California|90210|Beverly Hills|22 Sample St|US|CA|90210
USA|US-NY|100010001|New York|23 Sample Ave|US|NY|10001-0001
US|PR|00907|San Juan|24 Calle Muestra|US|PR|00907
US|AE|09012|APO|PSC 1 Box 2|US|AE|09012
CA|Québec|h3z2y7|Montréal|25 rue Fictive|CA|QC|H3Z 2Y7
MX|CDMX|06082|Ciudad de México|Calle Falsa 26|MX|CMX|06082
BR|Sao Paulo|01310100|São Paulo|Rua Falsa 27|BR|SP|01310-100
AU|New South Wales|2060|Sydney|28 Sample Rd|AU|NSW|2060
NZ||6001|Wellington|29 Sample Tce|NZ||6001
JP|東京都|１５４－００２３|世田谷区|見本1-2-3|JP|13|154-0023
JP|JP-27|5300001|Osaka|1-2-3 Mihon|JP|27|530-0001
CN|Guangdong|510000|广州市|样本路30号|CN|GD|510000
KR|Seoul|03051|종로구|견본로 31|KR|11|03051
IN|Maharashtra|400001|Mumbai|32 Sample Marg|IN|MH|400001
HK||000000|Kowloon|Flat 1, 33 Sample St|HK|KL|
AE|||Dubai|Villa 34, Sample St|AE|DU|
SG||546080||35 Sample Ave|SG||546080
ZA||0083|Pretoria|36 Sample St|ZA||0083
AO|||Luanda|Rua Falsa 37|AO||
AR|Córdoba|x5187xab|Córdoba|Calle Falsa 38|AR|X|X5187XAB
TR||06101|Ankara|Örnek Sok. 39|TR||06101";

/// Given as above. Expected: codes.
const BAD: &str = "\
||75008|Paris|12 rue X|ADR0001
Atlantis||75008|Paris|12 rue X|ADR0002
FR||75008|Paris||ADR0003
FR||75008||12 rue X|ADR0004
FR|||Paris|12 rue X|ADR0005
FR|||||ADR0003 ADR0004 ADR0005
US||90210|Beverly Hills|22 Sample St|ADR0006
ES||28013|Madrid|Calle Inventada 9|ADR0006
FR||7500|Paris|12 rue X|ADR0007
DE||F-75008|Paris|12 rue X|ADR0007
NL||1012|Amsterdam|Voorbeeldstraat 6|ADR0007
GB||SW1A|London|1 Example Road|ADR0007
FR||96000|Nulle part|12 rue X|ADR0008
ES|M|53001|Madrid|Calle Inventada 9|ADR0008
US|NY|00100|New York|22 Sample St|ADR0008
US|Bavaria|90210|Beverly Hills|22 Sample St|ADR0009
IT|ZZ|00144|Roma|Via Inventata 11|ADR0009
US|NY|90210|Beverly Hills|22 Sample St|ADR0010
CA|ON|H3Z 2Y7|Montréal|25 rue Fictive|ADR0010
AU|WA|2060|Sydney|28 Sample Rd|ADR0010
ES|Barcelona|28013|Madrid|Calle Inventada 9|ADR0010
BR|RJ|01310-100|São Paulo|Rua Falsa 27|ADR0010
FR||n/a|Paris|12 rue X|ADR0011
FR||00000|Paris|12 rue X|ADR0011
FR||75008|test|xxx|ADR0011 ADR0011
FR||75008|Paris|-|ADR0011
FR||75008|75008|12 rue X|ADR0013
FR||75008|Paris|🏠🏠|ADR0013
FR||75008|Saint-\u{FFFD}tienne|12 rue X|ADR0014
JP|13|154-0023|||ADR0003";

/// Given as above. Expected: a notice.
const CARE: &str = "\
FR||97410|Saint-Pierre|12 rue X|Territory
FR||97410|Saint-Pierre|12 rue X|SpecialTerritory
FR||98000|Monaco|12 rue X|Territory
RE||97410|Saint-Pierre|12 rue X|SpecialTerritory
ES|GC|35001|Las Palmas|Calle Y 1|SpecialTerritory
DE||27498|Helgoland|Weg 1|SpecialTerritory
GB||BT1 5GS|Belfast|1 Example St|SpecialTerritory
GB||JE2 3AB|St Helier|1 Example St|Territory
IT|SO|23030|Livigno|Via Z 1|SpecialTerritory
US|AE|09012|APO|PSC 1 Box 2|Military
GB||BFPO 61|BFPO|Unit 1|Military
FR||75380|Paris Cedex 08|12 rue X|Cedex
FR||75008|Paris|BP 40321|PoBox
DE||10115|Berlin|Packstation 145|Locker
DE||10115|Berlin|Musterweg|HouseNumberMissing
AO||1234|Luanda|Rua Falsa 37|PostcodeUnchecked
IE|Leinster||Dublin|5 Example Quay|SubdivisionUnchecked
CH||1201|GenÃ¨ve|Rue W 1|GarbledSuspected";

/// The rows of a table whose cells are separated by `|`.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        cells.try_into().unwrap_or_else(|_| panic!("{row}: {N} cells"))
    })
}

/// `lines` separated by `/`; empty cells are absent.
fn address(country: &str, subdivision: &str, postcode: &str, city: &str, lines: &str) -> Address {
    let text = |s: &str| Some(s.to_owned()).filter(|s| !s.is_empty());
    Address {
        name: text("Camille Exemple"),
        lines: lines.split('/').filter(|l| !l.is_empty()).map(str::to_owned).collect(),
        city: text(city),
        postcode: text(postcode),
        subdivision: text(subdivision),
        country: country.to_owned(),
        ..Address::default()
    }
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.problems.iter().map(|p| p.code.as_str()).collect()
}

fn noticed(verdict: &Verdict, code: NoticeCode) -> bool {
    verdict.notices.iter().any(|n| n.code == code)
}

#[test]
fn good_addresses_are_valid_and_take_their_form() {
    // country, subdivision, postcode, city, lines; then country, subdivision, postcode expected
    for [country, region, postcode, city, lines, c, r, z] in rows(GOOD) {
        let verdict = check(&address(country, region, postcode, city, lines));
        assert_eq!(codes(&verdict), [""; 0], "{country} {city}: {:?}", verdict.problems);
        let n = &verdict.normalised;
        let text = |v: &Option<String>| v.clone().unwrap_or_default();
        assert_eq!(
            (n.country.as_str(), text(&n.subdivision), text(&n.postcode)),
            (c, r.to_owned(), z.to_owned()),
            "{country} {city}"
        );
    }
}

#[test]
fn bad_addresses_say_exactly_what_is_wrong() {
    for [country, region, postcode, city, lines, expected] in rows(BAD) {
        let verdict = check(&address(country, region, postcode, city, lines));
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(codes(&verdict), expected, "{country} {postcode} {:?}", verdict.problems);
    }
}

#[test]
fn reasons_say_what_is_expected_with_an_example() {
    let reason = |a: &Address| check(a).problems.first().expect("a problem").reason.clone();
    assert_eq!(
        reason(&address("FR", "", "7500", "Paris", "12 rue X")),
        "postcode `7500` does not match France's form: 5 digits, such as 75008; if a spreadsheet \
         dropped a leading zero, write 07500"
    );
    assert_eq!(
        reason(&address("US", "", "90210", "Beverly Hills", "22 Sample St")),
        "the state is missing: an address in the United States needs one, such as CA for \
         California; postcodes starting with 902 lie in CA"
    );
    assert_eq!(
        reason(&address("US", "NY", "90210", "Beverly Hills", "22 Sample St")),
        "the state NY and the postcode contradict each other: postcodes starting with 902 lie in \
         CA; correct the one that is wrong"
    );
    assert_eq!(
        reason(&address("NL", "", "1012", "Amsterdam", "Voorbeeldstraat 6")),
        "postcode `1012` does not match the Netherlands' form: 4 digits and 2 letters, such as \
         1012 AB"
    );
}

#[test]
fn nothing_personal_is_repeated_anywhere() {
    let secret = Address {
        name: Some("Zebulon Quixote".into()),
        company: Some("Quixote & Fils".into()),
        lines: vec!["Quixote Street".into(), "PO Box 777123".into()],
        city: Some("Quixoteville 😀".into()),
        postcode: Some("Quixote 12".into()),
        subdivision: Some("Quixoteland".into()),
        country: "US".into(),
        phone: Some("quixote".into()),
        email: Some("quixote@@example".into()),
    };
    let verdict = check(&secret);
    assert!(verdict.problems.len() >= 3, "{:?}", verdict.problems);
    let said = format!("{:?}{:?}{:?}", verdict, verdict.problems, verdict.notices).to_lowercase();
    assert!(!said.contains("quixote") && !said.contains("777123"), "{said}");
    let mut lost = secret;
    lost.country = "Quixote Zebulon".into();
    let said = format!("{:?}", check(&lost)).to_lowercase();
    assert!(!said.contains("quixote"), "{said}");
}

#[test]
fn debug_prints_the_country_and_which_fields_are_there() {
    let a = address("FR", "", "75008", "Paris", "12 rue Imaginaire/Bâtiment B");
    let debug = format!("{a:?}");
    assert!(debug.contains("\"FR\"") && debug.contains("postcode") && debug.contains("lines: 2"));
    assert!(!debug.contains("75008") && !debug.contains("Paris") && !debug.contains("rue"));
}

#[test]
fn corrections_are_noticed() {
    let messy = Address {
        name: Some("  Camille\u{200B}  Exemple ".into()),
        company: Some("n/a".into()),
        lines: vec!["12 rue Imaginaire\nBa\u{0302}timent １".into(), "-".into()],
        city: Some("Paris\t".into()),
        postcode: Some("f-75008".into()),
        subdivision: Some("N/A".into()),
        country: "france".into(),
        phone: Some("".into()),
        email: None,
    };
    let verdict = check(&messy);
    assert!(verdict.is_valid(), "{:?}", verdict.problems);
    let n = &verdict.normalised;
    assert_eq!(n.name.as_deref(), Some("Camille Exemple"));
    assert_eq!(n.lines, ["12 rue Imaginaire", "Bâtiment 1"]);
    assert_eq!(n.city.as_deref(), Some("Paris"));
    assert_eq!(n.postcode.as_deref(), Some("75008"));
    assert_eq!((n.company.as_ref(), n.subdivision.as_ref(), n.phone.as_ref()), (None, None, None));
    for code in [
        NoticeCode::Trimmed,
        NoticeCode::InvisibleRemoved,
        NoticeCode::Composed,
        NoticeCode::DigitsNormalised,
        NoticeCode::LineSplit,
        NoticeCode::PlaceholderRemoved,
        NoticeCode::CountryResolved,
        NoticeCode::PostcodePrefixRemoved,
        NoticeCode::PostcodeUppercased,
    ] {
        assert!(noticed(&verdict, code), "{code:?} in {:?}", verdict.notices);
    }
}

#[test]
fn places_that_need_care_are_noticed() {
    for [country, region, postcode, city, lines, code] in rows(CARE) {
        let verdict = check(&address(country, region, postcode, city, lines));
        assert!(
            verdict.notices.iter().any(|n| format!("{:?}", n.code) == code),
            "{country} {postcode} {code} {:?}",
            verdict.notices
        );
        assert!(verdict.is_valid(), "{country} {postcode} {:?}", verdict.problems);
    }
    let plain = check(&address("FR", "", "75008", "Paris", "12 rue Imaginaire"));
    assert_eq!(plain.notices, []);
}

#[test]
fn a_packstation_without_post_number_is_pointed_out() {
    let detail = |lines: &str| {
        let verdict = check(&address("DE", "", "10115", "Berlin", lines));
        let locker = verdict.notices.into_iter().find(|n| n.code == NoticeCode::Locker);
        locker.expect("locker").detail
    };
    assert!(detail("Packstation 145").contains("post number"));
    assert!(!detail("12345678/Packstation 145").contains("none was found"));
}

#[test]
fn limits_are_told_with_their_figure() {
    let mut a = address("FR", "", "75008", "Paris", "12 rue X");
    a.lines = vec!["é".repeat(255)];
    assert!(check(&a).is_valid());
    a.lines = vec!["é".repeat(256)];
    let verdict = check(&a);
    assert_eq!(codes(&verdict), ["ADR0012"]);
    assert!(verdict.problems.iter().all(|p| p.field == "lines/0" && p.reason.contains("255")));
    // 255 characters, but 1,275 bytes.
    a.lines = vec!["𐍈".repeat(255) + "x"];
    assert_eq!(codes(&check(&a)), ["ADR0012"]);
    a.lines = (0..11).map(|i| format!("{i} rue X")).collect();
    assert_eq!(codes(&check(&a)), ["ADR0012"]);
}

#[test]
fn phone_and_email_are_optional_and_judged_lightly() {
    let mut a = address("FR", "", "75008", "Paris", "12 rue X");
    a.phone = Some("+33 1 99 00 12 34".into());
    a.email = Some("camille@example.fr".into());
    assert!(check(&a).is_valid() && check(&a).notices.is_empty());
    a.phone = Some("12".into());
    assert!(check(&a).is_valid() && noticed(&check(&a), NoticeCode::PhoneUnlikely));
    a.email = Some("nonsense".into());
    assert_eq!(codes(&check(&a)), [Code::EmailInvalid.as_str()]);
    a.email = Some("none".into());
    assert!(check(&a).is_valid() && noticed(&check(&a), NoticeCode::PlaceholderRemoved));
}

#[test]
fn fillers_in_postcodes_that_are_optional_go_at_once() {
    for filler in ["00000", "TH-00000", "ｎ／ａ", "N/A", "-", "〒"] {
        let verdict = check(&address("TH", "", filler, "Bangkok", "1 Sample Rd"));
        assert!(verdict.is_valid(), "{filler} {:?}", verdict.problems);
        assert_eq!(verdict.normalised.postcode, None, "{filler}");
    }
}
