//! Custom values: texts that a location keeps once and puts into its messages and pages.

use crate::record_id::RecordId;

/// Longest value written, in characters. Ours: the vendor names no limit.
pub const VALUE_LENGTH_MAX: usize = 5_000;

/// One such text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationValue {
    pub id: RecordId,
    pub name: String,
    /// `opening_hours`, where the vendor says `{{ custom_values.opening_hours }}`.
    pub key: String,
    pub value: String,
}

impl LocationValue {
    /// What stands for it in a message or on a page.
    #[must_use]
    pub fn merge_tag(&self) -> String {
        format!("{{{{custom_values.{}}}}}", self.key)
    }
}

/// The key inside the vendor's `{{ custom_values.opening_hours }}`.
#[must_use]
pub fn key_of(merge_tag: &str) -> &str {
    let inside = merge_tag.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '{' | '}'));
    inside.strip_prefix("custom_values.").unwrap_or(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_their_braces() {
        for text in ["{{ custom_values.opening_hours }}", "{{custom_values.opening_hours}}", "opening_hours"] {
            assert_eq!(key_of(text), "opening_hours", "{text}");
        }
    }
}
