//! Beginnings: greedy k-means++, as in scikit-learn.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, f64x8};
use rayon::prelude::*;

use crate::clustering::k_means::rows::{chunk_rows, squared_distance};
use crate::lanes::{Blocks, LANES, Lane, squared_distances};
use crate::matrix::Matrix;
use crate::random::Random;

/// Centres among the rows, one after the other: of some candidates, drawn by their squared distance from the centres so far,
/// the one that leaves the smallest sum of squared distances (Arthur and Vassilvitskii 2007, section 7).
pub(super) fn seed(data: &Matrix, clusters: usize, random: &mut Random) -> Vec<f64> {
    let width = data.columns();
    let candidates = candidates(clusters);
    let mut nearest = vec![f64::INFINITY; data.rows()];
    let mut centres = Vec::with_capacity(clusters * width);
    let mut chosen = row(data, random.below(data.rows())).to_vec();
    loop {
        centres.extend_from_slice(&chosen);
        if centres.len() >= clusters * width {
            return centres;
        }
        let sums = approach(data, &mut nearest, &chosen);
        let drawn: Vec<usize> = (0..candidates).map(|_| draw(&nearest, &sums, random)).collect();
        chosen = row(data, best(data, &nearest, &drawn)).to_vec();
    }
}

/// scikit-learn's 2 + ⌊ln k⌋, at most as many as there are lanes.
fn candidates(clusters: usize) -> usize {
    // The whole numbers above e, e², e³ and so on.
    2 + [3, 8, 21, 55, 149, 404].iter().filter(|least| clusters >= **least).count()
}

fn row(data: &Matrix, at: usize) -> &[f64] {
    let start = at * data.columns();
    data.values().get(start..start + data.columns()).unwrap_or_default()
}

/// Lowers each row's squared distance to its nearest centre to that of one more centre; the sum of each chunk.
fn approach(data: &Matrix, nearest: &mut [f64], centre: &[f64]) -> Vec<f64> {
    let rows = chunk_rows(data.rows());
    let chunks = data.values().par_chunks(rows * data.columns()).zip(nearest.par_chunks_mut(rows));
    let lower = |(values, nearest): (&[f64], &mut [f64])| {
        let mut sum = 0.0;
        for (row, nearest) in values.chunks_exact(data.columns()).zip(nearest) {
            *nearest = nearest.min(squared_distance(row, centre));
            sum += *nearest;
        }
        sum
    };
    chunks.map(lower).collect()
}

/// A row, each as likely as its squared distance is large; the first if all are at a centre.
fn draw(nearest: &[f64], sums: &[f64], random: &mut Random) -> usize {
    let mut left = random.unit() * sums.iter().sum::<f64>();
    let rows = chunk_rows(nearest.len());
    let mut last = 0;
    for (chunk, (sum, values)) in sums.iter().zip(nearest.chunks(rows)).enumerate() {
        if left >= *sum {
            left -= sum;
            continue;
        }
        for (at, value) in values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
            last = chunk * rows + at;
            if left < *value {
                return last;
            }
            left -= value;
        }
    }
    last
}

/// The candidate that leaves the smallest sum of squared distances; of equal ones the first.
fn best(data: &Matrix, nearest: &[f64], drawn: &[usize]) -> usize {
    let mut block = Blocks::with_room(1, data.columns(), f64::INFINITY);
    block.append(drawn.iter().map(|at| row(data, *at)));
    let lanes = block.iter().next().unwrap_or_default();
    let rows = chunk_rows(data.rows());
    let chunks = data.values().par_chunks(rows * data.columns()).zip(nearest.par_chunks(rows));
    let level = Level::new();
    let left = |(values, nearest): (&[f64], &[f64])| dispatch!(level, simd => potentials(simd, values, nearest, lanes));
    let parts: Vec<Lane> = chunks.map(left).collect();
    let mut sums = [0.0; LANES];
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(sum, more)| *sum += more);
    }
    let least = drawn.iter().zip(sums).reduce(|best, next| if next.1 < best.1 { next } else { best });
    least.map_or(0, |(at, _)| *at)
}

/// For each candidate, the sum of the rows' squared distances if it were a centre too.
#[inline(always)]
fn potentials<S: Simd>(simd: S, rows: &[f64], nearest: &[f64], candidates: &[Lane]) -> Lane {
    let mut sums = f64x8::splat(simd, 0.0);
    for (row, nearest) in rows.chunks_exact(candidates.len()).zip(nearest) {
        sums += squared_distances(simd, row, candidates).min(f64x8::splat(simd, *nearest));
    }
    sums.to_array()
}
