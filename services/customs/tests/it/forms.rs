//! Which papers a parcel carries: by what the carrier's service is at the post, exact at the limits.

use colibri_events::{customs::v1::DeclarationState, orders::v1::Goods, types::v1::Money};

use crate::world::{World, goods, profile, shirt};

/// One shirt at this price.
fn worth(amount_minor: i64) -> Vec<Goods> {
    let unit_price = Some(Money { amount_minor, currency: "EUR".into() });
    vec![Goods { unit_price, ..goods("TEE", 1) }]
}

#[tokio::test(flavor = "multi_thread")]
async fn letter_post_carries_the_small_form_up_to_its_limits() {
    let world = World::start_with(&[("POSTS__COLISSIMO__SERVICES__PKT", "letter")]).await;
    world.put_skus(&[shirt("TEE")]).await;
    world.put_profile(profile()).await;
    // SDR 294 of the converted value at 1.1667 are EUR 343.0098.
    for (carrier, service, minor, weight_g, wanted) in [
        ("colissimo", "PKT", 1_900, 500, &["cn22", "advance"][..]),
        ("colissimo", "PKT", 34_300, 2_000, &["cn22", "advance"]),
        ("colissimo", "PKT", 34_301, 2_000, &["cn23", "invoice", "advance"]),
        ("colissimo", "PKT", 34_300, 2_001, &["cn23", "invoice", "advance"]),
        // All that Colissimo sells by itself is post parcels: CN23 whatever the value.
        ("colissimo", "DOS", 1_900, 500, &["cn23", "invoice", "advance"]),
        ("ups", "11", 1_900, 500, &["invoice", "advance"]),
    ] {
        let mut order = world.order("CH", worth(minor)).await;
        order.offer.carrier = carrier.into();
        order.offer.service = service.into();
        order.request.parcels[0].weight_g = weight_g;
        world.tell(&order).await;
        let ready = world.reaches(order.shipment_id, DeclarationState::Ready).await;
        let kinds: Vec<&str> = ready.papers.iter().map(|paper| paper.kind.as_str()).collect();
        assert_eq!(kinds, wanted, "{carrier} {service} {minor} {weight_g}: {:?}", ready.reasons);
    }
    world.stop().await;
}
