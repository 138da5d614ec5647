//! The silhouette: how much nearer rows are to their own cluster than to the next.
//!
//! For each row (b − a) / max(a, b), with its mean distance a to the rest of its cluster and the least mean distance b to
//! another (Rousseeuw 1987); 0 for a row that is alone in its cluster. Euclidean distances, as scikit-learn's default.

mod distances;
mod layout;

use rayon::prelude::*;

use crate::clustering::Partition;
use crate::convert::{index, real};
use crate::fault::Fault;
use crate::matrix::Matrix;
use crate::random::Random;
use crate::validation::Noise;
use crate::validation::groups::Groups;
use distances::Sums;
use layout::Layout;

/// How the silhouette is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// How rows in no cluster are counted; as a cluster by default.
    pub noise: Noise,
    /// Up to how many rows each row is scored; above that, a sample; 50,000 by default.
    pub exact_rows_max: usize,
    /// How many rows are scored as a sample, each against all rows; at least 2; 2,000 by default.
    pub sample_rows: usize,
    /// The seed of the sample; 0 by default.
    pub seed: u64,
}

impl Default for Measure {
    fn default() -> Self {
        Self { noise: Noise::AsCluster, exact_rows_max: 50_000, sample_rows: 2_000, seed: 0 }
    }
}

/// How well the rows are in their clusters.
#[derive(Clone, Debug, PartialEq)]
pub struct Silhouette {
    /// The mean over the scored rows, from −1 to 1.
    pub mean: f64,
    /// The standard error of the mean where it is that of a sample, with the correction for a finite population.
    pub standard_error: Option<f64>,
    /// How many rows were scored.
    pub rows: usize,
    /// For each cluster the mean over its scored rows; `None` where there are none.
    pub of_clusters: Vec<Option<f64>>,
    /// The share of rows that are in a cluster, from 0 to 1.
    pub coverage: f64,
}

/// The mean silhouette.
///
/// O(rows² · columns), half of that exact; O(sample · rows · columns) for a sample. O(rows · (columns + clusters)) memory.
///
/// # Errors
/// `Shape` if there are not as many labels as rows, `Constant` with fewer than two clusters (noise as a cluster included),
/// `Parameter` for a sample of fewer than 2 rows, `TooLarge` where squares overflow.
pub fn silhouette(data: &Matrix, partition: &Partition, measure: &Measure) -> Result<Silhouette, Fault> {
    if measure.sample_rows < 2 {
        return Err(Fault::Parameter { name: "sample_rows", expected: "2 or more" });
    }
    let layout = Layout::of(&Groups::of(data, partition, measure.noise)?);
    let is_sampled = layout.rows() > measure.exact_rows_max && layout.rows() > measure.sample_rows;
    let scores = if is_sampled {
        let drawn = Random::of_seed(measure.seed).sample(measure.sample_rows, layout.rows());
        of_rows(&layout, &layout.places(&drawn))
    } else if layout.places_len() * layout.clusters() <= Sums::VALUES_MAX {
        let sums = Sums::of_pairs(&layout);
        layout.all_places().map(|(place, own)| score(&layout, own, |cluster| sums.of(place, cluster))).collect()
    } else {
        of_rows(&layout, &layout.all_places().collect::<Vec<_>>())
    };
    let found = summary(&layout, &scores, is_sampled, partition);
    if found.mean.is_finite() { Ok(found) } else { Err(data.too_large()) }
}

/// A row's silhouette, and the group that it is in.
struct Score {
    own: usize,
    value: f64,
}

/// The score of a row of a group, from the sums of its distances to each group.
fn score(layout: &Layout, own: usize, sum: impl Fn(usize) -> f64) -> Score {
    let alone = layout.size(own) < 2;
    let others = (0..layout.clusters()).filter(|cluster| *cluster != own);
    let next = others.map(|cluster| sum(cluster) / real(layout.size(cluster))).fold(f64::INFINITY, f64::min);
    let within = sum(own) / real(layout.size(own).saturating_sub(1).max(1));
    let most = within.max(next);
    let value = if alone || most <= 0.0 { 0.0 } else { (next - within) / most };
    Score { own, value }
}

/// The scores of some places, each with its group, from their distances to all rows.
fn of_rows(layout: &Layout, places: &[(usize, usize)]) -> Vec<Score> {
    let scores: Vec<Vec<Score>> = places
        .par_chunks(distances::ROWS_OF_TASK)
        .map(|places| {
            let sums = Sums::of_places(layout, places);
            let scored = places.iter().enumerate();
            scored.map(|(at, (_, own))| score(layout, *own, |cluster| sums.of(at, cluster))).collect()
        })
        .collect();
    scores.into_iter().flatten().collect()
}

fn summary(layout: &Layout, scores: &[Score], is_sampled: bool, partition: &Partition) -> Silhouette {
    let count = real(scores.len());
    let mean = scores.iter().map(|score| score.value).sum::<f64>() / count;
    let squares: f64 = scores.iter().map(|score| (score.value - mean).powi(2)).sum();
    let variance = squares / (count - 1.0).max(1.0);
    let unseen = 1.0 - count / real(layout.rows());
    let mut sums = vec![(0.0, 0); layout.clusters()];
    for score in scores {
        if let Some((sum, rows)) = sums.get_mut(score.own) {
            *sum += score.value;
            *rows += 1;
        }
    }
    let mut of_clusters = vec![None; partition.sizes().len()];
    for ((sum, rows), label) in sums.into_iter().zip(layout.labels()) {
        if let Some(slot) = label.and_then(|label| of_clusters.get_mut(index(label))) {
            *slot = (rows > 0).then(|| sum / real(rows));
        }
    }
    Silhouette {
        mean,
        standard_error: is_sampled.then(|| (variance / count * unseen).sqrt()),
        rows: scores.len(),
        of_clusters,
        coverage: partition.coverage(),
    }
}

#[cfg(test)]
mod tests;
