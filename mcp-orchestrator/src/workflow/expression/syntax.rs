//! What an expression mentions: functions, variables, definitions of its own.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::{Part, Path};

/// What is mentioned, in no particular order, repetitions included.
#[derive(Debug, Default)]
pub(super) struct Mentions<'s> {
    /// Functions, and how many arguments they get.
    pub(super) calls: Vec<(&'s str, usize)>,
    /// Variables that are read, with their `$`.
    pub(super) read: Vec<&'s str>,
    /// Variables that are bound somewhere inside, with their `$`.
    pub(super) bound: Vec<&'s str>,
    /// Functions that are defined inside.
    pub(super) defined: Vec<&'s str>,
    /// How many terms stand within each other at most: how often the evaluator calls itself.
    pub(super) depth: usize,
    within: usize,
}

impl<'s> Mentions<'s> {
    pub(super) fn of(term: &Term<&'s str>) -> Self {
        let mut mentions = Self::default();
        mentions.term(term);
        mentions
    }

    fn terms<'t>(&mut self, terms: impl IntoIterator<Item = &'t Term<&'s str>>)
    where
        's: 't,
    {
        for term in terms {
            self.term(term);
        }
    }

    fn term(&mut self, term: &Term<&'s str>) {
        self.within += 1;
        self.depth = self.depth.max(self.within);
        self.look_at(term);
        self.within -= 1;
    }

    fn look_at(&mut self, term: &Term<&'s str>) {
        match term {
            Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) => {}
            Term::Str(format, parts) => {
                self.calls.extend(format.map(|name| (name, 0)));
                for part in parts {
                    match part {
                        StrPart::Term(term) => self.term(term),
                        StrPart::Str(_) | StrPart::Char(_) => {}
                    }
                }
            }
            Term::Arr(inner) => self.terms(inner.as_deref()),
            Term::Obj(entries) => {
                for (key, value) in entries {
                    self.term(key);
                    self.terms(value);
                }
            }
            Term::Neg(inner) | Term::Label(_, inner) => self.term(inner),
            Term::BinOp(left, operator, right) => {
                self.term(left);
                if let BinaryOp::Pipe(Some(pattern)) = operator {
                    self.pattern(pattern);
                }
                self.term(right);
            }
            Term::Fold(_, items, pattern, arguments) => {
                self.term(items);
                self.pattern(pattern);
                self.terms(arguments);
            }
            Term::TryCatch(tried, caught) => {
                self.term(tried);
                self.terms(caught.as_deref());
            }
            Term::IfThenElse(cases, otherwise) => {
                for (condition, then) in cases {
                    self.term(condition);
                    self.term(then);
                }
                self.terms(otherwise.as_deref());
            }
            Term::Def(definitions, rest) => {
                for definition in definitions {
                    self.defined.push(definition.name);
                    self.term(&definition.body);
                }
                self.term(rest);
            }
            Term::Call(name, arguments) => {
                self.calls.push((name, arguments.len()));
                self.terms(arguments);
            }
            Term::Var(name) => self.read.push(name),
            Term::Path(head, path) => {
                self.term(head);
                self.path(path);
            }
        }
    }

    fn path(&mut self, path: &Path<Term<&'s str>>) {
        for (part, _) in &path.0 {
            match part {
                Part::Index(index) => self.term(index),
                Part::Range(from, to) => self.terms(from.iter().chain(to)),
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern<&'s str>) {
        match pattern {
            Pattern::Var(name) => self.bound.push(name),
            Pattern::Arr(items) => items.iter().for_each(|item| self.pattern(item)),
            Pattern::Obj(entries) => {
                for (key, value) in entries {
                    self.term(key);
                    self.pattern(value);
                }
            }
        }
    }
}
