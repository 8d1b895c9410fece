//! Another tenant learns and changes nothing.

use colibri_events::returns::v1::*;
use colibri_sandbox::PaymentOptions;
use colibri_types::TenantId;

use crate::world::{World, code, identity, line, order, png, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_sees_and_moves_nothing_of_another() {
    let world = World::start(PaymentOptions::default()).await;
    let sold = world.in_hands("mine", 2).await;
    let asked = world.asked(request("m-1", &sold, vec![line(1, 1, "fit")])).await;
    let id = asked.return_id.clone();
    let before = world.get(&id).await;
    let mut other = world.client_of(TenantId::generate());
    let by = identity(&sold.number, &sold.email, "");
    let by = Some(OrderRef { by: Some(order_ref::By::Identity(by)) });
    for order in [order(&sold), by] {
        let ask = EligibleRequest { order: order.clone(), ..EligibleRequest::default() };
        assert_eq!(code(&other.eligible(ask).await.unwrap_err()), "RET0001");
        let photo = PutPhotoRequest { order: order.clone(), data: png().into() };
        assert_eq!(code(&other.put_photo(photo).await.unwrap_err()), "RET0001");
        let ask = RequestRequest { order, ..request("m-2", &sold, vec![line(1, 1, "fit")]) };
        assert_eq!(code(&other.request(ask).await.unwrap_err()), "RET0001");
    }
    let get = GetRequest { return_id: id.clone(), ..GetRequest::default() };
    assert_eq!(code(&other.get(get).await.unwrap_err()), "RET0008");
    let cancel = CancelRequest { return_id: id.clone(), ..CancelRequest::default() };
    assert_eq!(code(&other.cancel(cancel).await.unwrap_err()), "RET0008");
    let drop = DropOffRequest {
        code: asked.parcels[0].code.clone(),
        place_ref: "p".into(),
        receipt: "r".into(),
        weight_g: 0,
    };
    assert_eq!(code(&other.drop_off(drop).await.unwrap_err()), "RET0010");
    let list = other.list(ListRequest::default()).await.unwrap().into_inner();
    assert!(list.returns.is_empty());
    let balance = GetBalanceRequest { order_id: sold.order_id };
    assert_eq!(other.get_balance(balance).await.unwrap().into_inner().returns, 0);
    assert_eq!(world.get(&id).await, before);
    world.stop().await;
}
