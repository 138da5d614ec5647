//! The rows in the leaves of a k-d tree, each leaf with its box.

use std::ops::Range;

use crate::convert::index;
use crate::lanes::{Blocks, LANES};
use crate::matrix::Matrix;

/// How many rows a leaf has at most, and nearly always: eight blocks.
pub(super) const LEAF_ROWS: usize = 64;

/// A k-d tree. A row has a place: its position in the blocks, leaf after leaf.
pub(super) struct Tree {
    points: Blocks,
    /// The row of each place, `u32::MAX` where a block is not full.
    rows: Vec<u32>,
    leaves: Vec<Leaf>,
    nodes: Vec<Node>,
    /// For each node, the least and the greatest value of each column.
    bounds: Vec<[f64; 2]>,
    columns: usize,
}

struct Leaf {
    node: usize,
    start_block: usize,
    rows: usize,
}

#[derive(Clone, Copy)]
enum Node {
    Leaf(usize),
    Split([usize; 2]),
}

impl Tree {
    pub(super) fn of(data: &Matrix) -> Self {
        let blocks = data.rows().div_ceil(LANES) + data.rows().div_ceil(LEAF_ROWS);
        let mut tree = Self {
            points: Blocks::with_room(blocks, data.columns(), f64::INFINITY),
            rows: Vec::with_capacity(blocks * LANES),
            leaves: Vec::new(),
            nodes: Vec::new(),
            bounds: Vec::new(),
            columns: data.columns(),
        };
        let mut rows: Vec<u32> = (0..data.rows()).map(|row| u32::try_from(row).unwrap_or(u32::MAX)).collect();
        tree.grow(data, &mut rows);
        tree
    }

    /// Adds the node of these rows, and what is below it.
    fn grow(&mut self, data: &Matrix, rows: &mut [u32]) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node::Leaf(self.leaves.len()));
        let start = self.bounds.len();
        self.bounds.resize(start + self.columns, [f64::INFINITY, f64::NEG_INFINITY]);
        let bounds = self.bounds.get_mut(start..).unwrap_or_default();
        for row in rows.iter() {
            for ([least, greatest], value) in bounds.iter_mut().zip(values(data, *row)) {
                *least = least.min(*value);
                *greatest = greatest.max(*value);
            }
        }
        if rows.len() <= LEAF_ROWS {
            self.leaves.push(Leaf { node, start_block: self.points.len(), rows: rows.len() });
            self.points.append(rows.iter().map(|row| values(data, *row)));
            self.rows.extend_from_slice(rows);
            self.rows.resize(self.points.len() * LANES, u32::MAX);
            return node;
        }
        let spread = |[least, greatest]: &[f64; 2]| greatest - least;
        let widest = (0..).zip(bounds.iter()).max_by(|one, other| spread(one.1).total_cmp(&spread(other.1)));
        let column = widest.map_or(0, |(column, _)| column);
        let value = |row: &u32| values(data, *row).get(column).copied().unwrap_or_default();
        // Whole leaves to the left: all but the last are full.
        let middle = (rows.len() / 2).next_multiple_of(LEAF_ROWS);
        rows.select_nth_unstable_by(middle, |one, other| value(one).total_cmp(&value(other)).then(one.cmp(other)));
        let (left, right) = rows.split_at_mut(middle);
        let children = [self.grow(data, left), self.grow(data, right)];
        if let Some(slot) = self.nodes.get_mut(node) {
            *slot = Node::Split(children);
        }
        node
    }

    pub(super) fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// How many places there are, those without a row among them.
    pub(super) fn places(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn points(&self) -> &Blocks {
        &self.points
    }

    /// The row of a place.
    pub(super) fn row(&self, place: usize) -> u32 {
        self.rows.get(place).copied().unwrap_or(u32::MAX)
    }

    /// The leaves whose box is within reach of a leaf's box, itself among them.
    pub(super) fn near(&self, leaf: usize, reach: f64) -> Vec<usize> {
        let mut near = Vec::new();
        self.each_near(leaf, reach, |other, _| {
            near.push(other);
            true
        });
        near
    }

    /// How many rows a leaf has.
    pub(super) fn rows_of(&self, leaf: usize) -> usize {
        self.leaves.get(leaf).map_or(0, |leaf| leaf.rows)
    }

    /// The places of a leaf that have rows.
    pub(super) fn places_of(&self, leaf: usize) -> Range<usize> {
        let start = self.leaves.get(leaf).map_or(0, |leaf| leaf.start_block) * LANES;
        start..start + self.rows_of(leaf)
    }

    /// The blocks of a leaf.
    pub(super) fn blocks_of(&self, leaf: usize) -> Range<usize> {
        let places = self.places_of(leaf);
        places.start / LANES..places.end.div_ceil(LANES)
    }

    /// Shows the leaves whose box is within reach of a leaf's box, itself among them, with the squared distance, as long as
    /// it is answered by `true`.
    pub(super) fn each_near(&self, leaf: usize, reach: f64, mut visit: impl FnMut(usize, f64) -> bool) {
        let own = self.box_of_leaf(leaf);
        let mut waiting = vec![0];
        let mut is_wanted = true;
        while is_wanted && let Some(node) = waiting.pop() {
            let nearest = nearest(own, self.box_of(node));
            if nearest > reach {
                continue;
            }
            match self.nodes.get(node) {
                Some(Node::Leaf(other)) => is_wanted = visit(*other, nearest),
                Some(Node::Split(children)) => waiting.extend(children),
                None => {}
            }
        }
    }

    /// No two rows of these leaves are farther apart (squared), rounding included: each step of the sum rounds in the same
    /// direction as that of a pair.
    pub(super) fn farthest(&self, one: usize, other: usize) -> f64 {
        let mut sum = 0.0;
        for ([low, high], [other_low, other_high]) in self.box_of_leaf(one).iter().zip(self.box_of_leaf(other)) {
            let gap = (high - other_low).max(other_high - low);
            sum += gap * gap;
        }
        sum
    }

    /// No row of the leaf is nearer to this one (squared), rounding included.
    #[inline]
    pub(super) fn nearest_of(&self, row: &[f64], leaf: usize) -> f64 {
        let mut sum = 0.0;
        for (value, [low, high]) in row.iter().zip(self.box_of_leaf(leaf)) {
            let gap = (low - value).max(value - high).max(0.0);
            sum += gap * gap;
        }
        sum
    }

    fn box_of_leaf(&self, leaf: usize) -> &[[f64; 2]] {
        self.leaves.get(leaf).map_or(&[], |leaf| self.box_of(leaf.node))
    }

    fn box_of(&self, node: usize) -> &[[f64; 2]] {
        let start = node * self.columns;
        self.bounds.get(start..start + self.columns).unwrap_or_default()
    }
}

fn values(data: &Matrix, row: u32) -> &[f64] {
    let start = index(row) * data.columns();
    data.values().get(start..start + data.columns()).unwrap_or_default()
}

/// No two points of these boxes are nearer (squared).
fn nearest(one: &[[f64; 2]], other: &[[f64; 2]]) -> f64 {
    let mut sum = 0.0;
    for ([low, high], [other_low, other_high]) in one.iter().zip(other) {
        let gap = (other_low - high).max(low - other_high).max(0.0);
        sum += gap * gap;
    }
    sum
}
