//! Pareto/NBD: customers buy at a rate of their own and may leave at any time.
//!
//! Schmittlein, Morrison & Colombo, Counting Your Customers, Management Science 33(1), 1987. Rates of purchase and of leaving
//! are gamma distributed. The likelihood is the integral over the time of leaving from which the papers' hypergeometric
//! functions come (Fader & Hardie, "A Note on Deriving the Pareto/NBD Model", 2005, equation 15), which also has a gradient.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::estimate::{Estimate, Parametric, estimated};
use super::quadrature::RULE;
use super::rising::rising;
use super::{Cohort, Group, History, PurchaseModel};
use crate::fault::Fault;

/// Groups that one task goes through; fixed, so that sums come out alike for any number of threads.
const CHUNK: usize = 256;

/// The model.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct ParetoNbd {
    /// Shape of the rates of purchase.
    pub r: f64,
    /// Their scale, in units of time.
    pub alpha: f64,
    /// Shape of the rates of leaving.
    pub s: f64,
    /// Their scale, in units of time.
    pub beta: f64,
}

impl ParetoNbd {
    /// Fits to customers.
    ///
    /// # Errors
    /// `TooFewRows` below 10 customers, `Row` for a history that cannot be, `Constant` where nobody bought again,
    /// `NotConverged` where the data do not determine the model.
    pub fn fit(histories: &[History]) -> Result<Estimate<Self>, Fault> {
        let cohort = Cohort::of(histories)?;
        let mut objective = |at: &[f64], gradient: &mut [f64]| {
            let Some(model) = Self::of_logarithms(at) else { return f64::INFINITY };
            let [value, by_parameter @ ..] = model.sums(&cohort);
            let parameters = [model.r, model.alpha, model.s, model.beta];
            for ((entry, slope), parameter) in gradient.iter_mut().zip(by_parameter).zip(parameters) {
                *entry = -slope * parameter;
            }
            -value
        };
        let (found, covariance) = estimated(&mut objective, vec![0.0; 4], cohort.customers)?;
        let scaled = Self::of_logarithms(&found.at).ok_or(Fault::NotConverged { iterations: found.iterations })?;
        // In units of the mean age, the density of each purchase is so many times larger.
        let repeats: f64 = cohort.repeats.iter().map(|(count, customers)| f64::from(*count) * customers).sum();
        let log_likelihood = -found.value - repeats * cohort.unit.ln();
        let model = Self { alpha: scaled.alpha * cohort.unit, beta: scaled.beta * cohort.unit, ..scaled };
        Ok(Estimate { model, log_likelihood, covariance })
    }

    /// Log likelihood, and its derivatives by r, α, s and β.
    fn sums(&self, cohort: &Cohort) -> [f64; 5] {
        let Self { r, alpha, s, beta } = *self;
        let (ln_alpha, ln_beta) = (alpha.ln(), beta.ln());
        let mut sums = [0.0; 5];
        for ((value, slope), (_, customers)) in rising(r, &cohort.repeats).into_iter().zip(&cohort.repeats) {
            let part = [value + r * ln_alpha + s * ln_beta, slope + ln_alpha, r / alpha, ln_beta, s / beta];
            added(&mut sums, part.map(|entry| entry * customers));
        }
        let parts = cohort.groups.par_chunks(CHUNK).map(|groups| {
            let mut sums = [0.0; 5];
            for group in groups {
                added(&mut sums, self.group_sums(group));
            }
            sums
        });
        for part in parts.collect::<Vec<_>>() {
            added(&mut sums, part);
        }
        sums
    }

    fn group_sums(&self, group: &Group) -> [f64; 5] {
        let Self { r, alpha, s, beta } = *self;
        let Group { repeats, last, age, customers, .. } = *group;
        let shape = r + repeats;
        let (alpha_age, beta_age) = (alpha + age, beta + age);
        let (ln_alpha_age, ln_beta_age) = (alpha_age.ln(), beta_age.ln());
        let stayed = -shape * ln_alpha_age - s * ln_beta_age;
        let left = self.left(repeats, last, age);
        let top = stayed.max(left.log_weight);
        let (stayed_weight, left_weight) = ((stayed - top).exp(), (left.log_weight - top).exp());
        let sum = stayed_weight + left_weight;
        let (stayed_share, left_share) = (stayed_weight / sum, left_weight / sum);
        let part = [
            top + sum.ln(),
            -stayed_share * ln_alpha_age - left_share * left.ln_alpha,
            -shape * (stayed_share / alpha_age + left_share * left.by_alpha),
            -stayed_share * ln_beta_age + left_share * (1.0 / s - left.ln_beta),
            -s * stayed_share / beta_age - (s + 1.0) * left_share * left.by_beta,
        ];
        part.map(|entry| entry * customers)
    }

