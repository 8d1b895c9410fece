//! Invented persons, secrets and numbers go in by every door and travel to the door of the house;
//! then every byte at rest is searched for them: tables, the database's files and its write-ahead
//! log, the streams' files, logs, the page of metrics and every trace and metric that a collector
//! was sent. The vault's own tables too: there everything is sealed.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use colibri_events::{
    customs::v1::customs_service_client::CustomsServiceClient,
    labels::v1::PurchaseRequest,
    orders::v1::{
        ImportRequest, OrderState, SubmitRequest, get_request,
        orders_service_client::OrdersServiceClient,
    },
    returns::v1::{returns_service_client::ReturnsServiceClient, *},
    tracking::v1::{Headline, tracking_service_client::TrackingServiceClient},
    types::v1::Parcel,
};
use colibri_testkit::{Collector, eventually};
use secrecy::ExposeSecret as _;

use crate::{
    check, customs,
    harness::{Options, World},
    merchant::{self, COLISSIMO, Merchant, UPS, WEBHOOK_SECRET, address, merchant, order},
    order_to_delivered::{shopify_order, webhook},
    search::{Hit, Searcher},
};

const PATIENCE: Duration = Duration::from_secs(180);
/// One mark per door, in names, streets, e-mails, notes and order numbers alike.
const SITE: &str = "Quxélande";
const API: &str = "Vyrtonkaz";
const SHOP: &str = "Zimbrelotte";
const FILE: &str = "Orfwinkelt";
const DIRECT: &str = "Plumbagoux";
const WRONG: &str = "Xerrovance";
const MARKS: [&str; 6] = [SITE, API, SHOP, FILE, DIRECT, WRONG];
/// In names of goods. Orders keeps those in its own table, beside the reference of the person, and
/// they must be nowhere else.
const GOODS: &str = "Kobaltkrüglein";
const KEEPS_GOODS: &str = "orders.orders";
/// National parts: whatever the notation around them.
const PHONES: [&str; 2] = ["3023125014", "639980123"];
const GREEK: &str = "ήσυχα παρακαλώ Καναρίνη";

#[tokio::test(flavor = "multi_thread")]
async fn no_person_number_or_secret_is_readable_anywhere_at_rest() {
    let collector = Collector::start().await;
    let settings = vec![
        ("KIT__OTLP_ENDPOINT", collector.endpoint()),
        ("KIT__TRACE_SAMPLE_PERCENT", "100".into()),
        ("KIT__METRICS_EXPORT_S", "1".into()),
    ];
    let options = Options { rate: 7200, push: true, log: "debug", settings, ..Options::default() };
    let world = World::start(options).await;
    let merchant = merchant(&world, SITE).await;
    let parcels = enter_by_every_door(&world, &merchant).await;
    delivered(&world, &merchant, parcels).await;
    send_back(&world, &merchant).await;
    let numbers = open_everything(&world, &merchant).await;
    assert_eq!(numbers.len(), parcels, "each parcel has its own number");

    let mut canaries: BTreeSet<String> = MARKS.iter().map(|mark| (*mark).to_owned()).collect();
    canaries.extend(PHONES.map(str::to_owned));
    canaries.extend([GREEK, GOODS].map(str::to_owned));
    canaries.extend(merchant::secrets());
    canaries.extend(numbers);
    let searcher = Searcher::new(canaries.iter().map(String::as_str));
    told(&collector).await;
    let (hits, bytes) = search_everything(&world, &collector, &searcher).await;
    println!("{} canaries, {} forms, {bytes} bytes", canaries.len(), searcher.forms());
    assert!(bytes > 1_000_000, "{bytes} bytes are too few to be everything");
    let (goods, hits): (Vec<Hit>, Vec<Hit>) =
        hits.into_iter().partition(|hit| hit.what.starts_with(GOODS));
    assert_eq!(hits, Vec::<Hit>::new());
    goods_are_in_one_place(&world, &goods);

    // The search finds what is there: without this its silence would prove nothing.
    let planted = plant(&world).await;
    let (mut hits, _) = search_everything(&world, &collector, &searcher).await;
    let (page, traces) = (format!("leak{{name=\"{API}\"}} 1"), format!("name:{FILE}"));
    hits.extend(searcher.search("metrics", page.as_bytes()));
    hits.extend(searcher.search("collector", traces.as_bytes()));
    for place in planted {
        assert!(hits.iter().any(|hit| hit.place.contains(place)), "{place} not in {hits:?}");
    }
    world.stop().await;
}

