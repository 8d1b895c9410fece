//! True variants are found with their reasons, and other people are not.
use colibri_screening::{
    Adjustment, Format, Freshness, How, Index, List, Party, PartyKind, Screened, Thresholds,
    ThresholdsError, Unreadable, Verdict,
};
use time::{Duration, macros::datetime};

const LIST: &str = "\
id,kind,name,quality,countries,birth_years,programmes
P1,person,Jonathan Michael Quandrill,primary,GB,1961,TEST
P1,person,J. M. Quandrill,alias,,,
P2,person,Владимир Образцовский,primary,RU,1970;1971,TEST
P3,person,Mohammed bin Rashid al-Ghazzawi,primary,,,TEST
P3,person,Abu Zubrani,weak,,,
P4,person,Zoë Müllenbergh-Özdal,primary,DE,,TEST
P5,person,李晓明,primary,CN,,TEST
P6,person,Ng Wu,primary,,,TEST
O1,organisation,Nordkrasch Trading House GmbH,primary,DE,,TEST
O2,organisation,Société Exemplaire d'Électronique S.A.R.L.,primary,FR,,TEST
O3,organisation,Abdulrahman Logistics,primary,,,TEST
V1,craft,MV Nordkrasch Star,primary,,,TEST
";

pub fn index() -> Index {
    Index::new(vec![Format::OwnCsv.read("test", LIST.as_bytes()).unwrap()])
}

fn ask(name: &str) -> Screened {
    index().screen(&Party { name, ..Party::default() }, Thresholds::default())
}

#[test]
fn true_variants_reach_review() {
    for (name, entry) in [
        // Exact, case, order of words.
        ("Jonathan Michael Quandrill", "P1"),
        ("QUANDRILL, JONATHAN MICHAEL", "P1"),
        // Initials, missing middle name, title.
        ("J. M. Quandrill", "P1"),
        ("Jonathan M. Quandrill", "P1"),
        ("J Quandrill", "P1"),
        ("Jonathan Quandrill", "P1"),
        ("Dr. Jonathan Michael Quandrill", "P1"),
        // Letters doubled, lost, swapped.
        ("Jonathan Michael Quandril", "P1"),
        ("Jonattan Michael Quandrill", "P1"),
        ("Jonathan Micheal Quandrill", "P1"),
        // Other transliterations, and the script itself.
        ("Vladimir Obraztsovskiy", "P2"),
        ("Wladimir Obrazowski", "P2"),
        ("Vladimir Obrazcovsky", "P2"),
        ("Владимир Образцовский", "P2"),
        ("Muhammad Rashid Ghazawi", "P3"),
        ("Mohamed ben Rachid El Ghazzaoui", "P3"),
        ("محمد راشد الغزاوي", "P3"),
        // Marks.
        ("Zoe Mullenbergh Ozdal", "P4"),
        ("Zoe Muellenbergh-Oezdal", "P4"),
        ("Li Xiaoming", "P5"),
        ("Xiao Ming Li", "P5"),
        ("李 晓明", "P5"),
        ("Ng Wu", "P6"),
        // Legal forms, generic words.
        ("Nordkrasch Trading House", "O1"),
        ("NORDKRASCH TRADING LLC", "O1"),
        ("Nord Krasch Trading House GmbH", "O1"),
        ("Societe Exemplaire Electronique", "O2"),
        ("Abdul Rahman Logistics Ltd", "O3"),
        // A company that carries a listed person's name.
        ("Jonathan Michael Quandrill Consulting Ltd", "P1"),
    ] {
        let found = ask(name);
        assert!(found.verdict >= Verdict::Review, "{name}: {found:?}");
        assert_eq!(found.hits.first().unwrap().entry, entry, "{name}: {found:?}");
    }
}

#[test]
fn other_people_are_clear() {
    for name in [
        "Jonathan Michael Fernsby",
        "Jonathan",
        "Quandrill",
        "Henrietta Quandrill",
        "Vladimir Kowalew",
        "Mohammed Rashid Tellerman",
        "Zoe Steinkamp",
        "Li Na",
        "Nu Wo",
        "Trading House GmbH",
        "General Trading International LLC",
        "Electronique de France",
        "MV Nordkrasch Star Cruises Agency Hamburg Altona",
    ] {
        let found = ask(name);
        assert_eq!(found.verdict, Verdict::Clear, "{name}: {:?}", found.hits);
        assert!(found.hits.is_empty());
    }
}

