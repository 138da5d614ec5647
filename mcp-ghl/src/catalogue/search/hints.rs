//! Words that people use and the vendor does not, kept by hand in `words.txt`: of a family, of operations that begin alike,
//! or of one operation.

use std::collections::HashMap;

use super::super::Catalogue;
use super::super::operation::Operation;
use super::intent;
use super::words::words;

const WORDS: &str = include_str!("words.txt");

/// How many words of an operation come first to people's minds.
const NEAR: usize = 8;

/// The words by what they are about.
pub(super) struct Hints {
    own: HashMap<&'static str, &'static str>,
    /// Beginnings of names, with their dash.
    beginnings: Vec<(&'static str, &'static str)>,
    /// By the records that a path is about.
    siblings: HashMap<String, Vec<&'static str>>,
}

impl Hints {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let lines = WORDS.lines().filter(|line| !line.starts_with('#'));
        let own: HashMap<_, _> = lines.filter_map(|line| line.split_once(": ")).collect();
        let beginnings = own.iter().filter(|(about, _)| about.ends_with('-')).map(|(about, words)| (*about, *words));
        let beginnings = beginnings.collect();
        let mut siblings: HashMap<String, Vec<&str>> = HashMap::new();
        for operation in catalogue.operations() {
            let Some(own) = own.get(&*operation.id) else { continue };
            let is_noun = |word: &&str| words(word).iter().any(|stem| !intent::is_common(stem));
            let nouns = own.split_whitespace().filter(is_noun);
            siblings.entry(records(operation)).or_default().extend(nouns);
        }
        Self { own, beginnings, siblings }
    }

    /// The words of an operation alone: those that come first to mind, and the others.
    pub(super) fn own(&self, operation: &Operation) -> (Vec<&'static str>, Vec<&'static str>) {
        let own = self.own.get(&*operation.id).copied().unwrap_or_default();
        let telling: Vec<&str> = own.split(' ').filter(|word| !words(word).is_empty()).collect();
        let (near, far) = telling.split_at(telling.len().min(NEAR));
        (near.to_vec(), far.to_vec())
    }

    /// What operations on the same records are called, but for what they do with them.
    pub(super) fn siblings(&self, operation: &Operation) -> Vec<&'static str> {
        self.siblings.get(&records(operation)).cloned().unwrap_or_default()
    }

    /// Those that it shares.
    pub(super) fn shared(&self, operation: &Operation) -> Vec<&'static str> {
        let begins = |about: &str| operation.local_id().starts_with(about);
        let alike = self.beginnings.iter().filter(|(about, _)| begins(about)).map(|(_, words)| *words);
        alike.chain(self.own.get(&*operation.family).copied()).collect()
    }
}

/// A path without what names a record: operations that share it are about the same.
fn records(operation: &Operation) -> String {
    operation.path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{')).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn what_has_words_exists() {
        let catalogue = Catalogue::embedded().unwrap();
        for about in Hints::of(catalogue).own.keys() {
            let is_there = match about.split_once('.') {
                Some(_) => catalogue.operation(about).is_some_and(|operation| operation.id == *about),
                None => about.ends_with('-') || catalogue.family(about).is_some(),
            };
            assert!(is_there, "{about}");
        }
    }
}