/// The database's files hold what its tables hold; everything else holds no name of goods.
fn goods_are_in_one_place(world: &World, hits: &[Hit]) {
    let database = world.postgres.data_dir().display().to_string();
    let places: BTreeSet<&str> = hits
        .iter()
        .map(|hit| hit.place.as_str())
        .filter(|place| !place.starts_with(&database))
        .collect();
    assert_eq!(places, BTreeSet::from([KEEPS_GOODS]), "{hits:?}");
}

/// Answers how many parcels will travel.
async fn enter_by_every_door(world: &World, merchant: &Merchant) -> usize {
    let mut orders = OrdersServiceClient::new(world.operator(merchant.tenant));
    // One of them crosses a border: its papers name the person, and lie in the vault.
    customs::know(&mut CustomsServiceClient::new(world.operator(merchant.tenant))).await;
    let mut inputs = vec![
        order("api-1", UPS, API),
        order("api-2", COLISSIMO, API),
        customs::british("api-3", API),
    ];
    inputs[1].note = GREEK.to_owned();
    for input in &mut inputs {
        input.lines[0].name = GOODS.to_owned();
    }
    let request = SubmitRequest { orders: inputs, ..Default::default() };
    for result in orders.submit(request).await.unwrap().into_inner().results {
        assert_eq!(result.state(), OrderState::Accepted, "{result:?}");
    }
    let mut body = shopify_order(5_987_000_000_888, SHOP);
    for key in ["name", "title"] {
        body["line_items"][0][key] = GOODS.into();
    }
    let body = body.to_string();
    let (status, answer) = webhook(world, merchant, &body, WEBHOOK_SECRET).await;
    assert_eq!(status, 202, "{answer}");
    let request =
        ImportRequest { request_id: "flows".into(), format: "csv".into(), data: file().into() };
    let report = orders.import(request).await.unwrap().into_inner();
    assert_eq!((report.accepted, report.refused), (1, 1), "{report:?}");
    let site = merchant.sites.iter().find(|site| site.code == "koeln").unwrap();
    let request = PurchaseRequest {
        request_id: "flows-direct".into(),
        site_id: site.site_id.clone(),
        account_id: merchant.account(UPS).to_owned(),
        service: "11".into(),
        recipient: Some(address("DE", DIRECT)),
        parcels: vec![Parcel { weight_g: 900, ..Parcel::default() }],
        order_number: format!("#{DIRECT}"),
        ..Default::default()
    };
    world.labels(merchant.tenant).purchase(request).await.unwrap();
    wrong_input(world, merchant).await;
    6
}

/// What is refused is quoted to nobody but its sender.
async fn wrong_input(world: &World, merchant: &Merchant) {
    let mut orders = OrdersServiceClient::new(world.operator(merchant.tenant));
    let mut wrong = order(&format!("{WRONG}-1"), UPS, WRONG);
    wrong.external_id = "wrong-1".into();
    wrong.ship_to = Some({
        let mut address = address("DE", WRONG);
        address.country = WRONG.into();
        address.phone = WRONG.into();
        address
    });
    wrong.lines[0].hs_code = WRONG.into();
    let request = SubmitRequest { orders: vec![wrong], ..Default::default() };
    let result = orders.submit(request).await.unwrap().into_inner().results.remove(0);
    assert_ne!(result.state(), OrderState::Accepted);
    let body = shopify_order(1, WRONG).to_string().replace("\"14.90\"", &format!("\"{WRONG}\""));
    let (status, _) = webhook(world, merchant, &body, WEBHOOK_SECRET).await;
    assert!((400..500).contains(&status), "{status}");
    let unsigned = shopify_order(2, WRONG).to_string();
    assert_eq!(webhook(world, merchant, &unsigned, WRONG).await.0, 401);
}

