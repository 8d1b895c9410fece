//! What needs several services, or a process that is killed: the real binary on real servers,
//! judged from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod attempts;
mod attempts_returns;
mod campaign;
mod canary;
mod check;
mod crash;
mod customs;
mod customs_calls;
mod harness;
mod http;
mod isolation;
mod lost_answers;
mod merchant;
mod order_to_delivered;
mod returns;
mod roles;
mod rotation;
mod search;
mod settings;
