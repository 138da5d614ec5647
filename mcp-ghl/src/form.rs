//! Forms and surveys, and what people have answered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::custom_field::FieldValue;
use crate::record_id::RecordId;

/// Which of the two a form is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    #[default]
    Form,
    Survey,
}

impl FormKind {
    /// `form` or `survey`.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Survey => "survey",
        }
    }
}

/// A form or a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub id: RecordId,
    pub name: String,
}

/// What somebody has answered. Everything in it but ids and instants was written by outsiders.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    pub id: String,
    pub form_id: Option<String>,
    pub contact_id: Option<RecordId>,
    pub name: Option<String>,
    pub email: Option<String>,
    /// RFC 3339.
    pub submitted_at: Option<String>,
    /// Address of the page that it came from.
    pub page: Option<String>,
    /// In the order of the form, as far as the vendor says it.
    pub answers: Vec<(String, FieldValue)>,
}

/// What a question is called where no field says it: `preferred_time` is `Preferred time`.
#[must_use]
pub fn label(key: &str) -> String {
    let words = key.replace(['_', '-'], " ");
    let mut letters = words.trim().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_like_words() {
        for (key, words) in [("preferred_time", "Preferred time"), ("email", "Email"), ("", ""), ("Größe", "Größe")]
        {
            assert_eq!(label(key), words);
        }
    }
}
