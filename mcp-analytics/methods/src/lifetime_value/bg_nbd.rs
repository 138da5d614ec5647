//! BG/NBD: customers buy at a rate of their own and may leave after each purchase.
//!
//! Fader, Hardie & Lee, "Counting Your Customers" the Easy Way, Marketing Science 24(2), 2005. Rates are gamma distributed,
//! probabilities of leaving beta distributed. Fitted by BFGS on the logarithms of the parameters with the analytic gradient; a
//! step costs O(distinct histories).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::estimate::{Estimate, Parametric, estimated};
use super::hypergeometric::hypergeometric;
use super::rising::rising;
use super::{Cohort, Group, History, PurchaseModel};
use crate::fault::Fault;

/// Groups that one task goes through; fixed, so that sums come out alike for any number of threads.
const CHUNK: usize = 8_192;

/// The model.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct BgNbd {
    /// Shape of the rates of purchase.
    pub r: f64,
    /// Their scale, in units of time.
    pub alpha: f64,
    /// Of the probability of leaving: the more, the likelier.
    pub a: f64,
    /// Of the probability of staying.
    pub b: f64,
}

impl BgNbd {
    /// Fits to customers.
    ///
    /// # Errors
    /// `TooFewRows` below 10 customers, `Row` for a history that cannot be, `Constant` where nobody bought again,
    /// `NotConverged` where the data do not determine the model.
    pub fn fit(histories: &[History]) -> Result<Estimate<Self>, Fault> {
        let cohort = Cohort::of(histories)?;
        let mut objective = |at: &[f64], gradient: &mut [f64]| {
            let Some(model) = Self::of_logarithms(at) else { return f64::INFINITY };
            let sums = model.sums(&cohort);
            let [value, by_parameter @ ..] = sums;
            let parameters = [model.r, model.alpha, model.a, model.b];
            for ((entry, slope), parameter) in gradient.iter_mut().zip(by_parameter).zip(parameters) {
                *entry = -slope * parameter;
            }
            -value
        };
        let (found, covariance) = estimated(&mut objective, vec![0.0, 0.0, 0.0, 0.5], cohort.customers)?;
        let scaled = Self::of_logarithms(&found.at).ok_or(Fault::NotConverged { iterations: found.iterations })?;
        // In units of the mean age, the density of each purchase is so many times larger.
        let repeats: f64 = cohort.repeats.iter().map(|(count, customers)| f64::from(*count) * customers).sum();
        let log_likelihood = -found.value - repeats * cohort.unit.ln();
        let model = Self { alpha: scaled.alpha * cohort.unit, ..scaled };
        Ok(Estimate { model, log_likelihood, covariance })
    }

    /// Log likelihood, and its derivatives by r, α, a and b.
    fn sums(&self, cohort: &Cohort) -> [f64; 5] {
        let mut sums = self.count_sums(cohort);
        let tables = cohort.groups.as_slice();
        if tables.len() <= CHUNK {
            added(&mut sums, self.time_sums(tables));
            return sums;
        }
        let parts: Vec<[f64; 5]> = tables.par_chunks(CHUNK).map(|groups| self.time_sums(groups)).collect();
        for part in parts {
            added(&mut sums, part);
        }
        sums
    }

    /// What depends on the number of purchases only.
    fn count_sums(&self, cohort: &Cohort) -> [f64; 5] {
        let Self { r, alpha, a, b } = *self;
        let tables = rising(r, &cohort.repeats).into_iter().zip(rising(b, &cohort.repeats));
        let tables = tables.zip(rising(a + b, &cohort.repeats)).zip(&cohort.repeats);
        let (ln_alpha, by_alpha) = (alpha.ln(), r / alpha);
        let mut sums = [0.0; 5];
        for ((((of_r, r_slope), (of_b, b_slope)), (of_ab, ab_slope)), (_, customers)) in tables {
            let part =
                [of_r + r * ln_alpha + of_b - of_ab, r_slope + ln_alpha, by_alpha, -ab_slope, b_slope - ab_slope];
            added(&mut sums, part.map(|entry| entry * customers));
        }
        sums
    }

