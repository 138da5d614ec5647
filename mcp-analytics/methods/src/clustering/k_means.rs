//! K-means: clusters around centres, such that the squared distances to them are small.
//!
//! Lloyd's iteration (1982) from the centres of greedy k-means++ (Arthur and Vassilvitskii 2007), with scikit-learn 1.9's
//! ends: no label changes, or the centres move by less than the tolerance; and its way with empty clusters. From the same
//! centres it takes the same number of steps to the same inertia. O(rows · clusters · columns) for each step.

mod assignment;
mod relocation;
mod rows;
mod seeding;

use rayon::prelude::*;

use crate::clustering::Partition;
use crate::convert::real;
use crate::fault::Fault;
use crate::matrix::Matrix;
use crate::random::Random;
use assignment::{Centres, Sums};
use rows::{centre, chunk_rows, each_chunk, squared_distance};

/// The most clusters that can be asked for.
pub const CLUSTERS_MAX: usize = 4_096;

/// How K-means goes about it.
#[derive(Clone, Debug, PartialEq)]
pub struct KMeans {
    /// How many clusters, from 1 to the number of rows and to `CLUSTERS_MAX`.
    pub clusters: usize,
    /// From how many random beginnings the best is taken, at least 1; 10 by default.
    pub starts: usize,
    /// After how many steps a beginning is given up, at least 1; 300 by default.
    pub iterations_max: usize,
    /// How little the centres may move to be done: this share of the columns' mean variance, 0 or more; 1e-4 by default.
    pub tolerance: f64,
    /// The seed of the beginnings; 0 by default.
    pub seed: u64,
}

impl KMeans {
    /// The default search for so many clusters.
    pub fn of_clusters(clusters: usize) -> Self {
        Self { clusters, starts: 10, iterations_max: 300, tolerance: 1e-4, seed: 0 }
    }

    fn check(&self, data: &Matrix) -> Result<(), Fault> {
        if self.clusters == 0 || self.clusters > CLUSTERS_MAX {
            return Err(Fault::Parameter { name: "clusters", expected: "from 1 to 4,096" });
        }
        if self.starts == 0 {
            return Err(Fault::Parameter { name: "starts", expected: "1 or more" });
        }
        if self.iterations_max == 0 {
            return Err(Fault::Parameter { name: "iterations_max", expected: "1 or more" });
        }
        if !(self.tolerance >= 0.0 && self.tolerance.is_finite()) {
            return Err(Fault::Parameter { name: "tolerance", expected: "a number of 0 or more" });
        }
        if data.rows() < self.clusters {
            return Err(Fault::TooFewRows { rows: data.rows(), needed: self.clusters });
        }
        Ok(())
    }
}

/// What K-means found.
#[derive(Clone, Debug, PartialEq)]
pub struct KMeansFit {
    /// The centre of each cluster, in the columns of the data.
    pub centres: Matrix,
    /// The cluster of each row. A cluster is empty only where there are fewer different rows than clusters.
    pub partition: Partition,
    /// The sum of the squared distances of the rows to their centres.
    pub inertia: f64,
    /// How many steps the best beginning took.
    pub iterations: usize,
    /// Whether it came to an end before `iterations_max`.
    pub is_converged: bool,
}

/// The best of some random beginnings.
///
/// # Errors
/// `Parameter` outside of the stated ranges, `TooFewRows` with fewer rows than clusters, `TooLarge` where squares overflow.
pub fn k_means(data: &Matrix, options: &KMeans) -> Result<KMeansFit, Fault> {
    options.check(data)?;
    let columns = Columns::of(data)?;
    let mut best: Option<Run> = None;
    for start in 0..options.starts {
        let mut random = Random::of_stream(options.seed, u64::try_from(start).unwrap_or(u64::MAX));
        let centres = seeding::seed(data, options.clusters, &mut random);
        let run = lloyd(data, centres, &columns, options);
        if best.as_ref().is_none_or(|best| run.inertia < best.inertia) {
            best = Some(run);
        }
    }
    best.ok_or(Fault::Parameter { name: "starts", expected: "1 or more" })?.into_fit(data)
}

/// One run from given centres; `starts`, `clusters` and `seed` have no say.
///
/// # Errors
/// As `k_means`; `Shape` for centres of another number of columns.
pub fn k_means_from(data: &Matrix, centres: &Matrix, options: &KMeans) -> Result<KMeansFit, Fault> {
    let options = KMeans { clusters: centres.rows(), ..options.clone() };
    options.check(data)?;
    if centres.columns() != data.columns() {
        return Err(Fault::Shape { values: centres.columns(), needed: data.columns() });
    }
    lloyd(data, centres.values().to_vec(), &Columns::of(data)?, &options).into_fit(data)
}

