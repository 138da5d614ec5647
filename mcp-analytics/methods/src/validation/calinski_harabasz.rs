//! The Calinski–Harabasz index: the variance between clusters by that within them.

use crate::clustering::Partition;
use crate::convert::real;
use crate::fault::Fault;
use crate::matrix::Matrix;
use crate::validation::Noise;
use crate::validation::groups::{Groups, squared_distance};

/// (B / (k − 1)) / (W / (n − k)), with the sums of squared distances between (B) and within (W) k clusters of n rows (Calinski
/// and Harabasz 1974); higher is better. 1 where no cluster has any spread, as scikit-learn answers.
///
/// O(rows · columns).
///
/// # Errors
/// `Shape` if there are not as many labels as rows, `Constant` with fewer than two clusters,
/// `TooLarge` where squares overflow.
pub fn calinski_harabasz(data: &Matrix, partition: &Partition, noise: Noise) -> Result<f64, Fault> {
    let groups = Groups::of(data, partition, noise)?;
    let centroids = groups.centroids();
    let mut centre = vec![0.0; groups.columns()];
    for (centroid, (_, size)) in centroids.iter().zip(groups.sizes()) {
        centre.iter_mut().zip(centroid).for_each(|(sum, value)| *sum += value * real(size));
    }
    for sum in &mut centre {
        *sum /= real(groups.rows());
    }
    let between: f64 =
        centroids.iter().zip(groups.sizes()).map(|(row, (_, size))| real(size) * squared_distance(row, &centre)).sum();
    let mut within = 0.0;
    for (rows, centroid) in groups.iter().zip(&centroids) {
        within += rows.map(|row| squared_distance(row, centroid)).sum::<f64>();
    }
    if within == 0.0 {
        return Ok(1.0);
    }
    let clusters = centroids.len();
    let index = between * real(groups.rows() - clusters) / (within * real(clusters - 1));
    if index.is_finite() { Ok(index) } else { Err(data.too_large()) }
}
