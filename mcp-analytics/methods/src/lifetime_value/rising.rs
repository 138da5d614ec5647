//! The rising factorial, which is how counts of purchases enter the models.

use statrs::function::gamma::{digamma, ln_gamma};

/// For each count, ascending: ln(Γ(base + count) / Γ(base)) and its derivative by the base.
///
/// Neighbouring counts follow from each other by a logarithm and a division; the gamma function serves wide gaps.
pub(crate) fn rising(base: f64, counts: &[(u32, f64)]) -> Vec<(f64, f64)> {
    const GAP_MAX: u32 = 32;
    let (mut at, mut value, mut slope) = (0, 0.0, 0.0);
    let step = |(count, _): &(u32, f64)| {
        if *count - at > GAP_MAX {
            let top = base + f64::from(*count);
            value = ln_gamma(top) - ln_gamma(base);
            slope = digamma(top) - digamma(base);
        } else {
            for before in at..*count {
                let factor = base + f64::from(before);
                value += factor.ln();
                slope += 1.0 / factor;
            }
        }
        at = *count;
        (value, slope)
    };
    counts.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_the_gamma_function_agree() {
        let found = rising(0.3, &[(0, 1.0), (20, 1.0), (21, 1.0), (90, 1.0)]);
        assert_eq!(found[0], (0.0, 0.0));
        for (found, count) in found[1..].iter().zip([20.0, 21.0, 90.0]) {
            assert!((found.0 - (ln_gamma(0.3 + count) - ln_gamma(0.3))).abs() < 1e-11 * found.0, "{found:?}");
            assert!((found.1 - (digamma(0.3 + count) - digamma(0.3))).abs() < 1e-11, "{found:?}");
        }
    }
}
