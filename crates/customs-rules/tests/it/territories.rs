//! Where customs and tax borders run.

use colibri_customs_rules::{
    assess::State,
    consignment::Scheme,
    place::{Place, Territory},
};

use crate::{common::parcel, laws::land};

#[test]
fn borders_run_where_they_run() {
    let place = |country: &str, postcode: &str| Place {
        country: country.parse().unwrap(),
        postcode: postcode.to_owned(),
        subdivision: String::new(),
    };
    let of = |country, postcode| Territory::of(&place(country, postcode));
    let paris = of("FR", "75011");
    for (country, postcode, customs, tax) in [
        ("DE", "10115", false, false),
        ("ES", "28001", false, false),
        ("ES", "35001", false, true),
        ("ES", "51001", true, true),
        ("FR", "97110", false, true),
        ("FR", "97133", true, true),
        ("FR", "97150", false, true),
        ("MC", "98000", false, false),
        ("IT", "23041", true, true),
        ("GB", "SW1A 1AA", true, true),
        ("GB", "BT1 1AA", false, false),
        ("CH", "8001", true, true),
        ("AX", "22100", false, true),
        ("US", "62701", true, true),
    ] {
        let there = of(country, postcode);
        let found = (paris.customs_border(&there), paris.tax_border(&there));
        assert_eq!(found, (customs, tax), "{country} {postcode} {there:?}");
        assert_eq!(there.customs_border(&paris), customs, "both ways");
    }
    assert!(of("GB", "SW1A 1AA").customs_border(&of("GB", "BT1 1AA")));
    let land = land();
    let inside = land.assess(&parcel("FR", "DE", "EUR"));
    assert_eq!((inside.state, inside.figures.len()), (State::NoBorder, 0));
    let mut canary = parcel("FR", "ES", "EUR");
    canary.to.postcode = "35001".to_owned();
    canary.lines[0].product_ids = Default::default();
    let found = land.assess(&canary);
    assert_eq!(found.totals.duty.to_decimal().to_string(), "0.00");
    assert_eq!(found.totals.tax.to_decimal().to_string(), "2.80");
    // The Union's one-stop shop is for its own tax territory: the islands' tax is due all the same,
    // whoever asks for the scheme, from inside and from outside.
    for from in ["FR", "CN"] {
        canary.from = place(from, "");
        canary.scheme = Some(Scheme::Ioss);
        let asked = land.assess(&canary);
        assert_eq!((asked.scheme, asked.totals.tax_at_sale.to_decimal().is_zero()), (None, true));
        let ids = asked.missing.iter().any(|m| m.field == "product_ids.merchant");
        assert_eq!(
            ids,
            from == "CN",
            "identifiers of products are asked for at the customs border"
        );
    }
}
