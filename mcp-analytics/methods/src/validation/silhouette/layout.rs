//! The rows in blocks of eight, cluster after cluster, cut into strips that fit a core's nearest memory.

use std::ops::Range;

use crate::lanes::{Blocks, LANES, Lane};
use crate::validation::groups::Groups;

/// How many blocks a strip has at most: 24 KB of 12 columns.
const STRIP_BLOCKS: usize = 32;

/// Rows by cluster. A row has a place: its position in the blocks.
pub(super) struct Layout {
    pub(super) points: Blocks,
    clusters: Vec<Cluster>,
    strips: Vec<Strip>,
}

struct Cluster {
    label: Option<u32>,
    rows: usize,
    blocks: Range<usize>,
}

/// Blocks of one cluster.
#[derive(Clone)]
pub(super) struct Strip {
    pub(super) cluster: usize,
    /// At least one.
    pub(super) blocks: Range<usize>,
    /// 1 for each row of the last block, 0 where it is not full; the other blocks are full.
    pub(super) last: Lane,
}

impl Layout {
    pub(super) fn of(groups: &Groups<'_>) -> Self {
        let room = groups.rows() / LANES + groups.sizes().len();
        let mut points = Blocks::with_room(room, groups.columns(), 0.0);
        let mut clusters = Vec::new();
        for ((label, rows), values) in groups.sizes().zip(groups.iter()) {
            let start = points.len();
            points.append(values);
            clusters.push(Cluster { label, rows, blocks: start..points.len() });
        }
        let strips = (0..).zip(&clusters).flat_map(|(number, cluster)| strips(number, cluster)).collect();
        Self { points, clusters, strips }
    }

    /// How many clusters there are, noise included where it counts as one.
    pub(super) fn clusters(&self) -> usize {
        self.clusters.len()
    }

    /// The label of each cluster, `None` for noise.
    pub(super) fn labels(&self) -> impl Iterator<Item = Option<u32>> {
        self.clusters.iter().map(|cluster| cluster.label)
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.clusters.iter().map(|cluster| cluster.rows).sum()
    }

    /// How many places there are, those without a row among them.
    pub(super) fn places_len(&self) -> usize {
        self.points.len() * LANES
    }

    /// How many rows a cluster has.
    pub(super) fn size(&self, cluster: usize) -> usize {
        self.clusters.get(cluster).map_or(0, |cluster| cluster.rows)
    }

    /// The blocks of a cluster.
    pub(super) fn blocks(&self, cluster: usize) -> Range<usize> {
        self.clusters.get(cluster).map_or(0..0, |cluster| cluster.blocks.clone())
    }

    /// The strips in the order of their blocks.
    pub(super) fn strips(&self) -> &[Strip] {
        &self.strips
    }

    /// The place and the cluster of each row.
    pub(super) fn all_places(&self) -> impl Iterator<Item = (usize, usize)> {
        let of_cluster = |(number, cluster): (usize, &Cluster)| {
            let start = cluster.blocks.start * LANES;
            (start..start + cluster.rows).map(move |place| (place, number))
        };
        self.clusters.iter().enumerate().flat_map(of_cluster)
    }

    /// The place and the cluster of some rows, by their ascending numbers among those that are laid out.
    pub(super) fn places(&self, rows: &[usize]) -> Vec<(usize, usize)> {
        let mut wanted = rows.iter().peekable();
        let all = self.all_places().enumerate();
        all.filter(|(row, _)| wanted.next_if(|wanted| *wanted == row).is_some()).map(|(_, place)| place).collect()
    }
}

fn strips(number: usize, cluster: &Cluster) -> Vec<Strip> {
    let full = [1.0; LANES];
    let mut last = full;
    let used = cluster.rows - (cluster.blocks.len().max(1) - 1) * LANES;
    last.iter_mut().skip(used).for_each(|weight| *weight = 0.0);
    let strip = |start: usize| {
        let end = (start + STRIP_BLOCKS).min(cluster.blocks.end);
        Strip { cluster: number, blocks: start..end, last: if end == cluster.blocks.end { last } else { full } }
    };
    cluster.blocks.clone().step_by(STRIP_BLOCKS).map(strip).collect()
}
