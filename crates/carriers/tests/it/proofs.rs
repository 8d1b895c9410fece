//! Each capability that a carrier has is tied to recorded answers in its folder: at least one that
//! was accepted and one that was refused, and the connector's own reader says so of both.
//!
//! `src/<id>/fixtures/capabilities.tsv` names them: capability, accepted case, refused case, and
//! what the accepted answer is about: numbers for scans, how many parcels for a look-up. `case@400`
//! is a case that is stored as a body alone, with the status that it came with.

use std::{collections::BTreeMap, fs, path::PathBuf};

use colibri_carriers::{
    Carrier, Found, HttpResponse, PollReply, Purchase, Shipment, Step, all,
    sim::{Desk, plain_shipment},
};

use crate::world::{NOW, collection, open};

/// What a carrier can have, by the names of [`Carrier`]'s methods.
fn declared(carrier: &dyn Carrier, token: bool) -> Vec<&'static str> {
    let rates = carrier.rates();
    let dates = rates.and_then(|rates| rates.delivery_dates()).is_some();
    let off = carrier.pickups().and_then(|pickups| pickups.cancellation()).is_some();
    let subscriptions = carrier.push().and_then(|push| push.subscriptions()).is_some();
    let all = [
        ("token", token),
        ("labels", carrier.labels().is_some()),
        ("returns", carrier.returns().is_some()),
        ("voids", carrier.voids().is_some()),
        ("lookup", carrier.lookup().is_some()),
        ("polling", carrier.polling().is_some()),
        ("push", carrier.push().is_some()),
        ("subscriptions", subscriptions),
        ("rates", rates.is_some()),
        ("delivery_dates", dates),
        ("check", carrier.check().is_some()),
        ("pickups", carrier.pickups().is_some()),
        ("cancellation", off),
        ("manifests", carrier.manifests().is_some()),
        ("service_points", carrier.service_points().is_some()),
        ("account_check", carrier.account_check().is_some()),
    ];
    all.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect()
}

/// The two cases of a capability, and what the accepted one is about.
#[derive(Clone)]
struct Row {
    accepted: String,
    refused: String,
    about: Vec<String>,
}

fn folder(id: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src").join(id).join("fixtures")
}

fn table(text: &str) -> BTreeMap<String, Row> {
    let lines = text.lines().skip(1).filter(|line| !line.is_empty());
    let row = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        let mut next = || cells.next().unwrap_or_default();
        let (name, accepted, refused, about) = (next(), next(), next(), next());
        let about = about.split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect();
        (name, Row { accepted, refused, about })
    };
    lines.map(row).collect()
}

/// The answer of a case; `None` when its file is not there.
fn answer(folder: &std::path::Path, case: &str) -> Option<HttpResponse> {
    if let Some((case, status)) = case.split_once('@') {
        let bodies = ["response.json", "event.json"].map(|name| folder.join(case).join(name));
        let body = bodies.into_iter().find_map(|file| fs::read(file).ok())?;
        let status = status.parse().expect("a status");
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        return Some(HttpResponse { status, headers, body: body.into() });
    }
    let file = fs::read(folder.join(case).join("response.http")).ok()?;
    let head_end = file.windows(2).position(|pair| pair == b"\n\n")?;
    let (head, body) = file.split_at(head_end);
    let mut lines = std::str::from_utf8(head).ok()?.lines();
    let status = lines.next()?.parse().ok()?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_owned(), value.trim().to_owned()))
    };
    let headers = lines.filter_map(header).collect();
    Some(HttpResponse { status, headers, body: body.get(2..)?.to_vec().into() })
}

