//! The inner loop: each row to its nearest centre, and the sums of which the next centres are made.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, f64x8};

use crate::clustering::k_means::rows::ROWS_TOGETHER;
use crate::convert::{index, real};
use crate::lanes::{Blocks, LANES, Lane, load};

/// Centres, a lane each, as the inner loop wants them.
///
/// The nearest centre c of a row x has the smallest ½‖c‖² − x·c, half the work of a distance. Both are taken from the
/// columns' means, otherwise digits are lost where the data lies far from zero.
pub(super) struct Centres {
    /// −(c − m).
    negated: Blocks,
    /// ½‖c − m‖² + m·(c − m), infinite where a lane has no centre.
    offsets: Vec<Lane>,
    columns: usize,
    clusters: usize,
}

impl Centres {
    pub(super) fn of(centres: &[f64], means: &[f64]) -> Self {
        let columns = means.len();
        let clusters = centres.len() / columns.max(1);
        let mut offsets = vec![[f64::INFINITY; LANES]; clusters.div_ceil(LANES)];
        let mut negated = centres.to_vec();
        let slots = offsets.iter_mut().flatten();
        for (centre, offset) in negated.chunks_exact_mut(columns.max(1)).zip(slots) {
            *offset = 0.0;
            for (value, mean) in centre.iter_mut().zip(means) {
                let shifted = *value - mean;
                *offset += shifted * (0.5 * shifted + mean);
                *value = -shifted;
            }
        }
        let mut blocks = Blocks::with_room(offsets.len(), columns, 0.0);
        blocks.append(negated.chunks_exact(columns.max(1)));
        Self { negated: blocks, offsets, columns, clusters }
    }
}

/// Sums of rows by label.
pub(super) struct Sums {
    values: Vec<f64>,
    pub(super) counts: Vec<usize>,
    columns: usize,
    /// How many rows have another label than before.
    pub(super) changed: usize,
}

impl Sums {
    fn empty(clusters: usize, columns: usize) -> Self {
        Self { values: vec![0.0; clusters * columns], counts: vec![0; clusters], columns, changed: 0 }
    }

    /// The sum of parts, added up in their order.
    pub(super) fn of_parts(parts: Vec<Self>, clusters: usize, columns: usize) -> Self {
        let mut total = Self::empty(clusters, columns);
        for part in parts {
            total.changed += part.changed;
            total.values.iter_mut().zip(&part.values).for_each(|(sum, more)| *sum += more);
            total.counts.iter_mut().zip(&part.counts).for_each(|(sum, more)| *sum += more);
        }
        total
    }

    /// The sum of the rows of a cluster.
    pub(super) fn of_cluster(&mut self, cluster: usize) -> &mut [f64] {
        let start = cluster * self.columns;
        self.values.get_mut(start..start + self.columns).unwrap_or_default()
    }

    #[inline(always)]
    fn add(&mut self, label: u32, row: &[f64]) {
        let cluster = index(label);
        self.of_cluster(cluster).iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        if let Some(count) = self.counts.get_mut(cluster) {
            *count += 1;
        }
    }

    /// The centres: the mean of each cluster; for an empty one that of the largest, as scikit-learn does it.
    pub(super) fn means(&self) -> Vec<f64> {
        let mut means = self.values.clone();
        for (centre, count) in means.chunks_exact_mut(self.columns).zip(&self.counts) {
            for value in centre {
                *value /= real((*count).max(1));
            }
        }
        if self.counts.contains(&0) {
            let first_largest = (0..self.counts.len()).rev().max_by_key(|cluster| self.counts.get(*cluster));
            let largest = means.chunks_exact(self.columns).nth(first_largest.unwrap_or(0)).unwrap_or_default().to_vec();
            for (centre, _) in means.chunks_exact_mut(self.columns).zip(&self.counts).filter(|(_, count)| **count == 0)
            {
                centre.copy_from_slice(&largest);
            }
        }
        means
    }
}

/// Labels rows, and adds them up by label.
pub(super) fn assign_and_sum(rows: &[f64], centres: &Centres, labels: &mut [u32]) -> Sums {
    let level = Level::new();
    dispatch!(level, simd => assign_and_sum_with(simd, rows, centres, labels))
}

