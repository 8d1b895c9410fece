//! Labels on real servers, beside the vault and simulated carriers.
