//! Custom objects: the kinds of record that a location has made up itself, and the records of them.

use std::collections::BTreeMap;

use crate::custom_field::{FieldValue, Kind, Misfit};
use crate::record_id::RecordId;

/// A kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomObject {
    /// `custom_objects.pets`: what it goes by in every address.
    pub key: RecordId,
    /// `Pet`
    pub singular: String,
    /// `Pets`
    pub plural: String,
    /// Key of the property that names a record, without the object's prefix.
    pub display_key: String,
    /// Contacts, deals and businesses: the vendor's own.
    pub is_standard: bool,
}

/// A property that an object's records have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    pub id: RecordId,
    pub name: String,
    /// Without the object's prefix.
    pub key: String,
    /// Options by what people call them.
    pub kind: Kind,
    /// A sum in the location's currency.
    pub is_money: bool,
    pub options: Vec<PropertyOption>,
}

/// Something that can be chosen: the vendor keeps the key, people see the label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyOption {
    pub key: String,
    pub label: String,
}

/// One record of a custom object.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub id: RecordId,
    pub location_id: Option<RecordId>,
    /// By the property's key; choices by their keys.
    pub values: BTreeMap<String, FieldValue>,
    /// RFC 3339.
    pub created_at: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
}

impl Property {
    /// Makes the property's value of what a caller wrote, choices by label or key.
    ///
    /// # Errors
    /// [`Misfit`] if it takes something else.
    pub fn value_of(&self, text: &str) -> Result<FieldValue, Misfit> {
        let by_label: Vec<&str> = text.split(',').map(|part| self.label(part.trim())).collect();
        Ok(match self.kind.value_of(&by_label.join(", "))? {
            FieldValue::Text(label) if !self.options.is_empty() => FieldValue::Text(self.key_of(label)),
            FieldValue::List(labels) => FieldValue::List(labels.into_iter().map(|label| self.key_of(label)).collect()),
            value => value,
        })
    }

    /// A value as people see it: choices by their labels.
    #[must_use]
    pub fn shown(&self, value: &FieldValue) -> FieldValue {
        match value {
            FieldValue::Text(text) => FieldValue::Text(self.label(text).to_owned()),
            FieldValue::List(keys) => FieldValue::List(keys.iter().map(|key| self.label(key).to_owned()).collect()),
            other => other.clone(),
        }
    }

    fn label<'a>(&'a self, key: &'a str) -> &'a str {
        self.options.iter().find(|option| option.key == key).map_or(key, |option| &option.label)
    }

    fn key_of(&self, label: String) -> String {
        self.options.iter().find(|option| option.label == label).map_or(label, |option| option.key.clone())
    }
}

impl Record {
    /// What the record is called: the value of its object's display property.
    #[must_use]
    pub fn name<'a>(&'a self, object: &CustomObject) -> &'a str {
        match self.values.get(&object.display_key) {
            Some(FieldValue::Text(text)) if !text.is_empty() => text,
            Some(_) | None => self.id.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(kind: fn(Vec<String>) -> Kind) -> Property {
        let option = |key: &str, label: &str| PropertyOption { key: key.to_owned(), label: label.to_owned() };
        let options = vec![option("ppo", "Preferred"), option("hmo", "Closed")];
        let labels = options.iter().map(|option| option.label.clone()).collect();
        let id = "p1".parse().unwrap();
        let (name, key) = ("Network".to_owned(), "network".to_owned());
        Property { id, name, key, kind: kind(labels), is_money: false, options }
    }

    #[test]
    fn choices_are_given_by_label_or_key_and_kept_by_key() {
        let one = network(Kind::Choice);
        for text in ["Preferred", "preferred", "ppo"] {
            assert_eq!(one.value_of(text), Ok(FieldValue::Text("ppo".to_owned())), "{text}");
        }
        assert!(matches!(one.value_of("open"), Err(Misfit::NotAnOption(_))));
        let several = network(Kind::Choices);
        let both = FieldValue::List(vec!["hmo".to_owned(), "ppo".to_owned()]);
        assert_eq!(several.value_of("hmo, Preferred"), Ok(both.clone()));
        let labels = FieldValue::List(vec!["Closed".to_owned(), "Preferred".to_owned()]);
        assert_eq!(several.shown(&both), labels);
    }

    #[test]
    fn commas_in_plain_texts_stay() {
        let plain = Property { kind: Kind::Text, options: Vec::new(), ..network(Kind::Choice) };
        assert_eq!(plain.value_of("Smith, John"), Ok(FieldValue::Text("Smith, John".to_owned())));
    }
}