/// Was it a yes? Whatever else came of it, a reader that finds no yes has found a no.
fn yes(desk: &Desk, name: &str, answer: &HttpResponse, about: &[String]) -> bool {
    let (carrier, call) = (desk.carrier, desk.call());
    let mut shipment = plain(desk);
    if let ("lookup", Some(Ok(count))) = (name, about.first().map(|text| text.parse())) {
        shipment.parcels = vec![shipment.parcels[0].clone(); count];
    }
    let done = |step: Result<Step<Purchase>, _>| step.is_ok();
    let labels = || carrier.labels().expect(name);
    match name {
        "token" => carrier.token(answer).is_ok(),
        "labels" => done(labels().response(answer, &shipment)),
        "returns" => done(carrier.returns().expect(name).response(answer, &shipment)),
        "voids" => carrier.voids().expect(name).response(answer).is_ok(),
        "lookup" => {
            let found = carrier.lookup().expect(name).response(&call, answer, &shipment);
            matches!(found, Ok(Step::Done(Found::Purchase(_))))
        }
        "polling" => {
            let replies = carrier.polling().expect(name).response(answer, about);
            let told = |reply: &PollReply| matches!(reply, PollReply::Track(_));
            replies.is_ok_and(|replies| replies.iter().any(told))
        }
        "push" => carrier.push().expect(name).parse(&answer.body).is_ok_and(|all| !all.is_empty()),
        "subscriptions" => {
            let push = carrier.push().and_then(|push| push.subscriptions()).expect(name);
            push.response(answer).is_ok_and(|refused| refused.is_empty())
        }
        "rates" => {
            // What was recorded is of this service, or of another one.
            let any = Shipment { service: String::new(), ..shipment.clone() };
            [shipment, any].iter().any(|asked| {
                let rates = carrier.rates().expect(name).response(answer, asked);
                matches!(rates, Ok(Step::Done(all)) if !all.is_empty())
            })
        }
        "delivery_dates" => {
            let dates = carrier.rates().and_then(|rates| rates.delivery_dates()).expect(name);
            dates.response(answer, &shipment).is_ok_and(|day| day.is_some())
        }
        "check" => carrier.check().expect(name).response(answer).is_ok(),
        "pickups" => carrier
            .pickups()
            .expect(name)
            .response(answer, &collection(&shipment, "8R00000001236"))
            .is_ok(),
        "cancellation" => {
            let off = carrier.pickups().and_then(|pickups| pickups.cancellation()).expect(name);
            off.response(answer).is_ok()
        }
        "manifests" => carrier.manifests().expect(name).response(answer).is_ok(),
        "service_points" => {
            let found = carrier.service_points().expect(name).response(answer);
            found.is_ok_and(|points| !points.is_empty())
        }
        "account_check" => carrier.account_check().expect(name).response(answer).is_ok(),
        other => panic!("no such capability: {other}"),
    }
}

/// One parcel; recorded purchases and finds are about it.
fn plain(desk: &Desk) -> Shipment {
    let format = desk.carrier.info().formats[0];
    desk.plain().unwrap_or_else(|| plain_shipment(format, NOW.date()))
}

/// Everything that is missing or says the contrary, by name.
fn missing(
    desk: &Desk,
    rows: &BTreeMap<String, Row>,
    read: impl Fn(&str) -> Option<HttpResponse>,
) -> Vec<String> {
    let mut all = Vec::new();
    let id = desk.carrier.info().id;
    let names = declared(desk.carrier, desk.token.is_some());
    for name in &names {
        let Some(row) = rows.get(*name) else {
            all.push(format!("{id}: {name} has no row"));
            continue;
        };
        for (word, case, wanted) in
            [("accepted", &row.accepted, true), ("refused", &row.refused, false)]
        {
            match read(case) {
                None => all.push(format!("{id}: {name} lacks its {word} fixture `{case}`")),
                Some(answer) if yes(desk, name, &answer, &row.about) != wanted => {
                    all.push(format!("{id}: {name}: `{case}` is not {word}"));
                }
                Some(_) => {}
            }
        }
    }
    let stale = rows.keys().filter(|name| !names.contains(&name.as_str()));
    all.extend(stale.map(|name| format!("{id}: {name} is not declared")));
    all
}

fn rows(id: &str) -> BTreeMap<String, Row> {
    let file = folder(id).join("capabilities.tsv");
    table(&fs::read_to_string(&file).unwrap_or_default())
}

fn desks() -> Vec<Desk> {
    all().iter().map(|carrier| open(*carrier, 81, Default::default())).collect()
}

#[test]
fn every_capability_has_an_accepted_and_a_refused_fixture() {
    let lacks = |desk: Desk| {
        let folder = folder(desk.carrier.info().id);
        missing(&desk, &rows(desk.carrier.info().id), |case| answer(&folder, case))
    };
    let all: Vec<String> = desks().into_iter().flat_map(lacks).collect();
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

/// Each file taken away, each row, and each pair of cases exchanged: every time it is named.
#[test]
fn whatever_is_taken_away_is_noticed_by_its_name() {
    let mut taken = 0;
    for desk in desks() {
        let id = desk.carrier.info().id;
        let (folder, rows) = (folder(id), rows(id));
        for (name, row) in &rows {
            for gone in [&row.accepted, &row.refused] {
                let read = |case: &str| (case != gone).then(|| answer(&folder, case)).flatten();
                let named = missing(&desk, &rows, read);
                let said = |line: &String| line.contains(name.as_str()) && line.contains(gone);
                assert!(named.iter().any(said), "{id}: {gone} is not missed: {named:?}");
                taken += 1;
            }
            let mut fewer = rows.clone();
            fewer.remove(name);
            let named = missing(&desk, &fewer, |case| answer(&folder, case));
            assert_eq!(named, [format!("{id}: {name} has no row")]);
            let (accepted, refused) = (row.refused.clone(), row.accepted.clone());
            let mut turned = rows.clone();
            turned.insert(name.clone(), Row { accepted, refused, about: row.about.clone() });
            let named = missing(&desk, &turned, |case| answer(&folder, case));
            assert_eq!(named.len(), 2, "{id}: {name} turned round: {named:?}");
        }
    }
    assert!(taken > 100, "{taken} taken away");
}
