//! Sums of distances between rows and clusters: four rows against eight at a time, each pair of rows once.

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, f64x8};
use rayon::prelude::*;

use crate::lanes::{LANES, Lane, load};
use crate::validation::silhouette::layout::{Layout, Strip};

/// How many rows a task compares with all others.
pub(super) const ROWS_OF_TASK: usize = 64;

/// How many blocks of rows a task of pairs has at most. Pairs within are computed twice: few beside all others.
const BLOCKS_OF_TASK: usize = 32;

/// How many tasks of pairs are in flight: each has a sum for every row.
const TASKS_TOGETHER: usize = 16;

/// One coordinate of the four rows that are in flight.
type Quad = [f64; 4];

/// For each place and cluster, the sum of the distances.
pub(super) struct Sums {
    /// Cluster after cluster.
    values: Vec<f64>,
    places: usize,
}

impl Sums {
    /// Up to how many sums are kept at once (64 MB); above that, pairs are computed twice instead.
    pub(super) const VALUES_MAX: usize = 8_388_608;

    fn empty(places: usize, clusters: usize) -> Self {
        Self { values: vec![0.0; places * clusters], places }
    }

    pub(super) fn of(&self, place: usize, cluster: usize) -> f64 {
        self.values.get(cluster * self.places + place).copied().unwrap_or(0.0)
    }

    /// The sums of a cluster, from a place on.
    fn from(&mut self, place: usize, cluster: usize) -> &mut [f64] {
        let start = cluster * self.places;
        self.values.get_mut(start + place..start + self.places).unwrap_or_default()
    }

    /// All sums, from each pair once.
    pub(super) fn of_pairs(layout: &Layout) -> Self {
        let pieces = |cluster: usize| {
            let blocks = layout.blocks(cluster);
            let piece = move |start: usize| (cluster, start..(start + BLOCKS_OF_TASK).min(blocks.end));
            layout.blocks(cluster).step_by(BLOCKS_OF_TASK).map(piece)
        };
        let tasks: Vec<(usize, Range<usize>)> = (0..layout.clusters()).flat_map(pieces).collect();
        let mut sums = Self::empty(layout.places_len(), layout.clusters());
        for tasks in tasks.chunks(TASKS_TOGETHER) {
            let parts: Vec<Part> = tasks.par_iter().map(|(cluster, rows)| Part::of(layout, *cluster, rows)).collect();
            for ((cluster, rows), part) in tasks.iter().zip(parts) {
                sums.add(*cluster, rows, &part);
            }
        }
        sums
    }

    fn add(&mut self, cluster: usize, rows: &Range<usize>, part: &Part) {
        for to in 0..part.rows.values.len() / part.rows.places.max(1) {
            let own = (0..part.rows.places).map(|place| part.rows.of(place, to));
            self.from(rows.start * LANES, to).iter_mut().zip(own).for_each(|(sum, more)| *sum += more);
        }
        let others = part.columns.iter().flatten();
        self.from(rows.end * LANES, cluster).iter_mut().zip(others).for_each(|(sum, more)| *sum += more);
    }

    /// The sums of some places alone, numbered as they are given.
    pub(super) fn of_places(layout: &Layout, places: &[(usize, usize)]) -> Self {
        let quads: Vec<Vec<Quad>> = places.chunks(4).map(|places| quad(layout, places)).collect();
        let mut sums = Self::empty(quads.len() * 4, layout.clusters());
        let level = Level::new();
        for strip in layout.strips() {
            for (number, quad) in quads.iter().enumerate() {
                let more = dispatch!(level, simd => row_sums(simd, layout, quad, strip));
                sums.from(number * 4, strip.cluster).iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
        }
        sums
    }
}

/// The rows at some places, at most four; the last one fills up.
fn quad(layout: &Layout, places: &[(usize, usize)]) -> Vec<Quad> {
    let mut quad = Vec::new();
    let last = places.len().saturating_sub(1);
    for slot in 0..4 {
        let place = places.get(slot.min(last)).map_or(0, |(place, _)| *place);
        for (column, value) in layout.points.point(place).enumerate() {
            if quad.len() <= column {
                quad.push([0.0; 4]);
            }
            if let Some(slot) = quad.get_mut(column).and_then(|values| values.get_mut(slot)) {
                *slot = value;
            }
        }
    }
    quad
}

/// What one task adds to the sums: some blocks of a cluster with themselves and with all blocks that come after them.
struct Part {
    /// The sums of the task's rows.
    rows: Sums,
    /// For each row after them, the sum of its distances to the task's rows.
    columns: Vec<Lane>,
}

impl Part {
    fn of(layout: &Layout, cluster: usize, rows: &Range<usize>) -> Self {
        let level = Level::new();
        dispatch!(level, simd => Self::with(simd, layout, cluster, rows))
    }