/// One order that is good, one whose quantity is a word.
fn file() -> String {
    let row = |number: &str, quantity: &str| {
        format!(
            "{number},{GOODS},MUG-35,{quantity},14.90,EUR,0.42,Jonna {FILE},Musterhafen {FILE} 7,\
             50667,Köln,DE,+493023125014,{}@example.org\n",
            FILE.to_lowercase()
        )
    };
    let header = "Order number,Item name,SKU,Quantity,Unit price,Currency,Weight (kg),\
                  Recipient,Address 1,Postcode,City,Country,Phone,Email\n";
    // A file's order number is the order's id at its channel, which is no secret here.
    header.to_owned() + &row("F-1001", "2") + &row("F-1002", FILE)
}

async fn delivered(world: &World, merchant: &Merchant, parcels: usize) {
    eventually("all parcels reach their end", PATIENCE, || async {
        let seen = check::look(world, merchant.tenant).await;
        let over = |p: &_| {
            let headline = colibri_events::tracking::v1::Parcel::headline(p);
            matches!(headline, Headline::Delivered | Headline::Returned)
        };
        (seen.parcels.len() == parcels && seen.parcels.iter().all(over)).then_some(())
    })
    .await;
    world.settled(PATIENCE).await;
}

/// Opens everything once, as operators do; answers the tracking numbers.
/// A buyer asks for a return by what they know, with words of their own; a person says no in words.
async fn send_back(world: &World, merchant: &Merchant) {
    let mut returns = ReturnsServiceClient::new(world.operator(merchant.tenant));
    let email = format!("{}@example.org", API.to_lowercase());
    let who = Identity { order_number: format!("#{API}-api-1"), email, ..Default::default() };
    let order = Some(OrderRef { by: Some(order_ref::By::Identity(who.clone())) });
    let answers = vec![Answer { question: "symptom".into(), text: format!("kaputt, {API}") }];
    let line =
        RequestLine { line: 1, units: 1, reason: "quality".into(), answers, ..Default::default() };
    let request = RequestRequest {
        request_id: "canary".into(),
        order,
        lines: vec![line],
        way_back: WayBack::Own.into(),
        note: format!("{GREEK} {API}"),
        ..Default::default()
    };
    let asked = eventually("the order may come back", PATIENCE, || async {
        returns.clone().request(request.clone()).await.ok()
    })
    .await
    .into_inner();
    let no = DecideRequest {
        return_id: asked.return_id.clone(),
        approve: false,
        code: "not_ours".into(),
        explanation: format!("Nein, {API}: {GREEK}"),
    };
    returns.decide(no).await.unwrap();
    let get = GetRequest { return_id: asked.return_id, identity: Some(who), reveal: true };
    let seen = returns.get(get).await.unwrap().into_inner();
    assert!(seen.note.contains(API) && seen.explanation.contains(GREEK), "{seen:?}");
}

async fn open_everything(world: &World, merchant: &Merchant) -> BTreeSet<String> {
    let seen = check::look(world, merchant.tenant).await;
    let mut orders = OrdersServiceClient::new(world.operator(merchant.tenant));
    let mut shown = String::new();
    for order in &seen.orders {
        let by = Some(get_request::By::OrderId(order.order_id.clone()));
        let request = colibri_events::orders::v1::GetRequest { by, reveal: true };
        shown += &format!("{:?}", orders.get(request).await.unwrap().into_inner());
    }
    for mark in [API, SHOP, FILE] {
        assert!(shown.contains(mark), "{mark} can be opened again");
    }
    let mut tracking = TrackingServiceClient::new(world.operator(merchant.tenant));
    let mut numbers = BTreeSet::new();
    for parcel in &seen.parcels {
        let parcel_id = parcel.parcel_id.clone();
        let request = colibri_events::tracking::v1::GetRequest { parcel_id, reveal: true };
        numbers.insert(tracking.get(request).await.unwrap().into_inner().tracking_number);
    }
    let sold: BTreeSet<String> = [UPS, COLISSIMO]
        .iter()
        .flat_map(|carrier| check::sold(world, carrier).into_values().flatten())
        .collect();
    assert_eq!(numbers, sold);
    numbers
}

