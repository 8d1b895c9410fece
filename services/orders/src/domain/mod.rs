//! The core: what an order is and what may happen to it. Pure: no I/O, no clock, no random.

pub mod canonical;
pub mod facts;
pub mod holds;
pub mod intake;
pub mod known;
pub mod lifecycle;
pub mod person;
pub mod structure;
