//! `.a.b[0]` and `$context.a`: most expressions are no more than that, and need no jq and no copy of what they look into.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::Term;
use jaq_core::path::{Opt, Part};
use serde_json::Value;

use super::Scope;

/// A way into a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// The variable that it begins with; `.` otherwise.
    root: Option<String>,
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Field(String),
    Item(usize),
}

impl Path {
    /// The expression as a way, if it is nothing else.
    pub(super) fn of(term: &Term<&str>) -> Option<Self> {
        let (head, parts) = match term {
            Term::Path(head, path) => (&**head, path.0.as_slice()),
            head => (head, [].as_slice()),
        };
        let root = match head {
            Term::Id => None,
            Term::Var(name) => Some(name.trim_start_matches('$').to_owned()),
            _ => return None,
        };
        let steps = parts.iter().map(|(part, opt)| match (part, opt) {
            (Part::Index(index), Opt::Essential) => Step::of(index),
            _ => None,
        });
        Some(Self { root, steps: steps.collect::<Option<_>>()? })
    }

    /// What it leads to; `None` where jq would refuse the way, in jq's words then.
    pub(super) fn find<'a>(&self, scope: Scope<'a>) -> Option<&'a Value> {
        const NOTHING: &Value = &Value::Null;
        let mut found = match &self.root {
            None => scope.dot,
            Some(root) => scope.bound.iter().find(|(name, _)| name == root).map_or(NOTHING, |(_, value)| *value),
        };
        for step in &self.steps {
            found = match (found, step) {
                (Value::Null, _) => NOTHING,
                (Value::Object(fields), Step::Field(name)) => fields.get(name).unwrap_or(NOTHING),
                (Value::Array(items), Step::Item(place)) => items.get(*place).unwrap_or(NOTHING),
                _ => return None,
            };
        }
        Some(found)
    }
}

impl Step {
    fn of(index: &Term<&str>) -> Option<Self> {
        match index {
            Term::Str(None, parts) => {
                let mut name = String::new();
                for part in parts {
                    match part {
                        StrPart::Str(text) => name.push_str(text),
                        StrPart::Char(character) => name.push(*character),
                        StrPart::Term(_) => return None,
                    }
                }
                Some(Self::Field(name))
            }
            Term::Num(digits) => digits.parse().ok().map(Self::Item),
            _ => None,
        }
    }
}
