//! The vendor's ids: opaque, but of a form that cannot leave its place in a URL.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest accepted id, in bytes. The vendor's are 20 letters and digits, 24 hexadecimal digits, or UUIDs.
const LENGTH_MAX: usize = 64;

/// Id of a location, contact, opportunity, pipeline, stage, tag, field, user or note, or the key of a custom object:
/// letters, digits, `-` and `_`, with single dots inside.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordId(String);

/// The text has not the form of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl RecordId {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a text that could be a name or an id is more likely an id: one word of at least 15 characters with a digit
    /// or a capital inside, as every id of the vendor is.
    #[must_use]
    pub fn looks_like(text: &str) -> bool {
        let has_mark = text.chars().skip(1).any(|letter| letter.is_ascii_digit() || letter.is_ascii_uppercase());
        text.len() >= 15 && has_mark && !text.contains('.') && text.parse::<Self>().is_ok()
    }
}

impl FromStr for RecordId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        // Dots stand inside the keys of custom objects; alone between two slashes they would climb.
        let is_whole = text.split('.').all(|part| !part.is_empty() && part.bytes().all(is_plain));
        if !is_whole || text.len() > LENGTH_MAX {
            return Err(NotAnId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for RecordId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for NotAnId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an id has 1 to 64 letters, digits, `-` and `_`, with single dots inside")
    }
}

impl std::error::Error for NotAnId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_leave_its_place_in_a_path_is_no_id() {
        for text in ["", ".", "..", ".a", "a.", "a..b", "a/b", "a?b", "a%2eb", "a b", "ü", &"a".repeat(65)] {
            assert_eq!(text.parse::<RecordId>(), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn ids_are_told_from_names() {
        for id in ["ve9EPM428h8vShlRW1KT", "0b5c1f1e-2d7a-4c39-9b0e-1f2a3b4c5d6e"] {
            assert!(RecordId::looks_like(id), "{id}");
        }
        assert!("custom_objects.pets".parse::<RecordId>().is_ok());
        for name in ["Ada.Lovelace2.example", "Ada Lovelace", "internationalisation", "New lead", "sales-pipeline"] {
            assert!(!RecordId::looks_like(name), "{name}");
        }
    }
}
