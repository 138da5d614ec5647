//! One value of a table as its file has it, before anything is known of the column.

use std::borrow::Cow;

use common::clock::UnixMillis;

/// What files write where there is nothing.
const NOTHING: [&str; 6] = ["null", "none", "n/a", "na", "\\n", "-"];

/// A value as it was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    #[default]
    Absent,
    Text(String),
    Integer(i64),
    Real(f64),
    Flag(bool),
    Instant(UnixMillis),
}

impl Cell {
    /// The value as text without space around it; none where there is nothing.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Absent => None,
            Self::Text(text) => {
                let text = text.trim();
                let is_nothing = text.is_empty() || NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word));
                (!is_nothing).then_some(Cow::Borrowed(text))
            }
            Self::Integer(number) => Some(Cow::Owned(number.to_string())),
            // The shortest decimal that is this number, so that 29.33 stays 29.33.
            Self::Real(number) => Some(Cow::Owned(number.to_string())),
            Self::Flag(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
            Self::Instant(at_ms) => Some(Cow::Owned(crate::instant::rfc3339(*at_ms))),
        }
    }

    /// Yes or no; none for words that are neither.
    #[must_use]
    pub fn flag(&self) -> Option<bool> {
        let text = self.text()?.to_lowercase();
        match text.as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" | "granted" | "given" | "subscribed" | "opted in" | "opt-in"
            | "optin" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" | "refused" | "denied" | "withdrawn" | "unsubscribed"
            | "opted out" | "opt-out" | "optout" => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_nothing() {
        for text in ["", "  ", "NULL", "n/a", "-"] {
            assert_eq!(Cell::Text(text.to_owned()).text(), None, "{text:?}");
        }
        assert_eq!(Cell::Real(29.33).text().as_deref(), Some("29.33"));
    }

    #[test]
    fn a_flag_is_never_guessed() {
        assert_eq!(Cell::Text("Yes".to_owned()).flag(), Some(true));
        assert_eq!(Cell::Text("unsubscribed".to_owned()).flag(), Some(false));
        assert_eq!(Cell::Text("maybe".to_owned()).flag(), None);
        assert_eq!(Cell::Absent.flag(), None);
    }
}