/// Puts rows to the nearest of given centres; equally near ones to the first.
///
/// # Errors
/// `Shape` for centres of another number of columns, `TooFewRows` without centres, `TooLarge` where squares overflow.
pub fn nearest_centres(data: &Matrix, centres: &Matrix) -> Result<Partition, Fault> {
    if centres.columns() != data.columns() {
        return Err(Fault::Shape { values: centres.columns(), needed: data.columns() });
    }
    if centres.rows() == 0 {
        return Err(Fault::TooFewRows { rows: 0, needed: 1 });
    }
    let centres = Centres::of(centres.values(), &Columns::of(data)?.means);
    let mut labels = vec![u32::MAX; data.rows()];
    each_chunk(data, &mut labels, |rows, labels| assignment::assign(rows, &centres, labels));
    Ok(Partition::of_labels(labels.into_iter().map(Some).collect()))
}

/// What one beginning led to.
struct Run {
    centres: Vec<f64>,
    labels: Vec<u32>,
    inertia: f64,
    iterations: usize,
    is_converged: bool,
}

impl Run {
    fn into_fit(self, data: &Matrix) -> Result<KMeansFit, Fault> {
        Ok(KMeansFit {
            // Where squares are small the sum of a cluster may still overflow.
            centres: Matrix::of_rows(self.centres, data.columns()).map_err(|_| data.too_large())?,
            partition: Partition::of_labels(self.labels.into_iter().map(Some).collect()),
            inertia: self.inertia,
            iterations: self.iterations,
            is_converged: self.is_converged,
        })
    }
}

/// Mean and variance of the columns.
struct Columns {
    means: Vec<f64>,
    mean_variance: f64,
}

impl Columns {
    /// In one pass, around the first row: rows far from zero lose no digits.
    ///
    /// # Errors
    /// `TooLarge` where squares overflow: beyond this, those of rows and centres do not.
    fn of(data: &Matrix) -> Result<Self, Fault> {
        let width = data.columns();
        let pivot: Vec<f64> = data.iter_rows().next().unwrap_or_default().to_vec();
        let parts: Vec<Vec<[f64; 2]>> = data
            .values()
            .par_chunks(chunk_rows(data.rows()) * width)
            .map(|rows| {
                let mut sums = vec![[0.0; 2]; width];
                for row in rows.chunks_exact(width) {
                    for (([sum, square], value), pivot) in sums.iter_mut().zip(row).zip(&pivot) {
                        let difference = value - pivot;
                        *sum += difference;
                        *square += difference * difference;
                    }
                }
                sums
            })
            .collect();
        let mut sums = vec![[0.0; 2]; width];
        for part in parts {
            for ([sum, square], [more, more_square]) in sums.iter_mut().zip(part) {
                *sum += more;
                *square += more_square;
            }
        }
        let rows = real(data.rows());
        let variance = |[sum, square]: &[f64; 2]| (square / rows - (sum / rows).powi(2)).max(0.0);
        if !sums.iter().flatten().all(|sum| sum.is_finite()) {
            return Err(data.too_large());
        }
        Ok(Self {
            mean_variance: sums.iter().map(variance).sum::<f64>() / real(width),
            means: sums.iter().zip(&pivot).map(|([sum, _], pivot)| pivot + sum / rows).collect(),
        })
    }
}

fn lloyd(data: &Matrix, mut centres: Vec<f64>, columns: &Columns, options: &KMeans) -> Run {
    let width = data.columns();
    let tolerance = options.tolerance * columns.mean_variance;
    let mut labels = vec![u32::MAX; data.rows()];
    let mut iterations = 0;
    let mut is_converged = false;
    let mut is_settled = false;
    while iterations < options.iterations_max && !is_converged {
        iterations += 1;
        let current = Centres::of(&centres, &columns.means);
        let parts = each_chunk(data, &mut labels, |rows, labels| assignment::assign_and_sum(rows, &current, labels));
        let mut sums = Sums::of_parts(parts, options.clusters, width);
        relocation::fill_empty(data, &labels, &centres, &mut sums);
        let next = sums.means();
        let moved: f64 = next.iter().zip(&centres).map(|(next, last)| (next - last).powi(2)).sum();
        centres = next;
        is_settled = sums.changed == 0;
        is_converged = is_settled || moved <= tolerance;
    }
    if !is_settled {
        let current = Centres::of(&centres, &columns.means);
        each_chunk(data, &mut labels, |rows, labels| assignment::assign(rows, &current, labels));
    }
    let inertia = inertia(data, &mut labels, &centres);
    Run { centres, labels, inertia, iterations, is_converged }
}

fn inertia(data: &Matrix, labels: &mut [u32], centres: &[f64]) -> f64 {
    let width = data.columns();
    let parts = each_chunk(data, labels, |rows, labels| {
        let mut sum = 0.0;
        for (row, label) in rows.chunks_exact(width).zip(labels) {
            sum += squared_distance(row, centre(centres, *label, width));
        }
        sum
    });
    parts.into_iter().sum()
}

#[cfg(test)]
mod tests;
