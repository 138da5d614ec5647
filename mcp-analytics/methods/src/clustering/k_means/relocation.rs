//! Empty clusters get the rows that are farthest from their centres.

use crate::clustering::k_means::assignment::Sums;
use crate::clustering::k_means::rows::{centre, squared_distance};
use crate::convert::index;
use crate::matrix::Matrix;

/// Gives each empty cluster the row that is farthest from its centre among those left, as scikit-learn does it.
///
/// The labels stay: the next step finds the new centres. Where all rows are at their centres nothing can be given.
pub(super) fn fill_empty(data: &Matrix, labels: &[u32], centres: &[f64], sums: &mut Sums) {
    let empty: Vec<usize> = (0..sums.counts.len()).filter(|cluster| sums.counts.get(*cluster) == Some(&0)).collect();
    if empty.is_empty() {
        return;
    }
    let width = data.columns();
    let distance = |(row, label): (&[f64], &u32)| squared_distance(row, centre(centres, *label, width));
    let distances: Vec<f64> = data.iter_rows().zip(labels).map(distance).collect();
    let mut farthest: Vec<(f64, usize)> = distances.into_iter().zip(0..).collect();
    let by_distance = |one: &(f64, usize), other: &(f64, usize)| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1));
    if empty.len() < farthest.len() {
        farthest.select_nth_unstable_by(empty.len(), by_distance);
        farthest.truncate(empty.len());
    }
    farthest.sort_unstable_by(by_distance);
    if farthest.first().is_none_or(|(distance, _)| *distance == 0.0) {
        return;
    }
    for (cluster, (_, row)) in empty.into_iter().zip(farthest) {
        let values = data.iter_rows().nth(row).unwrap_or_default();
        let from = labels.get(row).map_or(0, |label| index(*label));
        sums.of_cluster(from).iter_mut().zip(values).for_each(|(sum, value)| *sum -= value);
        sums.of_cluster(cluster).copy_from_slice(values);
        if let Some(count) = sums.counts.get_mut(from) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = sums.counts.get_mut(cluster) {
            *count = 1;
        }
    }
}
