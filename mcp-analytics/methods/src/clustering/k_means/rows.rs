//! The rows of a table in chunks, and how far they are from centres.

use rayon::prelude::*;

use crate::convert::index;
use crate::matrix::Matrix;

/// How many rows are in flight at once, to hide the latency of a multiplication.
pub(super) const ROWS_TOGETHER: usize = 4;

/// How many rows are worked on at once: of the number of rows alone, so that sums are added up in the same order whatever
/// the number of threads; at most 64 parts, so that their sums stay small beside the data.
pub(super) fn chunk_rows(rows: usize) -> usize {
    rows.div_ceil(64).next_multiple_of(ROWS_TOGETHER).max(2_048)
}

/// Works on the chunks of rows and their labels; the results in the order of the chunks.
pub(super) fn each_chunk<T: Send>(
    data: &Matrix,
    labels: &mut [u32],
    work: impl Fn(&[f64], &mut [u32]) -> T + Sync + Send,
) -> Vec<T> {
    let rows = chunk_rows(data.rows());
    let chunks = data.values().par_chunks(rows * data.columns());
    chunks.zip(labels.par_chunks_mut(rows)).map(|(values, labels)| work(values, labels)).collect()
}

/// The centre of a label.
pub(super) fn centre(centres: &[f64], label: u32, width: usize) -> &[f64] {
    let start = index(label) * width;
    centres.get(start..start + width).unwrap_or_default()
}

pub(super) fn squared_distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum()
}
