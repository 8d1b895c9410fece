//! Orders that cross a border of customs: sent from Lyon, some of them incomplete until the merchant
//! corrects an article or gives the certificate of restricted goods; then they go by themselves.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use colibri_events::{
    customs::v1::{
        DecideRestrictionRequest, Declaration, DeclarationState, GetPaperRequest,
        ListDeclarationsRequest, PutSkusRequest, Restriction, RestrictionReason, ScreeningOutcome,
        SkuInput, customs_service_client::CustomsServiceClient,
    },
    orders::v1::{
        Line, OrderInput, OrderState, SubmitRequest, orders_service_client::OrdersServiceClient,
    },
    types::v1::{Address, Money},
};
use colibri_types::TenantId;

use super::{send::Sent, watch};
use crate::stack::Stack;

/// Where they go: name, street, town, postcode, subdivision, country, telephone. Nobody lives there.
const PERSONS: [[&str; 7]; 4] = [
    ["Imogen Fetherlight", "4 Sampler Row", "Leeds", "LS1 4DY", "", "GB", "+441632960001"],
    ["Dewey Placeholder", "77 Specimen Drive", "Columbus", "43215", "OH", "US", "+12025550143"],
    ["Urs Beispielmann", "Mustergasse 3", "Bern", "3011", "", "CH", "+41990000001"],
    ["Yaiza Ejemplar", "Calle de la Muestra 9", "Las Palmas", "35001", "GC", "ES", "+34990000001"],
];
/// What they buy: article, name in the shop, price in cents, grams. The first three lack something.
const GOODS: [(&str, &str, i64, u32); 5] = [
    ("MUG-STN-35", "Mug en grès 35 cl", 1590, 430),
    ("LAMP-DSK-BL", "Lampe de bureau bleue", 5900, 1850),
    ("SCRF-WOL-GR", "Écharpe en laine grise", 3900, 260),
    ("NOTE-A5-LIN", "Carnet en lin A5", 1450, 310),
    ("PUZ-1000-FO", "Puzzle forêt, 1000 pièces", 2190, 890),
];
/// Orders to each of the four.
const EACH: usize = 3;
/// How long decisions may take on a laptop that is doing other work.
const PATIENCE: Duration = Duration::from_secs(120);

/// What was seen of declarations.
#[derive(Debug, Default)]
pub struct Borders {
    /// Incomplete at first: missing fields, counted.
    pub missing: BTreeMap<String, usize>,
    /// Shipments that were incomplete at first.
    pub held: Vec<String>,
    /// Certificates given for restricted goods: one per article, destination and rule.
    pub certificates: usize,
    /// At the end.
    pub declarations: Vec<Declaration>,
    /// Papers written.
    pub papers: usize,
}

fn euro(amount_minor: i64) -> Option<Money> {
    Some(Money { amount_minor, currency: "EUR".to_owned() })
}

fn input(n: usize, person: &[&str; 7]) -> Option<OrderInput> {
    let [name, street, city, postcode, subdivision, country, phone] = person.map(str::to_owned);
    let line = |at: usize| {
        let (sku, name, price, grams) = GOODS.get(at % GOODS.len())?;
        Some(Line {
            sku: (*sku).to_owned(),
            name: (*name).to_owned(),
            quantity: 1,
            unit_price: euro(*price),
            unit_weight_g: *grams,
            ..Line::default()
        })
    };
    Some(OrderInput {
        channel: "api".to_owned(),
        external_id: format!("border-{n}"),
        number: format!("B-{n}"),
        currency: "EUR".to_owned(),
        lines: vec![line(n)?, line(n + 3)?],
        ship_to: Some(Address {
            email: format!("{}@example.org", name.to_lowercase().replace(' ', ".")),
            name,
            lines: vec![street],
            city,
            postcode,
            subdivision,
            country,
            phone,
            ..Address::default()
        }),
        shipping_paid: euro(900),
        site_code: "lyon".to_owned(),
        payment: "paid".to_owned(),
        ..OrderInput::default()
    })
}

