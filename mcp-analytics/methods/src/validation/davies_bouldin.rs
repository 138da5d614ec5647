//! The Davies–Bouldin index: how much each cluster is like the one that is most like it.

use crate::clustering::Partition;
use crate::convert::real;
use crate::fault::Fault;
use crate::matrix::Matrix;
use crate::validation::Noise;
use crate::validation::groups::{Groups, squared_distance};

/// The mean over clusters of the greatest (sᵢ + sⱼ) / dᵢⱼ, with the mean distances sᵢ of the rows to their centroids and the
/// distances dᵢⱼ of the centroids (Davies and Bouldin 1979); lower is better, 0 is the best. As scikit-learn's.
///
/// O(rows · columns + clusters² · columns).
///
/// # Errors
/// `Shape` if there are not as many labels as rows, `Constant` with fewer than two clusters,
/// `TooLarge` where squares overflow.
pub fn davies_bouldin(data: &Matrix, partition: &Partition, noise: Noise) -> Result<f64, Fault> {
    let groups = Groups::of(data, partition, noise)?;
    let centroids = groups.centroids();
    let spread = |((rows, centroid), (_, size)): ((_, &Vec<f64>), (_, usize))| spread(rows, centroid) / real(size);
    let spreads: Vec<f64> = groups.iter().zip(&centroids).zip(groups.sizes()).map(spread).collect();
    let mut sum = 0.0;
    for (number, (centroid, spread)) in centroids.iter().zip(&spreads).enumerate() {
        let mut worst = 0.0_f64;
        for (other, (other_centroid, other_spread)) in centroids.iter().zip(&spreads).enumerate() {
            let distance = squared_distance(centroid, other_centroid).sqrt();
            if other != number && distance > 0.0 {
                worst = worst.max((spread + other_spread) / distance);
            }
        }
        sum += worst;
    }
    let index = sum / real(centroids.len());
    if index.is_finite() { Ok(index) } else { Err(data.too_large()) }
}

fn spread<'a>(rows: impl Iterator<Item = &'a [f64]>, centroid: &[f64]) -> f64 {
    rows.map(|row| squared_distance(row, centroid).sqrt()).sum()
}
