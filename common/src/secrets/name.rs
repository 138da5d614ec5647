//! What a secret is called within its tenant.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::{Error, Result};

/// Longest accepted name, in bytes.
pub const SECRET_NAME_LENGTH_MAX: usize = 120;

/// A path of words: `ghl/oauth/agency`. 1 to 120 of `a-z`, `A-Z`, `0-9`, `.`, `-` and `_`, in parts between slashes.
///
/// Names are no secrets: they are listed, and stand in errors and logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretName(Arc<str>);

impl SecretName {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(is_inner);
        if text.len() > SECRET_NAME_LENGTH_MAX || !text.split('/').all(is_part) {
            return Err(Error::invalid_argument(
                "name",
                "is not the name of a secret",
                "1 to 120 letters, digits, `.`, `-` and `_`, in parts between slashes",
                Some("\"ghl/oauth/agency\""),
            ));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_the_doc_says_and_nothing_else() {
        for text in ["a", "ghl/oauth/agency", "ghl/location/ve9EPM428h8vShlRW1KT", "a.b-c_d", &"a".repeat(120)] {
            assert_eq!(text.parse::<SecretName>().unwrap().as_str(), text);
        }
        for text in ["", "/", "a/", "/a", "a//b", "a b", "ü", "a\0", &"a".repeat(121)] {
            assert!(text.parse::<SecretName>().is_err(), "{text:?}");
        }
    }
}
