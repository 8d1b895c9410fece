//! The list of carriers, which `build.rs` writes from the public modules of `lib.rs`.

use crate::{
    Carrier, CarrierError, ParcelTrack, StatusRow,
    sim::{SimOptions, Simulator},
};

/// Each folder gives `CARRIER`, `TABLE`, `simulator` and `read_payload`.
macro_rules! carriers {
    ($($folder:ident),* $(,)?) => {
        static ALL: &[&dyn Carrier] = &[$(&crate::$folder::CARRIER),*];

        /// Every carrier, in alphabetical order.
        #[must_use]
        pub fn all() -> &'static [&'static dyn Carrier] {
            ALL
        }

        /// The simulated carrier of that id, which has sold nothing yet.
        #[must_use]
        pub fn simulator(id: &str, options: SimOptions) -> Option<Box<dyn Simulator>> {
            match id {
                $(stringify!($folder) => Some(crate::$folder::simulator(options)),)*
                _ => None,
            }
        }

        /// The status table of the carrier of that id.
        #[must_use]
        pub fn statuses(id: &str) -> Option<&'static [StatusRow]> {
            match id {
                $(stringify!($folder) => Some(crate::$folder::TABLE),)*
                _ => None,
            }
        }

        /// Reads a recorded tracking answer of the carrier of that id; `None` for an unknown id.
        #[must_use]
        pub fn read_payload(
            id: &str,
            body: &[u8],
        ) -> Option<Result<Vec<ParcelTrack>, CarrierError>> {
            match id {
                $(stringify!($folder) => Some(crate::$folder::read_payload(body)),)*
                _ => None,
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/carriers.rs"));

/// The carrier of that id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static dyn Carrier> {
    all().iter().copied().find(|carrier| carrier.info().id == id)
}
