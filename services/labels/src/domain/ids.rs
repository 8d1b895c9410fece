//! Ids that follow from others, so that a repetition finds what the first time made.

use colibri_carriers::LabelFormat;
use colibri_types::{DocumentId, ManifestId, ParcelId, ShipmentId};

/// The parcel of a shipment at this place, from 1.
#[must_use]
pub fn parcel(shipment: ShipmentId, index: usize) -> ParcelId {
    ParcelId::derived(&shipment.to_uuid(), format!("parcel:{index}").as_bytes())
}

/// The label of a parcel in a format, bought by this attempt. Another attempt is another label:
/// the vault keeps what was sealed first under an id.
#[must_use]
pub fn document(parcel: ParcelId, format: LabelFormat, attempt: i32) -> DocumentId {
    let name = format!("{}:{attempt}", format.media_type());
    DocumentId::derived(&parcel.to_uuid(), name.as_bytes())
}

/// The paper of a manifest.
#[must_use]
pub fn paper(manifest: ManifestId) -> DocumentId {
    DocumentId::derived(&manifest.to_uuid(), b"paper")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_repeat_and_differ_where_things_differ() {
        let (a, b) = (ShipmentId::generate(), ShipmentId::generate());
        assert_eq!(parcel(a, 1), parcel(a, 1));
        assert_ne!(parcel(a, 1), parcel(a, 2));
        assert_ne!(parcel(a, 1), parcel(b, 1));
        let one = document(parcel(a, 1), LabelFormat::Pdf, 1);
        assert_eq!(one, document(parcel(a, 1), LabelFormat::Pdf, 1));
        assert_ne!(one, document(parcel(a, 1), LabelFormat::Zpl, 1));
        assert_ne!(one, document(parcel(a, 1), LabelFormat::Pdf, 2));
    }
}
