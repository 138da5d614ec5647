//! Which parts of `.` and of the variables an expression looks at: only those are made into values of jq.
//!
//! Where that cannot be told, it is everything. What is told too much costs time; too little would be wrong.

use std::collections::BTreeMap;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::{Part, Path};

/// Functions that do nothing with their input but hand it to their arguments.
const INDIFFERENT: [&str; 14] = [
    "add", "all", "any", "empty", "error", "false", "first", "isempty", "last", "limit", "null", "range", "skip",
    "true",
];

/// Where `.` is, seen from where it was at the beginning; none where that cannot be told.
type At<'a> = Option<&'a [String]>;

/// What of a value is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Needed {
    All,
    /// These fields, if it is an object; all of it otherwise.
    Fields(BTreeMap<String, Needed>),
}

impl Default for Needed {
    fn default() -> Self {
        Self::Fields(BTreeMap::new())
    }
}

impl Needed {
    /// Goes a way without looking at what it leads to.
    fn touch(&mut self, way: &[String]) {
        if let (Self::Fields(fields), [first, rest @ ..]) = (self, way) {
            fields.entry(first.clone()).or_default().touch(rest);
        }
    }

    /// Looks at what a way leads to.
    fn take(&mut self, way: &[String]) {
        match (self, way) {
            (Self::All, _) => {}
            (whole, []) => *whole = Self::All,
            (Self::Fields(fields), [first, rest @ ..]) => fields.entry(first.clone()).or_default().take(rest),
        }
    }
}

/// What an expression looks at.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) dot: Needed,
    /// By name, without the `$`; those that are bound inside as well.
    pub(super) variables: BTreeMap<String, Needed>,
}

impl Needs {
    pub(super) fn of(term: &Term<&str>) -> Self {
        let mut needs = Self::default();
        needs.term(term, Some(&[]));
        needs
    }

