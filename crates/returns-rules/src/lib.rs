//! Returns as functions: where the goods are, where the money is, and what binds the two.
//!
//! Owns the two machines and their guards ([`case`]), policies as data ([`policy`], [`reason`]),
//! the legal clock ([`legal`]), grades ([`grade`]), what came without a return ([`orphan`]), fraud
//! signals ([`fraud`]) and the facts that key figures are counted from ([`kpi`]). Deliberately
//! absent: clocks, storage, randomness, calls. What happens is an argument, what follows is an
//! answer.

pub mod case;
pub mod custody;
pub mod exchange;
pub mod fraud;
pub mod goods;
pub mod grade;
pub mod kpi;
pub mod legal;
pub mod money;
pub mod orphan;
pub mod policy;
pub mod reason;
mod refusal;

pub use refusal::Refusal;
