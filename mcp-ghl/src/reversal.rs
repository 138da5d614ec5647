//! Taking a change back, as data: the vendor's requests that do it, and what must still hold before they are sent.

mod standing;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use standing::Standing;

/// One request that takes a change back, or a part of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reversal {
    /// What it does, for people: `delete the note`.
    pub says: String,
    pub effect: Effect,
    pub request: Request,
    /// What the record must still say; absent where nobody can have changed it meanwhile.
    pub check: Option<Check>,
    /// What makes the change once more; absent where no single request does.
    pub again: Option<Again>,
}

/// What makes a change once more after it was taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Again {
    pub says: String,
    pub effect: Effect,
    pub request: Request,
}

/// What a request does to the world, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It changes a record.
    Writes,
    /// The vendor may tell a person.
    Reaches,
    /// It deletes a record.
    Deletes,
}

/// A request of the vendor's API. Ids in its path are record ids: they need no escaping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub method: String,
    pub path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The body in versions before v3, where it differs. Which version is asked is known of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older_body: Option<Value>,
}

impl Request {
    #[must_use]
    pub fn new(method: &str, path: String) -> Self {
        Self { method: method.to_owned(), path, query: Vec::new(), body: None, older_body: None }
    }

    #[must_use]
    pub fn get(path: String) -> Self {
        Self::new("GET", path)
    }

    #[must_use]
    pub fn put(path: String, body: Value) -> Self {
        Self::new("PUT", path).with_body(body)
    }

    #[must_use]
    pub fn post(path: String, body: Value) -> Self {
        Self::new("POST", path).with_body(body)
    }

    #[must_use]
    pub fn delete(path: String) -> Self {
        Self::new("DELETE", path)
    }

    #[must_use]
    pub fn with_body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// The same request with a parameter.
    #[must_use]
    pub fn with_query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request with a body that older versions spell so.
    #[must_use]
    pub fn or_body(self, body: Value) -> Self {
        Self { older_body: Some(body), ..self }
    }
}

/// What a record says, and what it has to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub read: Request,
    pub fields: Vec<Field>,
}

/// One field that a change wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// As arguments call it: `first_name`.
    pub name: String,
    /// Where it is in the answer: `/contact/customFields/id=abc/value|fieldValue`. A step that is `key=value` means the
    /// item of a list that has it; alternatives of a step are separated by `|`.
    pub at: String,
    pub before: Value,
    pub written: Value,
    /// Whether a different value stops the reversal even when it is forced: the request would hit another record.
    #[serde(default)]
    pub is_binding: bool,
}

impl Check {
    #[must_use]
    pub fn of(read: Request) -> Self {
        Self { read, fields: Vec::new() }
    }

    /// With a field that went from `before` to `written`.
    #[must_use]
    pub fn field(mut self, name: &str, at: &str, before: impl Into<Value>, written: impl Into<Value>) -> Self {
        let (name, at) = (name.to_owned(), at.to_owned());
        self.fields.push(Field { name, at, before: before.into(), written: written.into(), is_binding: false });
        self
    }

    /// With a field that the change left alone and by which the record is found.
    #[must_use]
    pub fn bound(mut self, name: &str, at: &str, value: impl Into<Value>) -> Self {
        let (name, at, value) = (name.to_owned(), at.to_owned(), value.into());
        self.fields.push(Field { name, at, before: value.clone(), written: value, is_binding: true });
        self
    }

    /// The check of the change that takes this one back.
    #[must_use]
    fn turned(self) -> Self {
        let turn = |field: Field| Field { before: field.written, written: field.before, ..field };
        Self { fields: self.fields.into_iter().map(turn).collect(), ..self }
    }
}

impl Reversal {
    /// A request that changes a record back.
    #[must_use]
    pub fn new(says: impl Into<String>, request: Request) -> Self {
        Self { says: says.into(), effect: Effect::Writes, request, check: None, again: None }
    }

    /// One that deletes what was created.
    #[must_use]
    pub fn deleting(says: impl Into<String>, path: String) -> Self {
        Self { effect: Effect::Deletes, ..Self::new(says, Request::delete(path)) }
    }

    #[must_use]
    pub fn with_check(self, check: Check) -> Self {
        Self { check: Some(check), ..self }
    }

    #[must_use]
    pub fn with_effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// With what makes the change once more.
    #[must_use]
    pub fn with_again(self, says: impl Into<String>, effect: Effect, request: Request) -> Self {
        Self { again: Some(Again { says: says.into(), effect, request }), ..self }
    }

    /// The reversal of this reversal.
    #[must_use]
    pub fn turned(self) -> Option<Self> {
        let Again { says, effect, request } = self.again?;
        let again = Some(Again { says: self.says, effect: self.effect, request: self.request });
        Some(Self { says, effect, request, check: self.check.map(Check::turned), again })
    }
}
