//! Names for ids: what a caller calls a record, matched against the records there are.
//!
//! An exact id wins, then the exact name, then the only name that begins so, then the only one that contains it; case
//! does not matter. What several records could mean is answered by those records, what none does by the nearest few.

use std::collections::HashSet;

use common::error::{Candidate, Error, ErrorCode, Result};
use common::tool::one_line;

/// Most candidates in one answer.
const CANDIDATES_MAX: usize = 5;

/// Longest name shown, in characters.
const NAME_LENGTH_MAX: usize = 80;

/// A record that people call by name.
pub(crate) trait Named {
    fn id(&self) -> &str;
    fn name(&self) -> &str;
    /// Another spelling that also means it, such as a field's key.
    fn alias(&self) -> Option<&str> {
        None
    }
}

/// What is looked for: the argument it came in and the noun it names, for the error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) noun: &'static str,
    pub(crate) text: &'a str,
}

/// Finds the one record that is meant.
///
/// # Errors
/// `invalid_argument` with the candidates if several could be meant; `not_found` with the nearest if none.
pub(crate) fn find<'all, T: Named>(wanted: Wanted<'_>, all: &'all [T]) -> Result<&'all T> {
    if let Some(record) = all.iter().find(|record| record.id() == wanted.text) {
        return Ok(record);
    }
    let text = plain(wanted.text);
    let stages: [fn(&str, &str) -> bool; 3] =
        [|name, text| name == text, |name, text| name.starts_with(text), |name, text| name.contains(text)];
    for matches in stages {
        let spellings = |record: &T| [Some(plain(record.name())), record.alias().map(plain)];
        let means = |record: &&T| spellings(record).into_iter().flatten().any(|name| matches(&name, &text));
        let found: Vec<&T> = all.iter().filter(means).collect();
        match found.as_slice() {
            [] => {}
            [only] => return Ok(only),
            several => return Err(ambiguous(wanted, several)),
        }
        if text.is_empty() {
            break;
        }
    }
    Err(unknown(wanted, all))
}

/// Finds the record that has exactly this id, name or other spelling; `None` if there is none, so that it can be made.
///
/// # Errors
/// `invalid_argument` with the candidates if several have it.
pub(crate) fn exact<'all, T: Named>(wanted: Wanted<'_>, all: &'all [T]) -> Result<Option<&'all T>> {
    if let Some(record) = all.iter().find(|record| record.id() == wanted.text) {
        return Ok(Some(record));
    }
    let text = plain(wanted.text);
    let is_so =
        |record: &&T| plain(record.name()) == text || record.alias().map(plain).is_some_and(|name| name == text);
    let found: Vec<&T> = all.iter().filter(is_so).collect();
    match found.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        several => Err(ambiguous(wanted, several)),
    }
}

/// Several records could be meant.
pub(crate) fn ambiguous<T: Named>(wanted: Wanted<'_>, found: &[&T]) -> Error {
    let noun = wanted.noun;
    let message = format!("{} {noun}s could be meant", found.len());
    Error::new(ErrorCode::InvalidArgument, message)
        .with_hint("name one of the candidates in full, or give its id")
        .with_candidates(found.iter().take(CANDIDATES_MAX).map(|record| candidate(*record)).collect())
}

/// An argument is needed because there are several records to choose from.
pub(crate) fn undecided<T: Named>(noun: &'static str, all: &[T]) -> Error {
    Error::new(ErrorCode::InvalidArgument, format!("`{noun}` is needed: there are {}", all.len()))
        .with_hint(format!("give the name or id of one as `{noun}`"))
        .with_candidates(all.iter().take(CANDIDATES_MAX).map(candidate).collect())
}

/// No record is meant; the nearest are told.
pub(crate) fn unknown<T: Named>(wanted: Wanted<'_>, all: &[T]) -> Error {
    let noun = wanted.noun;
    let text = plain(wanted.text);
    let mut ranked: Vec<(usize, &T)> =
        all.iter().map(|record| (likeness_percent(&text, &plain(record.name())), record)).collect();
    // Stable: equally unlike names stay in the location's own order.
    ranked.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
    let candidates: Vec<Candidate> =
        ranked.into_iter().take(CANDIDATES_MAX).map(|(_, record)| candidate(record)).collect();
    let hint = if candidates.is_empty() {
        format!("there is no {noun} yet")
    } else {
        "the nearest are listed; name one of them, or give its id".to_owned()
    };
    Error::new(ErrorCode::NotFound, format!("no {noun} of this name or id")).with_hint(hint).with_candidates(candidates)
}

fn candidate<T: Named>(record: &T) -> Candidate {
    Candidate { id: record.id().to_owned(), name: one_line(record.name(), NAME_LENGTH_MAX) }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// How alike two texts are, 0 to 100: the share of common letter pairs (Sørensen–Dice).
pub(crate) fn likeness_percent(one: &str, other: &str) -> usize {
    let (one, other) = (pairs(one), pairs(other));
    let common = one.intersection(&other).count();
    (200 * common).checked_div(one.len() + other.len()).unwrap_or(0)
}

fn pairs(text: &str) -> HashSet<(char, char)> {
    text.chars().zip(text.chars().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stage(&'static str, &'static str);

    impl Named for Stage {
        fn id(&self) -> &str {
            self.0
        }
        fn name(&self) -> &str {
            self.1
        }
    }

    const STAGES: &[Stage] = &[
        Stage("s1", "New Lead"),
        Stage("s2", "Contacted"),
        Stage("s3", "Proposal sent"),
        Stage("s4", "Proposal signed"),
    ];

    fn found(text: &str) -> Result<&'static str> {
        find(Wanted { noun: "stage", text }, STAGES).map(|stage| stage.0)
    }

    #[test]
    fn ids_names_beginnings_and_parts_find_the_record() {
        for (text, id) in [("s2", "s2"), ("  new   LEAD", "s1"), ("cont", "s2"), ("signed", "s4")] {
            assert_eq!(found(text).unwrap(), id, "{text}");
        }
    }

    #[test]
    fn ambiguity_is_answered_by_the_candidates() {
        let error = found("proposal").unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument);
        let ids: Vec<&str> = error.details().candidates.iter().map(|candidate| candidate.id.as_str()).collect();
        assert_eq!(ids, ["s3", "s4"]);
    }

    #[test]
    fn the_unknown_is_answered_by_the_nearest() {
        let error = found("contcted").unwrap_err();
        assert_eq!(error.code(), ErrorCode::NotFound);
        assert_eq!(error.details().candidates.first().unwrap().id, "s2");
    }

    #[test]
    fn what_is_to_be_made_if_missing_is_found_by_its_whole_name_only() {
        let exactly = |text| exact(Wanted { noun: "stage", text }, STAGES).unwrap().map(|stage| stage.0);
        assert_eq!(exactly("s2"), Some("s2"));
        assert_eq!(exactly(" new  LEAD "), Some("s1"));
        assert_eq!(exactly("proposal"), None);
    }

    #[test]
    fn nothing_matches_everything() {
        assert_eq!(found("  ").unwrap_err().code(), ErrorCode::NotFound);
    }
}