/// Labels rows.
pub(super) fn assign(rows: &[f64], centres: &Centres, labels: &mut [u32]) {
    let level = Level::new();
    dispatch!(level, simd => each_row(simd, rows, centres, labels, |_, _, _| {}));
}

#[inline(always)]
fn assign_and_sum_with<S: Simd>(simd: S, rows: &[f64], centres: &Centres, labels: &mut [u32]) -> Sums {
    let mut sums = Sums::empty(centres.clusters, centres.columns);
    let mut changed = 0;
    each_row(
        simd,
        rows,
        centres,
        labels,
        #[inline(always)]
        |row, last, label| {
            changed += usize::from(last != label);
            sums.add(label, row);
        },
    );
    sums.changed = changed;
    sums
}

/// Labels rows, and shows each with its last and its next label.
#[inline(always)]
fn each_row<S: Simd>(
    simd: S,
    rows: &[f64],
    centres: &Centres,
    labels: &mut [u32],
    mut seen: impl FnMut(&[f64], u32, u32),
) {
    let width = centres.columns;
    let mut groups = rows.chunks_exact(ROWS_TOGETHER * width);
    let mut slots = labels.chunks_exact_mut(ROWS_TOGETHER);
    for (group, slots) in groups.by_ref().zip(slots.by_ref()) {
        let (first, second) = group.split_at(2 * width);
        let (one, two) = first.split_at(width);
        let (three, four) = second.split_at(width);
        let found = nearest(simd, [one, two, three, four], centres);
        for ((row, slot), label) in [one, two, three, four].into_iter().zip(slots).zip(found) {
            seen(row, *slot, label);
            *slot = label;
        }
    }
    for (row, slot) in groups.remainder().chunks_exact(width).zip(slots.into_remainder()) {
        let [label, ..] = nearest(simd, [row; ROWS_TOGETHER], centres);
        seen(row, *slot, label);
        *slot = label;
    }
}

/// The nearest centre of four rows; of equally near ones the first.
#[inline(always)]
fn nearest<S: Simd>(simd: S, rows: [&[f64]; ROWS_TOGETHER], centres: &Centres) -> [u32; ROWS_TOGETHER] {
    let mut least = [f64x8::splat(simd, f64::INFINITY); ROWS_TOGETHER];
    let mut blocks = [f64x8::splat(simd, 0.0); ROWS_TOGETHER];
    let mut number = 0.0;
    for (block, offset) in centres.negated.iter().zip(&centres.offsets) {
        let [one, two, three, four] = rows;
        let mut scores = [load(simd, offset); ROWS_TOGETHER];
        for ((((lane, one), two), three), four) in block.iter().zip(one).zip(two).zip(three).zip(four) {
            let lane = load(simd, lane);
            for (score, value) in scores.iter_mut().zip([one, two, three, four]) {
                *score = lane.mul_add(*value, *score);
            }
        }
        for ((score, least), block) in scores.into_iter().zip(&mut least).zip(&mut blocks) {
            let is_less = score.simd_lt(*least);
            *block = is_less.select(f64x8::splat(simd, number), *block);
            *least = is_less.select(score, *least);
        }
        number += 1.0;
    }
    let mut found = [0; ROWS_TOGETHER];
    for ((found, least), blocks) in found.iter_mut().zip(least).zip(blocks) {
        let ties = least.simd_eq(f64x8::splat(simd, least.reduce_min())).to_bitmask();
        *found = if centres.offsets.len() == 1 { ties.trailing_zeros() } else { first_of(ties, blocks.to_array()) };
    }
    found
}

/// The lowest number of the centres whose lane is set: blocks are numbered by lane.
#[inline(always)]
fn first_of(mut ties: u64, blocks: Lane) -> u32 {
    let mut first = u32::MAX;
    while ties != 0 {
        let lane = ties.trailing_zeros();
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counted from 0 by ones"
        )]
        let block = blocks.get(index(lane)).map_or(0, |block| *block as u32);
        first = first.min(block * 8 + lane);
        ties &= ties - 1;
    }
    first
}
