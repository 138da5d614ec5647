//! What customers will still buy: purchases to come, whether they are still there, and what that is worth.
//!
//! Times are in any unit, the same everywhere; a fitted model keeps that unit.

pub mod bg_nbd;
pub mod contractual;
pub mod estimate;
pub mod gamma_gamma;
mod hypergeometric;
pub mod pareto_nbd;
pub mod projection;
mod quadrature;
mod rising;

use serde::{Deserialize, Serialize};

use crate::convert::real;
use crate::fault::Fault;

/// What is known of a customer's purchases.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct History {
    /// Purchases after the first.
    pub repeats: u32,
    /// From the first purchase to the last; 0 without repeats.
    pub last: f64,
    /// From the first purchase to today; not before `last`.
    pub age: f64,
}

/// A model of when customers buy and when they leave.
pub trait PurchaseModel: Sync {
    /// The probability that a customer has not left, from 0 to 1.
    fn probability_alive(&self, history: &History) -> f64;

    /// Purchases expected of a customer within `horizon` from today.
    fn expected_purchases(&self, history: &History, horizon: f64) -> f64;

    /// Repeat purchases expected of somebody who buys for the first time today, within `horizon`.
    fn expected_of_new(&self, horizon: f64) -> f64;
}

/// Customers with the same history count as one with weight; times are scaled so that the mean age is 1.
pub(crate) struct Cohort {
    pub(crate) groups: Vec<Group>,
    /// Each number of repeats that occurs, ascending, with its customers.
    pub(crate) repeats: Vec<(u32, f64)>,
    /// The unit of time: the mean age.
    pub(crate) unit: f64,
    pub(crate) customers: f64,
}

pub(crate) struct Group {
    pub(crate) repeats: f64,
    pub(crate) last: f64,
    pub(crate) age: f64,
    pub(crate) customers: f64,
}

impl Cohort {
    /// Checks and groups histories. O(n log n).
    pub(crate) fn of(histories: &[History]) -> Result<Self, Fault> {
        /// Below this no model of four parameters has anything to hold on to.
        const NEEDED: usize = 10;
        if histories.len() < NEEDED {
            return Err(Fault::TooFewRows { rows: histories.len(), needed: NEEDED });
        }
        for (row, history) in histories.iter().enumerate() {
            if let Some(expected) = history.fault() {
                return Err(Fault::Row { row, expected });
            }
        }
        if histories.iter().all(|history| history.repeats == 0) {
            return Err(Fault::Constant { what: "customers, none of whom bought again," });
        }
        let unit = histories.iter().map(|history| history.age / real(histories.len())).sum::<f64>();
        if !unit.is_normal() {
            return Err(Fault::Constant { what: "ages" });
        }
        // Non-negative numbers are in the order of their bits; adding 0 makes -0 the same as 0.
        let key = |history: &History| (history.repeats, (history.last + 0.0).to_bits(), (history.age + 0.0).to_bits());
        let mut keys: Vec<(u32, u64, u64)> = histories.iter().map(key).collect();
        keys.sort_unstable();
        let (mut groups, mut repeats) = (Vec::new(), Vec::<(u32, f64)>::new());
        for same in keys.chunk_by(|a, b| a == b) {
            let Some((count, last, age)) = same.first().copied() else { continue };
            match repeats.last_mut() {
                Some((before, customers)) if *before == count => *customers += real(same.len()),
                _ => repeats.push((count, real(same.len()))),
            }
            let (last, age) = (f64::from_bits(last) / unit, f64::from_bits(age) / unit);
            groups.push(Group { repeats: f64::from(count), last, age, customers: real(same.len()) });
        }
        Ok(Self { groups, repeats, unit, customers: real(histories.len()) })
    }
}

impl History {
    /// What is wrong with it, if anything.
    fn fault(&self) -> Option<&'static str> {
        if !(self.last.is_finite() && self.age.is_finite() && self.last >= 0.0) {
            return Some("times must be finite and not negative");
        }
        if self.last > self.age {
            return Some("the last purchase must not be after today");
        }
        let is_consistent = (self.repeats == 0) == (self.last == 0.0);
        (!is_consistent).then_some("a customer has repeats if and only if the last purchase is after the first")
    }
}
