//! Rows put into groups of rows that are alike.

pub mod dbscan;
pub mod k_means;
pub mod ward;

use crate::convert;

/// Which cluster each row is in; a row may be in none (noise).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition {
    labels: Vec<Option<u32>>,
    sizes: Vec<usize>,
}

impl Partition {
    /// The partition that these labels make: clusters from 0 to the highest label, of which some may be empty.
    ///
    /// Takes memory for each cluster up to the highest label.
    pub fn of_labels(labels: Vec<Option<u32>>) -> Self {
        let mut sizes = Vec::new();
        for label in labels.iter().flatten().map(|label| convert::index(*label)) {
            if label >= sizes.len() {
                sizes.resize(label + 1, 0);
            }
            if let Some(size) = sizes.get_mut(label) {
                *size += 1;
            }
        }
        Self { labels, sizes }
    }

    /// The cluster of each row, from 0; `None` for noise.
    pub fn labels(&self) -> &[Option<u32>] {
        &self.labels
    }

    /// How many rows each cluster has.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// How many clusters have rows.
    pub fn clusters(&self) -> usize {
        self.sizes.iter().filter(|size| **size > 0).count()
    }

    /// How many rows are in no cluster.
    pub fn noise(&self) -> usize {
        self.labels.len() - self.sizes.iter().sum::<usize>()
    }

    /// The share of rows that are in a cluster, from 0 to 1; 0 without rows.
    pub fn coverage(&self) -> f64 {
        if self.labels.is_empty() {
            return 0.0;
        }
        1.0 - convert::real(self.noise()) / convert::real(self.labels.len())
    }
}
