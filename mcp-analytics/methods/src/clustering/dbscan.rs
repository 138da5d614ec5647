//! DBSCAN: clusters are where rows lie densely; what lies thinly is noise.
//!
//! Ester, Kriegel, Sander and Xu 1996, with the labels of scikit-learn 1.9: a row counts as its own neighbour, clusters are
//! numbered by their first core row, and a border row belongs to the first cluster that it is near to. Distances are summed
//! coordinate by coordinate without fused steps, so that rows at exactly the radius fall on the same side.
//!
//! The rows are in the leaves of a k-d tree, and most pairs of leaves are decided by their boxes alone. O(rows · neighbours)
//! time at worst, O(rows · columns) memory.

mod components;
mod core;
mod tree;

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, f64x8};
use rayon::prelude::*;

use crate::clustering::Partition;
use crate::convert::index;
use crate::fault::Fault;
use crate::lanes::{LANES, squared_distances_unfused};
use crate::matrix::Matrix;
use components::Components;
use tree::Tree;

/// How close, and how many.
#[derive(Clone, Debug, PartialEq)]
pub struct Dbscan {
    /// How far a neighbour may be away, in the units of the data; above 0.
    pub radius: f64,
    /// How many neighbours, itself among them, make a row a core of a cluster; at least 1.
    pub neighbours_min: usize,
}

/// What DBSCAN found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbscanFit {
    /// The cluster of each row; rows in none are noise.
    pub partition: Partition,
    /// Whether each row is a core: such rows hold a cluster together, the others lie at its border.
    pub is_core: Vec<bool>,
}

/// Clusters by density.
///
/// # Errors
/// `Parameter` for a radius that is not a finite number above 0 or for 0 neighbours, `TooFewRows` without rows,
/// `Shape` for more than 2³² − 1 rows.
pub fn dbscan(data: &Matrix, options: &Dbscan) -> Result<DbscanFit, Fault> {
    if !(options.radius > 0.0 && options.radius.is_finite()) {
        return Err(Fault::Parameter { name: "radius", expected: "a finite number above 0" });
    }
    if options.neighbours_min == 0 {
        return Err(Fault::Parameter { name: "neighbours_min", expected: "1 or more" });
    }
    if data.rows() == 0 {
        return Err(Fault::TooFewRows { rows: 0, needed: 1 });
    }
    // Places are numbered in 32 bits; filling up leaves takes some of them.
    let rows_max = index(u32::MAX) / 2;
    if data.rows() > rows_max {
        return Err(Fault::Shape { values: data.rows(), needed: rows_max });
    }
    // An infinite square would take the filler of unfinished blocks for neighbours.
    let reach = (options.radius * options.radius).min(f64::MAX);
    let tree = Tree::of(data);
    let cores = core::cores(&tree, reach, options.neighbours_min);
    let components = core::connect(&tree, &cores, reach);
    let numbers = number(&tree, &cores, &components, data.rows());
    let mut labels = vec![None; data.rows()];
    let mut is_core = vec![false; data.rows()];
    let borders: Vec<Vec<(u32, u32)>> =
        (0..tree.leaves()).into_par_iter().map(|leaf| borders(&tree, &cores, &numbers, leaf, reach)).collect();
    for (row, label) in borders.into_iter().flatten() {
        if let Some(slot) = labels.get_mut(index(row)) {
            *slot = Some(label);
        }
    }
    for place in cores.places() {
        let row = index(tree.row(place));
        if let (Some(label), Some(core)) = (labels.get_mut(row), is_core.get_mut(row)) {
            *label = numbers.get(place).copied();
            *core = true;
        }
    }
    Ok(DbscanFit { partition: Partition::of_labels(labels), is_core })
}

/// For the place of each core the number of its cluster, by the first row that is a core of it; elsewhere `u32::MAX`.
fn number(tree: &Tree, cores: &core::Cores, components: &Components, rows: usize) -> Vec<u32> {
    let mut place_of = vec![None; rows];
    for place in cores.places() {
        if let Some(slot) = place_of.get_mut(index(tree.row(place))) {
            *slot = u32::try_from(place).ok();
        }
    }
    let mut numbers = vec![u32::MAX; tree.places()];
    let mut next = 0;
    for place in place_of.into_iter().flatten() {
        let root = index(components.root(place));
        let Some(number) = numbers.get_mut(root) else { continue };
        if *number == u32::MAX {
            *number = next;
            next += 1;
        }
        let number = *number;
        if let Some(slot) = numbers.get_mut(index(place)) {
            *slot = number;
        }
    }
    numbers
}

/// The rows of a leaf that are no cores but near to one, each with the lowest cluster of those.
fn borders(tree: &Tree, cores: &core::Cores, numbers: &[u32], leaf: usize, reach: f64) -> Vec<(u32, u32)> {
    let outside: Vec<usize> = tree.places_of(leaf).filter(|place| !cores.has(*place)).collect();
    if outside.is_empty() {
        return Vec::new();
    }
    let near = tree.near(leaf, reach);
    let level = Level::new();
    let lowest = |place| {
        let row: Vec<f64> = tree.points().point(place).collect();
        let label = dispatch!(level, simd => lowest_near(simd, (tree, cores, numbers), &near, &row, reach));
        label.map(|label| (tree.row(place), label))
    };
    outside.into_iter().filter_map(lowest).collect()
}

#[inline(always)]
fn lowest_near<S: Simd>(
    simd: S,
    (tree, cores, numbers): (&Tree, &core::Cores, &[u32]),
    near: &[usize],
    row: &[f64],
    reach: f64,
) -> Option<u32> {
    let reach_lanes = f64x8::splat(simd, reach);
    let mut lowest = None;
    for leaf in near.iter().filter(|leaf| tree.nearest_of(row, **leaf) <= reach) {
        let blocks = tree.blocks_of(*leaf);
        for (number, block) in blocks.clone().zip(tree.points().range(blocks)) {
            let mut hits = u64::from(cores.of_block(number));
            if hits != 0 {
                hits &= squared_distances_unfused(simd, row, block).simd_le(reach_lanes).to_bitmask();
            }
            while hits != 0 {
                let place = number * LANES + index(hits.trailing_zeros());
                let label = numbers.get(place).copied();
                lowest = lowest.or(label).min(label);
                hits &= hits - 1;
            }
        }
    }
    lowest
}

#[cfg(test)]
mod tests;
