//! Records are answered as JSON and as protobuf, and both say the same.

use colibri_events::{
    customs::v1::{
        AdvanceRecord, DeclarationState, ExportRecord, GetPaperRequest, Paper, RecordLine,
    },
    orders::v1::Goods,
    types::v1::{Date, Money},
};
use prost::Message;
use serde_json::Value;
use tonic::Status;

use crate::world::{World, code, goods, profile, shirt};

const PROTOBUF: &str = "application/x-protobuf";

async fn paper(world: &World, document_id: &str, media_type: &str) -> Result<Paper, Status> {
    let (document_id, media_type) = (document_id.to_owned(), media_type.to_owned());
    let request = GetPaperRequest { document_id, media_type };
    world.client().get_paper(request).await.map(|paper| paper.into_inner())
}

fn euro(amount_minor: i64) -> Option<Money> {
    Some(Money { amount_minor, currency: "EUR".into() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_says_the_same_as_json_and_as_protobuf() {
    let world = World::start().await;
    world.put_skus(&[shirt("TEE")]).await;
    world.put_profile(profile()).await;
    let lines = vec![Goods { unit_price: euro(50_001), ..goods("TEE", 2) }];
    let order = world.order("CH", lines).await;
    world.tell(&order).await;
    let ready = world.reaches(order.shipment_id, DeclarationState::Ready).await;
    let of = |kind: &str| {
        let found = ready.papers.iter().find(|paper| paper.kind == kind);
        found.unwrap_or_else(|| panic!("{kind}: {:?}", ready.papers)).document_id.clone()
    };

    let json = paper(&world, &of("advance"), "application/json").await.unwrap();
    let json: Value = serde_json::from_slice(&json.data).unwrap();
    let made = paper(&world, &of("advance"), PROTOBUF).await.unwrap();
    assert_eq!(made.media_type, PROTOBUF);
    let made = AdvanceRecord::decode(made.data).unwrap();
    let (sender, addressee) = (made.sender.unwrap(), made.addressee.unwrap());
    for (told, wanted) in [
        (&made.service, &json["service"]),
        (&made.category, &json["category"]),
        (&made.gross_mass_kg, &json["gross_mass_kg"]),
        (&made.incoterm, &json["scheme"]["incoterm"]),
        (&sender.eori, &json["sender"]["eori"]),
        (&sender.country, &json["sender"]["address"]["country"]),
        (&addressee.name, &json["addressee"]["name"]),
        (&addressee.city, &json["addressee"]["address"]["city"]),
        (&made.lines[0].description, &json["lines"][0]["description"]),
        (&made.lines[0].code, &json["lines"][0]["hs"]["code"]),
        (&made.lines[0].net_mass_kg, &json["lines"][0]["net_mass_kg"]),
        (&made.lines[0].merchant_id, &json["lines"][0]["product_ids"]["merchant"]),
    ] {
        assert_eq!(wanted, &Value::from(told.as_str()), "{json:#}");
        assert!(!told.is_empty(), "{json:#}");
    }
    assert_eq!((made.value, made.lines.len()), (euro(100_002), 1));
    assert_eq!(made.posting_date, Some(Date { year: 2026, month: 11, day: 5 }));
    assert_eq!(made.documents.len(), json["documents"].as_array().map_or(0, Vec::len));

    let json = paper(&world, &of("export"), "").await.unwrap();
    let json: Value = serde_json::from_slice(&json.data).unwrap();
    let made = paper(&world, &of("export"), PROTOBUF).await.unwrap();
    let made = ExportRecord::decode(made.data).unwrap();
    assert_eq!(Value::from(made.rule.as_str()), json["rule"]);
    assert_eq!(Value::from(made.exporter.as_str()), json["exporter"]);
    assert_eq!(made.item_ids, [order.shipment_id.to_string()]);
    assert_eq!((made.total, made.to_country.as_str()), (euro(100_002), "CH"));
    let [RecordLine { code: tariff, no: 1, value, .. }] = made.lines.as_slice() else {
        panic!("{:?}", made.lines)
    };
    assert_eq!((tariff.as_str(), value), ("61091000", &euro(100_002)));

    // What is printed has no message.
    let refused = paper(&world, &of("invoice"), PROTOBUF).await.unwrap_err();
    assert_eq!(code(&refused), "CUS0006");
    world.stop().await;
}
