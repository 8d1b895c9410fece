//! Files of orders.

use colibri_events::orders::v1::*;

use crate::world::{World, code};

const FILE: &str = "\
order number,sku,item name,qty,unit price,currency,weight (g),recipient,street,postcode,city,country
F-1,MUG,Mug,2,14.90,EUR,420,Camille Exemple,12 rue des Essais,69003,Lyon,FR
F-1,TEA,Théière,1,45.00,EUR,2050,Camille Exemple,12 rue des Essais,69003,Lyon,FR
F-2,MUG,Mug,1,14.90,EUR,,Alex Essai,3 rue du Test,75008,Paris,FR
F-3,MUG,Mug,x,14.90,EUR,420,Alex Essai,3 rue du Test,75008,Paris,FR
F-4,MUG,Mug,0,14.90,EUR,420,Alex Essai,3 rue du Test,75008,Paris,FR
F-5,MUG,Mug,1,14.90,EUR,420,Alex Essai,3 rue du Test,75008,Paris,FR
";

fn request(id: &str, data: &str) -> ImportRequest {
    let data = data.as_bytes().to_vec().into();
    ImportRequest { request_id: id.into(), format: "csv".into(), data }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_a_file_has_its_fate_and_a_repeated_import_makes_nothing() {
    let world = World::start().await;
    let first = world.client().import(request("a", FILE)).await.unwrap().into_inner();
    assert!(first.import_id.starts_with("imp_") && !first.known_request);
    let counts = |r: &ImportReport| (r.rows, r.accepted, r.held, r.refused, r.replayed);
    assert_eq!(counts(&first), (6, 2, 1, 2, 0), "{first:#?}");
    let of = |row: u32| {
        let reports = first.reports.iter().filter(move |report| report.row == row);
        reports.map(|report| report.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!((of(2), of(3), of(7)), (vec![""], vec![""], vec![""]));
    assert_eq!(of(4), ["WEIGHT_MISSING"]);
    assert_eq!(of(5), ["CHN0015"]);
    let order = |row: u32| {
        let report = first.reports.iter().find(|report| report.row == row).unwrap();
        report.order_id.clone()
    };
    assert_eq!(order(2), order(3));
    assert_eq!(order(5), "");
    let stored = world.get(&order(2)).await;
    assert_eq!((stored.channel.as_str(), stored.total_minor), ("csv", 7480));
    assert_eq!(world.count("select count(*) from orders.orders").await, 3);

    let again = world.client().import(request("a", FILE)).await.unwrap().into_inner();
    assert!(again.known_request);
    assert_eq!(ImportReport { known_request: false, ..again }, first);
    let other = world.client().import(request("a", &FILE.replace("F-5", "F-6"))).await;
    assert_eq!(code(&other.unwrap_err()), "ORD0011");
    let renamed = world.client().import(request("b", FILE)).await.unwrap().into_inner();
    assert_eq!(counts(&renamed), (6, 0, 0, 2, 3));
    assert_eq!(world.count("select count(*) from orders.orders").await, 3);
    refused_as_a_whole(&world).await;
    world.stop().await;
}

async fn refused_as_a_whole(world: &World) {
    let with = |change: fn(&mut ImportRequest)| {
        let mut request = request("w", FILE);
        change(&mut request);
        request
    };
    for (request, wanted) in [
        (with(|r| r.format = "pdf".into()), "ORD0009"),
        (with(|r| r.request_id.clear()), "ORD0009"),
        (with(|r| r.data.clear()), "ORD0009"),
        (with(|r| r.data = vec![b'a'; 3 * 1024 * 1024 + 1].into()), "ORD0003"),
        (with(|r| r.data = b"neither,a,header\n1,2,3\n".to_vec().into()), "CHN0022"),
        (with(|r| r.format = "xlsx".into()), "CHN0036"),
    ] {
        let refused = world.client().import(request).await.unwrap_err();
        assert_eq!(code(&refused), wanted);
    }
    assert_eq!(world.count("select count(*) from orders.import").await, 2);
}
