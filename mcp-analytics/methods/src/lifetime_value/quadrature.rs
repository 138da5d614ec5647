//! Integrals of smooth functions by Gauss and Legendre.

use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::convert::real;

/// Points of the rule: exact for polynomials up to degree 63, and to the last digit for an exponential that falls by e^40.
pub(crate) const POINTS: usize = 32;

/// Point and weight on −1 to 1, by Newton's method on the Legendre polynomial.
pub(crate) static RULE: LazyLock<[(f64, f64); POINTS]> = LazyLock::new(|| {
    std::array::from_fn(|at| {
        let mut point = (PI * (real(at) + 0.75) / (real(POINTS) + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..10 {
            let value;
            (value, slope) = legendre(point);
            point -= value / slope;
        }
        (point, 2.0 / ((1.0 - point * point) * slope * slope))
    })
});

/// The Legendre polynomial of degree [`POINTS`] and its derivative, by Bonnet's recursion.
fn legendre(at: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, at);
    for degree in 2..=POINTS {
        let degree = real(degree);
        (before, value) = (value, ((2.0 * degree - 1.0) * at * value - (degree - 1.0) * before) / degree);
    }
    (value, real(POINTS) * (at * value - before) / (at * at - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steep_exponential_is_integrated_to_the_last_digits() {
        let sum: f64 = RULE.iter().map(|(point, weight)| weight * (-20.0 * (point + 1.0)).exp()).sum();
        let wanted = (1.0 - (-40.0_f64).exp()) / 20.0;
        assert!((sum / wanted - 1.0).abs() < 1e-12, "{sum} {wanted}");
    }
}
