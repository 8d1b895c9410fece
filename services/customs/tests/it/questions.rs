//! Assessments in batches, quotes, and help with words.

use colibri_events::{
    customs::v1::{
        AssessLine, AssessParcel, AssessRequest, AssessResult, CheckDescriptionRequest,
        GetQuoteRequest, Place, SuggestHsRequest,
    },
    types::v1::Money,
};
use colibri_types::TenantId;

use crate::world::{World, code, shirt};

fn place(country: &str) -> Option<Place> {
    Some(Place { country: country.to_owned(), ..Place::default() })
}

fn parcel(to: &str, lines: usize) -> AssessParcel {
    let line = AssessLine {
        description: "Men's T-shirt, cotton, knitted".to_owned(),
        code: "610910".to_owned(),
        origin_country: "PT".to_owned(),
        quantity: 2,
        value: Some(Money { amount_minor: 3800, currency: "EUR".to_owned() }),
        net_weight_g: 300,
        ..AssessLine::default()
    };
    AssessParcel {
        from: place("FR"),
        to: place(to),
        channel: "express".to_owned(),
        flow: "b2c".to_owned(),
        lines: vec![line; lines],
        ..AssessParcel::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parcels_are_assessed_each_by_itself_and_quotes_stay_as_they_were() {
    let world = World::start().await;
    let changed = |change: fn(&mut AssessParcel)| {
        let mut parcel = parcel("GB", 1);
        change(&mut parcel);
        parcel
    };
    let parcels = vec![
        parcel("GB", 10),
        parcel("GB", 1),
        changed(|p| p.to = place("ZZ")),
        changed(|p| p.lines[0].value.as_mut().unwrap().currency.clear()),
        changed(|p| p.lines[0].value = None),
        changed(|p| p.lines[0].code = "61091".into()),
        changed(|p| p.lines[0].quantity = 0),
        changed(|p| p.lines = vec![p.lines[0].clone(); 1000]),
        changed(|p| {
            p.to = place("US");
            p.lines[0].code = "610910".into();
        }),
    ];
    let request = AssessRequest { parcels, keep: true, trace: false };
    let results = world.client().assess(request).await.unwrap().into_inner().results;
    let refused =
        |result: &AssessResult| result.refused.iter().map(|f| f.field.clone()).collect::<Vec<_>>();
    // EUR 380 is above GBP 135: duty and tax, as an estimate from the sample's rates.
    let dear = results[0].assessment.as_ref().unwrap();
    assert_eq!(dear.state, "estimate");
    let charges = dear.totals.as_ref().unwrap().charges.clone().unwrap();
    assert!(charges.amount_minor > 0 && charges.currency == "GBP");
    assert!(dear.trace.is_empty() && dear.rules.contains(&"gb-profile".to_owned()));
    // EUR 38 is below it: tax at the sale, nothing at the border.
    let cheap = results[1].assessment.as_ref().unwrap();
    assert_eq!(cheap.totals.as_ref().unwrap().charges.as_ref().unwrap().amount_minor, 0);
    assert!(cheap.rules.contains(&"gb-135".to_owned()));
    assert_eq!(refused(&results[2]), ["to.country"]);
    assert_eq!(refused(&results[3]), ["lines[0].value"]);
    assert_eq!(refused(&results[4]), ["lines[0].value"]);
    assert_eq!(refused(&results[5]), ["lines[0].code"]);
    assert_eq!(refused(&results[6]), ["lines[0].quantity"]);
    assert!(refused(&results[7]).contains(&"lines".to_owned()));
    let american = results[8].assessment.as_ref().unwrap();
    assert_eq!(american.state, "cannot_be_computed");
    assert!(american.totals.is_none(), "a zero is a promise");
    assert!(american.missing.iter().any(|lack| lack.line == 1 && lack.field == "code"));

    let quote_id = results[0].quote_id.clone();
    let ask = || GetQuoteRequest { quote_id: quote_id.clone() };
    let quote = world.client().get_quote(ask()).await.unwrap().into_inner();
    assert!(quote.recomputed_equal);
    assert!(!quote.answered.unwrap().trace.is_empty());
    let stranger = world.client_of(TenantId::generate()).get_quote(ask()).await;
    assert_eq!(code(&stranger.unwrap_err()), "CUS0001");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_fill_in_what_a_question_leaves_out() {
    let world = World::start().await;
    world.put_skus(&[shirt("TEE")]).await;
    let mut asked = parcel("GB", 1);
    asked.lines[0] = AssessLine {
        sku: "TEE".to_owned(),
        quantity: 1,
        value: Some(Money { amount_minor: 20_000, currency: "EUR".to_owned() }),
        ..AssessLine::default()
    };
    let request = AssessRequest { parcels: vec![asked], keep: false, trace: true };
    let results = world.client().assess(request).await.unwrap().into_inner().results;
    let found = results[0].assessment.as_ref().unwrap();
    assert!(found.figures.iter().any(|figure| figure.kind == "duty" && figure.line == 1));
    assert!(!found.trace.is_empty() && results[0].quote_id.is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_judged_and_codes_suggested_never_filed() {
    let world = World::start().await;
    let mut client = world.client();
    let request = SuggestHsRequest { text: "cotton t-shirt".into(), limit: 3 };
    let found = client.suggest_hs(request).await.unwrap().into_inner();
    assert_eq!(found.candidates[0].hs6, "610910");
    assert!(!found.candidates[0].reasons.is_empty());
    let nothing = SuggestHsRequest { text: "xyzzy".into(), limit: 0 };
    assert!(client.suggest_hs(nothing).await.unwrap().into_inner().abstained);
    let ask = |text: &str| CheckDescriptionRequest { text: text.to_owned(), ..Default::default() };
    assert!(client.check_description(ask("Gift")).await.unwrap().into_inner().refused);
    let good = client.check_description(ask("Ceramic mug for coffee")).await.unwrap();
    assert!(!good.into_inner().refused);
    world.stop().await;
}
