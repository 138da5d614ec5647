//! What customers will be worth, in today's money.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::estimate::{Estimate, Interval, Parametric};
use super::gamma_gamma::{GammaGamma, Spending};
use super::{History, PurchaseModel};
use crate::fault::Fault;

/// A customer to look ahead for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Customer {
    /// When they bought.
    pub history: History,
    /// What they spent.
    pub spending: Spending,
}

/// How far to look, and at what price of waiting.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// Periods to look ahead, 1 to 1,200.
    pub periods: u32,
    /// Length of a period, in the unit of the histories.
    pub period: f64,
    /// What a period's wait takes off the value of money: 0.01 for 1 %, 0 or more.
    pub discount_rate: f64,
}

/// What is expected of one customer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Prospect {
    /// The probability that the customer has not left.
    pub alive: f64,
    /// Purchases until the horizon.
    pub purchases: f64,
    /// What they are worth today; revenue, or margin where amounts are margins.
    pub value: f64,
}

/// What is expected of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// One for each customer, in their order.
    pub prospects: Vec<Prospect>,
    /// The sum of their purchases at 95 %. None where the parameters are not sure enough to say.
    pub purchases: Option<Interval>,
    /// The sum of their value at 95 %. None where the parameters are not sure enough to say.
    pub value: Option<Interval>,
}

/// Looks ahead for each customer. O(customers · periods).
///
/// The value of a period counts at its end. The intervals cover that the models were estimated (delta method), the two
/// independently; not that customers act at random, which matters for few customers.
///
/// # Errors
/// `Parameter` for a horizon outside of its range.
pub fn projected<M: PurchaseModel + Parametric>(
    purchases: &Estimate<M>,
    spending: &Estimate<GammaGamma>,
    customers: &[Customer],
    horizon: Horizon,
) -> Result<Projection, Fault> {
    horizon.check()?;
    let prospect = |customer: &Customer| prospect(&purchases.model, &spending.model, customer, horizon);
    let prospects: Vec<Prospect> = customers.par_iter().map(prospect).collect();
    let length = horizon.period * f64::from(horizon.periods);
    let expected = |model: &M| sum(customers, |customer| model.expected_purchases(&customer.history, length));
    // Relative to its size, the sum without discount is as unsure as the one with it, at one period instead of many.
    let worth = |model: &M, amounts: &GammaGamma| {
        let of = |customer: &Customer| {
            model.expected_purchases(&customer.history, length) * amounts.expected_mean(&customer.spending)
        };
        sum(customers, of)
    };
    let of_purchases = purchases.log_variance(|model| worth(model, &spending.model));
    let of_spending = spending.log_variance(|amounts| worth(&purchases.model, amounts));
    let value = of_purchases.zip(of_spending).map(|(a, b)| {
        let spread = (TWO_SIDED_95 * (a + b).sqrt()).exp();
        let estimate = prospects.iter().map(|prospect| prospect.value).sum::<f64>();
        Interval { estimate, low: estimate / spread, high: estimate * spread }
    });
    Ok(Projection { purchases: purchases.interval(TWO_SIDED_95, expected), value, prospects })
}

/// The 97.5th percentile of the normal distribution.
const TWO_SIDED_95: f64 = 1.959_963_984_540_054;

impl Horizon {
    fn check(&self) -> Result<(), Fault> {
        if !(1..=1_200).contains(&self.periods) {
            return Err(Fault::Parameter { name: "periods", expected: "1 to 1,200" });
        }
        if !(self.period.is_finite() && self.period > 0.0) {
            return Err(Fault::Parameter { name: "period", expected: "a number above 0" });
        }
        if !(self.discount_rate.is_finite() && self.discount_rate >= 0.0) {
            return Err(Fault::Parameter { name: "discount_rate", expected: "0 or more" });
        }
        Ok(())
    }
}

fn prospect<M: PurchaseModel>(model: &M, amounts: &GammaGamma, customer: &Customer, horizon: Horizon) -> Prospect {
    let (mut before, mut discounted, mut factor) = (0.0, 0.0, 1.0);
    for period in 1..=horizon.periods {
        let until = model.expected_purchases(&customer.history, horizon.period * f64::from(period));
        factor /= 1.0 + horizon.discount_rate;
        discounted += (until - before) * factor;
        before = until;
    }
    let value = discounted * amounts.expected_mean(&customer.spending);
    Prospect { alive: model.probability_alive(&customer.history), purchases: before, value }
}

/// Sum over customers in their order, whatever the number of threads.
fn sum(customers: &[Customer], of: impl Fn(&Customer) -> f64 + Send + Sync) -> f64 {
    customers.par_iter().map(of).collect::<Vec<f64>>().iter().sum()
}
