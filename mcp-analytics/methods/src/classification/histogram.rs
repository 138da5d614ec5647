//! Columns in at most 256 bins, and sums of gradients per bin.
//!
//! A row's gradient and its curvature are whole numbers packed into one, so that one addition serves both and the order of
//! additions does not matter: the same sums for any number of threads.

use rayon::prelude::*;

use super::features::Features;
use crate::convert::{index, nearest, real_of};
use crate::random::Random;

/// Bins of a column at most, with the one for missing values.
pub(crate) const BINS_MAX: usize = 256;
/// Rows from which a column's bounds are found; of more, one row out of each stretch is drawn.
const SAMPLED_MAX: usize = 50_000;
/// Rows that one task adds up.
const CHUNK: usize = 16_384;
/// Cells from one column's sums to the next: any byte is an index, and columns do not fall onto the same cache lines.
const STRIDE: usize = 264;

/// The rows of training, binned.
pub(crate) struct Binned {
    /// Row after row: sums are gathered row by row.
    by_row: Vec<u8>,
    /// Column after column: rows are divided by one column.
    by_column: Vec<u8>,
    columns: Vec<Column>,
    rows: usize,
}

/// How a column is binned.
pub(crate) struct Column {
    /// Highest value of each bin but the last, ascending.
    pub(crate) bounds: Vec<f64>,
    /// Whether the bin after the last holds missing values.
    pub(crate) has_missing: bool,
}

impl Column {
    /// Bins of known values.
    pub(crate) fn known_bins(&self) -> usize {
        self.bounds.len() + 1
    }

    fn of(values: &[f64], bins: usize, seed: u64) -> Self {
        let has_missing = values.iter().any(|value| value.is_nan());
        let mut sample = sampled(values, seed);
        sample.retain(|value| !value.is_nan());
        sample.sort_unstable_by(f64::total_cmp);
        Self { bounds: bounds(&sample, bins.saturating_sub(usize::from(has_missing))), has_missing }
    }

    fn bin(&self, value: f64) -> u8 {
        let bin = if value.is_nan() { self.known_bins() } else { self.bounds.partition_point(|bound| *bound < value) };
        u8::try_from(bin).unwrap_or(u8::MAX)
    }
}

fn sampled(values: &[f64], seed: u64) -> Vec<f64> {
    if values.len() <= SAMPLED_MAX {
        return values.to_vec();
    }
    let mut random = Random::of_seed(seed);
    let stretches = values.chunks(values.len().div_ceil(SAMPLED_MAX));
    stretches.filter_map(|stretch| stretch.get(random.below(stretch.len())).copied()).collect()
}

/// Bounds half way between neighbouring values, with about as many values in each bin; a bin of its own for each value where
/// there are few.
pub(crate) fn bounds(sorted: &[f64], bins: usize) -> Vec<f64> {
    #[expect(clippy::float_cmp, reason = "equal values share a bin")]
    let runs: Vec<(f64, usize)> =
        sorted.chunk_by(|a, b| a == b).filter_map(|run| Some((*run.first()?, run.len()))).collect();
    let is_few = runs.len() <= bins;
    let (mut left, mut free, mut held) = (sorted.len(), bins, 0);
    let mut bounds = Vec::new();
    for pair in runs.windows(2) {
        let [(value, count), (next, _)] = pair else { continue };
        held += count;
        if is_few || (free > 1 && held * free >= left) {
            bounds.push(f64::midpoint(*value, *next));
            left -= held;
            free -= 1;
            held = 0;
        }
    }
    bounds
}

impl Binned {
    /// Bins each column into at most `bins`, from 2 to 256.
    pub(crate) fn of(features: &Features, bins: usize, seed: u64) -> Self {
        let (rows, width) = (features.rows(), features.columns());
        let binned: Vec<(Column, Vec<u8>)> = (0..width)
            .into_par_iter()
            .map(|at| {
                let values: Vec<f64> = features.column(at).collect();
                let column = Column::of(&values, bins, seed);
                let bins = values.iter().map(|value| column.bin(*value)).collect();
                (column, bins)
            })
            .collect();
        let mut by_row = vec![0; rows * width];
        by_row.par_chunks_mut(width * CHUNK).enumerate().for_each(|(chunk, cells)| {
            for (at, (_, bins)) in binned.iter().enumerate() {
                let bins = bins.iter().skip(chunk * CHUNK);
                for (cell, bin) in cells.iter_mut().skip(at).step_by(width).zip(bins) {
                    *cell = *bin;
                }
            }
        });
        let (columns, bins): (Vec<Column>, Vec<Vec<u8>>) = binned.into_iter().unzip();
        Self { by_row, by_column: bins.concat(), columns, rows }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The bin of each row in one column.
    pub(crate) fn column(&self, column: usize) -> &[u8] {
        self.by_column.get(column * self.rows..(column + 1) * self.rows).unwrap_or_default()
    }
}

/// Gradient and curvature of rows, packed; units are those of a [`Packing`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Packed(pub(crate) i64);

impl Packed {
    /// Sum of gradients.
    #[inline]
    pub(crate) fn gradient(self) -> f64 {
        real_of(self.0 >> 32)
    }

