//! Custom fields: what a location adds to its records, and the values that a record holds.

pub mod definition;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record_id::RecordId;

/// Which records have the field.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    #[default]
    Contact,
    Opportunity,
}

/// A field that a location has added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomField {
    pub id: RecordId,
    pub name: String,
    /// The key without its record's prefix: `budget`, where the vendor says `contact.budget`.
    pub key: String,
    pub model: Model,
    pub kind: Kind,
}

/// What the field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    /// One of these.
    Choice(Vec<String>),
    /// Any of these.
    Choices(Vec<String>),
    /// A list of texts of the user's own.
    List,
    Date,
    /// Files and signatures: not written by us.
    File,
}

/// What a record holds in one field.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomValue {
    pub field_id: String,
    pub value: FieldValue,
}

/// A value of a custom field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    Text(String),
    Number(f64),
    Flag(bool),
    List(Vec<String>),
    /// Files and the like: present, but of no use as a value.
    Opaque,
}

impl FieldValue {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Number(_) | Self::Flag(_) | Self::Opaque => false,
        }
    }
}

/// Why a value does not fit its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    NotANumber,
    NotADate,
    NotAnOption(Vec<String>),
    NotWritable,
}

impl CustomField {
    /// Makes a field's value of what a caller wrote; several choices are separated by commas.
    ///
    /// # Errors
    /// [`Misfit`] if the field takes something else.
    pub fn value_of(&self, text: &str) -> Result<FieldValue, Misfit> {
        self.kind.value_of(text)
    }
}

impl Kind {
    /// Makes a value of this kind of what a caller wrote; several choices are separated by commas.
    ///
    /// # Errors
    /// [`Misfit`] if it takes something else.
    pub fn value_of(&self, text: &str) -> Result<FieldValue, Misfit> {
        let text = text.trim();
        match self {
            Self::Text => Ok(FieldValue::Text(text.to_owned())),
            Self::Number => text.parse().map(FieldValue::Number).map_err(|_| Misfit::NotANumber),
            Self::Choice(options) => option(options, text).map(FieldValue::Text),
            Self::Choices(options) => {
                let chosen = items(text).map(|item| option(options, item)).collect::<Result<_, _>>()?;
                Ok(FieldValue::List(chosen))
            }
            Self::List => Ok(FieldValue::List(items(text).map(str::to_owned).collect())),
            Self::Date => is_date(text).then(|| FieldValue::Text(text.to_owned())).ok_or(Misfit::NotADate),
            Self::File => Err(Misfit::NotWritable),
        }
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// The option in its own spelling. A field without options takes any text.
fn option(options: &[String], text: &str) -> Result<String, Misfit> {
    if options.is_empty() {
        return Ok(text.to_owned());
    }
    let found = options.iter().find(|option| option.trim().to_lowercase() == text.to_lowercase());
    found.cloned().ok_or_else(|| Misfit::NotAnOption(options.to_vec()))
}

/// `2026-11-20`, RFC 3339 full-date, checked for form only.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let all_digits = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    all_digits && parts.iter().map(|part| part.len()).eq([4, 2, 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: Kind) -> CustomField {
        let id = "f1".parse().unwrap();
        CustomField { id, name: "Field".to_owned(), key: "field".to_owned(), model: Model::Contact, kind }
    }

    fn options() -> Vec<String> {
        vec!["Small".to_owned(), "Large".to_owned()]
    }

    #[test]
    fn values_take_the_fields_own_form() {
        let cases = [
            (Kind::Text, " hi ", FieldValue::Text("hi".to_owned())),
            (Kind::Number, "12.5", FieldValue::Number(12.5)),
            (Kind::Choice(options()), "large", FieldValue::Text("Large".to_owned())),
            (Kind::Choices(options()), "small, LARGE", FieldValue::List(options())),
            (Kind::Date, "2026-11-20", FieldValue::Text("2026-11-20".to_owned())),
        ];
        for (kind, text, value) in cases {
            assert_eq!(field(kind).value_of(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(field(Kind::Number).value_of("many"), Err(Misfit::NotANumber));
        assert_eq!(field(Kind::Choice(options())).value_of("medium"), Err(Misfit::NotAnOption(options())));
        assert_eq!(field(Kind::Date).value_of("20.11.2026"), Err(Misfit::NotADate));
        assert_eq!(field(Kind::File).value_of("x"), Err(Misfit::NotWritable));
    }
}
