//! Which rows are cores, and which cores hang together.

use std::sync::atomic::{AtomicBool, Ordering};

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, f64x8};
use rayon::prelude::*;

use crate::clustering::dbscan::components::Components;
use crate::clustering::dbscan::tree::Tree;
use crate::convert::index;
use crate::lanes::{LANES, squared_distances_unfused};

/// Which places have a core: a bit for each lane of each block.
pub(super) struct Cores(Vec<u8>);

impl Cores {
    pub(super) fn of_block(&self, block: usize) -> u8 {
        self.0.get(block).copied().unwrap_or(0)
    }

    pub(super) fn has(&self, place: usize) -> bool {
        self.of_block(place / LANES) & (1 << (place % LANES)) != 0
    }

    /// Every place with a core, in ascending order.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        (0..self.0.len() * LANES).filter(|place| self.has(*place))
    }
}

/// The rows with at least so many rows within reach, themselves among them.
pub(super) fn cores(tree: &Tree, reach: f64, neighbours_min: usize) -> Cores {
    let level = Level::new();
    let of_leaf = |leaf| dispatch!(level, simd => cores_of_leaf(simd, tree, leaf, reach, neighbours_min));
    let masks: Vec<Vec<u8>> = (0..tree.leaves()).into_par_iter().map(of_leaf).collect();
    Cores(masks.concat())
}

#[inline(always)]
fn cores_of_leaf<S: Simd>(simd: S, tree: &Tree, leaf: usize, reach: f64, neighbours_min: usize) -> Vec<u8> {
    // Rows that are within reach of all rows of the leaf.
    let mut sure = 0;
    let mut unsure = Vec::new();
    tree.each_near(leaf, reach, |other, nearest| {
        if tree.farthest(leaf, other) <= reach {
            sure += tree.rows_of(other);
        } else {
            unsure.push((nearest, other));
        }
        sure < neighbours_min
    });
    // The nearest leaves first: most cores are known after a few.
    unsure.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let mut masks = vec![0_u8; tree.blocks_of(leaf).len()];
    let mut row = Vec::with_capacity(LANES);
    for (number, place) in tree.places_of(leaf).enumerate() {
        let mut count = sure;
        if count < neighbours_min {
            row.clear();
            row.extend(tree.points().point(place));
            for (_, other) in &unsure {
                if count >= neighbours_min {
                    break;
                }
                if tree.nearest_of(&row, *other) <= reach {
                    count += count_within(simd, tree, *other, &row, reach);
                }
            }
        }
        if count >= neighbours_min
            && let Some(mask) = masks.get_mut(number / LANES)
        {
            *mask |= 1 << (number % LANES);
        }
    }
    masks
}

/// How many rows of a leaf are within reach of a row.
#[inline(always)]
fn count_within<S: Simd>(simd: S, tree: &Tree, leaf: usize, row: &[f64], reach: f64) -> usize {
    let reach = f64x8::splat(simd, reach);
    let mut count = 0;
    for block in tree.points().range(tree.blocks_of(leaf)) {
        count += squared_distances_unfused(simd, row, block).simd_le(reach).to_bitmask().count_ones();
    }
    index(count)
}

/// Unites the cores that are within reach of each other.
pub(super) fn connect(tree: &Tree, cores: &Cores, reach: f64) -> Components {
    let unions = Unions {
        tree,
        cores,
        reach,
        components: Components::of_singles(tree.places()),
        is_united: (0..tree.leaves()).map(|_| AtomicBool::new(false)).collect(),
    };
    let level = Level::new();
    (0..tree.leaves()).into_par_iter().for_each(|leaf| dispatch!(level, simd => unions.within(simd, leaf)));
    (0..tree.leaves()).into_par_iter().for_each(|leaf| dispatch!(level, simd => unions.around(simd, leaf)));
    unions.components
}

/// Unions in progress. They only ever grow, so that what one thread has not seen of another costs time, not truth.
struct Unions<'a> {
    tree: &'a Tree,
    cores: &'a Cores,
    reach: f64,
    components: Components,
    /// The leaves whose cores are all in one set.
    is_united: Vec<AtomicBool>,
}

