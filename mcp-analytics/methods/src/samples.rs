//! Data for tests.

use crate::clustering::Partition;
use crate::matrix::Matrix;
use crate::random::Random;

/// Fisher's irises (1936) as scikit-learn ships them: 150 rows, 4 columns, steps of 0.1 with many ties.
pub(crate) fn iris() -> Matrix {
    let values = include_str!("iris.csv").lines().flat_map(|line| line.split(','));
    Matrix::of_rows(values.map(|value| value.parse().expect("a number")).collect(), 4).expect("whole rows")
}

/// A table of what is drawn for each value.
pub(crate) fn table(rows: usize, columns: usize, mut draw: impl FnMut() -> f64) -> Matrix {
    Matrix::of_rows((0..rows * columns).map(|_| draw()).collect(), columns).expect("whole rows")
}

/// Normally distributed around 0 with deviation 1 (Irwin–Hall of 12).
pub(crate) fn bell(random: &mut Random) -> f64 {
    (0..12).map(|_| random.unit()).sum::<f64>() - 6.0
}

/// Clouds of rows around random centres within ±10, and where each row comes from.
pub(crate) fn clouds(random: &mut Random, rows: usize, columns: usize, clusters: usize) -> (Matrix, Partition) {
    let centres = table(clusters, columns, || random.unit() * 20.0 - 10.0);
    let mut values = Vec::new();
    let mut labels = Vec::new();
    for _ in 0..rows {
        let cluster = random.below(clusters);
        labels.push(u32::try_from(cluster).ok());
        for column in 0..columns {
            values.push(centres.values()[cluster * columns + column] + bell(random));
        }
    }
    (Matrix::of_rows(values, columns).expect("whole rows"), Partition::of_labels(labels))
}

/// What a method gives on so many threads.
pub(crate) fn on_threads<T: Send>(threads: usize, method: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads").install(method)
}

/// Whether two numbers are equal up to this share of them.
pub(crate) fn are_close(one: f64, other: f64, share: f64) -> bool {
    (one - other).abs() <= share * one.abs().max(other.abs())
}
