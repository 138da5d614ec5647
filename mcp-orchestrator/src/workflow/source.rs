//! The text of a definition as a tree whose every part knows where it stands.

mod scalar;
mod yaml;

use serde_json::{Map, Number, Value};

use super::flaw::Mark;

pub(super) use yaml::parse;

/// Bytes of one definition.
pub const DEFINITION_BYTES_MAX: usize = 256 * 1024;
/// How deep lists and maps of a definition may be nested.
pub const DEFINITION_DEPTH_MAX: usize = 96;

/// A part of a definition.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) mark: Mark,
    pub(super) content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Where the key stands.
    pub(super) mark: Mark,
    pub(super) value: Node,
}

impl Node {
    /// As JSON.
    pub(super) fn to_value(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(truth) => Value::Bool(*truth),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Content::Map(entries) => {
                let entries = entries.iter().map(|entry| (entry.key.clone(), entry.value.to_value()));
                Value::Object(entries.collect::<Map<_, _>>())
            }
        }
    }

    /// What it is, in words.
    pub(super) const fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "a boolean",
            Content::Number(_) => "a number",
            Content::Text(_) => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }

    /// Where a part of it stands; where it stands itself if it has no such part.
    pub(super) fn mark_of(&self, pointer: &str) -> Mark {
        let mut node = self;
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let part = match &node.content {
                Content::List(items) => token.parse::<usize>().ok().and_then(|place| items.get(place)),
                Content::Map(entries) => entries.iter().find(|entry| entry.key == token).map(|entry| &entry.value),
                Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => None,
            };
            let Some(part) = part else { break };
            node = part;
        }
        node.mark
    }
}

/// A pointer one step further.
pub(super) fn below(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}
