//! The one sale that every channel's example encodes, for tests.

use crate::CanonicalOrder;

/// Checks the facts that no channel may tell differently.
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
pub(crate) fn check(order: &CanonicalOrder) {
    let minor = |money: Option<colibri_types::Money>| money.map(|m| m.amount_minor);
    assert_eq!(order.currency.as_str(), "EUR");
    assert_eq!(order.taxes_included, Some(true));
    let [mug, pot] = order.lines.as_slice() else {
        unreachable!("two lines");
    };
    assert_eq!(mug.sku.as_deref(), Some("MUG-35-BLU"));
    assert_eq!((mug.quantity, mug.fulfillable_quantity), (2, 2));
    assert_eq!(mug.unit_price.amount_minor, 1490);
    assert_eq!((mug.discount.amount_minor, mug.total.amount_minor), (0, 2980));
    assert_eq!(minor(mug.tax), Some(497));
    assert_eq!(pot.sku.as_deref(), Some("TEA-08-BLK"));
    assert_eq!((pot.quantity, pot.fulfillable_quantity), (1, 1));
    assert_eq!(pot.unit_price.amount_minor, 4500);
    assert_eq!((pot.discount.amount_minor, pot.total.amount_minor), (450, 4050));
    assert_eq!(minor(pot.tax), Some(675));
    assert_eq!(order.totals.items.amount_minor, 7480);
    assert_eq!(order.totals.discount.amount_minor, 450);
    assert_eq!(minor(order.totals.shipping), Some(490));
    assert_eq!(minor(order.totals.tax), Some(1254));
    assert_eq!(minor(order.totals.grand), Some(7520));
    assert_eq!(minor(order.shipping.paid), Some(490));
    assert_eq!(order.shipping.title.as_deref(), Some("Colissimo domicile"));
    assert_eq!(order.bill_to_country, Some(colibri_types::Country::FR));
    assert_eq!(order.financial_status, crate::FinancialStatus::Paid);
    assert_eq!((order.no_delivery, order.test), (None, false));
    let to = order.ship_to.as_ref().unwrap();
    assert_eq!(to.name.as_deref(), Some("Camille Exemple"));
    assert_eq!(to.company, None);
    assert_eq!(to.lines, ["12 rue des Essais", "Bât. B"]);
    assert_eq!((to.postcode.as_deref(), to.city.as_deref()), (Some("69003"), Some("Lyon")));
    assert_eq!(to.country, Some(colibri_types::Country::FR));
    assert_eq!(to.phone.as_deref(), Some("06 39 98 01 23"));
    assert_eq!(to.email.as_deref(), Some("camille.exemple@example.org"));
}
