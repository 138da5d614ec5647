//! Words that people use and the vendor does not, kept by hand in `words.txt`: of a family, of operations that begin alike,
//! or of one operation.

use std::collections::HashMap;

use super::super::operation::Operation;

const WORDS: &str = include_str!("words.txt");

/// The words by what they are about.
pub(super) struct Hints {
    own: HashMap<&'static str, &'static str>,
    /// Beginnings of names, with their dash.
    beginnings: Vec<(&'static str, &'static str)>,
}

impl Hints {
    pub(super) fn new() -> Self {
        let lines = WORDS.lines().filter(|line| !line.starts_with('#'));
        let own: HashMap<_, _> = lines.filter_map(|line| line.split_once(": ")).collect();
        let beginnings = own.iter().filter(|(about, _)| about.ends_with('-')).map(|(about, words)| (*about, *words));
        let beginnings = beginnings.collect();
        Self { own, beginnings }
    }

    /// The words of an operation alone.
    pub(super) fn own(&self, operation: &Operation) -> Option<&'static str> {
        self.own.get(&*operation.id).copied()
    }

    /// Those that it shares.
    pub(super) fn shared(&self, operation: &Operation) -> Vec<&'static str> {
        let begins = |about: &str| operation.local_id().starts_with(about);
        let alike = self.beginnings.iter().filter(|(about, _)| begins(about)).map(|(_, words)| *words);
        alike.chain(self.own.get(&*operation.family).copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn what_has_words_exists() {
        let catalogue = Catalogue::embedded().unwrap();
        for about in Hints::new().own.keys() {
            let is_there = match about.split_once('.') {
                Some(_) => catalogue.operation(about).is_some_and(|operation| operation.id == *about),
                None => about.ends_with('-') || catalogue.family(about).is_some(),
            };
            assert!(is_there, "{about}");
        }
    }
}
