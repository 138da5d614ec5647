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
        needs.term(term, true);
        needs
    }

    fn terms<'t, 's: 't>(&mut self, terms: impl IntoIterator<Item = &'t Term<&'s str>>, is_root: bool) {
        for term in terms {
            self.term(term, is_root);
        }
    }

    /// `is_root`: whether `.` is there what it is at the beginning.
    fn term(&mut self, term: &Term<&str>, is_root: bool) {
        match term {
            Term::Id | Term::Recurse => self.dot(&[], is_root),
            Term::Num(_) | Term::Break(_) => {}
            Term::Var(name) => self.variable(name, &[]),
            Term::Str(_, parts) => self.text(parts, is_root),
            Term::Arr(inner) => self.terms(inner.as_deref(), is_root),
            Term::Obj(entries) => entries.iter().for_each(|(key, value)| self.entry(key, value.as_ref(), is_root)),
            Term::Neg(inner) | Term::Label(_, inner) => self.term(inner, is_root),
            Term::BinOp(left, operator, right) => self.operation(left, operator, right, is_root),
            Term::Fold(_, items, pattern, arguments) => {
                self.term(items, is_root);
                self.pattern(pattern, is_root);
                for (place, argument) in arguments.iter().enumerate() {
                    self.term(argument, is_root && place == 0);
                }
            }
            Term::TryCatch(tried, caught) => {
                self.term(tried, is_root);
                self.terms(caught.as_deref(), false);
            }
            Term::IfThenElse(cases, otherwise) => {
                for (condition, then) in cases {
                    self.terms([condition, then], is_root);
                }
                match otherwise {
                    Some(otherwise) => self.term(otherwise, is_root),
                    None => self.dot(&[], is_root),
                }
            }
            Term::Def(definitions, rest) => {
                self.dot(&[], is_root);
                self.terms(definitions.iter().map(|definition| &definition.body), false);
                self.term(rest, is_root);
            }
            Term::Call(name, arguments) => {
                let is_indifferent = INDIFFERENT.contains(name) && (!arguments.is_empty() || matches!(*name, "empty" | "true" | "false" | "null"))
                    // With one argument these go through their input.
                    && !(matches!(*name, "any" | "all") && arguments.len() == 1);
                if !is_indifferent {
                    self.dot(&[], is_root);
                }
                self.terms(arguments, is_root);
            }
            Term::Path(head, path) => self.path(head, path, is_root),
        }
    }

    fn operation(&mut self, left: &Term<&str>, operator: &BinaryOp<&str>, right: &Term<&str>, is_root: bool) {
        match operator {
            BinaryOp::Pipe(None) => {
                self.term(left, is_root);
                self.term(right, false);
            }
            BinaryOp::Pipe(Some(pattern)) => {
                self.term(left, is_root);
                self.pattern(pattern, is_root);
                self.term(right, is_root);
            }
            BinaryOp::Comma | BinaryOp::Alt | BinaryOp::Or | BinaryOp::And | BinaryOp::Math(_) | BinaryOp::Cmp(_) => {
                self.terms([left, right], is_root);
            }
            // The answer is `.` with something changed.
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                self.dot(&[], is_root);
                self.terms([left, right], is_root);
            }
        }
    }

    /// `{a}` is `{a: .a}`, `{$a}` is `{a: $a}`.
    fn entry(&mut self, key: &Term<&str>, value: Option<&Term<&str>>, is_root: bool) {
        match (key, value, plain(key)) {
            (_, None, Some(name)) => self.dot(&[name], is_root),
            (Term::Var(_), None, None) => self.term(key, is_root),
            (_, None, None) => {
                self.dot(&[], is_root);
                self.term(key, is_root);
            }
            (_, Some(value), _) => self.terms([key, value], is_root),
        }
    }

    fn path(&mut self, head: &Term<&str>, path: &Path<Term<&str>>, is_root: bool) {
        let mut way = Vec::new();
        let mut is_plain = true;
        for (part, _) in &path.0 {
            match part {
                Part::Index(index) => {
                    if let Some(name) = plain(index).filter(|_| is_plain) {
                        way.push(name);
                    } else {
                        is_plain = false;
                        self.term(index, is_root);
                    }
                }
                Part::Range(from, to) => {
                    is_plain = false;
                    self.terms(from.iter().chain(to), is_root);
                }
            }
        }
        match head {
            Term::Id => self.dot(&way, is_root),
            Term::Var(name) => self.variable(name, &way),
            head => self.term(head, is_root),
        }
    }

    fn text(&mut self, parts: &[StrPart<&str, Term<&str>>], is_root: bool) {
        for part in parts {
            match part {
                StrPart::Term(term) => self.term(term, is_root),
                StrPart::Str(_) | StrPart::Char(_) => {}
            }
        }
    }

    /// Keys of patterns are jq too.
    fn pattern(&mut self, pattern: &Pattern<&str>, is_root: bool) {
        match pattern {
            Pattern::Var(_) => {}
            Pattern::Arr(items) => items.iter().for_each(|item| self.pattern(item, is_root)),
            Pattern::Obj(entries) => {
                for (key, value) in entries {
                    if plain(key).is_none() {
                        self.dot(&[], is_root);
                    }
                    self.term(key, is_root);
                    self.pattern(value, is_root);
                }
            }
        }
    }

    fn dot(&mut self, way: &[String], is_root: bool) {
        if is_root {
            self.dot.take(way);
        }
    }

    fn variable(&mut self, name: &str, way: &[String]) {
        self.variables.entry(name.trim_start_matches('$').to_owned()).or_default().take(way);
    }
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
mod tests {
    use jaq_core::load::Lexer;
    use jaq_core::load::parse::Parser;
    use serde_json::{Value, json};

