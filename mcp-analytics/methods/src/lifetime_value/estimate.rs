//! Parameters that were estimated, and how sure they are.

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::optimisation::{Limits, Minimum, Objective, bfgs};

/// A model with positive parameters.
pub trait Parametric: Sized {
    /// The logarithms of its parameters, in their order.
    fn logarithms(&self) -> Vec<f64>;

    /// The model with these; none for another number of them.
    fn of_logarithms(logarithms: &[f64]) -> Option<Self>;
}

/// A model fitted by maximum likelihood.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Estimate<M> {
    /// The likeliest one.
    pub model: M,
    /// Logarithm of the likelihood of all rows under it.
    pub log_likelihood: f64,
    /// Covariance of the logarithms of its parameters: the inverse of the observed information. None where the likelihood is
    /// too flat to say.
    pub covariance: Option<Vec<Vec<f64>>>,
}

/// Where a quantity lies.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Interval {
    /// At the likeliest parameters.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl<M: Parametric> Estimate<M> {
    /// The interval of a positive quantity that follows from the parameters, by the delta method on its logarithm.
    ///
    /// `deviations` is 1.96 for 95 %. It covers that the parameters were estimated, not that customers act at random. None
    /// where the covariance is not known or the quantity is not positive.
    pub fn interval(&self, deviations: f64, quantity: impl Fn(&M) -> f64) -> Option<Interval> {
        let estimate = quantity(&self.model);
        let deviation = self.log_variance(&quantity)?.sqrt();
        let spread = (deviations * deviation).exp();
        Some(Interval { estimate, low: estimate / spread, high: estimate * spread })
    }

    /// Variance of the logarithm of a positive quantity.
    pub(crate) fn log_variance(&self, quantity: impl Fn(&M) -> f64) -> Option<f64> {
        const STEP: f64 = 1e-4;
        let covariance = self.covariance.as_ref()?;
        let at = self.model.logarithms();
        let value = |logarithms: &[f64]| M::of_logarithms(logarithms).map(|model| quantity(&model).ln());
        let mut slopes = Vec::with_capacity(at.len());
        for entry in 0..at.len() {
            let slope = value(&moved(&at, entry, STEP))? - value(&moved(&at, entry, -STEP))?;
            slopes.push(slope / (2.0 * STEP));
        }
        let weighted = covariance.iter().zip(&slopes).map(|(row, slope)| slope * dot(row, &slopes));
        let variance: f64 = weighted.sum();
        (variance.is_finite() && variance >= 0.0).then_some(variance)
    }
}

/// Finds the likeliest parameters from `start`; `objective` is the negative log likelihood of `rows` rows, with its gradient, by
/// the logarithms of the parameters.
pub(crate) fn estimated(
    objective: &mut Objective<'_>,
    start: Vec<f64>,
    rows: f64,
) -> Result<(Minimum, Covariance), Fault> {
    let limits = Limits { iterations_max: 500, gradient_max: 1e-8 * rows };
    let found = bfgs(objective, start, limits)?;
    // BFGS that ran into a wall of floating point has not arrived.
    if found.gradient.iter().any(|entry| entry.abs() > 1e-4 * rows) {
        return Err(Fault::NotConverged { iterations: found.iterations });
    }
    let covariance = covariance(objective, &found.at);
    Ok((found, covariance))
}

/// Covariance of estimated logarithms, where it could be found.
pub(crate) type Covariance = Option<Vec<Vec<f64>>>;

/// The inverse of the Hessian, whose columns are differences of gradients.
fn covariance(objective: &mut Objective<'_>, at: &[f64]) -> Covariance {
    const STEP: f64 = 1e-4;
    let mut hessian = Vec::with_capacity(at.len());
    for entry in 0..at.len() {
        let (mut above, mut below) = (vec![0.0; at.len()], vec![0.0; at.len()]);
        objective(&moved(at, entry, STEP), &mut above);
        objective(&moved(at, entry, -STEP), &mut below);
        hessian.push(above.iter().zip(&below).map(|(a, b)| (a - b) / (2.0 * STEP)).collect::<Vec<f64>>());
    }
    inverse(hessian)
}

/// Gauss and Jordan's elimination without pivoting, which a positive definite matrix does not need; none for another one.
fn inverse(mut left: Vec<Vec<f64>>) -> Covariance {
    let size = left.len();
    let mut right: Vec<Vec<f64>> =
        (0..size).map(|row| (0..size).map(|column| if row == column { 1.0 } else { 0.0 }).collect()).collect();
    for pivot in 0..size {
        let (left_row, right_row) = (left.get(pivot)?.clone(), right.get(pivot)?.clone());
        let head = *left_row.get(pivot)?;
        if !(head > 0.0 && head.is_finite()) {
            return None;
        }
        for row in 0..size {
            let factor = if row == pivot { (head - 1.0) / head } else { left.get(row)?.get(pivot)? / head };
            let entries =
                left.get_mut(row)?.iter_mut().zip(&left_row).chain(right.get_mut(row)?.iter_mut().zip(&right_row));
            entries.for_each(|(entry, of_pivot)| *entry -= factor * of_pivot);
        }
    }
    Some(right)
}

fn moved(at: &[f64], entry: usize, step: f64) -> Vec<f64> {
    at.iter().enumerate().map(|(place, value)| if place == entry { value + step } else { *value }).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_undoes_its_matrix() {
        let matrix = vec![vec![4.0, 1.0, 0.5], vec![1.0, 3.0, 0.2], vec![0.5, 0.2, 2.0]];
        let found = inverse(matrix.clone()).unwrap();
        for (row, entries) in matrix.iter().enumerate() {
            for column in 0..3 {
                let product: f64 = entries.iter().zip(&found).map(|(entry, of)| entry * of[column]).sum();
                assert!((product - f64::from(u8::from(row == column))).abs() < 1e-12);
            }
        }
        assert_eq!(inverse(vec![vec![-1.0]]), None);
    }
}
