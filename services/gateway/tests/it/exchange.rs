//! An exchange by the pages: chosen with words, without scripts, and followed to its end.

use colibri_types::OrderId;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page},
    http::Api,
    shop::Shop,
    world::key,
};

struct Said {
    lang: &'static str,
    wish: &'static str,
    missing: &'static str,
    terms: &'static str,
    asked: &'static str,
    due: &'static str,
    paid: &'static str,
    set_aside: &'static str,
    sent: &'static str,
    amount: &'static str,
}

const SAID: [Said; 2] = [
    Said {
        lang: "fr",
        wish: "Pour un échange\u{a0}: que souhaitez-vous à la place\u{a0}?",
        missing: "Dites ce que vous souhaitez à la place de cet article.",
        terms: "Le vendeur indique l’article de remplacement et son prix.",
        asked: "échange demandé, le vendeur choisit l’article de remplacement",
        due: "À payer par vous avant le départ du remplacement",
        paid: "Payé par vous, le remplacement coûtant plus",
        set_aside: "l’article de remplacement est choisi et va être réservé",
        sent: "l’article de remplacement est parti",
        amount: "5,00",
    },
    Said {
        lang: "en",
        wish: "For an exchange: what would you like instead?",
        missing: "Tell us what you would like instead of this item.",
        terms: "The seller names the replacement and its price.",
        asked: "exchange asked for, the seller is choosing the replacement",
        due: "To be paid by you before the replacement leaves",
        paid: "Paid by you, as the replacement costs more",
        set_aside: "the replacement is named and being set aside",
        sent: "the replacement was sent",
        amount: "5.00",
    },
];

async fn act(api: &Api, place: &str, step: &str, body: &Value) -> Value {
    let path = format!("/v1/returns/{}/{step}", place.rsplit('/').next().unwrap());
    let answer = api.post_with(&path, &key(&format!("{path}-{body}")), body).await;
    assert!(answer.status.is_success(), "{path}: {answer:?}");
    answer.json()
}

/// Chosen, put right, checked and confirmed; answers the place of its status.
async fn chosen(browser: &Browser, said: &Said) -> String {
    let details = browser.get("/details?door=return&units-1=1&reason-1=size_small").await;
    details.shows(said.wish);
    details.shows("<label for=\"answer-1-exchange_for\">");
    let told = [("outcome-1", "exchange"), ("way", "own")];
    let again = browser.fill(&details, "/review", &told).await;
    assert_eq!(again.status, 422);
    again.shows(said.missing);
    again.shows("href=\"#answer-1-exchange_for\"");
    again.shows("aria-invalid=\"true\"");
    let wish = [told[0], told[1], ("answer-1-exchange_for", "L, <b>red</b>")];
    let review = browser.fill(&again, "/review", &wish).await;
    assert_eq!(review.status, 200, "{}", review.text);
    review.shows(said.terms);
    review.shows("L, &lt;b&gt;red&lt;/b&gt;");
    let sent = browser.fill(&review, "/confirm", &[]).await;
    sent.to().split('?').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_is_chosen_and_followed_in_both_languages() {
    let shop = Shop::open(&[]).await;
    let desk = shop.world.api(&["returns:read", "returns:write"]);
    for said in &SAID {
        let number = format!("TAUSCH-{}", said.lang);
        shop.sold(&number, Some(2)).await;
        let browser = Browser::new(&shop, said.lang);
        browser.known(&number).await;
        let place = chosen(&browser, said).await;
        let seen = browser.get(&place).await;
        seen.shows(said.asked);
        seen.shows("aria-labelledby=\"exchange\"");

        // The wish is for the operator, sealed; the price for the buyer.
        let id = place.rsplit('/').next().unwrap();
        let known = desk.get(&format!("/v1/returns/{id}?reveal=true")).await.json();
        assert_eq!(known["lines"][0]["answers"][0]["question"], "exchange_for");
        assert_eq!(known["lines"][0]["answers"][0]["text"], "L, <b>red</b>");
        let swap = json!({ "line": 1, "units": 1, "sku": "MUG-35-RED", "price_minor": 1990,
            "mode": "after_receipt" });
        act(&desk, &place, "exchanges", &swap).await;
        let seen = browser.get(&place).await;
        let link = seen.text.split("/follow/").nth(1).unwrap().split('"').next().unwrap();
        seen.shows(said.set_aside);
        seen.shows(said.due);
        seen.shows(said.amount);
        assert!(!seen.text.contains(said.asked), "a replacement is named: {}", seen.text);

        // Whoever has the link learns how far it is, not what it is.
        let followed = Browser::new(&shop, said.lang).get(&format!("/follow/{link}")).await;
        followed.shows(said.due);
        let hidden = |page: &Page| !page.text.contains("RED") && !page.text.contains("Mug");
        assert!(hidden(&followed), "{}", followed.text);

        let paid = json!({ "exchange": 1, "amount_minor": 500, "state": "paid" });
        act(&desk, &place, "difference", &paid).await;
        browser.get(&place).await.shows(said.paid);
        act(&desk, &place, "receive", &json!({ "counted": [{ "line": 1, "units": 1 }] })).await;
        let order = OrderId::generate().to_string();
        let sent = json!({ "exchange": 1, "replacement_order_id": order });
        act(&desk, &place, "replacement", &sent).await;
        let seen = browser.get(&place).await;
        seen.shows(said.sent);
        assert!(!seen.text.contains(said.due), "{}", seen.text);
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_exchange_is_asked_where_the_rules_offer_none() {
    let shop = Shop::open(&[]).await;
    let desk = shop.world.api(&["returns:read", "returns:write"]);
    let known = desk.get("/v1/return-policies").await.json();
    let rules = known["toml"].as_str().unwrap();
    let none = rules.replace(r#"["refund", "credit", "exchange"]"#, r#"["refund", "credit"]"#);
    assert_ne!(none, rules);
    let put = desk.post("/v1/return-policies", &json!({ "toml": none })).await;
    assert!(put.status.is_success(), "{put:?}");
    shop.sold("TAUSCH-0", Some(2)).await;
    let browser = Browser::new(&shop, "en");
    browser.known("TAUSCH-0").await;
    let details = browser.get("/details?door=return&units-1=1&reason-1=size_small").await;
    assert!(!details.text.contains("exchange"), "{}", details.text);
    // A form that nobody could have filled in: an exchange is no choice of it.
    let told = [("outcome-1", "exchange"), ("way", "own")];
    let again = browser.fill(&details, "/review", &told).await;
    assert_eq!(again.status, 422);
    again.shows("href=\"#outcome-1\"");
    // A refund or a withdrawal tells nothing of a wish.
    let told = [("outcome-1", "refund"), ("way", "own"), ("answer-1-exchange_for", "L")];
    let review = browser.fill(&details, "/review", &told).await;
    assert_eq!(review.status, 200);
    assert!(!review.text.contains("exchange_for"), "{}", review.text);
    shop.world.stop().await;
}
