//! Where it is dropped off, and in how many parcels.

use std::collections::BTreeMap;

use colibri_events::{returns::v1::*, types::v1::ServicePoint};
use colibri_kit::fault::RpcError;
use colibri_sandbox::PaymentOptions;
use tonic::Status;

use crate::world::{Sold, World, identity, line, request};

fn point(id: &str) -> ServicePoint {
    ServicePoint {
        id: id.into(),
        name: "Kiosque Exemple".into(),
        lines: vec!["1 place du Modèle".into()],
        postcode: "69003".into(),
        city: "Lyon".into(),
        country: "FR".into(),
    }
}

async fn choose(
    world: &World,
    id: &str,
    point: Option<ServicePoint>,
    who: Option<&Sold>,
) -> Result<Return, (String, String)> {
    let identity = who.map(|sold| identity(&sold.number, &sold.email, ""));
    let request = ChooseDropOffRequest { return_id: id.into(), point, identity };
    let answer = world.client().choose_drop_off(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status: Status| {
        let error = RpcError::from_status(&status);
        let field = error.fields.first().map(|field| field.field.clone());
        (error.reason.unwrap_or_default(), field.unwrap_or_default())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_in_several_parcels_has_a_label_for_each_and_one_point() {
    let world = World::start(PaymentOptions::default()).await;
    let sold = world.in_hands("points", 2).await;
    let lines = || vec![line(1, 2, "changed_mind"), line(2, 1, "changed_mind")];
    let nowhere = ServicePoint { id: String::new(), ..point("1") };
    let wrong = RequestRequest { drop_off: Some(nowhere), ..request("wrong", &sold, lines()) };
    let refused = world.client().request(wrong).await.unwrap_err();
    assert_eq!(RpcError::from_status(&refused).fields[0].field, "drop_off.id");

    let asked = world
        .asked(RequestRequest {
            parcels: vec![RequestParcel::default(); 2],
            drop_off: Some(point("066974")),
            ..request("two", &sold, lines())
        })
        .await;
    assert_eq!(asked.drop_off, Some(point("066974")));
    let contents: Vec<BTreeMap<u32, u32>> = asked
        .parcels
        .iter()
        .map(|parcel| parcel.contents.iter().map(|c| (c.line, c.units)).collect())
        .collect();
    assert_eq!(contents, [BTreeMap::from([(1, 1)]), BTreeMap::from([(1, 1), (2, 1)])]);
    let id = asked.return_id.clone();
    let wanted = world.shops.wanted.lock().unwrap().clone();
    let weight = |number: u32| wanted[&format!("{id}-{number}")].parcels[0].weight_g;
    assert_eq!((weight(1), weight(2)), (250, 250 + 900), "each by what is in it");
    assert!(wanted.values().all(|label| label.drop_off == Some(point("066974"))));
    let labels: Vec<_> = asked.parcels.iter().map(|parcel| &parcel.parcel_ids[0]).collect();
    assert_ne!(labels[0], labels[1]);

    // Another one, by the buyer; a stranger's return is unknown.
    let chosen = choose(&world, &id, Some(point("070001")), Some(&sold)).await.unwrap();
    assert_eq!(chosen.drop_off, Some(point("070001")));
    let other = world.in_hands("other", 2).await;
    let refused = choose(&world, &id, Some(point("1")), Some(&other)).await.unwrap_err();
    assert_eq!(refused.0, "RET0008");
    let long = choose(&world, &id, Some(point(&"9".repeat(51))), None).await.unwrap_err();
    assert_eq!(long, ("RET0002".to_owned(), "point.id".to_owned()));
    assert_eq!(choose(&world, &id, None, None).await.unwrap().drop_off, None);

    let cancelled = CancelRequest { return_id: id.clone(), ..CancelRequest::default() };
    world.client().cancel(cancelled).await.unwrap();
    let refused = choose(&world, &id, Some(point("1")), None).await.unwrap_err();
    assert_eq!(refused.0, "RET0006", "nothing is at the buyer");
    world.stop().await;
}
