//! The adjusted Rand index: how much two partitions of the same rows agree, beyond what chance would give.

use crate::clustering::Partition;
use crate::convert::real;
use crate::fault::Fault;

/// 1 for the same partition, around 0 for unrelated ones (Hubert and Arabie 1985); as scikit-learn's. Noise counts as one
/// cluster, and labels may be named differently. 1 without rows.
///
/// O(rows · log rows).
///
/// # Errors
/// `Shape` if one has more rows than the other.
pub fn adjusted_rand(one: &Partition, other: &Partition) -> Result<f64, Fault> {
    if one.labels().len() != other.labels().len() {
        return Err(Fault::Shape { values: other.labels().len(), needed: one.labels().len() });
    }
    Ok(of_pairs(one.labels().iter().copied().zip(other.labels().iter().copied()).collect()))
}

/// The index of rows that have a label each in two partitions.
pub(super) fn of_pairs(mut pairs: Vec<(Option<u32>, Option<u32>)>) -> f64 {
    let rows = real(pairs.len());
    pairs.sort_unstable();
    let both = squares(pairs.iter());
    let ones = squares(pairs.iter().map(|(one, _)| one));
    let mut others: Vec<Option<u32>> = pairs.iter().map(|(_, other)| *other).collect();
    others.sort_unstable();
    let others = squares(others.iter());
    // Ordered pairs of rows that are together in both, in one only, and in neither.
    let together = both - rows;
    let first_only = ones - both;
    let second_only = others - both;
    let apart = rows * rows - ones - others + both;
    if first_only == 0.0 && second_only == 0.0 {
        return 1.0;
    }
    let agreement = together * apart - first_only * second_only;
    let most = (together + first_only) * (first_only + apart) + (together + second_only) * (second_only + apart);
    2.0 * agreement / most
}

/// The sum of the squared lengths of the runs of equal elements.
fn squares<T: PartialEq>(sorted: impl Iterator<Item = T>) -> f64 {
    let mut sum = 0.0;
    let mut run = 0.0;
    let mut last = None;
    for element in sorted {
        if last.as_ref() != Some(&element) {
            sum += run * run;
            run = 0.0;
            last = Some(element);
        }
        run += 1.0;
    }
    sum + run * run
}
