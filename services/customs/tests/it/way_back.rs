//! What went out comes back with a paper of its own: declared as then, sealed, drawn once.

use colibri_events::{
    customs::v1::{
        DeclarationState, GetPaperRequest, PrepareReturnPaperRequest, PrepareReturnPaperResponse,
        ReturnedItem, SkuInput,
    },
    vault::v1::Field,
};
use colibri_types::{DeclarationId, ShipmentId, TenantId};
use tonic::Status;

use crate::world::{Client, World, code, goods, person, profile, shirt};

fn back(declaration: &str, quantity: u32) -> PrepareReturnPaperRequest {
    PrepareReturnPaperRequest {
        declaration_id: declaration.into(),
        shipment_id: ShipmentId::generate().to_string(),
        carrier: "ups".into(),
        items: vec![ReturnedItem { sku: "TEE".into(), quantity }],
        ..PrepareReturnPaperRequest::default()
    }
}

async fn ask(
    mut client: Client,
    asked: &PrepareReturnPaperRequest,
) -> Result<PrepareReturnPaperResponse, Status> {
    client.prepare_return_paper(asked.clone()).await.map(tonic::Response::into_inner)
}

async fn text(world: &World, answer: &PrepareReturnPaperResponse) -> String {
    let paper = answer.paper.as_ref().unwrap();
    assert_eq!((paper.kind.as_str(), paper.media_type.as_str()), ("return", "application/pdf"));
    let document_id = paper.document_id.clone();
    let asked = GetPaperRequest { document_id, media_type: String::new() };
    let file = world.client().get_paper(asked).await.unwrap().into_inner();
    String::from_utf8_lossy(&file.data).into_owned()
}

fn says(text: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(text.contains(wanted), "{wanted} is not on the paper");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_declared_as_it_went_out_whatever_became_of_the_article() {
    let world = World::start().await;
    world.put_skus(&[shirt("TEE")]).await;
    world.put_profile(profile()).await;
    let mut with_phone = person("GB");
    with_phone.insert(Field::Phone, "+442079460001");
    let order = world.order_for("GB", &with_phone, vec![goods("TEE", 3)]).await;
    world.tell(&order).await;
    let ready = world.reaches(order.shipment_id, DeclarationState::Ready).await;
    let id = ready.declaration_id.as_str();
    // Since then the shop describes it otherwise.
    let other = SkuInput { description: "Women's blouse, silk, woven".into(), ..shirt("TEE") };
    world.put_skus(&[other]).await;

    let asked = back(id, 2);
    let (one, two) = tokio::join!(ask(world.client(), &asked), ask(world.client(), &asked));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one, two, "one paper for both");
    let told = text(&world, &one).await;
    says(&told, &["Return invoice", "Consignee", "Returned goods", "DAP Sampleville"]);
    says(&told, &["Men's T-shirt, cotton, knitted", "610910", "38.00", "0.300", "PT", id]);
    says(&told, &["Ottokar Canari", "Atelier Exemple", "FR12345678200010", "Place and date"]);
    assert!(!told.contains("blouse") && !told.contains("61091000"));
    assert!(!told.contains("Export desk"), "the buyer signs, with a pen");
    assert_eq!(ask(world.client(), &asked).await.unwrap(), one, "and the same later");

    // Another way back has another paper; by a post it is the form of the post with the invoice.
    let post = PrepareReturnPaperRequest { carrier: "colissimo".into(), ..back(id, 1) };
    let by_post = ask(world.client(), &post).await.unwrap();
    assert_ne!(by_post, one);
    let told = text(&world, &by_post).await;
    says(&told, &["CN 23", "Return invoice", "19.00", id]);

    for (wrong, refused) in [
        (back(id, 4), "CUS0002"),
        (back(id, 0), "CUS0002"),
        (PrepareReturnPaperRequest { items: Vec::new(), ..back(id, 1) }, "CUS0003"),
        (back(&DeclarationId::generate().to_string(), 1), "CUS0001"),
        (back("dcl_", 1), "CUS0001"),
    ] {
        assert_eq!(code(&ask(world.client(), &wrong).await.unwrap_err()), refused, "{wrong:?}");
    }
    let stranger = world.client_of(TenantId::generate());
    assert_eq!(code(&ask(stranger, &back(id, 1)).await.unwrap_err()), "CUS0001");
    world.stop().await;
}
