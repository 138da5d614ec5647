//! What a location says about one of its custom fields, and what is to be changed about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::custom_field::Model;
use crate::record_id::RecordId;

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    Text,
    LongText,
    Number,
    Money,
    Phone,
    Date,
    /// One of its options, in a drop-down list.
    Choice,
    /// Several of its options.
    Choices,
    /// One of its options, as buttons.
    Radio,
    /// Several of its options, as boxes.
    Checkboxes,
    /// A text under each of its options.
    Lines,
    File,
}

impl FieldType {
    /// Whether it is nothing without options.
    #[must_use]
    pub const fn has_options(self) -> bool {
        match self {
            Self::Choice | Self::Choices | Self::Radio | Self::Checkboxes | Self::Lines => true,
            Self::Text | Self::LongText | Self::Number | Self::Money | Self::Phone | Self::Date | Self::File => false,
        }
    }
}

/// A field as the location defines it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    pub id: RecordId,
    pub name: String,
    /// Without its record's prefix: `budget`, where the vendor says `contact.budget`.
    pub key: String,
    pub model: Model,
    /// Absent for a type that we do not know.
    pub field_type: Option<FieldType>,
    pub options: Vec<String>,
}

/// What a field should be; absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DefinitionWrite {
    pub name: Option<String>,
    /// All of them.
    pub options: Option<Vec<String>>,
}

/// How the vendor took the options of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionsForm {
    /// As the specification has them.
    Labelled,
    /// As integrators say that it asks for them.
    Listed,
}

impl DefinitionWrite {
    /// What of it is not so yet, by the names of our arguments.
    #[must_use]
    pub fn differing(&self, field: &Definition) -> Vec<&'static str> {
        let differs = [
            ("name", self.name.as_ref().is_some_and(|name| *name != field.name)),
            ("options", self.options.as_ref().is_some_and(|options| *options != field.options)),
        ];
        differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_so_yet_differs() {
        let field = Definition {
            id: "f1".parse().unwrap(),
            name: "Size".to_owned(),
            key: "size".to_owned(),
            model: Model::Contact,
            field_type: Some(FieldType::Choice),
            options: vec!["S".to_owned(), "L".to_owned()],
        };
        assert!(DefinitionWrite::default().differing(&field).is_empty());
        let same = DefinitionWrite { name: Some("Size".to_owned()), ..DefinitionWrite::default() };
        assert!(same.differing(&field).is_empty());
        let other = DefinitionWrite { options: Some(vec!["S".to_owned()]), ..same };
        assert_eq!(other.differing(&field), ["options"]);
    }
}
