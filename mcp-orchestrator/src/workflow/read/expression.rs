//! Expressions at their places: what they can name there, and their faults with line and column.

use common::error::{Error, Result};
use serde_json::Value;

use super::Reader;
use super::place::Place;
use crate::workflow::expression::Template;
use crate::workflow::source::Content;

/// What every expression of a run can name.
pub(super) const STANDARD: [&str; 6] = ["context", "input", "output", "task", "workflow", "runtime"];

impl Reader {
    /// What expressions can name at the present place.
    pub(super) fn known(&self) -> Vec<&str> {
        STANDARD.into_iter().chain(self.locals.iter().map(String::as_str)).collect()
    }

    /// Any JSON with `${ … }` in it.
    pub(super) fn template(&mut self, place: &Place<'_>) -> Option<Template> {
        let compiled = Template::compile(place.value(), &self.known());
        self.compiled(place, compiled)
    }

    /// A condition or another text that is jq with or without `${ … }`.
    pub(super) fn jq(&mut self, place: &Place<'_>) -> Option<Template> {
        let text = match &place.node.content {
            Content::Text(text) => text.clone(),
            Content::Bool(truth) => truth.to_string(),
            _ => {
                place.text(self, "a jq expression", Some("${ .contact.email != null }"));
                return None;
            }
        };
        let compiled = Template::compile_jq(&text, &self.known());
        self.compiled(place, compiled)
    }

    /// `from` and `as`: jq, or a map with `${ … }` in it.
    pub(super) fn shape(&mut self, place: &Place<'_>) -> Option<Template> {
        match &place.node.content {
            Content::Text(_) => self.jq(place),
            Content::Map(_) => self.template(place),
            _ => {
                let problem = format!("{} stands here", place.node.kind());
                self.flaw_like(
                    place,
                    problem,
                    "a jq expression, or a map with expressions in it",
                    Some("${ .contact }"),
                );
                None
            }
        }
    }

    /// A text, with or without an expression for the whole of it.
    pub(super) fn words(&mut self, place: &Place<'_>, example: &str) -> Option<Template> {
        place.text(self, "a text, or `${ … }`", Some(example))?;
        self.template(place)
    }

    /// An optional part, read as said: none where there is a flaw in it, none within where it is absent.
    #[expect(clippy::option_option, reason = "a flaw has been told of, and absence is none")]
    pub(super) fn optional<'d, T>(
        &mut self,
        place: Option<Place<'d>>,
        read: impl FnOnce(&mut Self, &Place<'d>) -> Option<T>,
    ) -> Option<Option<T>> {
        match place {
            None => Some(None),
            Some(place) => read(self, &place).map(Some),
        }
    }

    /// A compiled expression, or its faults at their places.
    pub(super) fn compiled(&mut self, place: &Place<'_>, compiled: Result<Template, Error>) -> Option<Template> {
        match compiled {
            Ok(template) => Some(template),
            Err(error) => {
                for fault in &error.details().faults {
                    let mark = place.node.mark_of(&fault.field);
                    let pointer = format!("{}{}", place.pointer, fault.field);
                    // Faults carry JSON; a text of YAML reads better.
                    let example = fault.example.as_deref().map(|example| match serde_json::from_str(example) {
                        Ok(Value::String(text)) => text,
                        _ => example.to_owned(),
                    });
                    self.push(mark, pointer, fault.problem.clone(), fault.expected.clone(), example.as_deref());
                }
                None
            }
        }
    }

    /// Reads something in which one more name is known.
    pub(super) fn knowing<T>(&mut self, names: &[&str], read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.locals.len();
        self.locals.extend(names.iter().map(|name| (*name).to_owned()));
        let outcome = read(self);
        self.locals.truncate(before);
        outcome
    }

    /// A name that expressions can use.
    pub(super) fn variable<'d>(&mut self, place: Option<Place<'d>>, otherwise: &'d str) -> Option<&'d str> {
        let Some(place) = place else { return Some(otherwise) };
        let expected = "a name of letters, digits and underscores";
        let name = place.text(self, expected, Some(otherwise))?;
        let mut characters = name.chars();
        let is_name = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && characters.all(|other| other.is_ascii_alphanumeric() || other == '_');
        if !is_name {
            self.flaw_like(&place, format!("`{name}` is no name for a variable"), expected, Some(otherwise));
            return None;
        }
        if STANDARD.contains(&name) {
            self.flaw_like(&place, format!("`${name}` means something else already"), expected, Some(otherwise));
            return None;
        }
        Some(name)
    }
}
