//! The lowest point of a smooth function, by quasi-Newton steps.
//!
//! Nocedal & Wright, Numerical Optimization, 2nd edition: BFGS (6.17) for a handful of variables, L-BFGS (algorithm 7.4) for
//! hundreds. The step is found by bisection on the weak Wolfe conditions (Lewis & Overton, Nonsmooth optimization via
//! quasi-Newton methods, 2013, algorithm 2.6), under which the curvature that is learnt stays positive.

use std::collections::VecDeque;

use crate::fault::Fault;

/// A function to bring down: gives its value and writes its gradient. Where it is not defined it gives infinity.
pub type Objective<'a> = dyn FnMut(&[f64], &mut [f64]) -> f64 + 'a;

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps at most.
    pub iterations_max: usize,
    /// The largest entry of the gradient, without sign, at which a point counts as the lowest.
    pub gradient_max: f64,
}

/// The lowest point found.
#[derive(Clone, Debug)]
pub struct Minimum {
    /// Where it is.
    pub at: Vec<f64>,
    /// The function there.
    pub value: f64,
    /// Its gradient there.
    pub gradient: Vec<f64>,
    /// Steps taken.
    pub iterations: usize,
}

/// BFGS from `start`, with the inverse Hessian held whole: n² numbers.
///
/// # Errors
/// `NotConverged` after `limits.iterations_max` steps, or where the function is not finite at `start`.
pub fn bfgs(objective: &mut Objective<'_>, start: Vec<f64>, limits: Limits) -> Result<Minimum, Fault> {
    let size = start.len();
    let mut inverse: Vec<Vec<f64>> = Vec::new();
    descend(objective, start, limits, &mut |gradient, step| {
        if let Some((moved, turned)) = step {
            let curvature = dot(moved, turned);
            if inverse.is_empty() {
                inverse = scaled_identity(size, curvature / dot(turned, turned));
            }
            update(&mut inverse, moved, turned, curvature);
        }
        if inverse.is_empty() {
            return gradient.to_vec();
        }
        inverse.iter().map(|row| dot(row, gradient)).collect()
    })
}

/// L-BFGS from `start`, which remembers the last ten steps. `scale` is the length of the first step for a gradient of length
/// 1: the inverse of a guess at the curvature.
///
/// # Errors
/// `NotConverged` after `limits.iterations_max` steps, or where the function is not finite at `start`.
pub fn l_bfgs(objective: &mut Objective<'_>, start: Vec<f64>, scale: f64, limits: Limits) -> Result<Minimum, Fault> {
    const REMEMBERED: usize = 10;
    let mut memory: VecDeque<(Vec<f64>, Vec<f64>)> = VecDeque::new();
    descend(objective, start, limits, &mut |gradient, step| {
        if let Some((moved, turned)) = step {
            if memory.len() == REMEMBERED {
                memory.pop_front();
            }
            memory.push_back((moved.to_vec(), turned.to_vec()));
        }
        let mut direction = gradient.to_vec();
        let mut shares = Vec::with_capacity(memory.len());
        for (moved, turned) in memory.iter().rev() {
            let share = dot(moved, &direction) / dot(moved, turned);
            add_scaled(&mut direction, turned, -share);
            shares.push(share);
        }
        let initial = memory.back().map_or(scale, |(moved, turned)| dot(moved, turned) / dot(turned, turned));
        for entry in &mut direction {
            *entry *= initial;
        }
        for ((moved, turned), share) in memory.iter().zip(shares.iter().rev()) {
            let back = dot(turned, &direction) / dot(moved, turned);
            add_scaled(&mut direction, moved, share - back);
        }
        direction
    })
}

/// What the last step was: how far it moved and how the gradient turned.
type Step<'a> = Option<(&'a [f64], &'a [f64])>;

