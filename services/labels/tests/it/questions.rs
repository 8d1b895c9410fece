//! Questions to every carrier: answered, or refused by their name; nothing is bought or kept.

use colibri_carriers::Carrier;
use colibri_events::{
    labels::v1::{CheckShipmentRequest, FindServicePointsRequest, QuoteRatesRequest},
    types::v1::Address,
};
use colibri_types::TenantId;

use crate::every::{Every, abroad, carriers, parcel, recipient, refusal};

const NOT_OFFERED: &str = "LBL0018";

#[tokio::test(flavor = "multi_thread")]
async fn every_carrier_answers_a_question_or_says_that_it_does_not() {
    let every = Every::plain().await;
    let mut told = [0; 3];
    for carrier in carriers() {
        told[0] += usize::from(points(&every, carrier).await);
        told[1] += usize::from(rates(&every, carrier).await);
        told[2] += usize::from(checks(&every, carrier).await);
    }
    assert!(told[0] >= 5 && told[1] >= 3 && told[2] >= 3, "{told:?} carriers answered");
    strangers(&every).await;
    for carrier in carriers() {
        let id = carrier.info().id;
        assert_eq!(every.world.sandbox.ledger(id).unwrap(), [], "{id} sold something");
    }
    let kept =
        "select (select count(*) from labels.shipment) + (select count(*) from labels.errand)
                     + (select count(*) from labels.event_log)";
    let kept: i64 = sqlx::query_scalar(kept).fetch_one(&every.world.bed.admin).await.unwrap();
    assert_eq!(kept, 0, "nothing is kept of a question");
    every.world.stop().await;
}

/// Whether the carrier was asked since `before`.
fn asked_since(every: &Every, id: &str, before: u64) -> bool {
    every.world.sandbox.requests(id).unwrap() > before
}

async fn points(every: &Every, carrier: &dyn Carrier) -> bool {
    let id = carrier.info().id;
    let before = every.world.sandbox.requests(id).unwrap();
    let request = FindServicePointsRequest {
        account_id: every.account(id),
        near: Some(recipient()),
        limit: 3,
        ..Default::default()
    };
    let answer = every.world.client().find_service_points(request).await;
    match answer {
        Ok(found) => {
            let points = found.into_inner().points;
            assert!((1..=3).contains(&points.len()), "{id}: {} points", points.len());
            let whole = |p: &colibri_events::types::v1::ServicePoint| {
                !p.id.is_empty() && !p.city.is_empty() && !p.postcode.is_empty()
            };
            assert!(points.iter().all(|p| p.point.as_ref().is_some_and(whole)), "{id}: {points:?}");
            true
        }
        Err(status) => {
            assert_eq!(refusal(&status).0, NOT_OFFERED, "{id}: {status:?}");
            assert!(carrier.service_points().is_none() && !asked_since(every, id, before), "{id}");
            false
        }
    }
}

async fn rates(every: &Every, carrier: &dyn Carrier) -> bool {
    let info = carrier.info();
    let before = every.world.sandbox.requests(info.id).unwrap();
    let each = |to: Address| info.services.iter().map(move |(code, _)| (code, to.clone()));
    for (service, to) in each(recipient()).chain(each(abroad())) {
        let request = QuoteRatesRequest {
            site_id: every.world.site.to_string(),
            account_id: every.account(info.id),
            service: (*service).to_owned(),
            recipient: Some(to),
            parcels: vec![parcel()],
            wishes: None,
        };
        match every.world.client().quote_rates(request).await {
            Ok(answer) => {
                let rates = answer.into_inner().rates;
                let Some(rate) = rates.first() else { continue };
                // Where the day is a question of its own, it is asked too.
                let apart = carrier.rates().and_then(|rates| rates.delivery_dates()).is_some();
                assert!(!apart || !rate.delivery_latest.is_empty(), "{}: {rate:?}", info.id);
                assert_eq!(rate.service, *service, "{}", info.id);
                let total = rate.total.clone().unwrap();
                assert!(total.amount_minor > 0 && total.currency.len() == 3, "{}", info.id);
                return true;
            }
            Err(status) if refusal(&status).0 == NOT_OFFERED => {
                assert!(carrier.rates().is_none() && !asked_since(every, info.id, before));
                return false;
            }
            Err(status) => {
                let code = refusal(&status).0;
                assert!(["LBL0002", "LBL0003"].contains(&code.as_str()), "{}: {status:?}", info.id);
            }
        }
    }
    panic!("{} tells no price of any service", info.id);
}

async fn checks(every: &Every, carrier: &dyn Carrier) -> bool {
    let info = carrier.info();
    let before = every.world.sandbox.requests(info.id).unwrap();
    let mut words = Vec::new();
    let each = |to: Address| info.services.iter().map(move |(code, _)| (code, to.clone()));
    for (service, to) in each(recipient()).chain(each(abroad())) {
        let request = CheckShipmentRequest {
            site_id: every.world.site.to_string(),
            account_id: every.account(info.id),
            service: (*service).to_owned(),
            recipient: Some(to),
            parcels: vec![parcel()],
            wishes: None,
        };
        match every.world.client().check_shipment(request).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                if answer.sold {
                    assert!(answer.carrier_code.is_empty() && answer.field.is_empty());
                    return true;
                }
                assert!(!(answer.carrier_code.is_empty() && answer.field.is_empty()));
                words.push((service, answer.carrier_code, answer.field));
            }
            Err(status) if refusal(&status).0 == NOT_OFFERED => {
                assert!(carrier.check().is_none() && !asked_since(every, info.id, before));
                return false;
            }
            Err(status) => {
                let code = refusal(&status).0;
                assert!(["LBL0002", "LBL0003"].contains(&code.as_str()), "{}: {status:?}", info.id);
            }
        }
    }
    panic!("{} would sell nothing: {words:?}", info.id);
}

async fn strangers(every: &Every) {
    let mut stranger = every.world.client_of(TenantId::generate());
    let request = FindServicePointsRequest {
        account_id: every.account("gls"),
        near: Some(recipient()),
        ..Default::default()
    };
    let (code, field) = refusal(&stranger.find_service_points(request).await.unwrap_err());
    assert_eq!((code.as_str(), field.as_str()), ("LBL0002", "account_id"));
    let request = QuoteRatesRequest {
        site_id: every.world.site.to_string(),
        account_id: every.account("ups"),
        service: "NONE".into(),
        recipient: Some(recipient()),
        parcels: vec![parcel()],
        wishes: None,
    };
    let (code, field) = refusal(&every.world.client().quote_rates(request).await.unwrap_err());
    assert_eq!((code.as_str(), field.as_str()), ("LBL0002", "service"));
}
