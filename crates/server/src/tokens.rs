//! Tokens and secrets: how they are created, and how they are stored.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Returns a new session token: 256 random bits in hex, with a prefix that scanners for leaked secrets
/// recognise.
pub fn new_token() -> String {
    format!("parlour_{}", HEXLOWER.encode(&rand::random::<[u8; 32]>()))
}

/// Returns a new secret for an invitation: 128 random bits in hex, short enough to be read aloud.
pub fn new_secret() -> String {
    HEXLOWER.encode(&rand::random::<[u8; 16]>())
}

/// Returns the SHA-256 in hex, which is what is stored of a token and of anything else that is only compared.
pub fn digest(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Returns the bearer token of a request, if there is one. The scheme's case does not matter (RFC 9110, section
/// 11.1).
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_recognisable_and_never_the_same() {
        let token = new_token();
        assert!(token.starts_with("parlour_") && token.len() == 8 + 64);
        assert_ne!(token, new_token());
    }
}
