//! What is in which parcel. With one parcel everything; with several nobody told, and the pieces
//! are spread by weight, which is said.

use colibri_events::{
    customs::v1::{Item, ParcelContents},
    types::v1::Parcel,
};

/// Spreads items over parcels, in the order of both, none above its gross weight. `None` when they
/// do not fit.
#[must_use]
pub fn spread(items: &[Item], parcels: &[Parcel]) -> Option<Vec<ParcelContents>> {
    if let [_] = parcels {
        return Some(vec![ParcelContents { items: items.to_vec() }]);
    }
    let mut filled: Vec<ParcelContents> = vec![ParcelContents::default(); parcels.len()];
    let mut room: Vec<u64> = parcels.iter().map(|parcel| u64::from(parcel.weight_g)).collect();
    for item in items {
        let mut left = item.quantity;
        let each = u64::from(item.unit_weight_g);
        for (contents, room) in filled.iter_mut().zip(&mut room) {
            let fits = match room.checked_div(each) {
                Some(fits) => u32::try_from(fits).unwrap_or(u32::MAX).min(left),
                None => left,
            };
            if fits > 0 {
                contents.items.push(Item { quantity: fits, ..item.clone() });
                *room -= each * u64::from(fits);
                left -= fits;
            }
        }
        if left > 0 {
            return None;
        }
    }
    Some(filled)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every piece lies in exactly one parcel, and no parcel holds more than it weighs.
        #[test]
        fn nothing_is_lost_or_doubled(
            items in prop::collection::vec((1..20_u32, 1..500_u32), 1..8),
            parcels in prop::collection::vec(1..9_000_u32, 1..6),
        ) {
            let items: Vec<Item> = items.into_iter().map(|(quantity, unit_weight_g)| {
                Item { sku: unit_weight_g.to_string(), quantity, unit_weight_g, ..Item::default() }
            }).collect();
            let parcels: Vec<Parcel> =
                parcels.into_iter().map(|weight_g| Parcel { weight_g, ..Parcel::default() }).collect();
            let Some(filled) = spread(&items, &parcels) else { return Ok(()) };
            let all = |items: &[Item]| items.iter().map(|i| u64::from(i.quantity)).sum::<u64>();
            let spread: u64 = filled.iter().map(|contents| all(&contents.items)).sum();
            prop_assert_eq!(spread, all(&items));
            for (contents, parcel) in filled.iter().zip(&parcels).filter(|_| parcels.len() > 1) {
                let grams: u64 = contents.items.iter()
                    .map(|i| u64::from(i.quantity) * u64::from(i.unit_weight_g)).sum();
                prop_assert!(grams <= u64::from(parcel.weight_g));
            }
        }
    }
}
