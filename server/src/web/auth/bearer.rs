//! The API's bearer token, compared by digest and in constant time.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::config::Secret;

/// What an `Authorization` header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearer {
    /// There is none.
    Absent,
    /// It is the configured token.
    Valid,
    /// It is something else.
    Refused,
}

/// The digest of the configured token.
#[derive(Clone)]
pub(super) struct BearerCheck(Option<[u8; 32]>);

impl BearerCheck {
    /// Keeps the digest of the token, if one is configured.
    pub(super) fn new(token: Option<&Secret>) -> Self {
        Self(token.map(|token| Sha256::digest(token.expose()).into()))
    }

    /// Reads the header and compares. Digests have one length, so that not even the token's length shows.
    pub(super) fn check(&self, headers: &HeaderMap) -> Bearer {
        let Some(value) = headers.get(header::AUTHORIZATION) else { return Bearer::Absent };
        let token = value
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (Some((_, token)), Some(expected)) = (token, self.0) else { return Bearer::Refused };
        let digest: [u8; 32] = Sha256::digest(token.trim()).into();
        if digest.ct_eq(&expected).into() { Bearer::Valid } else { Bearer::Refused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(configured: Option<&str>, value: &str) -> Bearer {
        let headers = [(header::AUTHORIZATION, value.parse().unwrap())].into_iter().collect();
        BearerCheck::new(configured.map(Secret::new).as_ref()).check(&headers)
    }

    #[test]
    fn the_token_and_nothing_else_is_valid() {
        const TOKEN: &str = "a-token-of-more-than-24-characters";
        assert_eq!(check(Some(TOKEN), &format!("Bearer {TOKEN}")), Bearer::Valid);
        assert_eq!(check(Some(TOKEN), &format!("bearer {TOKEN}")), Bearer::Valid);
        assert_eq!(check(Some(TOKEN), &format!("Basic {TOKEN}")), Bearer::Refused);
        assert_eq!(check(Some(TOKEN), "Bearer a-token"), Bearer::Refused);
        assert_eq!(check(Some(TOKEN), "Bearer"), Bearer::Refused);
        assert_eq!(check(None, "Bearer "), Bearer::Refused, "without a token nobody has it");
        assert_eq!(BearerCheck::new(None).check(&HeaderMap::new()), Bearer::Absent);
    }
}
