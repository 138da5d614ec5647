//! What is known of the records of a load without looking at them again: how full each field is, its range, and on which
//! days something happened.

use std::collections::{BTreeMap, BTreeSet};

use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::draft::{Draft, Value};
use crate::record::{FieldType, RecordKind};

const DAY_MS: i64 = 86_400_000;

/// Values of a field of text that are counted one by one; a field with more is only counted.
const VALUES_MAX: usize = 12;

/// Facts about the records of one load.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub rows: u64,
    /// By the field's name.
    pub fields: BTreeMap<String, FieldProfile>,
    pub currencies: BTreeMap<String, u64>,
    /// Days on which something happened, as runs of days since 1970: first and last.
    pub days: Vec<(i64, i64)>,
    /// Amounts with decimals beyond the minor unit.
    pub rounded: u64,
}

/// Facts about one field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProfile {
    pub filled: u64,
    pub min: Option<i64>,
    pub max: Option<i64>,
    /// How often each value occurs; empty where there are too many.
    pub values: BTreeMap<String, u64>,
    pub has_many_values: bool,
}

impl FieldProfile {
    fn see(&mut self, value: &Value) {
        match value {
            Value::Integer(None) | Value::Text(None) => {}
            Value::Customer(_) => self.filled += 1,
            Value::Integer(Some(number)) => {
                self.filled += 1;
                self.min = Some(self.min.map_or(*number, |min| min.min(*number)));
                self.max = Some(self.max.map_or(*number, |max| max.max(*number)));
            }
            Value::Text(Some(text)) => {
                self.filled += 1;
                self.count(text, 1);
            }
        }
    }

    fn count(&mut self, text: &str, times: u64) {
        if self.has_many_values {
            return;
        }
        if let Some(count) = self.values.get_mut(text) {
            *count += times;
        } else if self.values.len() < VALUES_MAX {
            self.values.insert(text.to_owned(), times);
        } else {
            self.has_many_values = true;
            self.values.clear();
        }
    }

    fn join(&mut self, other: &Self) {
        self.filled += other.filled;
        self.min = self.min.into_iter().chain(other.min).min();
        self.max = self.max.into_iter().chain(other.max).max();
        self.has_many_values |= other.has_many_values;
        if self.has_many_values {
            self.values.clear();
        }
        for (text, times) in &other.values {
            self.count(text, *times);
        }
    }
}

/// Gathers facts while records pass by.
#[derive(Debug)]
pub struct Profiler {
    kind: RecordKind,
    rows: u64,
    rounded: u64,
    fields: Vec<FieldProfile>,
    currencies: BTreeMap<String, u64>,
    days: BTreeSet<i64>,
}

impl Profiler {
    #[must_use]
    pub fn new(kind: RecordKind) -> Self {
        let fields = vec![FieldProfile::default(); kind.fields().len()];
        Self { kind, rows: 0, rounded: 0, fields, currencies: BTreeMap::new(), days: BTreeSet::new() }
    }

    /// Takes a record into account.
    pub fn see(&mut self, draft: &Draft) {
        self.rows += 1;
        self.rounded += u64::from(draft.is_rounded);
        for ((field, profile), value) in self.kind.fields().iter().zip(&mut self.fields).zip(&draft.values) {
            match (field.holds, value) {
                (FieldType::Currency, Value::Text(Some(code))) => match self.currencies.get_mut(code) {
                    Some(count) => *count += 1,
                    None => _ = self.currencies.insert(code.clone(), 1),
                },
                (FieldType::Instant, Value::Integer(Some(at_ms))) if field.name == "at" => {
                    self.days.insert(at_ms.div_euclid(DAY_MS));
                }
                _ => {}
            }
            profile.see(value);
        }
    }

    /// The facts.
    #[must_use]
    pub fn finish(self) -> Profile {
        let names = self.kind.fields().iter().map(|field| field.name.to_owned());
        Profile {
            rows: self.rows,
            rounded: self.rounded,
            fields: names.zip(self.fields).collect(),
            currencies: self.currencies,
            days: runs(self.days.into_iter()),
        }
    }
}

impl Profile {
    /// The facts of several loads together.
    #[must_use]
    pub fn together<'a>(profiles: impl Iterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        let mut days = BTreeSet::new();
        for profile in profiles {
            all.rows += profile.rows;
            all.rounded += profile.rounded;
            for (name, field) in &profile.fields {
                all.fields.entry(name.clone()).or_default().join(field);
            }
            for (code, count) in &profile.currencies {
                *all.currencies.entry(code.clone()).or_default() += count;
            }
            for (first, last) in &profile.days {
                days.extend(*first..=*last);
            }
        }
        all.days = runs(days.into_iter());
        all
    }

    /// The longest span of whole days without anything: its first and last day as instants, and how many they are.
    #[must_use]
    pub fn longest_gap(&self) -> Option<(UnixMillis, UnixMillis, i64)> {
        let pairs = self.days.iter().zip(self.days.iter().skip(1));
        let gaps = pairs.map(|((_, last), (first, _))| (*last + 1, *first - 1));
        let longest = gaps.max_by_key(|(from, to)| to - from)?;
        Some((longest.0 * DAY_MS, longest.1 * DAY_MS, longest.1 - longest.0 + 1))
    }

    /// Days on which something happened.
    #[must_use]
    pub fn days_seen(&self) -> i64 {
        self.days.iter().map(|(first, last)| last - first + 1).sum()
    }
}

fn runs(days: impl Iterator<Item = i64>) -> Vec<(i64, i64)> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == day => *last = day,
            _ => runs.push((day, day)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(at_ms: i64, channel: &str) -> Draft {
        let text = |text: &str| Value::Text(Some(text.to_owned()));
        let values = vec![
            Value::Customer("a".to_owned()),
            Value::Integer(Some(at_ms)),
            text(channel),
            Value::Text(None),
            text("x"),
        ];
        Draft { values, is_rounded: false }
    }

    #[test]
    fn ranges_and_gaps_of_several_loads_are_those_of_all_records() {
        let mut one = Profiler::new(RecordKind::Touches);
        let mut other = Profiler::new(RecordKind::Touches);
        for day in [10, 11, 20] {
            one.see(&touch(day * DAY_MS + 5, "email"));
        }
        other.see(&touch(12 * DAY_MS, "ads"));
        let all = Profile::together([one.finish(), other.finish()].iter());
        assert_eq!((all.rows, all.days.as_slice()), (4, [(10, 12), (20, 20)].as_slice()));
        assert_eq!(all.longest_gap(), Some((13 * DAY_MS, 19 * DAY_MS, 7)));
        assert_eq!(all.fields["at"].min, Some(10 * DAY_MS + 5));
        assert_eq!(all.fields["channel"].values["email"], 3);
        assert_eq!(all.fields["action"].filled, 0);
    }
}
