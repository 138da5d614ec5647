//! Shifted beta-geometric: customers under contract, who renew or leave at the end of each period.
//!
//! Fader & Hardie, "How to Project Customer Retention", Journal of Interactive Marketing 21(1), 2007. Each customer has a
//! probability of leaving of their own, beta distributed; those who stay are those with a low one, so retention rises.

use serde::{Deserialize, Serialize};

use super::estimate::{Estimate, Parametric, estimated};
use super::rising::rising;
use crate::convert::real;
use crate::fault::Fault;

/// What is known of a contract.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Contract {
    /// How often it was renewed.
    pub renewals: u32,
    /// Whether it runs; otherwise it ended when the next renewal was due.
    pub is_active: bool,
}

/// The model.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Contractual {
    /// Of the probability of leaving: the more, the likelier.
    pub alpha: f64,
    /// Of the probability of staying.
    pub beta: f64,
}

impl Contractual {
    /// Fits to contracts. O(n log n).
    ///
    /// # Errors
    /// `TooFewRows` below 10 contracts, `Constant` where all or none have ended, `NotConverged` where the data do not determine
    /// the model.
    pub fn fit(contracts: &[Contract]) -> Result<Estimate<Self>, Fault> {
        const NEEDED: usize = 10;
        if contracts.len() < NEEDED {
            return Err(Fault::TooFewRows { rows: contracts.len(), needed: NEEDED });
        }
        let is_informed = |contract: &Contract| contract.renewals > 0;
        let ended = contracts.iter().filter(|contract| !contract.is_active).count();
        if ended == 0 || !contracts.iter().any(is_informed) {
            return Err(Fault::Constant { what: "contracts, all of which were renewed or none," });
        }
        let stays = tally(contracts, |contract| contract.renewals);
        let reached = tally(contracts, |contract| contract.renewals.saturating_add(u32::from(!contract.is_active)));
        let ended = real(ended);
        let mut objective = |at: &[f64], gradient: &mut [f64]| {
            let (Some(model), [by_alpha, by_beta]) = (Self::of_logarithms(at), gradient) else { return f64::INFINITY };
            let Self { alpha, beta } = model;
            let mut value = ended * alpha.ln();
            (*by_alpha, *by_beta) = (-ended, 0.0);
            for ((of_beta, slope), (_, customers)) in rising(beta, &stays).into_iter().zip(&stays) {
                value += customers * of_beta;
                *by_beta -= customers * slope * beta;
            }
            for ((of_both, slope), (_, customers)) in rising(alpha + beta, &reached).into_iter().zip(&reached) {
                value -= customers * of_both;
                *by_alpha += customers * slope * alpha;
                *by_beta += customers * slope * beta;
            }
            -value
        };
        let (found, covariance) = estimated(&mut objective, vec![0.0, 0.0], real(contracts.len()))?;
        let model = Self::of_logarithms(&found.at).ok_or(Fault::NotConverged { iterations: found.iterations })?;
        Ok(Estimate { model, log_likelihood: -found.value, covariance })
    }

    /// Share of customers who renew at least so many times.
    pub fn survival(&self, renewals: u32) -> f64 {
        let of = |base: f64| rising(base, &[(renewals, 1.0)]).first().map_or(0.0, |(value, _)| *value);
        (of(self.beta) - of(self.alpha + self.beta)).exp()
    }

    /// The probability that a customer who has renewed so many times does so once more.
    pub fn retention(&self, renewals: u32) -> f64 {
        let stays = self.beta + f64::from(renewals);
        stays / (self.alpha + stays)
    }

    /// Renewals expected of an active customer within `periods` (10,000 at most), each worth less by the price of waiting:
    /// 0 for none, 0.01 for 1 % a period.
    pub fn expected_renewals(&self, contract: &Contract, periods: u32, discount_rate: f64) -> f64 {
        const PERIODS_MAX: u32 = 10_000;
        if !contract.is_active {
            return 0.0;
        }
        let (mut share, mut sum) = (1.0, 0.0);
        for period in 0..periods.min(PERIODS_MAX) {
            share *= self.retention(contract.renewals.saturating_add(period)) / (1.0 + discount_rate);
            sum += share;
        }
        sum
    }
}

/// Each count that occurs, ascending, with its contracts.
fn tally(contracts: &[Contract], of: fn(&Contract) -> u32) -> Vec<(u32, f64)> {
    let mut counts: Vec<u32> = contracts.iter().map(of).collect();
    counts.sort_unstable();
    counts.chunk_by(|a, b| a == b).filter_map(|run| Some((*run.first()?, real(run.len())))).collect()
}

impl Parametric for Contractual {
    fn logarithms(&self) -> Vec<f64> {
        [self.alpha, self.beta].map(f64::ln).to_vec()
    }

    fn of_logarithms(logarithms: &[f64]) -> Option<Self> {
        let [alpha, beta] = logarithms else { return None };
        Some(Self { alpha: alpha.exp(), beta: beta.exp() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contracts of a thousand customers, of whom so many are left after each year.
    fn contracts(left: &[u32]) -> Vec<Contract> {
        let mut contracts = Vec::new();
        for (renewals, pair) in (0..).zip(left.windows(2)) {
            contracts.extend((pair[1]..pair[0]).map(|_| Contract { renewals, is_active: false }));
        }
        let renewals = u32::try_from(left.len() - 1).unwrap();
        contracts.extend((0..left[left.len() - 1]).map(|_| Contract { renewals, is_active: true }));
        contracts
    }

    /// The paper's two groups of customers over seven years: α and β of 0.668 and 3.806, 0.704 and 1.182.
    #[test]
    fn the_parameters_of_the_paper_are_found() {
        let high = contracts(&[1000, 869, 743, 653, 593, 551, 517, 491]);
        let regular = contracts(&[1000, 631, 468, 382, 326, 289, 262, 241]);
        for (contracts, alpha, beta) in [(high, 0.668, 3.806), (regular, 0.704, 1.182)] {
            let found = Contractual::fit(&contracts).unwrap().model;
            assert!((found.alpha - alpha).abs() < 1e-3 && (found.beta - beta).abs() < 2e-3, "{found:?}");
        }
    }

    #[test]
    fn survival_is_the_product_of_retention() {
        let model = Contractual { alpha: 0.7, beta: 1.2 };
        let product: f64 = (0..50).map(|renewals| model.retention(renewals)).product();
        assert!((model.survival(50) / product - 1.0).abs() < 1e-12);
        let first = model.expected_renewals(&Contract { renewals: 0, is_active: true }, 1, 0.0);
        assert!((first - model.retention(0)).abs() < 1e-15);
    }

    #[test]
    fn contracts_of_which_none_has_ended_say_nothing() {
        let found = Contractual::fit(&[Contract { renewals: 2, is_active: true }; 20]);
        assert!(matches!(found, Err(Fault::Constant { .. })));
    }
}
