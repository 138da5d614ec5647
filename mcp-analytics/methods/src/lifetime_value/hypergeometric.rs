//! Gauss's hypergeometric function.

/// ₂F₁(a, b; c; z) for z from 0 up to, and without, 1, by its series: as many terms as it takes, at most 100,000.
///
/// `None` where the series does not settle or c is 0 or a negative integer on the way.
pub(crate) fn hypergeometric(a: f64, b: f64, c: f64, z: f64) -> Option<f64> {
    const TERMS_MAX: u32 = 100_000;
    let (mut term, mut sum) = (1.0, 1.0_f64);
    for at in 0..TERMS_MAX {
        let at = f64::from(at);
        let factor = (a + at) * (b + at) / ((c + at) * (at + 1.0)) * z;
        term *= factor;
        sum += term;
        if !sum.is_finite() {
            return None;
        }
        // Settled once terms shrink and what they can still add up to is below the last bit.
        if factor.abs() < 1.0 && term.abs() / (1.0 - factor.abs()) <= 1e-16 * sum.abs() {
            return Some(sum);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_logarithm_and_a_power_where_it_should_be() {
        for z in [0.0, 0.3, 0.9, 0.99] {
            let logarithm = hypergeometric(1.0, 1.0, 2.0, z).unwrap();
            let wanted = if z == 0.0 { 1.0 } else { -(1.0_f64 - z).ln() / z };
            assert!((logarithm / wanted - 1.0).abs() < 1e-12, "{z}");
            let power = hypergeometric(2.5, 0.7, 0.7, z).unwrap();
            assert!((power / (1.0_f64 - z).powf(-2.5) - 1.0).abs() < 1e-11, "{z}");
        }
    }

    #[test]
    fn a_pole_is_no_value() {
        assert_eq!(hypergeometric(0.5, 0.5, 0.0, 0.5), None);
    }
}
