//! Every carrier of the registry: accounts at their simulators, and a first service that sells.

use std::collections::BTreeMap;

use colibri_carriers::Carrier;
use colibri_events::{
    labels::v1::{PurchaseRequest, Shipment, ShipmentState, Wishes},
    types::v1::{Address, Parcel},
};
use colibri_kit::fault::RpcError;
use colibri_types::AccountId;
use tonic::Status;

use crate::world::World;

pub struct Every {
    pub world: World,
    pub accounts: BTreeMap<&'static str, AccountId>,
}

pub fn carriers() -> impl Iterator<Item = &'static dyn Carrier> {
    colibri_carriers::all().iter().copied()
}

impl Every {
    /// Each carrier behind the address that `url` gives for its simulator's.
    pub async fn start(url: impl AsyncFn(&str, String) -> String) -> Self {
        let world = World::with("system", &[]).await;
        let mut accounts = BTreeMap::new();
        for carrier in carriers() {
            let info = carrier.info();
            let id = AccountId::generate();
            let hosts: Vec<&str> = info.hosts.iter().map(|(name, _)| *name).collect();
            let fields: Vec<_> = info.account_fields.iter().map(|f| (f.name, f.example)).collect();
            let url = url(info.id, world.sandbox.url(info.id).unwrap()).await;
            world.account_at(&url, id, info.id, &hosts, &fields, 1).await;
            accounts.insert(info.id, id);
        }
        let count = i64::try_from(accounts.len()).unwrap();
        world.knows_accounts(2 + count).await;
        Self { world, accounts }
    }

    pub async fn plain() -> Self {
        Self::start(async |_, url| url).await
    }

    pub fn account(&self, carrier: &str) -> String {
        self.accounts[carrier].to_string()
    }

    /// A purchase of one parcel within France.
    pub fn purchase(
        &self,
        carrier: &str,
        service: &str,
        wishes: Option<Wishes>,
    ) -> PurchaseRequest {
        PurchaseRequest {
            request_id: AccountId::generate().to_string(),
            site_id: self.world.site.to_string(),
            account_id: self.account(carrier),
            service: service.to_owned(),
            recipient: Some(recipient()),
            parcels: vec![parcel()],
            order_number: "#CANARY-77".into(),
            wishes,
        }
    }

    pub async fn buy(&self, request: PurchaseRequest) -> Result<Shipment, Status> {
        self.world.client().purchase(request).await.map(tonic::Response::into_inner)
    }

    /// The first service of a carrier that sells this, with what was bought.
    pub async fn first_sold(
        &self,
        carrier: &dyn Carrier,
        wishes: Option<&Wishes>,
        parcels: usize,
    ) -> Option<Shipment> {
        let info = carrier.info();
        let each = |to: Address| info.services.iter().map(move |(code, _)| (*code, to.clone()));
        for (service, to) in each(recipient()).chain(each(abroad())) {
            let mut request = self.purchase(info.id, service, wishes.cloned());
            request.recipient = Some(to);
            request.parcels = vec![parcel(); parcels];
            match self.buy(request).await {
                Ok(shipment) if shipment.state() == ShipmentState::Bought => return Some(shipment),
                Ok(other) => panic!("{} {service}: {other:?}", info.id),
                Err(status) => {
                    let code = crate::world::code(&status);
                    let refused = ["LBL0002", "LBL0003"].contains(&code.as_str());
                    assert!(refused, "{} {service}: {status:?}", info.id);
                }
            }
        }
        None
    }
}

pub fn recipient() -> Address {
    Address {
        name: "Ottokar Canari".into(),
        lines: vec!["7 Impasse des Essais".into()],
        city: "Lyon".into(),
        postcode: "69002".into(),
        country: "FR".into(),
        phone: "+33639980123".into(),
        email: "ottokar.canari@example.org".into(),
        ..Address::default()
    }
}

/// Where carriers without a domestic service go.
pub fn abroad() -> Address {
    Address {
        lines: vec!["7 Musterweg".into()],
        city: "Berlin".into(),
        postcode: "10115".into(),
        country: "DE".into(),
        phone: "+493023125014".into(),
        ..recipient()
    }
}

pub fn parcel() -> Parcel {
    Parcel { weight_g: 800, length_mm: 300, width_mm: 200, height_mm: 100 }
}

/// Code and first field of a refusal.
pub fn refusal(status: &Status) -> (String, String) {
    let error = RpcError::from_status(status);
    let field = error.fields.first().map(|field| field.field.clone());
    (error.reason.unwrap_or_default(), field.unwrap_or_default())
}

/// Passes everything on, and keeps what was asked.
pub async fn recorder(target: String) -> (String, std::sync::Arc<std::sync::Mutex<Vec<u8>>>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let target = target.trim_start_matches("http://").to_owned();
    let kept = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let all = kept.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (target, all) = (target.clone(), all.clone());
            tokio::spawn(async move {
                let Ok(carrier) = tokio::net::TcpStream::connect(target).await else {
                    return;
                };
                let (mut asks, mut answers) = socket.into_split();
                let (mut from, mut to) = carrier.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut from, &mut answers).await });
                let mut part = [0; 4096];
                while let Ok(n) = asks.read(&mut part).await {
                    if n == 0 || to.write_all(&part[..n]).await.is_err() {
                        return;
                    }
                    all.lock().unwrap().extend_from_slice(&part[..n]);
                }
            });
        }
    });
    (url, kept)
}
