//! Restrictions of goods are data, and the hardest comes first.
use colibri_screening::{Goods, Outcome, Restrictions, RestrictionsError};
use time::macros::date;

const HEADER: &str = "id,hs,keyword,destination,postcode,origin,channel,carrier,from,to,outcome,\
                      document,text,source,status\n";

fn goods<'a>() -> Goods<'a> {
    Goods {
        hs: "850760",
        description: "Lithium-ion battery, spare",
        destination: "US",
        postcode: "10001",
        origin: "CN",
        channel: "post",
        carrier: "",
        date: date!(2026 - 11 - 20),
    }
}

#[test]
fn shipped_restrictions_name_their_source() {
    let shipped = Restrictions::shipped().unwrap();
    assert!(shipped.all().len() >= 20);
    assert!(shipped.all().iter().all(|rule| !rule.source.is_empty() && !rule.text.is_empty()));
    let found = shipped.of(&goods());
    let ids: Vec<&str> = found.iter().map(|found| found.restriction.id.as_str()).collect();
    assert_eq!(ids, ["battery-alone-post", "battery-lithium-ion", "battery-lithium-word"]);
    assert_eq!(found[0].restriction.outcome, Outcome::Block);
    let express = Goods { channel: "express", ..goods() };
    assert!(shipped.of(&express).iter().all(|found| found.restriction.outcome == Outcome::Warn));
    let shirt = Goods { hs: "610910", description: "T-shirt, cotton", ..goods() };
    assert_eq!(shipped.of(&shirt), []);
}

#[test]
fn conditions_are_exact_at_their_edges() {
    let table = format!(
        "{HEADER}a,61,,UA,9 5,,,,2026-01-01,2026-11-20,block,,No goods there,an act,documented\n\
         b,6109,,,,CN,,gls,,,licence,export,Needs a licence,an act,documented\n\
         c,,knife,,,,,,,,warn,,A knife,an act,remembered\n"
    );
    let rules = Restrictions::read(&table).unwrap();
    let ids = |goods: Goods<'_>| -> Vec<String> {
        rules.of(&goods).iter().map(|found| found.restriction.id.clone()).collect()
    };
    let there = Goods {
        hs: "610910",
        destination: "UA",
        postcode: "95-001",
        origin: "CN",
        carrier: "gls",
        ..goods()
    };
    assert_eq!(ids(there), ["a", "b"]);
    assert_eq!(ids(Goods { date: date!(2026 - 11 - 21), ..there }), ["b"]);
    assert_eq!(ids(Goods { date: date!(2025 - 12 - 31), ..there }), ["b"]);
    assert_eq!(ids(Goods { postcode: "9", ..there }), ["b"]);
    assert_eq!(ids(Goods { hs: "610", carrier: "ups", ..there }), ["a"]);
    assert_eq!(ids(Goods { hs: "", description: "Pocket KNIFE, steel", ..there }), ["c"]);
    assert_eq!(ids(Goods { hs: "", description: "Penknifes", ..there }), Vec::<String>::new());
    assert!(rules.all()[0].documented && !rules.all()[2].documented);
}

#[test]
fn half_a_table_is_none() {
    for (row, reason) in [
        ("a,6,,,,,,,,,warn,,t,s,x", "a code has 2 to 10 digits"),
        ("a,61,,,,,,,,,forbid,,t,s,x", "an outcome is warn, certificate, licence or block"),
        ("a,61,,,,,,,,,licence,,t,s,x", "a licence or certificate needs its kind"),
        ("a,61,,,,,,,,,warn,,t,,x", "id, text and source are needed"),
        ("a,,,,,,,,,,warn,,t,s,x", "a rule without a condition would hold for everything"),
        ("a,61,,,,,,,2026-02-30,,warn,,t,s,x", "a day is written 2026-11-20"),
        ("a,61,,,,,,,2026-02-03,2026-02-02,warn,,t,s,x", "ends before it begins"),
    ] {
        let found = Restrictions::read(&format!("{HEADER}{row}\n"));
        assert_eq!(found, Err(RestrictionsError::Row { row: 1, reason }), "{row}");
    }
    let twice = "a,61,,,,,,,,,warn,,t,s,x\n";
    let found = Restrictions::read(&format!("{HEADER}{twice}{twice}"));
    assert_eq!(found, Err(RestrictionsError::Row { row: 2, reason: "the id is there twice" }));
    assert_eq!(Restrictions::read("id,hs\na,61\n"), Err(RestrictionsError::Table));
}
