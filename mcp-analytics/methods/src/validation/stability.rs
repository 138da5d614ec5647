//! Whether a clustering finds the same clusters when the rows are drawn again.

use rayon::prelude::*;

use crate::clustering::Partition;
use crate::convert::{index, real};
use crate::fault::Fault;
use crate::matrix::Matrix;
use crate::random::Random;
use crate::validation::adjusted_rand::of_pairs;

/// How often rows are drawn again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resampling {
    /// How many times, at least 1; 20 by default.
    pub resamples: usize,
    /// The seed of the draws; 0 by default.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { resamples: 20, seed: 0 }
    }
}

/// How alike the clusters of the resamples are to the given ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// The mean adjusted Rand index of the resamples.
    pub adjusted_rand: f64,
    /// That of each resample.
    pub of_resamples: Vec<f64>,
    /// For each cluster, the mean over resamples of the greatest Jaccard similarity to one of theirs; `None` if it was never
    /// drawn. Hennig 2007: below 0.6 it should not be trusted, from 0.75 it is a valid pattern, from 0.85 highly stable.
    pub jaccard: Vec<Option<f64>>,
}

/// Draws as many rows with replacement as there are, clusters them in the same way, and compares on the rows that were drawn.
///
/// The clustering gets the drawn rows and a seed of its own. Resamples run beside each other: each takes the memory of the
/// data once more.
///
/// # Errors
/// `Parameter` for 0 resamples, `Shape` if there are not as many labels as rows or the clustering gives another number,
/// `TooFewRows` without rows; and what the clustering says.
pub fn stability(
    data: &Matrix,
    partition: &Partition,
    resampling: &Resampling,
    cluster: impl Fn(&Matrix, u64) -> Result<Partition, Fault> + Sync,
) -> Result<Stability, Fault> {
    if resampling.resamples == 0 {
        return Err(Fault::Parameter { name: "resamples", expected: "1 or more" });
    }
    if data.rows() == 0 {
        return Err(Fault::TooFewRows { rows: 0, needed: 1 });
    }
    if partition.labels().len() != data.rows() {
        return Err(Fault::Shape { values: partition.labels().len(), needed: data.rows() });
    }
    let resample = |number: usize| -> Result<Likeness, Fault> {
        let mut random = Random::of_stream(resampling.seed, u64::try_from(number).unwrap_or(u64::MAX));
        let mut drawn: Vec<usize> = (0..data.rows()).map(|_| random.below(data.rows())).collect();
        drawn.sort_unstable();
        let found = cluster(&rows(data, &drawn)?, random.bits())?;
        if found.labels().len() != drawn.len() {
            return Err(Fault::Shape { values: found.labels().len(), needed: drawn.len() });
        }
        Ok(Likeness::of(partition, &found, &drawn))
    };
    let found: Result<Vec<Likeness>, Fault> = (0..resampling.resamples).into_par_iter().map(resample).collect();
    let found = found?;
    let of_resamples: Vec<f64> = found.iter().map(|likeness| likeness.adjusted_rand).collect();
    let jaccard = |cluster: usize| mean(found.iter().filter_map(|likeness| *likeness.jaccard.get(cluster)?));
    Ok(Stability {
        adjusted_rand: mean(of_resamples.iter().copied()).unwrap_or(0.0),
        jaccard: (0..partition.sizes().len()).map(jaccard).collect(),
        of_resamples,
    })
}

fn rows(data: &Matrix, drawn: &[usize]) -> Result<Matrix, Fault> {
    let mut values = Vec::with_capacity(drawn.len() * data.columns());
    for row in drawn {
        let start = row * data.columns();
        values.extend_from_slice(data.values().get(start..start + data.columns()).unwrap_or_default());
    }
    Matrix::of_rows(values, data.columns())
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / real(count))
}

/// How alike one resample is.
struct Likeness {
    adjusted_rand: f64,
    jaccard: Vec<Option<f64>>,
}

impl Likeness {
    /// Compares on the rows that were drawn, each once.
    fn of(partition: &Partition, found: &Partition, drawn: &[usize]) -> Self {
        let mut pairs = Vec::with_capacity(drawn.len());
        let mut last = None;
        for (row, label) in drawn.iter().zip(found.labels()) {
            if last != Some(row) {
                pairs.push((partition.labels().get(*row).copied().flatten(), *label));
                last = Some(row);
            }
        }
        Self { jaccard: jaccard(&pairs, partition.sizes().len()), adjusted_rand: of_pairs(pairs) }
    }
}

/// For each cluster the greatest |A ∩ B| / |A ∪ B| with a cluster B of the resample.
fn jaccard(pairs: &[(Option<u32>, Option<u32>)], clusters: usize) -> Vec<Option<f64>> {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    let sizes = |labels: Vec<Option<u32>>| Partition::of_labels(labels).sizes().to_vec();
    let ours = sizes(sorted.iter().map(|(our, _)| *our).collect());
    let theirs = sizes(sorted.iter().map(|(_, their)| *their).collect());
    let mut best: Vec<Option<f64>> = ours.iter().map(|size| (*size > 0).then_some(0.0)).collect();
    best.resize(clusters, None);
    for cell in sorted.chunk_by(|one, other| one == other) {
        let Some((Some(our), Some(their))) = cell.first() else { continue };
        let size = |sizes: &[usize], label: &u32| sizes.get(index(*label)).copied().unwrap_or(0);
        let union = size(&ours, our) + size(&theirs, their) - cell.len();
        if let Some(Some(best)) = best.get_mut(index(*our)) {
            *best = best.max(real(cell.len()) / real(union));
        }
    }
    best
}
