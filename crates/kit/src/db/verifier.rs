//! What Postgres keeps of a role's password: a SCRAM verifier, made here. The password itself never
//! travels in a statement, where a server's log of statements would keep it.

use std::num::NonZeroU32;

use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Rounds of the key derivation. They make guessing dear, which protects passwords that people
/// choose; ours are 256 bits of a MAC that nobody can guess, and both sides would do these rounds
/// for every connection, twenty and more at each start. Postgres' own default is 4,096.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN;

/// The verifier of a derived password, in the form of `pg_authid.rolpassword`.
pub(super) fn verifier(password: &str, salt: [u8; 16]) -> String {
    let mut salted = [0; digest::SHA256_OUTPUT_LEN];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, password.as_bytes(), &mut salted);
    let salted = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let client = hmac::sign(&salted, b"Client Key");
    let stored = digest::digest(&digest::SHA256, client.as_ref());
    let server = hmac::sign(&salted, b"Server Key");
    let [salt, stored, server] =
        [&salt[..], stored.as_ref(), server.as_ref()].map(|bytes| STANDARD.encode(bytes));
    format!("SCRAM-SHA-256${ROUNDS}:{salt}${stored}:{server}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn postgres_makes_the_same_of_a_password() {
        // As PostgreSQL 18.4 wrote it with scram_iterations = 1.
        let theirs = "SCRAM-SHA-256$1:TyUHIWGnGAiGAiQlkdqK7g==\
                      $iJ8qtQwBPC6NA6VhjzRHok+8wLLmnRbFpHm9ILwS+qY=\
                      :P1EJDnRvXbD8qA4vYTcw5ct1qxmG1//AYasWvZBXuyA=";
        let salt = STANDARD.decode("TyUHIWGnGAiGAiQlkdqK7g==").unwrap();
        assert_eq!(verifier("pencil", salt.try_into().unwrap()), theirs);
    }
}
