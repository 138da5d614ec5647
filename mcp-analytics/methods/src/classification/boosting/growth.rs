//! One tree, grown at the leaf where most is to be won.

use std::ops::Range;

use super::Settings;
use crate::classification::histogram::{Binned, Histogram, Packed, Packing};
use crate::classification::split::{self, Demands, Split};
use crate::classification::tree::{Node, Step, Tree};
use crate::convert::{index, real};

/// Curvature of a leaf at least (LightGBM's `min_sum_hessian_in_leaf`).
const CURVATURE_MIN: f64 = 1e-3;

/// What trees are grown from, and the room that they reuse.
pub(crate) struct Growth<'a> {
    data: &'a Binned,
    settings: &'a Settings,
    /// Row numbers, those of a leaf side by side and ascending.
    rows: Vec<u32>,
    /// Room for dividing rows.
    aside: Vec<u32>,
    spare: Vec<Histogram>,
    leaves: Vec<Leaf>,
}

struct Leaf {
    node: usize,
    rows: Range<usize>,
    total: Packed,
    value: f64,
    histogram: Option<Histogram>,
    best: Option<Split>,
}

impl<'a> Growth<'a> {
    pub(crate) fn new(data: &'a Binned, settings: &'a Settings) -> Self {
        let rows: Vec<u32> = (0..u32::try_from(data.rows()).unwrap_or(u32::MAX)).collect();
        let aside = vec![0; rows.len()];
        Self { data, settings, rows, aside, spare: Vec::new(), leaves: Vec::new() }
    }

    /// Grows a tree; none where no question wins anything.
    pub(crate) fn tree(&mut self, packed: &[Packed], packing: Packing, is_asked: &[bool]) -> Option<Tree> {
        let spent = self.leaves.drain(..).filter_map(|leaf| leaf.histogram);
        self.spare.extend(spent);
        self.rows.iter_mut().zip(0..).for_each(|(row, at)| *row = at);
        let total = Packed(packed.iter().map(|packed| packed.0).sum());
        let mut round = Round { packed, packing, is_asked, nodes: Vec::new() };
        let mut root = self.leaf(&mut round, 0..self.rows.len(), total);
        let mut histogram = self.taken();
        histogram.gather(self.data, packed, &self.rows);
        self.judge(&round, &mut root, histogram);
        root.best?;
        self.leaves.push(root);
        while self.leaves.len() < self.settings.leaves_max {
            let Some(at) = self.richest() else { break };
            self.divide(&mut round, at);
        }
        for leaf in &self.leaves {
            if let Some(node) = round.nodes.get_mut(leaf.node) {
                node.step = Step::Leaf { value: leaf.value };
            }
        }
        Some(Tree { nodes: round.nodes })
    }

    /// The rows of each leaf of the tree that was grown last, with what it says of them.
    pub(crate) fn each_leaf(&self, mut each: impl FnMut(&[u32], f64)) {
        for leaf in &self.leaves {
            each(self.rows.get(leaf.rows.clone()).unwrap_or_default(), leaf.value);
        }
    }

    fn richest(&self) -> Option<usize> {
        let mut richest: Option<(usize, f64)> = None;
        for (at, leaf) in self.leaves.iter().enumerate() {
            let Some(best) = leaf.best else { continue };
            if richest.is_none_or(|(_, gain)| best.gain > gain) {
                richest = Some((at, best.gain));
            }
        }
        richest.map(|(at, _)| at)
    }

    fn divide(&mut self, round: &mut Round<'_>, at: usize) {
        let parent = self.leaves.swap_remove(at);
        let (Some(split), Some(histogram)) = (parent.best, parent.histogram) else { return };
        let middle = self.partition(&parent.rows, &split);
        let right_total = Packed(parent.total.0 - split.left.0);
        let mut left = self.leaf(round, parent.rows.start..middle, split.left);
        let mut right = self.leaf(round, middle..parent.rows.end, right_total);
        round.divide_node(parent.node, &split, self.data, (left.node, right.node));
        if self.leaves.len() + 2 < self.settings.leaves_max {
            let mut of_smaller = self.taken();
            let mut of_larger = histogram;
            let (smaller, larger) =
                if left.rows.len() <= right.rows.len() { (&mut left, &mut right) } else { (&mut right, &mut left) };
            of_smaller.gather(self.data, round.packed, self.rows.get(smaller.rows.clone()).unwrap_or_default());
            of_larger.subtract(&of_smaller);
            self.judge(round, smaller, of_smaller);
            self.judge(round, larger, of_larger);
        } else {
            self.spare.push(histogram);
        }
        self.leaves.extend([left, right]);
    }

