//! How far two partitions of people agree, from how many are where in both.

use std::collections::BTreeMap;

use crate::features::real;

/// The adjusted Rand index (Hubert and Arabie 1985) of a contingency table: 1 for the same partition, around 0 for unrelated
/// ones; 1 without people.
#[must_use]
pub fn adjusted_rand(crossed: &BTreeMap<(i64, i64), i64>) -> f64 {
    let pairs = |count: i64| real(count) * (real(count) - 1.0) / 2.0;
    let (mut rows, mut columns): (BTreeMap<i64, i64>, BTreeMap<i64, i64>) = (BTreeMap::new(), BTreeMap::new());
    let mut all = 0;
    for ((one, other), count) in crossed {
        *rows.entry(*one).or_default() += count;
        *columns.entry(*other).or_default() += count;
        all += count;
    }
    let sum = |counts: &mut dyn Iterator<Item = i64>| counts.map(pairs).sum::<f64>();
    let together = sum(&mut crossed.values().copied());
    let (of_one, of_other) = (sum(&mut rows.values().copied()), sum(&mut columns.values().copied()));
    let expected = if all < 2 { 0.0 } else { of_one * of_other / pairs(all) };
    let most = f64::midpoint(of_one, of_other);
    if (most - expected).abs() < f64::EPSILON { 1.0 } else { (together - expected) / (most - expected) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_scikit_learn() {
        // sklearn.metrics.adjusted_rand_score([0, 0, 1, 1], [0, 0, 1, 2]) of its documentation is 0.57.
        let crossed = BTreeMap::from([((0, 0), 2), ((1, 1), 1), ((1, 2), 1)]);
        assert!((adjusted_rand(&crossed) - 4.0 / 7.0).abs() < 1e-12);
        assert!((adjusted_rand(&BTreeMap::from([((0, 5), 3), ((1, 2), 4)])) - 1.0).abs() < 1e-12);
        assert!((adjusted_rand(&BTreeMap::new()) - 1.0).abs() < 1e-12);
    }
}