fn descend(
    objective: &mut Objective<'_>,
    start: Vec<f64>,
    limits: Limits,
    uphill: &mut dyn FnMut(&[f64], Step<'_>) -> Vec<f64>,
) -> Result<Minimum, Fault> {
    let mut gradient = vec![0.0; start.len()];
    let value = objective(&start, &mut gradient);
    if !value.is_finite() || gradient.iter().any(|entry| !entry.is_finite()) {
        return Err(Fault::NotConverged { iterations: 0 });
    }
    let mut point = Minimum { at: start, value, gradient, iterations: 0 };
    let mut direction = uphill(&point.gradient, None);
    while largest(&point.gradient) > limits.gradient_max {
        if point.iterations == limits.iterations_max {
            return Err(Fault::NotConverged { iterations: point.iterations });
        }
        let Some(next) = search(objective, &point, &direction) else {
            // No lower point along the steepest way that floating point can tell apart: as low as it gets.
            return Ok(point);
        };
        let moved: Vec<f64> = next.at.iter().zip(&point.at).map(|(to, from)| to - from).collect();
        let turned: Vec<f64> = next.gradient.iter().zip(&point.gradient).map(|(to, from)| to - from).collect();
        let is_convex = dot(&moved, &turned) > 0.0;
        point = next;
        direction = uphill(&point.gradient, is_convex.then_some((&moved, &turned)));
        if dot(&direction, &point.gradient) <= 0.0 {
            direction.clone_from(&point.gradient);
        }
    }
    Ok(point)
}

/// A point down the way that lowers the value and flattens the slope enough, if there is one.
fn search(objective: &mut Objective<'_>, from: &Minimum, uphill: &[f64]) -> Option<Minimum> {
    const ARMIJO: f64 = 1e-4;
    const CURVATURE: f64 = 0.9;
    const TRIES: usize = 60;
    let slope = -dot(uphill, &from.gradient);
    let (mut low, mut high, mut length) = (0.0, f64::INFINITY, 1.0);
    let mut best = None;
    for _ in 0..TRIES {
        let mut at = from.at.clone();
        add_scaled(&mut at, uphill, -length);
        let mut gradient = vec![0.0; at.len()];
        let value = objective(&at, &mut gradient);
        let is_defined = value.is_finite() && gradient.iter().all(|entry| entry.is_finite());
        if !is_defined || value > from.value + ARMIJO * length * slope {
            high = length;
        } else {
            let is_flat = -dot(uphill, &gradient) >= CURVATURE * slope;
            if value < from.value {
                best = Some(Minimum { at, value, gradient, iterations: from.iterations + 1 });
            }
            if is_flat {
                return best;
            }
            low = length;
        }
        length = if high.is_finite() { f64::midpoint(low, high) } else { 2.0 * length };
    }
    best
}

fn scaled_identity(size: usize, scale: f64) -> Vec<Vec<f64>> {
    (0..size).map(|row| (0..size).map(|column| if row == column { scale } else { 0.0 }).collect()).collect()
}

/// H ← (I − ρsyᵀ) H (I − ρysᵀ) + ρssᵀ, written out for a symmetric H.
fn update(inverse: &mut [Vec<f64>], moved: &[f64], turned: &[f64], curvature: f64) {
    let product: Vec<f64> = inverse.iter().map(|row| dot(row, turned)).collect();
    let factor = (1.0 + dot(turned, &product) / curvature) / curvature;
    for ((row, moved_i), product_i) in inverse.iter_mut().zip(moved).zip(&product) {
        for ((entry, moved_j), product_j) in row.iter_mut().zip(moved).zip(&product) {
            *entry += factor * moved_i * moved_j - (product_i * moved_j + moved_i * product_j) / curvature;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add_scaled(to: &mut [f64], what: &[f64], factor: f64) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += factor * what);
}

fn largest(gradient: &[f64]) -> f64 {
    gradient.iter().fold(0.0, |largest, entry| entry.abs().max(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { iterations_max: 200, gradient_max: 1e-9 };

    /// Rosenbrock's valley, lowest at (1, 1).
    fn valley(at: &[f64], gradient: &mut [f64]) -> f64 {
        let (x, y) = (at[0], at[1]);
        gradient[0] = -400.0 * x * (y - x * x) - 2.0 * (1.0 - x);
        gradient[1] = 200.0 * (y - x * x);
        100.0 * (y - x * x).powi(2) + (1.0 - x).powi(2)
    }

    #[test]
    fn both_walk_down_a_curved_valley() {
        let whole = bfgs(&mut valley, vec![-1.2, 1.0], LIMITS).unwrap();
        let limited = l_bfgs(&mut valley, vec![-1.2, 1.0], 1e-3, LIMITS).unwrap();
        for found in [whole, limited] {
            assert!((found.at[0] - 1.0).abs() < 1e-7 && (found.at[1] - 1.0).abs() < 1e-7, "{found:?}");
        }
    }

    #[test]
    fn a_step_out_of_the_domain_is_taken_back() {
        let mut objective = |at: &[f64], gradient: &mut [f64]| {
            gradient[0] = 1.0 - 1.0 / at[0];
            if at[0] > 0.0 { at[0] - at[0].ln() } else { f64::INFINITY }
        };
        let found = bfgs(&mut objective, vec![0.01], LIMITS).unwrap();
        assert!((found.at[0] - 1.0).abs() < 1e-7, "{found:?}");
    }

    #[test]
    fn a_function_without_end_is_not_followed_for_ever() {
        let mut objective = |at: &[f64], gradient: &mut [f64]| {
            gradient[0] = -(-at[0]).exp();
            (-at[0]).exp()
        };
        let limits = Limits { iterations_max: 5, gradient_max: 0.0 };
        assert!(matches!(bfgs(&mut objective, vec![0.0], limits), Err(Fault::NotConverged { iterations: 5 })));
    }
}
