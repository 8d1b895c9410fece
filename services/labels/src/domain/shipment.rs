//! The state of a shipment, and each step it may take.

use colibri_events::labels::v1::ShipmentState;
use colibri_types::{ShipmentId, TenantId};

use super::Facts;
use crate::error::codes;

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident = $text:literal / $proto:ident;)*) => {
        /// Where a shipment stands.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum State { $($(#[$doc])* $name,)* }

        impl State {
            /// The word in the table.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Reads the word in the table.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)* _ => None }
            }

            /// On the wire.
            #[must_use]
            pub const fn to_proto(self) -> ShipmentState {
                match self { $(Self::$name => ShipmentState::$proto,)* }
            }

            /// From the wire; `None` for `UNSPECIFIED`.
            #[must_use]
            pub const fn from_proto(state: ShipmentState) -> Option<Self> {
                match state {
                    ShipmentState::Unspecified => None,
                    $(ShipmentState::$proto => Some(Self::$name),)*
                }
            }
        }
    };
}

states! {
    /// Facts are missing.
    Waiting = "waiting" / Waiting;
    /// An intent is written.
    Buying = "buying" / Buying;
    /// Paid, numbers and labels sealed.
    Bought = "bought" / Bought;
    /// Nothing was bought, and nothing will be for this version.
    Refused = "refused" / Refused;
    /// Money may have moved.
    InDoubt = "in_doubt" / InDoubt;
    /// A void is on its way.
    Voiding = "voiding" / Voiding;
    /// Void at the carrier.
    Voided = "voided" / Voided;
    /// Off before anything was bought.
    Cancelled = "cancelled" / Cancelled;
}

/// Outside work that a step asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Buy this version.
    Purchase {
        /// Version of the order.
        version: u64,
        /// Of the declaration that lets it go; 0: none is needed. A purchase that was held back
        /// by a later one is another purchase when it goes on.
        revision: u32,
    },
    /// Void what was bought.
    Void {
        /// How often it was asked for, from 1.
        number: u32,
    },
}

/// A shipment, as far as its next step depends on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shipment {
    /// Its id.
    pub shipment_id: ShipmentId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Where it stands.
    pub state: State,
    /// Version of the last attempt to buy; 0: none yet.
    pub version: u64,
    /// Voids asked for so far.
    pub voids: u32,
    /// What other services said.
    pub facts: Facts,
    /// Public code of a refusal or doubt.
    pub code: Option<String>,
}

impl Shipment {
    /// A shipment of which nothing is known yet.
    #[must_use]
    pub fn unknown(shipment_id: ShipmentId, tenant_id: TenantId) -> Self {
        Self {
            shipment_id,
            tenant_id,
            state: State::Waiting,
            version: 0,
            voids: 0,
            facts: Facts::default(),
            code: None,
        }
    }

    /// Takes in what another service said. What was bought, or is over, is not rewritten by facts
    /// that come later; only a cancellation still counts then.
    pub fn hear(&mut self, news: Facts) {
        let over = matches!(self.state, State::Bought | State::Voiding | State::Voided);
        if over {
            self.facts.cancelled |= news.cancelled;
        } else {
            self.facts = std::mem::take(&mut self.facts).join(news);
        }
    }

    /// Whether the carrier of the offer offers voids.
    #[must_use]
    pub fn can_void(&self) -> bool {
        let carrier = self.facts.offer.as_ref().map(|offer| offer.carrier.as_str());
        let carrier = carrier.and_then(colibri_carriers::by_id);
        carrier.is_some_and(|carrier| carrier.voids().is_some())
    }

    /// Takes the step that its facts allow, if any. Repeating it changes nothing.
    ///
    /// While something is on its way to the carrier (`Buying`, `InDoubt`, `Voiding`) nothing is
    /// decided here: the worker looks at the facts again before it sends and after it knows.
    pub fn advance(&mut self) -> Option<Work> {
        match (self.state, self.facts.cancelled) {
            (State::Waiting | State::Refused, true) => {
                self.state = State::Cancelled;
                None
            }
            (State::Bought, true) if self.voids == 0 => self.void(),
            (State::Waiting | State::Refused, false) => {
                let version = self.facts.complete()?;
                if self.state == State::Refused && version <= self.version {
                    return None;
                }
                (self.state, self.version, self.code) = (State::Buying, version, None);
                let declared = self.facts.ready(version);
                let revision = declared.map(|ready| ready.revision).unwrap_or_default();
                Some(Work::Purchase { version, revision })
            }
            _ => None,
        }
    }

    /// Asks for a void of what was bought, where the carrier offers that; notes it where not.
    pub fn void(&mut self) -> Option<Work> {
        if self.can_void() {
            self.voids += 1;
            (self.state, self.code) = (State::Voiding, None);
            Some(Work::Void { number: self.voids })
        } else {
            self.code = Some(codes::NO_VOID.to_owned());
            None
        }
    }

    /// The attempt of this version left nothing behind: what remains to be done?
    pub fn not_bought(&mut self) -> Option<Work> {
        self.state = State::Waiting;
        self.advance()
    }
}
