//! From counts to numbers and back, where the language offers only casts.

/// A count as a number; exact below 2^53.
#[inline]
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "what is in memory is counted below 2^53")]
pub(crate) fn real(count: usize) -> f64 {
    count as f64
}

/// A whole number as a number; exact below 2^53.
#[inline]
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "callers stay below 2^53")]
pub(crate) fn real_of(whole: i64) -> f64 {
    whole as f64
}

/// The nearest whole number, ties to even, of a value within ±2^51.
///
/// Adding 1.5 · 2^52 leaves the whole number in the lowest bits: one addition, where a cast that saturates takes five steps
/// and stands in the way of vectors.
#[inline]
pub(crate) fn nearest(value: f64) -> i64 {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    (value + SHIFT).to_bits().wrapping_sub(SHIFT.to_bits()).cast_signed()
}

/// A stored row or node number as an index.
#[inline]
#[expect(clippy::as_conversions, reason = "no supported machine has indices of less than 32 bits")]
pub(crate) fn index(stored: u32) -> usize {
    stored as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_whole_number_is_found_on_both_sides_of_zero() {
        let found = [-3.7, -0.5, 0.0, 0.49, 2.5, 1e12 + 0.6].map(nearest);
        assert_eq!(found, [-4, 0, 0, 0, 2, 1_000_000_000_001]);
    }
}
