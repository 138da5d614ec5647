//! Reads a request body field by field and collects every fault, in the words of the vendor's validator.
//!
//! Fields are taken out as they are read; what is left at the end is a property that should not exist.

use std::mem;

use serde_json::{Map, Value};

use crate::sandbox::errors::Refusal;

/// A body being read. [`Body::finish`] says whether all was well.
#[derive(Debug)]
pub(crate) struct Body {
    fields: Map<String, Value>,
    faults: Vec<String>,
    /// `customFields.0.` inside a list, empty at the top.
    place: String,
}

/// What an update does to one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Patch<T> {
    Keep,
    Set(Option<T>),
}

impl<T> Patch<T> {
    pub(crate) fn apply(self, target: &mut Option<T>) {
        if let Self::Set(value) = self {
            *target = value;
        }
    }

    /// The value that it sets, if it sets one.
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => value.as_ref(),
            Self::Keep => None,
        }
    }
}

impl Body {
    /// An absent body reads as an empty object, so that its required fields are named.
    ///
    /// # Errors
    /// 400 when it is not a JSON object.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.is_empty() {
            return Ok(Self::of(Map::new(), String::new()));
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self::of(fields, String::new())),
            Ok(_) | Err(_) => Err(Refusal::bad_request("Unexpected token in JSON: the body must be an object")),
        }
    }

    /// A body of `application/x-www-form-urlencoded`: every field is text.
    pub(crate) fn form(bytes: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(bytes);
        let fields = pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect();
        Self::of(fields, String::new())
    }

    fn of(fields: Map<String, Value>, place: String) -> Self {
        Self { fields, faults: Vec::new(), place }
    }

    /// # Errors
    /// 422 with every fault, unread properties included.
    pub(crate) fn finish(mut self) -> Result<(), Refusal> {
        self.close();
        if self.faults.is_empty() { Ok(()) } else { Err(Refusal::unprocessable(self.faults)) }
    }

    fn close(&mut self) {
        for name in mem::take(&mut self.fields).keys() {
            self.faults.push(format!("{}property {name} should not exist", self.place));
        }
    }

    pub(crate) fn fault(&mut self, name: &str, problem: &str) {
        self.faults.push(format!("{}{name} {problem}", self.place));
    }

    pub(crate) fn raw(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name)
    }

    pub(crate) fn required_text(&mut self, name: &str) -> String {
        match self.raw(name) {
            Some(Value::String(text)) if !text.is_empty() => text,
            Some(Value::String(_)) => self.refuse(name, "should not be empty"),
            Some(_) => self.refuse(name, "must be a string"),
            None => {
                self.fault(name, "must be a string");
                self.refuse(name, "should not be empty")
            }
        }
    }

    fn refuse<T: Default>(&mut self, name: &str, problem: &str) -> T {
        self.fault(name, problem);
        T::default()
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.raw(name)? {
            Value::String(text) => Some(text),
            _ => self.refuse(name, "must be a string"),
        }
    }

    /// Text that may be emptied with null; an empty text empties it too.
    pub(crate) fn nullable_text(&mut self, name: &str) -> Patch<String> {
        match self.raw(name) {
            None => Patch::Keep,
            Some(Value::Null) => Patch::Set(None),
            Some(Value::String(text)) => Patch::Set(Some(text).filter(|text| !text.trim().is_empty())),
            Some(_) => {
                self.fault(name, "must be a string");
                Patch::Keep
            }
        }
    }

    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.raw(name)? {
            Value::Bool(flag) => Some(flag),
            _ => self.refuse(name, "must be a boolean value"),
        }
    }

    pub(crate) fn number(&mut self, name: &str) -> Option<f64> {
        match self.raw(name)?.as_f64() {
            Some(number) => Some(number),
            None => self.refuse(name, "must be a number conforming to the specified constraints"),
        }
    }

    /// A whole number from 1 to `max`.
    pub(crate) fn count(&mut self, name: &str, max: u32) -> Option<u32> {
        let number = self.raw(name)?.as_u64().and_then(|number| u32::try_from(number).ok());
        match number {
            Some(number) if (1..=max).contains(&number) => Some(number),
            Some(_) | None => self.refuse(name, &format!("must be a number from 1 to {max}")),
        }
    }

    pub(crate) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let Value::Array(items) = self.raw(name)? else { return self.refuse(name, "must be an array") };
        let texts: Vec<String> = items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if texts.len() == items.len() { Some(texts) } else { self.refuse(name, "must contain strings only") }
    }

    pub(crate) fn choice(&mut self, name: &str, choices: &[&str]) -> Option<String> {
        let text = self.text(name)?;
        if choices.contains(&text.as_str()) {
            return Some(text);
        }
        self.refuse(name, &format!("must be one of the following values: {}", choices.join(", ")))
    }

    /// An object, read by `read` with its faults counted here.
    pub(crate) fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let Value::Object(fields) = self.raw(name)? else { return self.refuse(name, "must be an object") };
        Some(self.inside(fields, format!("{}{name}.", self.place), read))
    }

    /// A list of objects, each read by `read`.
    pub(crate) fn objects<T>(&mut self, name: &str, read: impl Fn(&mut Self) -> T) -> Option<Vec<T>> {
        let Value::Array(items) = self.raw(name)? else { return self.refuse(name, "must be an array") };
        let mut all = Vec::with_capacity(items.len());
        for (position, item) in items.into_iter().enumerate() {
            let place = format!("{}{name}.{position}.", self.place);
            match item {
                Value::Object(fields) => all.push(self.inside(fields, place, &read)),
                _ => self.faults.push(format!("{place} must be an object")),
            }
        }
        Some(all)
    }

    fn inside<T>(&mut self, fields: Map<String, Value>, place: String, read: impl FnOnce(&mut Self) -> T) -> T {
        let mut inner = Self::of(fields, place);
        let value = read(&mut inner);
        inner.close();
        self.faults.append(&mut inner.faults);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_reported_at_once() {
        let mut body = Body::parse(br#"{"email": 3, "dnd": "yes", "surprise": 1}"#).unwrap();
        body.required_text("locationId");
        body.nullable_text("email");
        body.flag("dnd");

        assert_eq!(
            body.faults,
            [
                "locationId must be a string",
                "locationId should not be empty",
                "email must be a string",
                "dnd must be a boolean value"
            ]
        );
        body.close();
        assert_eq!(body.faults.last().unwrap(), "property surprise should not exist");
    }

    #[test]
    fn faults_inside_lists_name_their_place() {
        let mut body = Body::parse(br#"{"customFields": [{"id": "a"}, {"id": 1, "x": 2}]}"#).unwrap();
        body.objects("customFields", |item| item.required_text("id"));
        assert_eq!(body.faults, ["customFields.1.id must be a string", "customFields.1.property x should not exist"]);
    }
}
