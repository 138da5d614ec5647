//! Gamma-Gamma: what a customer spends on a purchase, where each has a mean of their own.
//!
//! Fader & Hardie, "The Gamma-Gamma Model of Monetary Value", 2013; it supposes that amounts have nothing to do with how often
//! somebody buys. Only customers with repeats take part. Amounts are in any one currency.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::{digamma, ln_gamma};

use super::estimate::{Estimate, Parametric, estimated};
use crate::convert::real;
use crate::fault::Fault;

/// What a customer spent.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Spending {
    /// Purchases that `mean` is the mean of.
    pub purchases: u32,
    /// Mean amount of a purchase, above 0 where there are any.
    pub mean: f64,
}

/// The model.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct GammaGamma {
    /// Shape of a customer's amounts.
    pub p: f64,
    /// Shape of the scales among customers.
    pub q: f64,
    /// Their scale, in the currency.
    pub v: f64,
}

impl GammaGamma {
    /// Fits to customers; those without purchases are left out.
    ///
    /// # Errors
    /// `Row` for a mean that is not finite and above 0, `TooFewRows` below 10 customers with purchases, `NotConverged` where
    /// the data do not determine the model.
    pub fn fit(spendings: &[Spending]) -> Result<Estimate<Self>, Fault> {
        const NEEDED: usize = 10;
        let is_known = |spending: &&Spending| spending.purchases > 0;
        if let Some(row) = spendings
            .iter()
            .position(|spending| is_known(&spending) && !(spending.mean.is_normal() && spending.mean > 0.0))
        {
            return Err(Fault::Row { row, expected: "the mean amount of purchases must be finite and above 0" });
        }
        let mut known: Vec<Spending> = spendings.iter().filter(is_known).copied().collect();
        if known.len() < NEEDED {
            return Err(Fault::TooFewRows { rows: known.len(), needed: NEEDED });
        }
        known.sort_unstable_by_key(|spending| (spending.purchases, spending.mean.to_bits()));
        let unit = known.iter().map(|spending| spending.mean / real(known.len())).sum::<f64>();
        if !unit.is_normal() {
            return Err(Fault::Parameter { name: "mean", expected: "amounts whose sum is finite" });
        }
        let mut logs = 0.0;
        for spending in &mut known {
            spending.mean /= unit;
            logs += spending.mean.ln();
        }
        let mut objective = |at: &[f64], gradient: &mut [f64]| {
            let Some(model) = Self::of_logarithms(at) else { return f64::INFINITY };
            let [value, by_p, by_q, by_v] = model.sums(&known);
            for (entry, slope) in gradient.iter_mut().zip([by_p * model.p, by_q * model.q, by_v * model.v]) {
                *entry = -slope;
            }
            logs - value
        };
        let customers = real(known.len());
        let (found, covariance) = estimated(&mut objective, vec![1.0, 1.0, 0.0], customers)?;
        let scaled = Self::of_logarithms(&found.at).ok_or(Fault::NotConverged { iterations: found.iterations })?;
        let log_likelihood = -found.value - customers * unit.ln();
        Ok(Estimate { model: Self { v: scaled.v * unit, ..scaled }, log_likelihood, covariance })
    }

    /// Mean amount of a purchase expected of a customer; of one without purchases, that of all customers.
    pub fn expected_mean(&self, spending: &Spending) -> f64 {
        let purchases = f64::from(spending.purchases);
        let spent = if spending.purchases == 0 { 0.0 } else { purchases * spending.mean };
        self.p * (self.v + spent) / (self.p * purchases + self.q - 1.0)
    }

    /// Σ of the log likelihood without its −ln mean, and of its derivatives by p, q and v. Those with as many purchases share
    /// their gamma functions.
    fn sums(&self, known: &[Spending]) -> [f64; 4] {
        let Self { p, q, v } = *self;
        let (ln_gamma_q, psi_q, ln_v) = (ln_gamma(q), digamma(q), v.ln());
        let mut sums = [0.0; 4];
        for same in known.chunk_by(|a, b| a.purchases == b.purchases) {
            let purchases = f64::from(same.first().map_or(0, |spending| spending.purchases));
            let shape = p * purchases;
            let psi = digamma(shape + q);
            let fixed = ln_gamma(shape + q) - ln_gamma(shape) - ln_gamma_q + q * ln_v;
            let (p_slope, q_slope) = (psi - digamma(shape), psi - psi_q + ln_v);
            for spending in same {
                let spent = purchases * spending.mean;
                let (ln_spent, ln_sum) = (spent.ln(), (spent + v).ln());
                let [value, by_p, by_q, by_v] = &mut sums;
                *value += fixed + shape * ln_spent - (shape + q) * ln_sum;
                *by_p += purchases * (p_slope + ln_spent - ln_sum);
                *by_q += q_slope - ln_sum;
                *by_v += q / v - (shape + q) / (spent + v);
            }
        }
        sums
    }
}

impl Parametric for GammaGamma {
    fn logarithms(&self) -> Vec<f64> {
        [self.p, self.q, self.v].map(f64::ln).to_vec()
    }

    fn of_logarithms(logarithms: &[f64]) -> Option<Self> {
        let [p, q, v] = logarithms else { return None };
        Some(Self { p: p.exp(), q: q.exp(), v: v.exp() })
    }
}
