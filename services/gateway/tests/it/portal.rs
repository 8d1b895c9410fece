//! The public pages of returns, as a browser without scripts uses them, on real services.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use http::Method;

use crate::{
    browser::{Browser, Page},
    shop::{PATIENCE, PDF, Shop},
};

/// A PNG of one pixel.
fn png() -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let len = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&len[..], name, data, &[0; 4]].concat()
    };
    let head = b"\x89PNG\r\n\x1a\n".to_vec();
    [head, chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", b"x"), chunk(b"IEND", b"")].concat()
}

struct Said {
    lang: &'static str,
    number: &'static str,
    withdraw: &'static str,
    pays: &'static str,
    law: &'static str,
    wrong: &'static str,
    photo: &'static str,
    ready: &'static str,
}

const SAID: [Said; 2] = [
    Said {
        lang: "fr",
        number: "WEG-1",
        withdraw: "Me rétracter du contrat ici",
        pays: "Le renvoi est gratuit",
        law: "vous pouvez vous rétracter sans raison",
        wrong: "Choisissez une raison pour cet article.",
        photo: "Ce fichier n’est pas une photo",
        ready: "Le colis est prêt à être renvoyé.",
    },
    Said {
        lang: "en",
        number: "WEG-2",
        withdraw: "Withdraw from contract here",
        pays: "Sending back is free",
        law: "you may withdraw without giving a reason",
        wrong: "Choose a reason for this item.",
        photo: "This file is not a JPEG or PNG photo",
        ready: "The parcel is ready to be sent.",
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_sends_back_without_scripts_in_both_languages() {
    let shop = Shop::open(&[]).await;
    for said in &SAID {
        shop.sold(said.number, Some(2)).await;
        let browser = Browser::new(&shop, said.lang);
        let order = browser.known(said.number).await;
        order.shows(&format!("<html lang=\"{}\"", said.lang));
        order.shows(said.withdraw);
        let items = browser.get("/items?door=return").await;
        items.shows("name=\"units-1\"");
        // Without a reason: told at its field, which the summary leads to.
        let again = browser.get("/details?door=return&units-1=1").await;
        assert_eq!(again.status, 422);
        again.shows(said.wrong);
        again.shows("href=\"#reason-1\"");
        again.shows("aria-invalid=\"true\"");

        let place = "/details?door=return&units-1=1&reason-1=damaged_in_transit";
        let details = browser.get(place).await;
        assert_eq!(details.status, 200, "{}", details.text);
        details.shows("type=\"file\"");
        let told = [("outcome-1", "refund"), ("way", "code"), ("note", "<b>merci</b> & bye")];
        let html: &[u8] = b"<html>not a photo</html>";
        let masked: &[u8] = b"\xff\xd8\xff nor is this";
        for bad in [html, masked] {
            let files = [("photos-1", bad)];
            let again = browser.fill_with_files(&details, "/review", &told, &files).await;
            assert_eq!(again.status, 422);
            again.shows(said.photo);
            again.shows("href=\"#photos-1\"");
        }
        let photo = png();
        let files = [("photos-1", photo.as_slice())];
        let review = browser.fill_with_files(&details, "/review", &told, &files).await;
        assert_eq!(review.status, 200, "{}", review.text);
        review.shows(said.pays);
        review.shows(said.law);
        review.shows("&lt;b&gt;merci&lt;/b&gt;");

        // In the other language, with all that was told, and back.
        let switched = browser.fill(&review, "/review", &[("again", "1")]).await;
        let mine =
            |page: &Page| -> BTreeMap<String, String> { page.hidden().into_iter().collect() };
        assert_eq!(mine(&switched), mine(&review));

        let sent = browser.fill(&review, "/confirm", &[]).await;
        let place = sent.to().to_owned();
        let twice = browser.fill(&review, "/confirm", &[]).await;
        assert_eq!(twice.to(), place, "pressed twice is one return");
        let status = colibri_testkit::eventually("the label is there", PATIENCE, || async {
            let page = browser.get(&place).await;
            page.text.contains(said.ready).then_some(page)
        })
        .await;
        status.shows("<svg role=\"img\"");
        assert!(!status.text.contains("Camille"), "nothing the visitor has not told");
        let plain = place.split('?').next().unwrap();
        let label = browser.get(&format!("{plain}/label/1")).await;
        assert_eq!(&label.answer.body[..], PDF);
        assert!(label.answer.header("content-disposition").starts_with("attachment"));

        // What was declared, as a file to keep.
        let kept = browser.get(&format!("{plain}/confirmation")).await;
        assert!(kept.answer.body.starts_with(b"%PDF-"));
        assert!(kept.answer.body.windows(5).any(|text| text == said.number.as_bytes()));
        assert!(kept.answer.header("content-disposition").starts_with("attachment"));

        // By its link: rails, and nothing else, without a cookie.
        let link = status.text.split("/follow/").nth(1).unwrap().split('"').next().unwrap();
        let stranger = Browser::new(&shop, said.lang);
        let followed = stranger.get(&format!("/follow/{link}")).await;
        assert_eq!(followed.status, 200);
        for hidden in ["<svg", "/label/", "Mug", "Camille", "/cancel"] {
            assert!(!followed.text.contains(hidden), "{hidden}: {}", followed.text);
        }
        assert_eq!(stranger.get("/follow/AAAA").await.status, 404);
        assert!(stranger.get(plain).await.to().ends_with("?notice=over"));

        // Another buyer's return is as unknown as none.
        let other = Browser::new(&shop, said.lang);
        shop.sold(&format!("{}-OTHER", said.number), Some(2)).await;
        other.known(&format!("{}-OTHER", said.number)).await;
        let theirs = other.get(plain).await;
        let none = format!("/returns/{}", colibri_types::ReturnId::generate());
        let none = other.get(&none).await;
        assert_eq!((theirs.status, none.status), (404, 404));
        let own = |page: &Page| page.text.clone();
        assert_eq!(own(&theirs), own(&none));
        for place in ["label/1", "confirmation"] {
            assert_eq!(other.get(&format!("{plain}/{place}")).await.status, 404);
        }

        // Withdrawal: no reason, its own words, called off again.
        let details = browser.get("/details?door=withdraw&units-1=1").await;
        assert!(!details.text.contains("type=\"file\""), "nothing is asked for");
        let review = browser.fill(&details, "/review", &[("way", "own")]).await;
        let sent = browser.fill(&review, "/confirm", &[]).await;
        let status = browser.get(sent.to()).await;
        let place = sent.to().split('?').next().unwrap().to_owned();
        let called_off = browser.fill(&status, &format!("{place}/cancel"), &[]).await;
        assert_eq!(called_off.to(), place);
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_sends_two_parcels_and_names_the_point() {
    let shop = Shop::open(&[]).await;
    shop.sold("ZWEI-1", Some(2)).await;
    let browser = Browser::new(&shop, "en");
    browser.known("ZWEI-1").await;
    let one = browser.get("/details?door=return&units-1=1&reason-1=fit").await;
    assert!(!one.text.contains("name=\"parcels\""), "one unit is one parcel");
    let details = browser.get("/details?door=return&units-1=2&reason-1=fit").await;
    details.shows("name=\"parcels\"");
    for number in ["0", "3", "two"] {
        let told = [("outcome-1", "refund"), ("way", "label"), ("parcels", number)];
        let wrong = browser.fill(&details, "/review", &told).await;
        assert_eq!(wrong.status, 422, "{number}");
        wrong.shows("href=\"#parcels\"");
        wrong.shows("Enter a number of parcels from 1 to 2.");
    }
    let told = [("outcome-1", "refund"), ("way", "label"), ("parcels", "2")];
    let review = browser.fill(&details, "/review", &told).await;
    review.shows("Number of parcels");
    let sent = browser.fill(&review, "/confirm", &[]).await;
    let place = sent.to().split('?').next().unwrap().to_owned();
    let status = colibri_testkit::eventually("a label for each", PATIENCE, || async {
        let page = browser.get(&place).await;
        let there = |n| page.text.contains(&format!("{place}/label/{n}\""));
        (there(1) && there(2)).then_some(page)
    })
    .await;
    assert!(!status.text.contains("/label/3"));
    assert!(!status.text.contains("Your drop-off point"), "none is chosen yet");

    let hidden = status.hidden();
    let (_, token) = hidden.iter().find(|(name, _)| name == "token").unwrap();
    let point = [
        ("token", token.as_str()),
        ("id", "066974"),
        ("name", "Kiosk <b>Example</b>"),
        ("line", "1 place du Modèle"),
        ("postcode", "69003"),
        ("city", "Lyon"),
        ("country", "FR"),
    ];
    let chosen = browser.post(&format!("{place}/point"), &point).await;
    assert_eq!(chosen.to(), place);
    let status = browser.get(&place).await;
    for text in ["Your drop-off point", "Kiosk &lt;b&gt;Example", "1 place du Modèle"] {
        status.shows(text);
    }
    // A link to follow it tells no place.
    let link = status.text.split("/follow/").nth(1).unwrap().split('"').next().unwrap();
    let followed = Browser::new(&shop, "en").get(&format!("/follow/{link}")).await;
    assert!(!followed.text.contains("Kiosk"), "{}", followed.text);
    let forged = browser.post(&format!("{place}/point"), &point[1..]).await;
    assert_eq!(forged.status, 403);
    shop.world.stop().await;
}

/// Headers that every answer has of its own; the length is that of what was typed.
const OWN: [&str; 4] = ["date", "content-length", "set-cookie", "request-id"];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_and_leaks_nothing() {
    let floor = Duration::from_millis(300);
    let more = [
        ("PORTAL_FORWARDED_FOR", "true"),
        ("PORTAL_ORDER_TRIES", "4"),
        ("RETURNS__IDENTITY_FLOOR_MS", "300"),
    ];
    let shop = Shop::open(&more).await;
    shop.sold("DA-1", Some(2)).await;
    shop.sold("ALT-1", Some(90)).await;
    shop.sold("WEG-1", None).await;

    // The language of the browser, and nothing for what is no tenant.
    let start = format!("/portal/{}", shop.world.tenant);
    let headers = [("accept-language", "fr-FR,en;q=0.5")];
    let answer = shop.world.nobody().get_with(&start, &headers).await;
    assert_eq!(answer.header("location"), format!("{start}/fr"));
    assert_eq!(shop.world.nobody().get("/portal/ten_x").await.status.as_u16(), 404);
    let style = shop.world.nobody().get("/portal/style.css").await;
    assert!(style.header("content-type").starts_with("text/css"));

    // Unknown order, wrong e-mail, wrong postcode, another buyer's order: the same page and the
    // same headers but for what was typed.
    shop.sold_to("other.buyer@example.org", "FREMD-1", Some(2)).await;
    let browser = Browser::new(&shop, "en");
    let page = browser.get("").await;
    let mut answers = Vec::new();
    let mut headers = Vec::new();
    for (number, email, postcode) in [
        ("NIX-1", "camille.exemple@example.org", ""),
        ("DA-1", "somebody.else@example.org", ""),
        ("DA-1", "", "75001"),
        ("NIX-1", "", "75001"),
        ("FREMD-1", "camille.exemple@example.org", ""),
    ] {
        let fields = [("number", number), ("email", email), ("postcode", postcode)];
        let asked = Instant::now();
        let answer = browser.fill(&page, "", &fields).await;
        assert!(asked.elapsed() >= floor, "{number} {email}: an answer that came too soon");
        assert_eq!(answer.status, 422);
        let text = answer.text.replace(number, "N");
        let filled = |value: &str| format!(" value=\"{value}\"");
        let text = [email, postcode]
            .iter()
            .filter(|value| !value.is_empty())
            .fold(text, |text, v| text.replace(&filled(v), &filled("")));
        answers.push(text);
        let names = answer.answer.headers.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
        let names: BTreeMap<_, _> = names.map(|(n, v)| (n.to_string(), v.clone())).collect();
        headers.push(names);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert!(headers.iter().all(|known| *known == headers[0]), "{headers:#?}");
    assert!(answers[0].contains("No order matches what you entered."));
    let empty = browser.fill(&page, "", &[]).await;
    empty.shows("Enter the order number.");
    empty.shows("<title>Error: ");

    // One order is not guessed at for long, from wherever; others go on.
    for at in 0..3 {
        let fields = [("number", "da 1"), ("postcode", "75002")];
        let answer = browser.fill(&page, "", &fields).await;
        assert_eq!(answer.status, if at < 2 { 422 } else { 429 });
    }
    let away = Browser { address: "198.51.100.9", ..Browser::new(&shop, "en") };
    let page = away.get("").await;
    let fields = [("number", "DA-1"), ("postcode", "69003")];
    let answer = away.fill(&page, "", &fields).await;
    assert_eq!(answer.status, 429);
    assert!(!answer.answer.header("retry-after").is_empty());

    // Forms of nobody, of another visit, of another site, and what is no form.
    let other = Browser::new(&shop, "en");
    for fields in [&[][..], &page.hidden()[..]] {
        let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = other.post("", &fields).await;
        assert_eq!(answer.status, 403);
        answer.shows("GTW0017");
    }
    let json = other.send(Method::POST, "", "application/json", "{}".into()).await;
    assert_eq!(json.status.as_u16(), 400);
    assert!(other.get("/order").await.to().ends_with("?notice=over"));
    assert_eq!(other.get("/nowhere").await.status, 404);
    assert_eq!(other.get("/../xx").await.status, 404);

    // Window over, not there yet, more than bought, lines of nobody, words of nobody.
    let late = Browser::new(&shop, "en");
    late.known("ALT-1").await.shows("The time to return it is over.");
    let refused = late.get("/details?door=return&units-1=1&reason-1=fit").await;
    assert_eq!(refused.status, 422);
    let early = Browser::new(&shop, "fr");
    early.known("WEG-1").await.shows("Pas encore livré");
    let buyer = Browser::new(&shop, "en");
    shop.sold("DA-2", Some(2)).await;
    buyer.known("DA-2").await;
    for query in [
        "units-1=3&reason-1=fit",
        "units-9=1&reason-9=fit",
        "units-1=1&reason-1=%3Cscript%3E",
        "units-1=0&reason-1=fit",
        "units-1=-1&reason-1=fit",
        "units-1=99999999999&reason-1=fit",
        "",
    ] {
        let answer = buyer.get(&format!("/details?door=return&{query}")).await;
        assert_eq!(answer.status, 422, "{query}");
    }
    // A form that nobody could have filled in: the service refuses, the list is shown again.
    let details = buyer.get("/details?door=return&units-1=1&reason-1=fit").await;
    let token = details.hidden()[0].1.clone();
    let id = ulid::Ulid::new().to_string();
    let forged = [
        ("token", token.as_str()),
        ("request_id", &id),
        ("door", "return"),
        ("units-1", "1"),
        ("reason-1", "fit"),
        ("photo-1", "doc_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        ("way", "label"),
    ];
    let answer = buyer.post("/confirm", &forged).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    let missing = buyer.fill(&details, "/review", &[("outcome-1", "gold")]).await;
    assert_eq!(missing.status, 422);
    missing.shows("href=\"#way\"");
    missing.shows("href=\"#outcome-1\"");
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_ends_for_one_address_and_goes_on_for_others() {
    let more = [("PORTAL_FORWARDED_FOR", "true"), ("PORTAL_ADDRESS_TRIES", "3")];
    let shop = Shop::open(&more).await;
    let guess = async |address: &'static str, number: &str| {
        let browser = Browser { address, ..Browser::new(&shop, "fr") };
        let page = browser.get("").await;
        browser.fill(&page, "", &[("number", number), ("postcode", "69003")]).await
    };
    for n in 0..3 {
        assert_eq!(guess("192.0.2.7", &format!("NIX-{n}")).await.status, 422);
    }
    let over = guess("192.0.2.7", "NIX-3").await;
    assert_eq!(over.status, 429);
    over.shows("Trop d’essais");
    assert!(!over.answer.header("retry-after").is_empty());
    assert_eq!(guess("192.0.2.8", "NIX-3").await.status, 422);
    // A network of one person counts as one, whichever of its addresses asks.
    for (n, address) in ["2001:db8::1", "2001:db8::2", "2001:db8::3"].into_iter().enumerate() {
        assert_eq!(guess(address, &format!("NIX-{n}6")).await.status, 422);
    }
    assert_eq!(guess("2001:db8::4", "NIX-46").await.status, 429);
    assert_eq!(guess("2001:db8:0:1::4", "NIX-46").await.status, 422);
    shop.world.stop().await;
}
