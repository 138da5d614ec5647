//! The rows of each cluster, one cluster after the other.

use crate::clustering::Partition;
use crate::convert::{index, real};
use crate::fault::Fault;
use crate::matrix::Matrix;
use crate::validation::Noise;

/// The rows of the clusters that have any.
pub(super) struct Groups<'a> {
    data: &'a Matrix,
    /// For each group its cluster, `None` for noise, and its rows in ascending order.
    groups: Vec<(Option<u32>, Vec<u32>)>,
}

impl<'a> Groups<'a> {
    /// # Errors
    /// `Shape` if there are not as many labels as rows, `Constant` if there are fewer than two groups.
    pub(super) fn of(data: &'a Matrix, partition: &Partition, noise: Noise) -> Result<Self, Fault> {
        if partition.labels().len() != data.rows() {
            return Err(Fault::Shape { values: partition.labels().len(), needed: data.rows() });
        }
        let mut rows: Vec<Vec<u32>> = partition.sizes().iter().map(|size| Vec::with_capacity(*size)).collect();
        let mut outside = Vec::new();
        for (row, label) in (0..).zip(partition.labels()) {
            match label.and_then(|label| rows.get_mut(index(label))) {
                Some(group) => group.push(row),
                None if noise == Noise::AsCluster => outside.push(row),
                None => {}
            }
        }
        let clusters = (0..).map(Some).zip(rows);
        let groups: Vec<_> = clusters.chain([(None, outside)]).filter(|(_, rows)| !rows.is_empty()).collect();
        if groups.len() < 2 {
            return Err(Fault::Constant { what: "the clusters" });
        }
        Ok(Self { data, groups })
    }

    /// Each group's cluster, `None` for noise, and how many rows it has.
    pub(super) fn sizes(&self) -> impl ExactSizeIterator<Item = (Option<u32>, usize)> {
        self.groups.iter().map(|(cluster, rows)| (*cluster, rows.len()))
    }

    /// How many rows there are in all groups.
    pub(super) fn rows(&self) -> usize {
        self.groups.iter().map(|(_, rows)| rows.len()).sum()
    }

    /// The values of each row of each group.
    pub(super) fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = &'a [f64]>> {
        let values = |row: &u32| {
            let start = index(*row) * self.data.columns();
            self.data.values().get(start..start + self.data.columns()).unwrap_or_default()
        };
        self.groups.iter().map(move |(_, rows)| rows.iter().map(values))
    }

    /// The mean of each group.
    pub(super) fn centroids(&self) -> Vec<Vec<f64>> {
        let mean = |((_, size), rows)| mean(rows, self.data.columns(), size);
        self.sizes().zip(self.iter()).map(mean).collect()
    }

    /// How many columns a row has.
    pub(super) fn columns(&self) -> usize {
        self.data.columns()
    }
}

/// The mean of so many rows.
fn mean<'a>(rows: impl Iterator<Item = &'a [f64]>, columns: usize, count: usize) -> Vec<f64> {
    let mut sums = vec![0.0; columns];
    for row in rows {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    for sum in &mut sums {
        *sum /= real(count.max(1));
    }
    sums
}

/// The squared distance of two rows.
pub(super) fn squared_distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum()
}