/// Sends the orders.
pub async fn send(stack: &Stack, tenant: TenantId, sent: &mut Sent) -> anyhow::Result<()> {
    let people = PERSONS.iter().cycle().take(EACH * PERSONS.len()).enumerate();
    let orders: Vec<OrderInput> = people.filter_map(|(n, person)| input(n, person)).collect();
    sent.orders += orders.len();
    let request = SubmitRequest { orders, ..SubmitRequest::default() };
    let mut client = OrdersServiceClient::new(stack.peer("orders", tenant));
    let answer = client.submit(request).await.context("send the border's orders")?.into_inner();
    for result in answer.results {
        let accepted = result.state() == OrderState::Accepted;
        anyhow::ensure!(accepted, "an order across a border: {:?}", result.reasons);
    }
    Ok(())
}

/// Every declaration of the tenant.
async fn declarations(stack: &Stack, tenant: TenantId) -> anyhow::Result<Vec<Declaration>> {
    let mut client = CustomsServiceClient::new(stack.peer("customs", tenant));
    let (mut all, mut page) = (Vec::new(), String::new());
    loop {
        let request = ListDeclarationsRequest { limit: 500, page, ..Default::default() };
        let answer = client.list_declarations(request).await?.into_inner();
        all.extend(answer.declarations);
        page = answer.next_page;
        if page.is_empty() {
            return Ok(all);
        }
    }
}