    fn terms<'t, 's: 't>(&mut self, terms: impl IntoIterator<Item = &'t Term<&'s str>>, at: At<'_>) {
        for term in terms {
            self.term(term, at);
        }
    }

    fn term(&mut self, term: &Term<&str>, at: At<'_>) {
        match term {
            Term::Id | Term::Recurse => self.dot(&[], at),
            Term::Num(_) | Term::Break(_) => {}
            Term::Var(name) => self.variable(name, &[]),
            Term::Str(_, parts) => self.text(parts, at),
            Term::Arr(inner) => self.terms(inner.as_deref(), at),
            Term::Obj(entries) => entries.iter().for_each(|(key, value)| self.entry(key, value.as_ref(), at)),
            Term::Neg(inner) | Term::Label(_, inner) => self.term(inner, at),
            Term::BinOp(left, operator, right) => self.operation(left, operator, right, at),
            Term::Fold(_, items, pattern, arguments) => {
                self.term(items, at);
                self.pattern(pattern, at);
                for (place, argument) in arguments.iter().enumerate() {
                    self.term(argument, if place == 0 { at } else { None });
                }
            }
            Term::TryCatch(tried, caught) => {
                self.term(tried, at);
                self.terms(caught.as_deref(), None);
            }
            Term::IfThenElse(cases, otherwise) => {
                for (condition, then) in cases {
                    self.terms([condition, then], at);
                }
                match otherwise {
                    Some(otherwise) => self.term(otherwise, at),
                    None => self.dot(&[], at),
                }
            }
            Term::Def(definitions, rest) => {
                self.dot(&[], at);
                self.terms(definitions.iter().map(|definition| &definition.body), None);
                self.term(rest, at);
            }
            Term::Call(name, arguments) => {
                let is_indifferent = INDIFFERENT.contains(name) && (!arguments.is_empty() || matches!(*name, "empty" | "true" | "false" | "null"))
                    // With one argument these go through their input.
                    && !(matches!(*name, "any" | "all") && arguments.len() == 1);
                if !is_indifferent {
                    self.dot(&[], at);
                }
                self.terms(arguments, at);
            }
            Term::Path(head, path) => self.path(head, path, at),
        }
    }

    fn operation(&mut self, left: &Term<&str>, operator: &BinaryOp<&str>, right: &Term<&str>, at: At<'_>) {
        match operator {
            BinaryOp::Pipe(None) => {
                let way = at.zip(way_of(left)).map(|(at, way)| [at, way.as_slice()].concat());
                match &way {
                    // What it leads to is only looked at as far as the rest does.
                    Some(way) => self.dot.touch(way),
                    None => self.term(left, at),
                }
                self.term(right, way.as_deref());
            }
            BinaryOp::Pipe(Some(pattern)) => {
                self.term(left, at);
                self.pattern(pattern, at);
                self.term(right, at);
            }
            BinaryOp::Comma | BinaryOp::Alt | BinaryOp::Or | BinaryOp::And | BinaryOp::Math(_) | BinaryOp::Cmp(_) => {
                self.terms([left, right], at);
            }
            // The answer is `.` with something changed.
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                self.dot(&[], at);
                self.terms([left, right], at);
            }
        }
    }

    /// `{a}` is `{a: .a}`, `{$a}` is `{a: $a}`.
    fn entry(&mut self, key: &Term<&str>, value: Option<&Term<&str>>, at: At<'_>) {
        match (key, value, plain(key)) {
            (_, None, Some(name)) => self.dot(&[name], at),
            (Term::Var(_), None, None) => self.term(key, at),
            (_, None, None) => {
                self.dot(&[], at);
                self.term(key, at);
            }
            (_, Some(value), _) => self.terms([key, value], at),
        }
    }

    fn path(&mut self, head: &Term<&str>, path: &Path<Term<&str>>, at: At<'_>) {
        let mut way = Vec::new();
        let mut is_plain = true;
        for (part, _) in &path.0 {
            match part {
                Part::Index(index) => {
                    if let Some(name) = plain(index).filter(|_| is_plain) {
                        way.push(name);
                    } else {
                        is_plain = false;
                        self.term(index, at);
                    }
                }
                Part::Range(from, to) => {
                    is_plain = false;
                    self.terms(from.iter().chain(to), at);
                }
            }
        }
        match head {
            Term::Id => self.dot(&way, at),
            Term::Var(name) => self.variable(name, &way),
            head => self.term(head, at),
        }
    }

    fn text(&mut self, parts: &[StrPart<&str, Term<&str>>], at: At<'_>) {
        for part in parts {
            match part {
                StrPart::Term(term) => self.term(term, at),
                StrPart::Str(_) | StrPart::Char(_) => {}
            }
        }
    }

    /// Keys of patterns are jq too.
    fn pattern(&mut self, pattern: &Pattern<&str>, at: At<'_>) {
        match pattern {
            Pattern::Var(_) => {}
            Pattern::Arr(items) => items.iter().for_each(|item| self.pattern(item, at)),
            Pattern::Obj(entries) => {
                for (key, value) in entries {
                    if plain(key).is_none() {
                        self.dot(&[], at);
                    }
                    self.term(key, at);
                    self.pattern(value, at);
                }
            }
        }
    }

    fn dot(&mut self, way: &[String], at: At<'_>) {
        if let Some(at) = at {
            self.dot.take(&[at, way].concat());
        }
    }

    fn variable(&mut self, name: &str, way: &[String]) {
        self.variables.entry(name.trim_start_matches('$').to_owned()).or_default().take(way);
    }
}

/// The way of `.a.b`.
fn way_of(term: &Term<&str>) -> Option<Vec<String>> {
    let (head, parts) = match term {
        Term::Path(head, path) => (&**head, path.0.as_slice()),
        head => (head, [].as_slice()),
    };
    let names = parts.iter().map(|(part, _)| match part {
        Part::Index(index) => plain(index),
        Part::Range(..) => None,
    });
    matches!(head, Term::Id).then(|| names.collect()).flatten()
}

/// A text without anything to be worked out.
fn plain(term: &Term<&str>) -> Option<String> {
    let Term::Str(None, parts) = term else { return None };
    let mut plain = String::new();
    for part in parts {
        match part {
            StrPart::Str(text) => plain.push_str(text),
            StrPart::Char(character) => plain.push(*character),
            StrPart::Term(_) => return None,
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests;