impl Unions<'_> {
    /// Unites the cores of a leaf with each other.
    #[inline(always)]
    fn within<S: Simd>(&self, simd: S, leaf: usize) {
        let cores = self.cores_of(leaf);
        let is_small = self.tree.farthest(leaf, leaf) <= self.reach;
        let mut apart = cores.len().saturating_sub(1);
        if is_small && let Some(first) = cores.first() {
            for other in &cores {
                self.components.unite(*first, *other);
            }
            apart = 0;
        }
        for core in &cores {
            if apart == 0 {
                break;
            }
            let row: Vec<f64> = self.tree.points().point(index(*core)).collect();
            self.each_core_near(simd, &row, leaf, |other| {
                apart -= usize::from(self.components.unite(*core, other));
                apart > 0
            });
        }
        if apart == 0 {
            self.set_united(leaf);
        }
    }

    /// Unites the cores of a leaf with those of the leaves around that come after it.
    #[inline(always)]
    fn around<S: Simd>(&self, simd: S, leaf: usize) {
        let Some(first) = self.first_of(leaf) else { return };
        let cores = self.cores_of(leaf);
        let mut row = Vec::with_capacity(LANES);
        for other in self.tree.near(leaf, self.reach).into_iter().filter(|other| *other > leaf) {
            let Some(other_first) = self.first_of(other) else { continue };
            if self.is_united(leaf) && self.is_united(other) && self.are_one(first, other_first) {
                continue;
            }
            let others = self.cores_of(other);
            if self.tree.farthest(leaf, other) <= self.reach {
                for core in &cores {
                    self.components.unite(*core, other_first);
                }
                for core in &others {
                    self.components.unite(first, *core);
                }
                self.set_united(leaf);
                self.set_united(other);
                continue;
            }
            for core in &cores {
                let is_other_united = self.is_united(other);
                if is_other_united && self.are_one(*core, other_first) {
                    // Where the leaf is united too, so are all of its cores with all of the other's.
                    if self.is_united(leaf) {
                        break;
                    }
                    continue;
                }
                row.clear();
                row.extend(self.tree.points().point(index(*core)));
                if self.tree.nearest_of(&row, other) > self.reach {
                    continue;
                }
                self.each_core_near(simd, &row, other, |neighbour| {
                    self.components.unite(*core, neighbour);
                    !is_other_united
                });
            }
            self.look_united(leaf, &cores);
            self.look_united(other, &others);
        }
    }

    /// Shows the cores of a leaf that are within reach of a row, as long as it is answered by `true`.
    #[inline(always)]
    fn each_core_near<S: Simd>(&self, simd: S, row: &[f64], leaf: usize, mut visit: impl FnMut(u32) -> bool) {
        let reach = f64x8::splat(simd, self.reach);
        let blocks = self.tree.blocks_of(leaf);
        for (number, block) in blocks.clone().zip(self.tree.points().range(blocks)) {
            let mut hits = u64::from(self.cores.of_block(number));
            if hits != 0 {
                hits &= squared_distances_unfused(simd, row, block).simd_le(reach).to_bitmask();
            }
            while hits != 0 {
                let place = number * LANES + index(hits.trailing_zeros());
                if !visit(u32::try_from(place).unwrap_or(u32::MAX)) {
                    return;
                }
                hits &= hits - 1;
            }
        }
    }

    fn cores_of(&self, leaf: usize) -> Vec<u32> {
        let places = self.tree.places_of(leaf).filter(|place| self.cores.has(*place));
        places.filter_map(|place| u32::try_from(place).ok()).collect()
    }

    /// The first core of a leaf.
    fn first_of(&self, leaf: usize) -> Option<u32> {
        let mut blocks = self.tree.blocks_of(leaf).map(|block| (block, self.cores.of_block(block)));
        let (block, cores) = blocks.find(|(_, cores)| *cores != 0)?;
        u32::try_from(block * LANES + index(cores.trailing_zeros())).ok()
    }

    fn are_one(&self, one: u32, other: u32) -> bool {
        self.components.root(one) == self.components.root(other)
    }

    fn is_united(&self, leaf: usize) -> bool {
        self.is_united.get(leaf).is_some_and(|is_united| is_united.load(Ordering::Relaxed))
    }

    fn set_united(&self, leaf: usize) {
        if let Some(is_united) = self.is_united.get(leaf) {
            is_united.store(true, Ordering::Relaxed);
        }
    }

    fn look_united(&self, leaf: usize, cores: &[u32]) {
        if !self.is_united(leaf)
            && let Some((first, rest)) = cores.split_first()
            && rest.iter().all(|core| self.are_one(*first, *core))
        {
            self.set_united(leaf);
        }
    }
}
