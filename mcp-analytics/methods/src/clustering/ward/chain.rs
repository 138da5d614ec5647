//! The nearest-neighbour chain: from cluster to nearest cluster until two are each other's nearest, which are merged.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, f64x8};
use rayon::prelude::*;

use crate::convert::{index, real};
use crate::lanes::{Blocks, LANES, Lane, load};
use crate::matrix::Matrix;

/// How many blocks one thread looks through: below that a second one costs more than it saves.
const BLOCKS_TOGETHER: usize = 4_096;

/// How many coordinates are unrolled.
const COLUMNS_TOGETHER: usize = 4;

/// The clusters of two rows are merged.
pub(super) struct Join {
    pub(super) one: usize,
    pub(super) other: usize,
    pub(super) height: f64,
}

/// All joins, in the order in which a chain finds them.
pub(super) fn joins(data: &Matrix) -> Vec<Join> {
    let mut clusters = Clusters::of_rows(data);
    let mut joins = Vec::with_capacity(data.rows().saturating_sub(1));
    let mut chain: Vec<u32> = Vec::new();
    let mut merged = None;
    while clusters.len() > 1 {
        // After rounding a merged cluster may still be in the chain.
        while chain.last().is_some_and(|last| clusters.place(*last).is_none()) {
            chain.pop();
        }
        let tip = if let Some(tip) = chain.last() { *tip } else { clusters.last() };
        if chain.is_empty() {
            chain.push(tip);
        }
        let previous = chain.iter().rev().nth(1).and_then(|previous| clusters.place(*previous));
        // The cluster whose part was nearest before the merge is a good guess.
        let guess = merged.take().and_then(|merged| clusters.place(merged));
        let Some(found) = clusters.place(tip).and_then(|place| clusters.nearest(place, previous, guess)) else { break };
        let next = clusters.name(found.place);
        if Some(found.place) == previous {
            chain.truncate(chain.len() - 2);
            joins.push(Join { one: index(tip), other: index(next), height: (2.0 * found.growth).sqrt() });
            clusters.merge(next, tip);
            merged = Some(next);
        } else {
            chain.push(next);
        }
    }
    joins
}

/// The clusters that are left: by their centroids, without gaps.
struct Clusters {
    centroids: Blocks,
    /// One divided by the number of rows of each.
    reciprocals: Vec<Lane>,
    sizes: Vec<usize>,
    /// The cluster of each place, named by one of its rows.
    names: Vec<u32>,
    /// The place of each cluster that is left.
    places: Vec<Option<u32>>,
    columns: usize,
}

/// The nearest cluster to one.
#[derive(Clone, Copy)]
struct Nearest {
    /// By how much the sum of squared distances grows if both are merged: ‖a − b‖² / (1/|a| + 1/|b|).
    growth: f64,
    place: usize,
}

impl Clusters {
    fn of_rows(data: &Matrix) -> Self {
        let blocks = data.rows().div_ceil(LANES);
        let mut centroids = Blocks::with_room(blocks, data.columns(), f64::INFINITY);
        centroids.append(data.iter_rows());
        let names = || (0..data.rows()).map(|row| u32::try_from(row).unwrap_or(u32::MAX));
        Self {
            centroids,
            reciprocals: vec![[1.0; LANES]; blocks],
            sizes: vec![1; data.rows()],
            names: names().collect(),
            places: names().map(Some).collect(),
            columns: data.columns(),
        }
    }

    fn len(&self) -> usize {
        self.names.len()
    }

    fn place(&self, name: u32) -> Option<usize> {
        self.places.get(index(name)).copied().flatten().map(index)
    }

    fn name(&self, place: usize) -> u32 {
        self.names.get(place).copied().unwrap_or(u32::MAX)
    }

    fn size(&self, place: usize) -> usize {
        self.sizes.get(place).copied().unwrap_or(0)
    }

    fn last(&self) -> u32 {
        self.names.last().copied().unwrap_or(u32::MAX)
    }

    fn centroid(&self, place: usize) -> Vec<f64> {
        self.centroids.point(place).collect()
    }

    /// The nearest cluster to that of a place: on a tie the previous one, so that a chain ends.
    ///
    /// The nearer the guess, the more is passed over early.
    fn nearest(&self, place: usize, previous: Option<usize>, guess: Option<usize>) -> Option<Nearest> {
        let tip = Tip { place, centroid: self.centroid(place), reciprocal: reciprocal(self.size(place)) };
        let candidates = [previous, guess.filter(|guess| *guess != place)].into_iter().flatten();
        let candidates = candidates.map(|place| Nearest { growth: self.growth(&tip, place), place });
        let known = candidates.reduce(nearer);
        let level = Level::new();
        let look = |start: usize| {
            let blocks = start..(start + BLOCKS_TOGETHER).min(self.reciprocals.len());
            dispatch!(level, simd => self.nearest_among(simd, &tip, blocks, known))
        };
        if self.reciprocals.len() <= BLOCKS_TOGETHER {
            return look(0);
        }
        let starts: Vec<usize> = (0..self.reciprocals.len()).step_by(BLOCKS_TOGETHER).collect();
        let found: Vec<Option<Nearest>> = starts.into_par_iter().map(look).collect();
        found.into_iter().flatten().reduce(nearer)
    }