    use super::*;

    fn shown(needed: &Needed) -> Value {
        match needed {
            Needed::All => json!("all"),
            Needed::Fields(fields) => fields.iter().map(|(name, field)| (name.clone(), shown(field))).collect(),
        }
    }

    #[test]
    fn what_is_looked_at_is_told() {
        for (code, dot) in [
            (".a.b == \"x\"", json!({"a": {"b": "all"}})),
            (".a.b and .a.c.d", json!({"a": {"b": "all", "c": {"d": "all"}}})),
            (".a | .b", json!({"a": "all"})),
            ("{a, b: .c}", json!({"a": "all", "c": "all"})),
            (".a = 1", json!("all")),
            (".a |= . + 1", json!("all")),
            ("if .a then .b end", json!("all")),
            ("if .a then .b else 1 end", json!({"a": "all", "b": "all"})),
            ("\"x\\(.a.b)\"", json!({"a": {"b": "all"}})),
            (".a[.i].c", json!({"a": "all", "i": "all"})),
            (".a[]?.c", json!({"a": "all"})),
            ("length", json!("all")),
            ("any(.a[]; .)", json!("all")),
            ("any(.a[]; .b)", json!({"a": "all", "b": "all"})),
            ("any(.b)", json!("all")),
            ("first", json!("all")),
            ("first(.a[])", json!({"a": "all"})),
            ("reduce .a[] as $x (.n; . + $x)", json!({"a": "all", "n": "all"})),
            (".a as {(.k): $x} | $x", json!("all")),
            (".a as {k: $x} | $x", json!({"a": "all"})),
            ("try .a catch .", json!({"a": "all"})),
            ("[.a, .b] | add", json!({"a": "all", "b": "all"})),
            ("1 + 1", json!({})),
            ("..", json!("all")),
            ("{$x}", json!({})),
            ("{\"a b\"}", json!({"a b": "all"})),
            ("{\"a\\(.k)\"}", json!("all")),
        ] {
            let tokens = Lexer::new(code).lex().expect(code);
            let term = Parser::new(&tokens).parse(Parser::term).expect(code);
            assert_eq!(shown(&Needs::of(&term).dot), dot, "{code}");
        }
    }
}
