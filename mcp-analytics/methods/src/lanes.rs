//! Points laid out for vector instructions: eight at a time, a coordinate's eight values beside each other.
//!
//! Which instructions there are is found at run time (`fearless_simd`: SSE2, AVX2, AVX-512, NEON). Functions that take a
//! `Simd` have to be inlined into their `dispatch!`, otherwise they are compiled without them.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f64x8};

/// How many points lie beside each other.
pub(crate) const LANES: usize = 8;

/// One coordinate of eight points.
pub(crate) type Lane = [f64; LANES];

/// Points in groups of eight; the last group is filled up.
#[derive(Clone, Debug)]
pub(crate) struct Blocks {
    lanes: Vec<Lane>,
    columns: usize,
    filler: f64,
}

impl Blocks {
    /// No points yet, with room for so many blocks. Missing points of a block have the filler for every coordinate.
    pub(crate) fn with_room(blocks: usize, columns: usize, filler: f64) -> Self {
        Self { lanes: Vec::with_capacity(blocks * columns), columns, filler }
    }

    /// Appends points, in blocks of their own: what was appended before is not touched.
    pub(crate) fn append<'a>(&mut self, mut rows: impl Iterator<Item = &'a [f64]>) {
        loop {
            let start = self.lanes.len();
            for (lane, row) in rows.by_ref().take(LANES).enumerate() {
                if lane == 0 {
                    self.lanes.resize(start + self.columns, [self.filler; LANES]);
                }
                put(self.lanes.get_mut(start..).unwrap_or_default(), lane, row);
            }
            if self.lanes.len() == start {
                return;
            }
        }
    }

    /// How many blocks there are.
    pub(crate) fn len(&self) -> usize {
        self.lanes.len() / self.columns
    }

    /// Each block: one lane for each coordinate.
    pub(crate) fn iter(&self) -> std::slice::ChunksExact<'_, Lane> {
        self.lanes.chunks_exact(self.columns)
    }

    /// Some of the blocks; none where the range is out of bounds.
    pub(crate) fn range(&self, blocks: std::ops::Range<usize>) -> std::slice::ChunksExact<'_, Lane> {
        let lanes = self.lanes.get(blocks.start * self.columns..blocks.end * self.columns);
        lanes.unwrap_or_default().chunks_exact(self.columns)
    }

    /// The coordinates of one point, by its place.
    pub(crate) fn point(&self, place: usize) -> impl Iterator<Item = f64> {
        let lane = place % LANES;
        self.range(place / LANES..place / LANES + 1).flatten().filter_map(move |lanes| lanes.get(lane).copied())
    }

    /// Moves a point to a place.
    pub(crate) fn set(&mut self, place: usize, row: &[f64]) {
        let start = place / LANES * self.columns;
        put(self.lanes.get_mut(start..start + self.columns).unwrap_or_default(), place % LANES, row);
    }

    /// Drops the blocks from this one on.
    pub(crate) fn truncate(&mut self, blocks: usize) {
        self.lanes.truncate(blocks * self.columns);
    }
}

fn put(block: &mut [Lane], lane: usize, row: &[f64]) {
    for (lanes, value) in block.iter_mut().zip(row) {
        if let Some(slot) = lanes.get_mut(lane) {
            *slot = *value;
        }
    }
}

/// Eight values as a vector.
#[inline(always)]
pub(crate) fn load<S: Simd>(simd: S, lane: &Lane) -> f64x8<S> {
    f64x8::load_array_ref(simd, lane)
}

/// The squared distances of a point to the eight points of a block, with fused steps where the processor has them: without
/// (x86-64 before AVX2) the last bits may be others.
#[inline(always)]
pub(crate) fn squared_distances<S: Simd>(simd: S, row: &[f64], block: &[Lane]) -> f64x8<S> {
    let mut sum = f64x8::splat(simd, 0.0);
    for (value, lane) in row.iter().zip(block) {
        let difference = load(simd, lane) - *value;
        sum = difference.mul_add(difference, sum);
    }
    sum
}

/// The same, each step rounded by itself: the sums of a reference implementation that adds up coordinate by coordinate, to
/// the last bit, on any processor.
#[inline(always)]
pub(crate) fn squared_distances_unfused<S: Simd>(simd: S, row: &[f64], block: &[Lane]) -> f64x8<S> {
    let mut sum = f64x8::splat(simd, 0.0);
    for (value, lane) in row.iter().zip(block) {
        let difference = load(simd, lane) - *value;
        sum = difference * difference + sum;
    }
    sum
}