    fn leaf(&self, round: &mut Round<'_>, rows: Range<usize>, total: Packed) -> Leaf {
        let cover = real(rows.len());
        let node = round.nodes.len();
        round.nodes.push(Node { cover, step: Step::Leaf { value: 0.0 } });
        let gradient = total.gradient() * round.packing.gradient;
        let curvature = total.curvature() * round.packing.curvature + self.settings.ridge;
        let value = -self.settings.learning_rate * gradient / curvature.max(f64::MIN_POSITIVE);
        Leaf { node, rows, total, value, histogram: None, best: None }
    }

    fn judge(&mut self, round: &Round<'_>, leaf: &mut Leaf, histogram: Histogram) {
        let per_row = leaf.total.curvature() / real(leaf.rows.len());
        let demands = Demands {
            curvature_min: (CURVATURE_MIN / round.packing.curvature)
                .max(real(self.settings.leaf_rows_min) * per_row)
                .max(1.0),
            ridge: self.settings.ridge / round.packing.curvature,
        };
        leaf.best = split::best(self.data, &histogram, round.is_asked, leaf.total, demands);
        if leaf.best.is_some() {
            leaf.histogram = Some(histogram);
        } else {
            self.spare.push(histogram);
        }
    }

    fn taken(&mut self) -> Histogram {
        self.spare.pop().unwrap_or_else(|| Histogram::empty(self.data.columns().len()))
    }

    /// Puts the rows that go left before those that go right, each in ascending order; gives where the right ones begin.
    fn partition(&mut self, range: &Range<usize>, split: &Split) -> usize {
        let Some(rows) = self.rows.get_mut(range.clone()) else { return range.start };
        let bins = self.data.column(split.column);
        let missing = self.data.columns().get(split.column).filter(|column| column.has_missing && split.missing_left);
        // A bin that no row has, where missing values go right as their bin, the highest, says.
        let missing = missing.map_or(usize::MAX, crate::classification::histogram::Column::known_bins);
        let (mut left, mut right) = (0, 0);
        for at in 0..rows.len() {
            let Some(row) = rows.get(at).copied() else { break };
            let bin = usize::from(bins.get(index(row)).copied().unwrap_or_default());
            let is_left = u8::from(bin <= split.bin) | u8::from(bin == missing);
            // Both are written and one is kept: no branch to be guessed wrong.
            if let (Some(here), Some(aside)) = (rows.get_mut(left), self.aside.get_mut(right)) {
                *here = row;
                *aside = row;
            }
            left += usize::from(is_left);
            right += usize::from(1 - is_left);
        }
        if let (Some(to), Some(from)) = (rows.get_mut(left..), self.aside.get(..right)) {
            to.copy_from_slice(from);
        }
        range.start + left
    }
}

/// What holds for one tree.
struct Round<'a> {
    packed: &'a [Packed],
    packing: Packing,
    is_asked: &'a [bool],
    nodes: Vec<Node>,
}

impl Round<'_> {
    fn divide_node(&mut self, node: usize, split: &Split, data: &Binned, children: (usize, usize)) {
        let stored = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let bounds = data.columns().get(split.column).map(|column| column.bounds.as_slice()).unwrap_or_default();
        // Beyond the last bound lies every known value: the question is whether the value is missing.
        let threshold = bounds.get(split.bin).copied().unwrap_or(f64::MAX);
        if let Some(node) = self.nodes.get_mut(node) {
            node.step = Step::Split {
                column: stored(split.column),
                threshold,
                missing_left: split.missing_left,
                left: stored(children.0),
                right: stored(children.1),
            };
        }
    }
}