    /// What depends on when purchases were made.
    fn time_sums(&self, groups: &[Group]) -> [f64; 5] {
        let Self { r, alpha, a, b } = *self;
        let ln_a = a.ln();
        let mut sums = [0.0; 5];
        for Group { repeats, last, age, customers, .. } in groups {
            let shape = r + repeats;
            let until_now = (alpha + age).ln();
            let mut part = [-shape * until_now, -until_now, -shape / (alpha + age), 0.0, 0.0];
            if *repeats > 0.0 {
                let until_last = (alpha + last).ln();
                let stay = b + repeats - 1.0;
                // Odds of having left after the last purchase, and their share in the likelihood.
                let odds = ln_a - stay.ln() + shape * (until_now - until_last);
                let left = 1.0 / (1.0 + (-odds).exp());
                let softened = odds.max(0.0) + (-odds.abs()).exp().ln_1p();
                let [value, by_r, by_alpha, by_a, by_b] = &mut part;
                *value += softened;
                *by_r += left * (until_now - until_last);
                *by_alpha += left * shape * (1.0 / (alpha + age) - 1.0 / (alpha + last));
                *by_a = left / a;
                *by_b = -left / stay;
            }
            added(&mut sums, part.map(|entry| entry * customers));
        }
        sums
    }
}

fn added(sums: &mut [f64; 5], part: [f64; 5]) {
    sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
}

impl PurchaseModel for BgNbd {
    /// Fader, Hardie & Lee, "Computing P(alive) using the BG/NBD model", 2008, equation 7.
    fn probability_alive(&self, history: &History) -> f64 {
        if history.repeats == 0 {
            return 1.0;
        }
        let repeats = f64::from(history.repeats);
        let odds = (self.r + repeats) * ((self.alpha + history.age) / (self.alpha + history.last)).ln()
            + (self.a / (self.b + repeats - 1.0)).ln();
        1.0 / (1.0 + odds.exp())
    }

    /// Equation 10 of the paper, with the hypergeometric function in Euler's form, whose terms shrink however long the horizon.
    fn expected_purchases(&self, history: &History, horizon: f64) -> f64 {
        let repeats = f64::from(history.repeats);
        let age = self.alpha + history.age;
        self.expected_of_alive(repeats, age, horizon) * self.probability_alive(history)
    }

    /// Equation 9 of the paper.
    fn expected_of_new(&self, horizon: f64) -> f64 {
        self.expected_of_alive(0.0, self.alpha, horizon)
    }
}

impl BgNbd {
    fn expected_of_alive(&self, repeats: f64, age: f64, horizon: f64) -> f64 {
        if horizon.is_nan() || horizon <= 0.0 {
            return 0.0;
        }
        let z = horizon / (age + horizon);
        // Both have a limit where they meet 1 and 0, from which this is too near to be told apart.
        let a = if (self.a - 1.0).abs() < 1e-7 { 1.0 + 1e-7 } else { self.a };
        let c = a + self.b + repeats - 1.0;
        let c = if c.abs() < 1e-9 { 1e-9 } else { c };
        let Some(series) = hypergeometric(a + self.b - 1.0 - self.r, a - 1.0, c, z) else { return f64::NAN };
        let expected = c / (a - 1.0) * (1.0 - ((a - 1.0) * (age / (age + horizon)).ln()).exp() * series);
        expected.max(0.0)
    }
}

impl Parametric for BgNbd {
    fn logarithms(&self) -> Vec<f64> {
        [self.r, self.alpha, self.a, self.b].map(f64::ln).to_vec()
    }

    fn of_logarithms(logarithms: &[f64]) -> Option<Self> {
        let [r, alpha, a, b] = logarithms else { return None };
        Some(Self { r: r.exp(), alpha: alpha.exp(), a: a.exp(), b: b.exp() })
    }
}
