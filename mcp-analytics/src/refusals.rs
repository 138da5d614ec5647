//! Rows that were not taken: how many, why, and where the first ones stand.

use std::collections::BTreeMap;

/// Rows that are named one by one.
const NAMED_MAX: usize = 20;

/// Reasons that are counted apart; further ones are counted together.
const REASONS_MAX: usize = 30;

/// What was refused of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusals {
    pub total: u64,
    /// The first ones: line and reason.
    pub named: Vec<(u64, String)>,
    pub reasons: BTreeMap<String, u64>,
}

impl Refusals {
    /// Notes a row.
    pub fn note(&mut self, line: u64, reason: String) {
        self.total += 1;
        let key =
            if self.reasons.contains_key(&reason) || self.reasons.len() < REASONS_MAX { &reason } else { "other" };
        match self.reasons.get_mut(key) {
            Some(count) => *count += 1,
            None => _ = self.reasons.insert(key.to_owned(), 1),
        }
        if self.named.len() < NAMED_MAX {
            self.named.push((line, reason));
        }
    }

    /// Whether more than so many percent of all rows were refused.
    #[must_use]
    pub fn exceed(&self, percent: u32, rows_kept: u64) -> bool {
        let all = u128::from(self.total) + u128::from(rows_kept);
        u128::from(self.total) * 100 > all * u128::from(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_refusals_are_counted_and_the_first_are_named() {
        let mut refusals = Refusals::default();
        for line in 1..=100 {
            refusals.note(line, format!("reason {line}"));
        }
        assert_eq!((refusals.total, refusals.named.len(), refusals.reasons.len()), (100, 20, 31));
        assert_eq!(refusals.reasons["other"], 70);
        assert!(refusals.exceed(9, 900) && !refusals.exceed(10, 900));
    }
}
