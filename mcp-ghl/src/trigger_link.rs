//! Trigger links: addresses that start a workflow for whoever follows them.

use common::error::{Error, Result};
use url::Url;

use crate::record_id::RecordId;

/// Longest address taken, in bytes. Ours: what browsers agree on.
const ADDRESS_LENGTH_MAX: usize = 2_048;

/// A trigger link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerLink {
    pub id: RecordId,
    pub name: String,
    /// Where it leads.
    pub address: Option<String>,
    /// What stands for it in messages: `{{trigger_link.…}}`.
    pub merge_field: Option<String>,
}

/// An address of the web that an argument gives.
///
/// # Errors
/// `invalid_argument` for anything else.
pub fn web_address(field: &str, text: &str) -> Result<Url> {
    let wrong = |problem: &str| {
        Error::invalid_argument(field, problem, "an https address", Some("\"https://example.com/offer\""))
    };
    let text = text.trim();
    if text.len() > ADDRESS_LENGTH_MAX {
        return Err(wrong("is longer than 2048 characters"));
    }
    let address: Url = text.parse().map_err(|source| wrong("is not an address").with_source(source))?;
    if !matches!(address.scheme(), "http" | "https") || !address.has_host() {
        return Err(wrong("is not an address of the web"));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_taken() {
        assert!(web_address("url", " https://example.com/a?b=c ").is_ok());
        let long = format!("https://example.com/{}", "a".repeat(2_048));
        for text in ["example.com", "javascript:alert(1)", "mailto:a@example.com", "https://", "", &long] {
            assert!(web_address("url", text).is_err(), "{text}");
        }
    }
}
