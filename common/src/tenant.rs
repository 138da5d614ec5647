//! Whose data it is. Every stored row, cache key, limit and log line carries one.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Longest accepted tenant id, in bytes.
pub const TENANT_ID_LENGTH_MAX: usize = 63;

/// A customer of this installation: 1 to 63 of `a-z`, `0-9`, `-` and `_`, beginning with a letter or digit.
///
/// Cheap to clone. Parsed once at the door, never built from a vendor's id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(#[schemars(with = "String")] Arc<str>);

impl TenantId {
    /// The tenant of an installation that has only one.
    #[must_use]
    pub fn local() -> Self {
        Self("local".into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let is_inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        let starts_well =
            text.as_bytes().first().is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit());
        if !starts_well || text.len() > TENANT_ID_LENGTH_MAX || !text.as_bytes().iter().all(is_inner) {
            return Err(Error::invalid_argument(
                "tenant",
                "is not a tenant id",
                "1 to 63 of a-z, 0-9, `-` and `_`, beginning with a letter or digit",
                Some("\"acme\""),
            ));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for TenantId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<TenantId> for String {
    fn from(tenant: TenantId) -> Self {
        tenant.0.as_ref().to_owned()
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_the_doc_says() {
        for text in ["a", "acme", "acme-2", "0_x", &"a".repeat(63)] {
            assert_eq!(text.parse::<TenantId>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "Acme", "-a", "a b", "a/b", "ü", &"a".repeat(64)] {
            assert!(text.parse::<TenantId>().is_err(), "{text}");
        }
    }
}