    #[inline(always)]
    fn with<S: Simd>(simd: S, layout: &Layout, cluster: usize, rows: &Range<usize>) -> Self {
        let mut sums = Sums::empty(rows.len() * LANES, layout.clusters());
        let mut columns = vec![[0.0; LANES]; layout.points.len() - rows.end];
        let quads: Vec<(Vec<Quad>, Quad)> = layout
            .strips()
            .iter()
            .filter(|strip| strip.cluster == cluster)
            .flat_map(|strip| weighted_quads(layout, strip, rows))
            .collect();
        for strip in layout.strips().iter().filter(|strip| strip.blocks.end > rows.start) {
            let is_own = strip.blocks.start < rows.end;
            let start = strip.blocks.start.saturating_sub(rows.end);
            let columns = columns.get_mut(start..start + strip.blocks.len()).unwrap_or_default();
            for (number, (quad, weights)) in quads.iter().enumerate() {
                let more = if is_own {
                    row_sums(simd, layout, quad, strip)
                } else {
                    all_sums(simd, layout, (quad, weights), strip, columns)
                };
                sums.from(number * 4, strip.cluster).iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
        }
        Self { rows: sums, columns }
    }
}

/// The rows of a strip's blocks that a task has, by fours, with 0 as the weight of those that are none.
fn weighted_quads(layout: &Layout, strip: &Strip, rows: &Range<usize>) -> Vec<(Vec<Quad>, Quad)> {
    let blocks = strip.blocks.start.max(rows.start)..strip.blocks.end.min(rows.end);
    let mut quads = Vec::new();
    for (number, block) in blocks.clone().zip(layout.points.range(blocks)) {
        let weights = if number + 1 == strip.blocks.end { strip.last } else { [1.0; LANES] };
        let [lower, upper] = halves(&weights);
        quads.push((block.iter().map(|lane| halves(lane)[0]).collect(), lower));
        quads.push((block.iter().map(|lane| halves(lane)[1]).collect(), upper));
    }
    quads
}

fn halves(lane: &Lane) -> [Quad; 2] {
    [[lane[0], lane[1], lane[2], lane[3]], [lane[4], lane[5], lane[6], lane[7]]]
}

/// The distances of four rows to the eight rows of a block.
///
/// Here and below loops stand in place of `map` and closures: what is not inlined is compiled without vector instructions.
#[inline(always)]
fn distances<S: Simd>(simd: S, quad: &[Quad], block: &[Lane]) -> [f64x8<S>; 4] {
    let mut found = [f64x8::splat(simd, 0.0); 4];
    for (values, lane) in quad.iter().zip(block) {
        let lane = load(simd, lane);
        for (square, value) in found.iter_mut().zip(values) {
            let difference = lane - *value;
            *square = difference.mul_add(difference, *square);
        }
    }
    for square in &mut found {
        *square = square.sqrt();
    }
    found
}

/// Adds distances, each with its lane's weight.
#[inline(always)]
fn add_weighted<S: Simd>(sums: &mut [f64x8<S>; 4], distances: &[f64x8<S>; 4], weights: f64x8<S>) {
    for (sum, distances) in sums.iter_mut().zip(distances) {
        *sum += *distances * weights;
    }
}

#[inline(always)]
fn totals<S: Simd>([one, two, three, four]: [f64x8<S>; 4]) -> Quad {
    [one.reduce_sum(), two.reduce_sum(), three.reduce_sum(), four.reduce_sum()]
}

/// The sums of the distances of four rows to the rows of a strip.
#[inline(always)]
fn row_sums<S: Simd>(simd: S, layout: &Layout, quad: &[Quad], strip: &Strip) -> Quad {
    let mut sums = [f64x8::splat(simd, 0.0); 4];
    let last = strip.blocks.end - 1;
    for block in layout.points.range(strip.blocks.start..last) {
        let found = distances(simd, quad, block);
        for (sum, distances) in sums.iter_mut().zip(&found) {
            *sum += *distances;
        }
    }
    for block in layout.points.range(last..last + 1) {
        add_weighted(&mut sums, &distances(simd, quad, block), load(simd, &strip.last));
    }
    totals(sums)
}

/// The same; and for each row of the strip, the sum of its distances to the four is added to the columns.
#[inline(always)]
fn all_sums<S: Simd>(
    simd: S,
    layout: &Layout,
    (quad, row_weights): (&[Quad], &Quad),
    strip: &Strip,
    columns: &mut [Lane],
) -> Quad {
    let mut sums = [f64x8::splat(simd, 0.0); 4];
    let last = strip.blocks.end - 1;
    let mut slots = columns.iter_mut();
    for (block, column) in layout.points.range(strip.blocks.start..last).zip(slots.by_ref()) {
        let found = distances(simd, quad, block);
        for (sum, distances) in sums.iter_mut().zip(&found) {
            *sum += *distances;
        }
        add_to_column(simd, column, &found, row_weights);
    }
    for (block, column) in layout.points.range(last..last + 1).zip(slots) {
        let found = distances(simd, quad, block);
        add_weighted(&mut sums, &found, load(simd, &strip.last));
        // Where the block is not full the column has no row: whatever is added there is not read.
        add_to_column(simd, column, &found, row_weights);
    }
    totals(sums)
}

/// Adds the distances to the four rows, each row with its weight.
#[inline(always)]
fn add_to_column<S: Simd>(simd: S, column: &mut Lane, found: &[f64x8<S>; 4], [a, b, c, d]: &Quad) {
    let [one, two, three, four] = found;
    let pairs = [two.mul_add(*b, *one * *a), four.mul_add(*d, *three * *c)];
    *column = (load(simd, column) + (pairs[0] + pairs[1])).to_array();
}
