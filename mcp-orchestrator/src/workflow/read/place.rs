//! A part of the tree with its pointer: the shapes that are asked for, and flaws where they are not there.

use serde_json::Value;

use super::Reader;
use crate::workflow::flaw::{Flaw, Mark};
use crate::workflow::nearest::nearest;
use crate::workflow::source::{Content, Entry, Node, below};

/// A part of the definition.
#[derive(Clone)]
pub(super) struct Place<'d> {
    pub(super) node: &'d Node,
    pub(super) pointer: String,
}

/// A map whose keys are known.
pub(super) struct Fields<'d> {
    entries: &'d [Entry],
    pointer: String,
    mark: Mark,
}

/// A key that the DSL has and we have not, and what to do instead.
pub(super) type Unsupported = (&'static str, &'static str);

impl Reader {
    pub(super) fn flaw(&mut self, at: &Place<'_>, problem: impl Into<String>, expected: impl Into<String>) {
        self.flaw_like(at, problem, expected, None);
    }

    pub(super) fn flaw_like(
        &mut self,
        at: &Place<'_>,
        problem: impl Into<String>,
        expected: impl Into<String>,
        example: Option<&str>,
    ) {
        self.push(at.node.mark, at.pointer.clone(), problem, expected, example);
    }

    pub(super) fn push(
        &mut self,
        mark: Mark,
        pointer: String,
        problem: impl Into<String>,
        expected: impl Into<String>,
        example: Option<&str>,
    ) {
        let example = example.map(str::to_owned);
        self.flaws.push(Flaw { mark, pointer, problem: problem.into(), expected: expected.into(), example });
    }

    /// Something of the DSL that is not supported, by its name.
    pub(super) fn unsupported(&mut self, at: &Place<'_>, what: &str, instead: &str) {
        self.flaw(at, format!("{what} is not supported"), instead.to_owned());
    }
}

impl<'d> Place<'d> {
    pub(super) fn root(node: &'d Node) -> Self {
        Self { node, pointer: String::new() }
    }

    pub(super) fn value(&self) -> Value {
        self.node.to_value()
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&'d str> {
        match &self.node.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.node.content, Content::Map(_))
    }

    pub(super) fn text(&self, reader: &mut Reader, expected: &str, example: Option<&str>) -> Option<&'d str> {
        let text = self.as_text();
        if text.is_none() {
            let problem = match self.node.content {
                Content::Number(_) | Content::Bool(_) => format!("{} stands here, without quotes", self.node.kind()),
                _ => format!("{} stands here", self.node.kind()),
            };
            reader.flaw_like(self, problem, expected, example);
        }
        text
    }

    /// What stands under a name, if this is a map that has it.
    pub(super) fn under(&self, name: &str) -> Option<Self> {
        let Content::Map(entries) = &self.node.content else { return None };
        let entry = entries.iter().find(|entry| entry.key == name)?;
        Some(Self { node: &entry.value, pointer: below(&self.pointer, name) })
    }

    pub(super) fn boolean(&self, reader: &mut Reader) -> Option<bool> {
        let Content::Bool(truth) = self.node.content else {
            reader.flaw(self, format!("{} stands here", self.node.kind()), "true or false");
            return None;
        };
        Some(truth)
    }

    pub(super) fn count(&self, reader: &mut Reader) -> Option<u32> {
        let count = match &self.node.content {
            Content::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
            _ => None,
        };
        if count.is_none() {
            reader.flaw(self, format!("{} stands here", self.node.kind()), "a whole number from 0");
        }
        count
    }

    pub(super) fn items(&self, reader: &mut Reader, expected: &str, example: Option<&str>) -> Option<Vec<Self>> {
        let Content::List(items) = &self.node.content else {
            reader.flaw_like(self, format!("{} stands here", self.node.kind()), expected, example);
            return None;
        };
        let place = |(index, node)| Self { node, pointer: below(&self.pointer, &format!("{index}")) };
        Some(items.iter().enumerate().map(place).collect())
    }

    pub(super) fn fields(&self, reader: &mut Reader, expected: &str, example: Option<&str>) -> Option<Fields<'d>> {
        let Content::Map(entries) = &self.node.content else {
            reader.flaw_like(self, format!("{} stands here", self.node.kind()), expected, example);
            return None;
        };
        Some(Fields { entries, pointer: self.pointer.clone(), mark: self.node.mark })
    }

    /// The one name and value of a map with one key: how the DSL writes a named item of a list.
    pub(super) fn named(&self, reader: &mut Reader, example: &str) -> Option<(&'d str, Self)> {
        let expected = "a map with one key, the name";
        let fields = self.fields(reader, expected, Some(example))?;
        let [entry] = fields.entries else {
            let problem = match fields.entries {
                [] => "there is no name".to_owned(),
                [_, second, ..] => format!("there is more than one key: `{}`", second.key),
                [_] => String::new(),
            };
            let expected = format!("{expected}; what belongs to it stands two spaces further right");
            reader.flaw_like(self, problem, expected, Some(example));
            return None;
        };
        Some((&entry.key, Self { node: &entry.value, pointer: below(&self.pointer, &entry.key) }))
    }
}

impl<'d> Fields<'d> {
    pub(super) fn get(&self, name: &str) -> Option<Place<'d>> {
        let entry = self.entries.iter().find(|entry| entry.key == name)?;
        Some(Place { node: &entry.value, pointer: below(&self.pointer, name) })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All of them, in their order.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'d str, Place<'d>)> {
        self.entries
            .iter()
            .map(|entry| (entry.key.as_str(), Place { node: &entry.value, pointer: below(&self.pointer, &entry.key) }))
    }

    pub(super) fn require(&self, reader: &mut Reader, name: &str, expected: &str, example: &str) -> Option<Place<'d>> {
        let place = self.get(name);
        if place.is_none() {
            let problem = format!("`{name}` is missing");
            reader.push(self.mark, self.pointer.clone(), problem, expected, Some(example));
        }
        place
    }

    /// Refuses keys that are not among these; those that only the DSL has are named as such.
    pub(super) fn only(&self, reader: &mut Reader, known: &[&str], unsupported: &[Unsupported]) {
        for entry in self.entries {
            let key = entry.key.as_str();
            if known.contains(&key) {
                continue;
            }
            let pointer = below(&self.pointer, key);
            if let Some((_, instead)) = unsupported.iter().find(|(name, _)| *name == key) {
                reader.push(entry.mark, pointer, format!("`{key}` is not supported"), *instead, None);
                continue;
            }
            let expected = meant(key, known);
            reader.push(entry.mark, pointer, format!("there is no `{key}` here"), expected, None);
        }
    }
}

/// Which of the known keys may have been meant.
fn meant(key: &str, known: &[&str]) -> String {
    if let Some(close) = nearest(key, known.iter().copied(), 1).first() {
        return format!("did you mean `{close}`?");
    }
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    if known.is_empty() { "nothing".to_owned() } else { format!("one of {}", known.join(", ")) }
}
