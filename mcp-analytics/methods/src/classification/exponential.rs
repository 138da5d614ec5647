//! The exponential function in a form that vector instructions can do eight at a time.

use std::f64::consts::{LN_2, LOG2_E};

/// e^x to 14 digits near 0 and 12 at ±700; beyond, as at the edge.
///
/// x = k · ln 2 + r with |r| ≤ ln 2 / 2, e^r by its series and 2^k into the exponent's bits: no branch and no table.
#[inline(always)]
pub(crate) fn exponential(x: f64) -> f64 {
    /// 1.5 · 2^52: what is added to it is rounded to a whole number, which its lowest bits then hold.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    /// 1 / n!, from the eleventh down.
    const SERIES: [f64; 12] = [
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ];
    let x = x.clamp(-700.0, 700.0);
    let shifted = x * LOG2_E + SHIFT;
    let rest = x - (shifted - SHIFT) * LN_2;
    let mut sum = 0.0;
    for factor in SERIES {
        sum = sum * rest + factor;
    }
    f64::from_bits(sum.to_bits().wrapping_add(shifted.to_bits() << 52))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_the_libraries() {
        let worst = (-7_000..=7_000)
            .map(|tenth| f64::from(tenth) / 10.0)
            .map(|x| (exponential(x) / x.exp() - 1.0).abs())
            .fold(0.0, f64::max);
        // Far from 0 the rounding of k · ln 2 shows: 700 · 2^-53.
        assert!(worst < 2e-13, "{worst:e}");
        let near = (-300..=300).map(|hundredth| f64::from(hundredth) / 100.0);
        let worst = near.map(|x| (exponential(x) / x.exp() - 1.0).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-14, "{worst:e}");
        assert!(exponential(-1e300) > 0.0 && exponential(f64::INFINITY).is_finite());
    }
}
