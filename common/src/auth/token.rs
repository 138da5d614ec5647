//! Bearer tokens that an operator hands out. Only their digests are kept.

use std::collections::HashMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::auth::{Caller, Role, Scope};
use crate::error::{Error, ErrorCode, Result};
use crate::tenant::TenantId;

/// `[[auth.tokens]]`: one good token.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    /// Who uses it, for the audit trail.
    pub subject: String,
    /// Lower-case hex SHA-256 of the token: `printf %s "$TOKEN" | sha256sum`.
    pub sha256: String,
    pub tenant: TenantId,
    pub role: Role,
    /// `toolset:NAME` shows only the toolsets named; none shows all.
    #[serde(default)]
    pub scopes: Vec<Scope>,
}

type TokenDigest = [u8; 32];

/// Callers by the digest of their token. Looking up a digest leaks nothing about the token by its timing.
#[derive(Debug, Clone)]
pub(super) struct TokenTable {
    callers: Arc<HashMap<TokenDigest, Caller>>,
}

impl TokenTable {
    pub(super) fn new(tokens: Vec<TokenSettings>) -> Result<Self> {
        let mut callers = HashMap::with_capacity(tokens.len());
        for token in tokens {
            let mut digest = TokenDigest::default();
            hex::decode_to_slice(&token.sha256, &mut digest).map_err(|source| {
                let message = format!("the token of `{}` in `[[auth.tokens]]` has no valid `sha256`", token.subject);
                Error::new(ErrorCode::FailedPrecondition, message)
                    .with_hint("64 hex digits, as `printf %s \"$TOKEN\" | sha256sum` prints them")
                    .with_source(source)
            })?;
            callers.insert(digest, Caller::new(token.subject, token.tenant, token.role, token.scopes));
        }
        Ok(Self { callers: Arc::new(callers) })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.callers.is_empty()
    }

    pub(super) fn find(&self, token: &str) -> Option<Caller> {
        self.callers.get(&TokenDigest::from(Sha256::digest(token))).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(secret: &str) -> TokenSettings {
        TokenSettings {
            subject: "robot".to_owned(),
            sha256: hex::encode(Sha256::digest(secret)),
            tenant: "acme".parse().unwrap(),
            role: Role::Member,
            scopes: Vec::new(),
        }
    }

    #[test]
    fn only_the_token_itself_finds_its_caller() {
        let table = TokenTable::new(vec![token("right")]).unwrap();
        assert_eq!(table.find("right").unwrap().tenant().as_str(), "acme");
        assert_eq!(table.find("wrong"), None);
        assert_eq!(table.find(""), None);
    }

    #[test]
    fn a_malformed_digest_is_refused_with_its_owner() {
        let malformed = TokenSettings { sha256: "abc".to_owned(), ..token("x") };
        assert!(TokenTable::new(vec![malformed]).unwrap_err().message().contains("robot"));
    }
}