#[test]
fn a_hit_says_which_words_of_which_name_matched() {
    let found = ask("Quandril J. Michael");
    let hit = found.hits.first().unwrap();
    assert_eq!((hit.list.as_str(), hit.name.as_str()), ("test", "Jonathan Michael Quandrill"));
    let words: Vec<(&str, &str, How)> =
        hit.matched.iter().map(|m| (m.asked.as_str(), m.listed.as_str(), m.how)).collect();
    assert!(words.contains(&("michael", "michael", How::Same)), "{words:?}");
    assert!(words.contains(&("j", "jonathan", How::Initial)), "{words:?}");
    let spelling = hit.matched.iter().find(|m| m.listed == "quandrill").unwrap();
    assert!(spelling.like < 1_000 && spelling.how != How::Same, "{words:?}");
    let joined = ask("Nord Krasch Trading House GmbH");
    assert!(joined.hits[0].matched.iter().any(|m| m.how == How::Joined), "{joined:?}");
    let fewer = ask("Jonathan Quandrill");
    assert_eq!(fewer.hits[0].only_listed, ["michael"]);
    let more = ask("Jonathan Michael Quandrill Pemberstone");
    assert_eq!(more.hits[0].only_asked, ["pemberstone"]);
}

#[test]
fn ships_are_never_compared() {
    let found = ask("MV Nordkrasch Star");
    assert!(found.hits.iter().all(|hit| hit.entry != "V1"), "{found:?}");
    assert_eq!(index().names(), 11);
}

#[test]
fn country_birth_and_weak_names_move_the_score() {
    let index = index();
    let ask = |party: Party<'_>| {
        index.screen(&party, Thresholds::new(500, 920).unwrap()).hits.first().cloned().unwrap()
    };
    let name = "Jonathan Michael Quandrill";
    let plain = ask(Party { name, ..Party::default() });
    assert_eq!((plain.score, plain.adjustments.as_slice()), (1_000, &[][..]));
    let other = ask(Party { name, country: Some("BR"), ..Party::default() });
    assert_eq!(other.adjustments, [Adjustment::OtherCountry]);
    assert!(other.score < plain.score);
    let short = "Jonathan Quandrill";
    let unknown = ask(Party { name: short, ..Party::default() });
    let same = ask(Party { name: short, country: Some("GB"), ..Party::default() });
    assert!(same.score > unknown.score && same.adjustments == [Adjustment::SameCountry]);
    let born = ask(Party { name, birth_year: Some(1990), ..Party::default() });
    assert_eq!((born.score, born.adjustments.as_slice()), (800, &[Adjustment::OtherBirth][..]));
    // A company has no birthday, and a year beside the listed one is the listed one.
    let kind = PartyKind::Organisation;
    let company = ask(Party { name, birth_year: Some(1990), kind, ..Party::default() });
    assert_eq!(company.score, 1_000);
    let near = ask(Party { name, birth_year: Some(1962), ..Party::default() });
    assert_eq!(near.adjustments, [Adjustment::SameBirth]);
    let weak = ask(Party { name: "Abu Zubrani", ..Party::default() });
    assert!(weak.adjustments.contains(&Adjustment::WeakName) && weak.score < 960, "{weak:?}");
}

#[test]
fn a_name_that_cannot_be_compared_clears_nobody() {
    for (name, why) in [
        ("", Unreadable::Empty),
        ("  .,- ", Unreadable::Empty),
        ("🙂🙂", Unreadable::Empty),
        ("X", Unreadable::TooShort),
    ] {
        let found = ask(name);
        assert_eq!((found.verdict, found.unreadable), (Verdict::Review, Some(why)), "{name}");
    }
    assert_eq!(ask("GmbH").unreadable, None);
}

#[test]
fn thresholds_are_data_with_bounds() {
    let strict = Thresholds::new(700, 800).unwrap();
    assert_eq!(strict.verdict(699), Verdict::Clear);
    assert_eq!(strict.verdict(700), Verdict::Review);
    assert_eq!(strict.verdict(799), Verdict::Review);
    assert_eq!(strict.verdict(800), Verdict::Hold);
    for (review, hold) in [(499, 900), (900, 899), (800, 1_001)] {
        assert_eq!(Thresholds::new(review, hold), Err(ThresholdsError), "{review} {hold}");
    }
    let index = index();
    let party = Party { name: "Jonathan Michael Fernsby", ..Party::default() };
    assert!(index.screen(&party, Thresholds::new(500, 900).unwrap()).verdict > Verdict::Clear);
    assert_eq!(index.screen(&party, Thresholds::default()).verdict, Verdict::Clear);
}

#[test]
fn lists_that_shrink_or_age_are_not_trusted() {
    assert_eq!(List::may_replace(0, 10), Ok(()));
    assert_eq!(List::may_replace(1_000, 970), Ok(()));
    let shrunk = List::may_replace(1_000, 969).unwrap_err();
    assert_eq!((shrunk.before, shrunk.after), (1_000, 969));
    let loaded = datetime!(2026-11-20 08:00 UTC);
    let of = |hours| Freshness::of(loaded, loaded + Duration::hours(hours), Freshness::AGE_MAX);
    assert_eq!((of(24), of(25)), (Freshness::Fresh, Freshness::Stale));
}