    /// Sum of curvatures.
    #[inline]
    pub(crate) fn curvature(self) -> f64 {
        real_of(self.0 & 0xffff_ffff)
    }
}

/// What one unit of a packed sum is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packing {
    pub(crate) gradient: f64,
    pub(crate) curvature: f64,
}

impl Packing {
    /// As fine as sums allow: gradients without sign and curvatures each add up to 2^30 units, half of what their 32 bits hold,
    /// so that rounding of 50,000,000 rows cannot make them run over.
    pub(crate) fn of_sums(gradients: f64, curvatures: f64) -> Self {
        const UNITS: f64 = 1_073_741_824.0;
        // Where every row is predicted to the last digit there is no gradient; 0 is 0 in any unit but 0.
        const SUM_MIN: f64 = 1e-200;
        Self { gradient: gradients.max(SUM_MIN) / UNITS, curvature: curvatures.max(SUM_MIN) / UNITS }
    }
}

/// Packs what was measured in units.
#[inline]
pub(crate) fn packed(gradient_units: f64, curvature_units: f64) -> Packed {
    Packed((nearest(gradient_units) << 32) + nearest(curvature_units))
}

/// Sums per column and bin.
#[derive(Debug)]
pub(crate) struct Histogram {
    cells: Vec<i64>,
}

impl Histogram {
    pub(crate) fn empty(columns: usize) -> Self {
        Self { cells: vec![0; columns * STRIDE] }
    }

    /// The sums of one column, bin after bin.
    pub(crate) fn column(&self, column: usize) -> &[i64] {
        self.cells.get(column * STRIDE..column * STRIDE + BINS_MAX).unwrap_or_default()
    }

    /// Becomes the sums of some rows.
    pub(crate) fn gather(&mut self, data: &Binned, packed: &[Packed], rows: &[u32]) {
        self.cells.fill(0);
        if rows.len() <= 2 * CHUNK || rayon::current_num_threads() == 1 {
            add_rows(&mut self.cells, data, packed, rows);
            return;
        }
        let sums = rows
            .par_chunks(CHUNK)
            .fold(
                || vec![0; self.cells.len()],
                |mut cells, rows| {
                    add_rows(&mut cells, data, packed, rows);
                    cells
                },
            )
            .reduce_with(|mut sums, others| {
                sums.iter_mut().zip(&others).for_each(|(sum, other)| *sum += other);
                sums
            });
        if let Some(sums) = sums {
            self.cells = sums;
        }
    }

    /// Takes away the sums of a part of the rows, which leaves those of the rest.
    pub(crate) fn subtract(&mut self, part: &Self) {
        self.cells.iter_mut().zip(&part.cells).for_each(|(sum, part)| *sum -= part);
    }
}

/// The hot loop of training: one addition per row and column.
fn add_rows(cells: &mut [i64], data: &Binned, packed: &[Packed], rows: &[u32]) {
    let width = data.columns.len();
    let (columns, _) = cells.as_chunks_mut::<STRIDE>();
    for row in rows {
        let at = index(*row);
        let (Some(packed), Some(bins)) = (packed.get(at), data.by_row.get(at * width..at * width + width)) else {
            continue;
        };
        for (column, bin) in columns.iter_mut().zip(bins) {
            #[expect(
                clippy::indexing_slicing,
                reason = "a byte is always below 264: no check remains, and none is needed"
            )]
            let cell = &mut column[usize::from(*bin)];
            *cell += packed.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::real;

    #[test]
    fn few_values_have_a_bin_each() {
        assert_eq!(bounds(&[0.0, 0.0, 1.0, 3.0], 8), [0.5, 2.0]);
        assert_eq!(bounds(&[4.0, 4.0], 8), [0.0; 0]);
    }

    #[test]
    fn many_values_share_bins_evenly() {
        let sorted: Vec<f64> = (0..1_000).map(f64::from).collect();
        let found = bounds(&sorted, 10);
        assert_eq!(found.len(), 9);
        assert!(found.iter().enumerate().all(|(at, bound)| (bound - (real(at + 1) * 100.0 - 0.5)).abs() < 1.5));
    }

    #[test]
    fn packed_sums_keep_both_numbers() {
        let sum = Packed([packed(-7.0, 3.0), packed(2.0, 5.0), packed(-1.0, 0.0)].iter().map(|packed| packed.0).sum());
        assert_eq!((sum.gradient(), sum.curvature()), (-6.0, 8.0));
    }

    #[test]
    fn a_missing_value_has_the_last_bin() {
        let column = Column::of(&[1.0, f64::NAN, 2.0], 256, 0);
        assert_eq!([1.0, 2.0, f64::NAN].map(|value| column.bin(value)), [0, 1, 2]);
    }
}