    fn growth(&self, tip: &Tip, place: usize) -> f64 {
        let mut sum = 0.0;
        let level = Level::new();
        for block in self.centroids.range(place / LANES..place / LANES + 1) {
            let distances: Lane = dispatch!(level, simd => {
                crate::lanes::squared_distances(simd, &tip.centroid, block).to_array()
            });
            sum = distances.get(place % LANES).copied().unwrap_or(f64::INFINITY);
        }
        sum / (tip.reciprocal + reciprocal(self.size(place)))
    }

    #[inline(always)]
    fn nearest_among<S: Simd>(
        &self,
        simd: S,
        tip: &Tip,
        blocks: std::ops::Range<usize>,
        known: Option<Nearest>,
    ) -> Option<Nearest> {
        let mut best = known;
        let mut growth = f64x8::splat(simd, best.map_or(f64::INFINITY, |best| best.growth));
        let reciprocals = self.reciprocals.get(blocks.clone()).unwrap_or_default();
        let (values, last_values) = tip.centroid.as_chunks::<COLUMNS_TOGETHER>();
        for ((number, block), reciprocals) in blocks.clone().zip(self.centroids.range(blocks)).zip(reciprocals) {
            let weights = load(simd, reciprocals) + tip.reciprocal;
            // Nearer than the best, without a division.
            let limit = weights * growth;
            let mut squares = f64x8::splat(simd, 0.0);
            // Giving up a block halfway costs more in branches than it saves in sums: tried on 12 columns.
            let (lanes, last_lanes) = block.as_chunks::<COLUMNS_TOGETHER>();
            for (values, lanes) in values.iter().zip(lanes) {
                squares = add_squares(simd, values, lanes, squares);
            }
            squares = add_squares(simd, last_values, last_lanes, squares);
            let nearer = squares.simd_lt(limit).to_bitmask();
            if nearer != 0 {
                best = nearest_of((squares / weights).to_array(), nearer, (number * LANES, tip.place), best);
                growth = f64x8::splat(simd, best.map_or(f64::INFINITY, |best| best.growth));
            }
        }
        best
    }

    /// Merges one cluster into another.
    fn merge(&mut self, into: u32, from: u32) {
        let (Some(place), Some(gone)) = (self.place(into), self.place(from)) else { return };
        let size = self.size(place) + self.size(gone);
        let share = real(self.size(gone)) / real(size);
        // Of equal coordinates exactly the same again.
        let mean = |(one, other): (f64, f64)| one + (other - one) * share;
        let merged: Vec<f64> = self.centroids.point(place).zip(self.centroids.point(gone)).map(mean).collect();
        self.put(place, into, size, &merged);
        if let Some(slot) = self.places.get_mut(index(from)) {
            *slot = None;
        }
        // The last one fills the gap.
        let last = self.len() - 1;
        if gone != last {
            let (name, size, centroid) = (self.name(last), self.size(last), self.centroid(last));
            self.put(gone, name, size, &centroid);
        }
        self.centroids.set(last, &vec![f64::INFINITY; self.columns]);
        self.names.truncate(last);
        self.sizes.truncate(last);
        self.centroids.truncate(last.div_ceil(LANES));
        self.reciprocals.truncate(last.div_ceil(LANES));
    }

    fn put(&mut self, place: usize, name: u32, size: usize, centroid: &[f64]) {
        self.centroids.set(place, centroid);
        let lane = self.reciprocals.get_mut(place / LANES).and_then(|lanes| lanes.get_mut(place % LANES));
        if let (Some(lane), Some(slot)) = (lane, self.sizes.get_mut(place)) {
            *lane = reciprocal(size);
            *slot = size;
        }
        if let (Some(slot), Some(of_name)) = (self.names.get_mut(place), self.places.get_mut(index(name))) {
            *slot = name;
            *of_name = u32::try_from(place).ok();
        }
    }
}

/// The nearer one; on a tie the one that is known.
fn nearer(known: Nearest, other: Nearest) -> Nearest {
    if other.growth < known.growth { other } else { known }
}

/// The cluster whose nearest is looked for.
struct Tip {
    place: usize,
    centroid: Vec<f64>,
    reciprocal: f64,
}

/// Adds the squared differences of some coordinates.
#[inline(always)]
fn add_squares<S: Simd>(simd: S, values: &[f64], lanes: &[Lane], squares: f64x8<S>) -> f64x8<S> {
    let mut squares = squares;
    for (value, lane) in values.iter().zip(lanes) {
        let difference = load(simd, lane) - *value;
        squares = difference.mul_add(difference, squares);
    }
    squares
}

/// The best of the lanes that are set, and of the best so far; never the tip itself.
fn nearest_of(growths: Lane, lanes: u64, (start, tip): (usize, usize), best: Option<Nearest>) -> Option<Nearest> {
    let mut best = best;
    for (lane, growth) in growths.into_iter().enumerate().filter(|(lane, _)| lanes & (1 << lane) != 0) {
        let place = start + lane;
        if place != tip && best.is_none_or(|best| growth < best.growth) {
            best = Some(Nearest { growth, place });
        }
    }
    best
}

/// 1 / a number of rows.
fn reciprocal(rows: usize) -> f64 {
    1.0 / real(rows.max(1))
}