/// Waits until the collector has heard of all parts of the road: requests, batches, metrics.
async fn told(collector: &Collector) {
    eventually("traces and metrics are exported", PATIENCE, || async {
        let calls = ["OrdersService/Submit", "VaultService/Put", "LabelsService/Purchase"];
        let calls = calls.iter().all(|call| collector.holds("TraceService", call));
        let rest = collector.holds("TraceService", "consume")
            && collector.holds("MetricsService", "bus_applied_total");
        (calls && rest).then_some(())
    })
    .await;
}

async fn search_everything(
    world: &World,
    collector: &Collector,
    searcher: &Searcher,
) -> (Vec<Hit>, u64) {
    let (mut hits, mut bytes) = (Vec::new(), 0_u64);
    let mut look = |place: &str, data: &[u8]| {
        bytes += data.len() as u64;
        hits.extend(searcher.search(place, data));
    };
    look("metrics", &world.metrics().await);
    for (call, message) in collector.seen() {
        look(&format!("collector, {call}"), &message);
    }
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select table_schema::text, table_name::text from information_schema.tables
          where table_type = 'BASE TABLE'
            and table_schema not in ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&world.admin)
    .await
    .unwrap();
    let vault = tables.iter().any(|(schema, _)| schema == "vault");
    assert!(vault, "the vault's tables are searched too");
    for (schema, table) in tables {
        let sql = format!("select t::text from {schema}.\"{table}\" t");
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&world.admin).await.unwrap();
        for row in rows {
            look(&format!("{schema}.{table}"), row.as_bytes());
            for raw in binaries(&row) {
                look(&format!("{schema}.{table}, bytes"), &raw);
            }
        }
    }
    sqlx::query("checkpoint").execute(&world.admin).await.unwrap();
    let mut files = Vec::new();
    collect(world.postgres.dir(), &mut files);
    let nats = world.nats.store_dir();
    collect(nats.parent().unwrap(), &mut files);
    files.push(world.log_path());
    for file in files {
        // The servers may drop a file between listing and reading.
        let Ok(data) = fs::read(&file) else { continue };
        look(&file.display().to_string(), &data);
    }
    (hits, bytes)
}

/// Values of `bytea` columns in a row's text.
fn binaries(row: &str) -> Vec<Vec<u8>> {
    let starts = row.match_indices("\\x").map(|(at, mark)| at + mark.len());
    let digits = starts.map(|at| {
        let digits = row[at..].bytes().take_while(u8::is_ascii_hexdigit).collect::<Vec<_>>();
        let pairs = digits.chunks_exact(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    });
    digits.collect()
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => collect(&path, files),
            Ok(found) if found.is_file() => files.push(path),
            _ => {}
        }
    }
}

/// One deliberate leak per kind of store; answers where each must be found.
async fn plant(world: &World) -> [&'static str; 6] {
    let base64 = base64_of(SHOP);
    for (name, kind, value) in [
        ("leak_text", "text", API.to_owned()),
        ("leak_json", "jsonb", format!("{{\"deep\": [\"{}\"]}}", FILE.to_lowercase())),
        ("leak_bytes", "bytea", format!("x{DIRECT}x")),
    ] {
        let make = format!("create table public.{name} (value {kind})");
        sqlx::query(sqlx::AssertSqlSafe(make)).execute(&world.admin).await.unwrap();
        let cast = match kind {
            "bytea" => "convert_to($1, 'UTF8')".to_owned(),
            kind => format!("($1)::{kind}"),
        };
        let insert = format!("insert into public.{name} values ({cast})");
        sqlx::query(sqlx::AssertSqlSafe(insert)).bind(value).execute(&world.admin).await.unwrap();
    }
    let client = async_nats::connect(world.kit.nats_url.expose_secret()).await.unwrap();
    let js = async_nats::jetstream::new(client);
    let config = async_nats::jetstream::stream::Config {
        name: "LEAK".into(),
        subjects: vec!["leak".into()],
        max_bytes: 1024 * 1024,
        ..Default::default()
    };
    js.create_stream(config).await.unwrap();
    js.publish("leak", base64.into()).await.unwrap().await.unwrap();
    let mut log = fs::File::options().append(true).open(world.log_path()).unwrap();
    std::io::Write::write_all(&mut log, format!("name={SITE}\n").as_bytes()).unwrap();
    ["leak_text", "leak_json", "leak_bytes, bytes", "/nats/", "colibri.log", "/postgres/"]
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(format!("a{text}"))
}