/// Waits until customs have decided about everything that crosses a border, then corrects the
/// articles that hold something up.
pub async fn correct(stack: &Stack, tenant: TenantId) -> anyhow::Result<Borders> {
    let end = Instant::now() + PATIENCE;
    let decided = loop {
        let found = declarations(stack, tenant).await?;
        let crossing = watch::crossing(stack, tenant).await?;
        let open = |d: &Declaration| {
            matches!(d.state(), DeclarationState::Waiting | DeclarationState::Drawing)
        };
        if found.len() >= crossing && !found.iter().any(open) {
            break found;
        }
        anyhow::ensure!(Instant::now() < end, "customs have not decided within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let mut borders = Borders::default();
    for declaration in decided.iter().filter(|d| d.state() == DeclarationState::Incomplete) {
        borders.held.push(declaration.shipment_id.clone());
        for lack in &declaration.missing {
            *borders.missing.entry(format!("{} {}", lack.code, lack.field)).or_default() += 1;
        }
    }
    println!(
        "{} shipments cross a border, {} wait for a correction; correcting the articles …",
        decided.len(),
        borders.held.len()
    );
    let mut client = CustomsServiceClient::new(stack.peer("customs", tenant));
    let answer = client.put_skus(PutSkusRequest { skus: corrected() }).await?.into_inner();
    for result in answer.results {
        anyhow::ensure!(result.kept, "{}: {:?}", result.sku, result.refused);
    }
    borders.certificates = certify(stack, tenant, end).await?;
    Ok(borders)
}

/// Gives the certificate of every restricted article that is held, as the person at the merchant's
/// desk would, until no declaration waits. A restriction may show only once the code is corrected.
async fn certify(stack: &Stack, tenant: TenantId, end: Instant) -> anyhow::Result<usize> {
    let mut client = CustomsServiceClient::new(stack.peer("customs", tenant));
    let mut given = BTreeSet::new();
    loop {
        let found = declarations(stack, tenant).await?;
        let waits = |d: &&Declaration| d.state() == DeclarationState::Incomplete;
        let waiting: Vec<&Declaration> = found.iter().filter(waits).collect();
        if waiting.is_empty() {
            return Ok(given.len());
        }
        for declaration in &waiting {
            for restriction in declaration.restrictions.iter().filter(|r| certifiable(r)) {
                let (sku, rule) = (restriction.sku.clone(), restriction.rule.clone());
                if given.insert((sku, declaration.country.clone(), rule)) {
                    let request = certificate(&declaration.shipment_id, restriction, given.len());
                    client.decide_restriction(request).await.context("give a certificate")?;
                }
            }
        }
        let why: Vec<_> = waiting.iter().flat_map(|d| &d.missing).collect();
        anyhow::ensure!(Instant::now() < end, "declarations stay incomplete: {why:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Goods that may go once their licence or certificate is there, and nobody decided yet.
fn certifiable(restriction: &Restriction) -> bool {
    restriction.decision.is_none()
        && matches!(restriction.outcome.as_str(), "certificate" | "licence")
}

fn certificate(shipment_id: &str, restriction: &Restriction, n: usize) -> DecideRestrictionRequest {
    DecideRestrictionRequest {
        shipment_id: shipment_id.to_owned(),
        sku: restriction.sku.clone(),
        rules: vec![restriction.rule.clone()],
        outcome: ScreeningOutcome::Cleared.into(),
        reason: RestrictionReason::Document.into(),
        document_number: format!("DEMO-{}-{n:04}", restriction.document.to_uppercase()),
        case_number: format!("DEMO-CASE-{n:04}"),
    }
}

/// The articles that lack something in the file, complete.
fn corrected() -> Vec<SkuInput> {
    let sku = |sku: &str, description: &str, codes: [&str; 3], origin: &str| {
        let [hs6, cn8, hts10] = codes.map(str::to_owned);
        SkuInput {
            sku: sku.to_owned(),
            description: description.to_owned(),
            hs6,
            cn8,
            hts10,
            origin_country: origin.to_owned(),
            confirmed: true,
            ..SkuInput::default()
        }
    };
    let mug = ["691200", "69120023", "6912004400"];
    let lamp = ["940521", "94052190", "9405218010"];
    let scarf = ["611710", "61171000", "6117101010"];
    vec![
        sku("MUG-STN-35", "Stoneware mug for coffee", mug, "PT"),
        sku("LAMP-DSK-BL", "LED desk lamp for reading", lamp, "CN"),
        sku("SCRF-WOL-GR", "Knitted wool scarf", scarf, "GB"),
    ]
}

impl Borders {
    /// Looks again, and writes every paper that was made.
    pub async fn finish(
        &mut self,
        stack: &Stack,
        tenant: TenantId,
        out: &Path,
    ) -> anyhow::Result<()> {
        self.declarations = declarations(stack, tenant).await?;
        let folder = out.join("papers");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let mut client = CustomsServiceClient::new(stack.peer("customs", tenant));
        for declaration in &self.declarations {
            for paper in &declaration.papers {
                let document_id = paper.document_id.clone();
                let request = GetPaperRequest { document_id, media_type: String::new() };
                let file = client.get_paper(request).await.context("open a paper")?.into_inner();
                let ending = if file.media_type == "application/pdf" { "pdf" } else { "json" };
                let (country, kind) = (&declaration.country, &paper.kind);
                let name = format!("{country}-{}-{kind}.{ending}", declaration.shipment_id);
                std::fs::write(folder.join(name), &file.data)?;
                self.papers += 1;
            }
        }
        Ok(())
    }

    /// Declarations in a state.
    pub fn in_state(&self, state: DeclarationState) -> usize {
        self.declarations.iter().filter(|d| d.state() == state).count()
    }

    /// Shipments that were incomplete at first and are ready now.
    pub fn released(&self) -> usize {
        let ready = self.declarations.iter().filter(|d| d.state() == DeclarationState::Ready);
        ready.filter(|d| self.held.contains(&d.shipment_id)).count()
    }

    /// Declarations by country.
    pub fn by_country(&self) -> BTreeMap<String, usize> {
        let mut countries = BTreeMap::new();
        for declaration in &self.declarations {
            *countries.entry(declaration.country.clone()).or_default() += 1;
        }
        countries
    }

    /// Everything that waited was released, and every declaration has papers.
    pub fn is_good(&self) -> bool {
        let ready = |d: &Declaration| d.state() == DeclarationState::Ready && !d.papers.is_empty();
        !self.held.is_empty()
            && self.released() == self.held.len()
            && self.declarations.iter().all(ready)
    }
}
