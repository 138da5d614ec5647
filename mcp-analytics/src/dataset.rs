//! The name of a data set.

use std::fmt;

use common::error::{Error, Result};

const LENGTH_MAX: usize = 63;

/// 1 to 63 of `a-z`, `0-9`, `-` and `_`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetName(String);

impl DatasetName {
    /// # Errors
    /// `invalid_argument` for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        let starts_well = text.bytes().next().is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit());
        if starts_well && text.len() <= LENGTH_MAX && text.bytes().all(is_inner) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "1 to 63 of a-z, 0-9, `-` and `_`, beginning with a letter or digit";
        Err(Error::invalid_argument("dataset", "is no name of a data set", expected, Some("\"shop\"")))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatasetName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert!(DatasetName::parse("shop-2026").is_ok());
        for text in ["", "Shop", "-a", "a b", &"a".repeat(64)] {
            assert!(DatasetName::parse(text).is_err(), "{text}");
        }
    }
}
