//! Where a label names the point of drop-off, the point is chosen before the label is bought.

use crate::{
    browser::Browser,
    shop::{PATIENCE, Shop},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_point_that_the_label_names_is_chosen_before_it() {
    let shop = Shop::by("mondial_relay", &[]).await;
    shop.sold("RELAIS-1", Some(2)).await;
    let browser = Browser::new(&shop, "fr");
    browser.known("RELAIS-1").await;
    let details = browser.get("/details?door=return&units-1=1&reason-1=fit").await;
    // Who sends by own means names no point.
    let own = [("outcome-1", "refund"), ("way", "own")];
    let review = browser.fill(&details, "/review", &own).await;
    assert!(review.text.contains("action=\"") && review.text.contains("/confirm\""));

    let told = [("outcome-1", "refund"), ("way", "label")];
    let asked = browser.fill(&details, "/review", &told).await;
    asked.shows("Où vous déposerez le colis");
    assert!(!asked.text.contains("/confirm\""), "nothing is sent before");
    let empty = browser.fill(&asked, "/review", &[("find", "1"), ("near", ""), ("town", "")]).await;
    assert_eq!(empty.status, 422);
    let none = [("find", "1"), ("near", "69003"), ("town", "Lyon")];
    browser.fill(&asked, "/review", &none).await.shows("Aucun point");
    let marked = "id=1&name=Autrepoint&postcode=69001&city=Lyon&country=FR";
    let marked = [none[0], none[1], none[2], ("point", marked)];
    let searched = browser.fill(&asked, "/review", &marked).await;
    assert!(!searched.text.contains("Autrepoint"), "a search forgets what was marked before");
    let unchosen = browser.fill(&asked, "/review", &[("chosen", "1")]).await;
    assert_eq!(unchosen.status, 422);

    let point = "id=066974&name=Kiosk+%3Cb%3EExample&postcode=69003&city=Lyon&country=FR";
    let review = browser.fill(&asked, "/review", &[("chosen", "1"), ("point", point)]).await;
    review.shows("Kiosk &lt;b&gt;Example");
    let sent = browser.fill(&review, "/confirm", &[]).await;
    let place = sent.to().split('?').next().unwrap().to_owned();
    let status = colibri_testkit::eventually("the label is there", PATIENCE, || async {
        let page = browser.get(&place).await;
        page.text.contains("/label/1").then_some(page)
    })
    .await;
    status.shows("Kiosk &lt;b&gt;Example");
    assert!(!status.text.contains("/points"), "the label names it: there is no other choice");

    // Who does not want to choose goes on without.
    shop.sold("RELAIS-2", Some(2)).await;
    let other = Browser::new(&shop, "fr");
    other.known("RELAIS-2").await;
    let details = other.get("/details?door=return&units-1=1&reason-1=fit").await;
    let asked = other.fill(&details, "/review", &told).await;
    let review = other.fill(&asked, "/review", &[("later", "1")]).await;
    assert!(review.text.contains("/confirm\""));
    shop.world.stop().await;
}
