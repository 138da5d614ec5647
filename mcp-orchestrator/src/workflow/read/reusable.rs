//! `use`: what tasks refer to by name.

use std::collections::BTreeMap;

use super::Reader;
use super::place::{Fields, Place, Unsupported};
use crate::workflow::nearest::nearest;
use crate::workflow::task::{Raise, RetryPolicy, Span};

const UNSUPPORTED: [Unsupported; 5] = [
    ("authentications", "no credentials in definitions: connections and peers hold them"),
    ("catalogs", "`run: {workflow: …}` calls another definition"),
    ("extensions", "the steps themselves; every step has a note, an input and an output in the trace anyway"),
    ("functions", "the call itself, or `run: {workflow: …}`"),
    ("secrets", "no secrets in definitions: connections and peers hold them"),
];

/// What `use` holds.
#[derive(Default)]
pub(super) struct Reusable {
    pub(super) retries: BTreeMap<String, RetryPolicy>,
    timeouts: BTreeMap<String, Span>,
    errors: BTreeMap<String, Raise>,
    /// Names whose definition has a flaw: references to them are none.
    flawed: Vec<String>,
}

impl Reader {
    pub(super) fn read_reusable(&mut self, document: &Fields<'_>) {
        let Some(place) = document.get("use") else { return };
        let Some(fields) = place.fields(self, "a map of what tasks refer to by name", None) else { return };
        fields.only(self, &["errors", "retries", "timeouts"], &UNSUPPORTED);
        for (name, place) in self.members(fields.get("retries")) {
            match self.retry_policy(&place) {
                Some(policy) => {
                    self.reusable.retries.insert(name, policy);
                }
                None => self.reusable.flawed.push(name),
            }
        }
        for (name, place) in self.members(fields.get("timeouts")) {
            match self.after(&place) {
                Some(span) => {
                    self.reusable.timeouts.insert(name, span);
                }
                None => self.reusable.flawed.push(name),
            }
        }
        for (name, place) in self.members(fields.get("errors")) {
            match self.error(&place) {
                Some(error) => {
                    self.reusable.errors.insert(name, error);
                }
                None => self.reusable.flawed.push(name),
            }
        }
    }

    fn members<'d>(&mut self, place: Option<Place<'d>>) -> Vec<(String, Place<'d>)> {
        let fields = place.and_then(|place| place.fields(self, "a map by name", None));
        fields.map_or_else(Vec::new, |fields| fields.each().map(|(name, place)| (name.to_owned(), place)).collect())
    }

    /// `timeout`: `{after}` or the name of one.
    pub(super) fn timeout(&mut self, place: &Place<'_>) -> Option<Span> {
        match place.as_text() {
            None => self.after(place),
            Some(name) => {
                let found = self.reusable.timeouts.get(name).cloned();
                self.referred(place, name, found, "use.timeouts", "timeouts")
            }
        }
    }

    fn after(&mut self, place: &Place<'_>) -> Option<Span> {
        let example = "{after: PT10M}";
        let fields = place.fields(self, "`after` with a span", Some(example))?;
        fields.only(self, &["after"], &[]);
        let after = fields.require(self, "after", "the span after which it is given up", example)?;
        self.span(&after)
    }

    /// `raise.error`: an error or the name of one.
    pub(super) fn error_or_name(&mut self, place: &Place<'_>) -> Option<Raise> {
        match place.as_text() {
            None => self.error(place),
            Some(name) => {
                let found = self.reusable.errors.get(name).cloned();
                self.referred(place, name, found, "use.errors", "errors")
            }
        }
    }

    /// What a name refers to, or a flaw that says which names there are.
    pub(super) fn referred<T>(
        &mut self,
        place: &Place<'_>,
        name: &str,
        found: Option<T>,
        holder: &str,
        kind: &str,
    ) -> Option<T> {
        if found.is_some() || self.reusable.flawed.iter().any(|flawed| flawed == name) {
            return found;
        }
        let known: Vec<String> = match kind {
            "timeouts" => self.reusable.timeouts.keys().cloned().collect(),
            "errors" => self.reusable.errors.keys().cloned().collect(),
            _ => self.reusable.retries.keys().cloned().collect(),
        };
        let expected = match (nearest(name, known.iter().map(String::as_str), 1).first(), known.is_empty()) {
            (Some(close), _) => format!("did you mean `{close}`?"),
            (None, true) => format!("a name of `{holder}`, which has none"),
            (None, false) => format!("one of {}", known.join(", ")),
        };
        self.flaw(place, format!("`{holder}` has no `{name}`"), expected);
        None
    }
}
