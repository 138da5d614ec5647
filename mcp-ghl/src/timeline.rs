//! What happened with a contact, put in one order: pure, from lists that are each in an order of their own.

use std::cmp::Ordering;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Tells entries of one instant apart, and is the same whenever they are read: kind and id.
    pub key: String,
    pub what: T,
}

/// Behind which entry a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub at_ms: i64,
    pub key: String,
}

impl<T> Entry<T> {
    /// Newest first.
    fn order(&self, other: &Self) -> Ordering {
        other.at_ms.cmp(&self.at_ms).then_with(|| self.key.cmp(&other.key))
    }

    fn is_behind(&self, place: &Place) -> bool {
        place.at_ms.cmp(&self.at_ms).then_with(|| self.key.cmp(&place.key)) == Ordering::Greater
    }
}

/// Some entries, newest first, and whether more follow.
#[derive(Debug, PartialEq)]
pub struct Cut<T> {
    pub entries: Vec<Entry<T>>,
    pub is_more: bool,
}

/// The next `limit` entries behind a place and not older than `since_ms`. Nothing older than `horizon_ms` is shown: up to
/// there all lists are known to be whole, and something that is not read yet may belong before it.
#[must_use]
pub fn cut<T>(
    mut entries: Vec<Entry<T>>,
    behind: Option<&Place>,
    (since_ms, horizon_ms): (Option<i64>, Option<i64>),
    limit: usize,
) -> Cut<T> {
    entries.retain(|entry| {
        behind.is_none_or(|place| entry.is_behind(place)) && since_ms.is_none_or(|since_ms| entry.at_ms >= since_ms)
    });
    entries.sort_by(Entry::order);
    let known =
        entries.iter().take_while(|entry| horizon_ms.is_none_or(|horizon_ms| entry.at_ms >= horizon_ms)).count();
    let is_beyond = horizon_ms.is_some_and(|horizon_ms| since_ms.is_none_or(|since_ms| since_ms < horizon_ms));
    let is_more = known > limit || is_beyond || known < entries.len();
    entries.truncate(known.min(limit));
    Cut { entries, is_more }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(of: &[(i64, &str)]) -> Vec<Entry<()>> {
        of.iter().map(|(at_ms, key)| Entry { at_ms: *at_ms, key: (*key).to_owned(), what: () }).collect()
    }

    fn keys(cut: &Cut<()>) -> Vec<&str> {
        cut.entries.iter().map(|entry| entry.key.as_str()).collect()
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repetition() {
        let all = entries(&[(5, "b"), (9, "a"), (5, "a"), (1, "z"), (5, "c")]);
        let mut place = None;
        let mut seen = Vec::new();
        loop {
            let page = cut(all.clone(), place.as_ref(), (None, None), 2);
            seen.extend(page.entries.iter().map(|entry| (entry.at_ms, entry.key.clone())));
            let last = page.entries.last().unwrap();
            place = Some(Place { at_ms: last.at_ms, key: last.key.clone() });
            if !page.is_more {
                break;
            }
        }
        let seen: Vec<(i64, &str)> = seen.iter().map(|(at_ms, key)| (*at_ms, key.as_str())).collect();
        assert_eq!(seen, [(9, "a"), (5, "a"), (5, "b"), (5, "c"), (1, "z")]);
    }

    #[test]
    fn what_is_older_than_the_question_is_left_out() {
        let page = cut(entries(&[(5, "a"), (4, "b")]), None, (Some(5), None), 10);
        assert_eq!((keys(&page), page.is_more), (vec!["a"], false));
    }

    #[test]
    fn nothing_is_shown_beyond_what_is_known_to_be_whole() {
        let page = cut(entries(&[(9, "a"), (5, "b"), (3, "c")]), None, (None, Some(5)), 10);
        assert_eq!((keys(&page), page.is_more), (vec!["a", "b"], true));
        let asked_no_further = cut(entries(&[(9, "a"), (3, "c")]), None, (Some(8), Some(5)), 10);
        assert_eq!((keys(&asked_no_further), asked_no_further.is_more), (vec!["a"], false));
    }
}