    /// The case that the customer left between the last purchase and today: s ∫ (α + y)^−(r + x) (β + y)^−(s + 1) dy.
    fn left(&self, repeats: f64, last: f64, age: f64) -> Left {
        /// The integrand falls by e^40 at most; the rest is below the last digit.
        const FALL_MAX: f64 = 40.0;
        let Self { r, alpha, s, beta } = *self;
        if age <= last {
            return Left { log_weight: f64::NEG_INFINITY, ..Left::default() };
        }
        let shape = r + repeats;
        // By the logarithm of time past the smaller scale, the integrand falls no faster than an exponential.
        let smaller = alpha.min(beta);
        let start = (last + smaller).ln();
        let rate = shape * (last + smaller) / (alpha + last) + (s + 1.0) * (last + smaller) / (beta + last) - 1.0;
        let full = (age + smaller).ln() - start;
        let width = if rate > 0.0 { full.min(FALL_MAX / rate) } else { full };
        let log_of =
            |time: f64, ln_alpha: f64, ln_beta: f64| (time + smaller).ln() - shape * ln_alpha - (s + 1.0) * ln_beta;
        let at_start = log_of(last, (alpha + last).ln(), (beta + last).ln());
        let mut found = Left::default();
        let mut sum = 0.0;
        for (point, weight) in RULE.iter() {
            let shifted = (start + width * 0.5 * (point + 1.0)).exp();
            let time = shifted - smaller;
            let (ln_alpha, ln_beta) = ((alpha + time).ln(), (beta + time).ln());
            let log_density = shifted.ln() - shape * ln_alpha - (s + 1.0) * ln_beta;
            let density = weight * (log_density - at_start).exp();
            sum += density;
            found.ln_alpha += density * ln_alpha;
            found.ln_beta += density * ln_beta;
            found.by_alpha += density / (alpha + time);
            found.by_beta += density / (beta + time);
        }
        for mean in [&mut found.ln_alpha, &mut found.ln_beta, &mut found.by_alpha, &mut found.by_beta] {
            *mean /= sum;
        }
        found.log_weight = s.ln() + at_start + (0.5 * width * sum).ln();
        found
    }
}

/// Weight of the case that the customer left, and means over the time of leaving.
#[derive(Default)]
struct Left {
    log_weight: f64,
    ln_alpha: f64,
    by_alpha: f64,
    ln_beta: f64,
    by_beta: f64,
}

fn added(sums: &mut [f64; 5], part: [f64; 5]) {
    sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
}

impl PurchaseModel for ParetoNbd {
    fn probability_alive(&self, history: &History) -> f64 {
        let repeats = f64::from(history.repeats);
        let stayed = -(self.r + repeats) * (self.alpha + history.age).ln() - self.s * (self.beta + history.age).ln();
        let left = self.left(repeats, history.last, history.age).log_weight;
        1.0 / (1.0 + (left - stayed).exp())
    }

    /// Fader & Hardie 2005, equation 41.
    fn expected_purchases(&self, history: &History, horizon: f64) -> f64 {
        let rate = (self.r + f64::from(history.repeats)) / (self.alpha + history.age);
        self.probability_alive(history) * rate * self.time_left(self.beta + history.age, horizon)
    }

    fn expected_of_new(&self, horizon: f64) -> f64 {
        self.r / self.alpha * self.time_left(self.beta, horizon)
    }
}

impl ParetoNbd {
    /// Expected time until a customer who is there leaves, at most `horizon`.
    fn time_left(&self, scale: f64, horizon: f64) -> f64 {
        if horizon.is_nan() || horizon <= 0.0 {
            return 0.0;
        }
        let shape = self.s - 1.0;
        let logarithm = (scale / (scale + horizon)).ln();
        if shape.abs() < 1e-9 { -scale * logarithm } else { -scale * (shape * logarithm).exp_m1() / shape }
    }
}

impl Parametric for ParetoNbd {
    fn logarithms(&self) -> Vec<f64> {
        [self.r, self.alpha, self.s, self.beta].map(f64::ln).to_vec()
    }

    fn of_logarithms(logarithms: &[f64]) -> Option<Self> {
        let [r, alpha, s, beta] = logarithms else { return None };
        Some(Self { r: r.exp(), alpha: alpha.exp(), s: s.exp(), beta: beta.exp() })
    }
}
