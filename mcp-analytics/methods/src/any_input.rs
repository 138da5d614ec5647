//! Whatever the numbers are, each method answers: a result that holds together, or a fault.

use crate::clustering::Partition;
use crate::clustering::dbscan::{Dbscan, dbscan};
use crate::clustering::k_means::{KMeans, k_means, nearest_centres};
use crate::clustering::ward::ward;
use crate::fault::Fault;
use crate::matrix::Matrix;
use crate::random::Random;
use crate::samples::{bell, table};
use crate::scaling::{Scaling, Shape, Unit};
use crate::validation::Noise;
use crate::validation::adjusted_rand::adjusted_rand;
use crate::validation::calinski_harabasz::calinski_harabasz;
use crate::validation::davies_bouldin::davies_bouldin;
use crate::validation::silhouette::{Measure, silhouette};
use crate::validation::stability::{Resampling, stability};

/// Numbers of one kind, the nasty ones among them.
fn number(random: &mut Random, kind: usize) -> f64 {
    let sign = if random.below(2) == 0 { -1.0 } else { 1.0 };
    match kind {
        0 => 0.0,
        1 => 7.25,
        2 => bell(random),
        3 => sign * f64::MAX * random.unit(),
        4 => sign * f64::MIN_POSITIVE * random.unit(),
        5 => f64::from(u8::try_from(random.below(3)).expect("small")),
        6 => sign * 10.0_f64.powf(random.unit() * 600.0 - 300.0),
        7 => 1.7e12 + bell(random),
        _ => [0.0, -0.0, f64::MAX, f64::MIN, f64::EPSILON, 1e154, -1e154, 5e-324][random.below(8)],
    }
}

fn any_table(random: &mut Random) -> Matrix {
    let rows = [0, 1, 2, 3, 7, 8, 9, 64, 65, 200][random.below(10)];
    let columns = [1, 2, 3, 4, 5, 12, 17][random.below(7)];
    let kind = random.below(10);
    let by_column: Vec<usize> = (0..columns).map(|_| random.below(9)).collect();
    let mut at = 0;
    let mut draw = || {
        at += 1;
        number(random, if kind == 9 { by_column[at % columns] } else { kind })
    };
    table(rows, columns, &mut draw)
}

fn any_partition(random: &mut Random, rows: usize) -> Partition {
    let clusters = 1 + random.below(6);
    let label =
        |random: &mut Random| (random.below(5) > 0).then(|| u32::try_from(random.below(clusters)).expect("small"));
    Partition::of_labels((0..rows).map(|_| label(random)).collect())
}

/// Every row is in a cluster that exists, and sizes add up.
fn holds_together(partition: &Partition, data: &Matrix) {
    assert_eq!(partition.labels().len(), data.rows());
    assert_eq!(partition.sizes().iter().sum::<usize>() + partition.noise(), data.rows());
    assert!(partition.labels().iter().flatten().all(|label| crate::convert::index(*label) < partition.sizes().len()));
}

#[test]
fn every_clustering_answers() {
    let mut random = Random::of_seed(1);
    for _ in 0..700 {
        let data = any_table(&mut random);
        let clusters = random.below(12);
        let options = KMeans { starts: 2, seed: random.bits(), iterations_max: 20, ..KMeans::of_clusters(clusters) };
        if let Ok(fit) = k_means(&data, &options) {
            holds_together(&fit.partition, &data);
            assert!(fit.centres.rows() == clusters && fit.iterations <= 20 && fit.inertia.is_finite());
            assert!(nearest_centres(&data, &fit.centres).is_ok());
        }
        let radius = number(&mut random, 6);
        if let Ok(fit) = dbscan(&data, &Dbscan { radius, neighbours_min: random.below(9) }) {
            holds_together(&fit.partition, &data);
            let labels = fit.partition.labels().iter();
            assert!(fit.is_core.iter().zip(labels).all(|(is_core, label)| !is_core || label.is_some()));
        }
        if let Ok(tree) = ward(&data) {
            assert_eq!(tree.merges().len() + 1, data.rows());
            assert!(tree.merges().is_sorted_by(|one, other| one.height.total_cmp(&other.height).is_le()));
            if let Ok(partition) = tree.cut(clusters) {
                holds_together(&partition, &data);
                assert_eq!(partition.clusters(), clusters);
            }
        }
    }
}

#[test]
fn every_validation_answers() {
    let mut random = Random::of_seed(2);
    for round in 0..700 {
        let data = any_table(&mut random);
        let (one, other) = (any_partition(&mut random, data.rows()), any_partition(&mut random, data.rows()));
        let noise = if round % 2 == 0 { Noise::AsCluster } else { Noise::LeftOut };
        let measure = Measure { noise, exact_rows_max: random.below(100), sample_rows: 1 + random.below(50), seed: 1 };
        if let Ok(found) = silhouette(&data, &one, &measure) {
            assert!((-1.0..=1.0).contains(&found.mean), "{found:?}");
        }
        for index in [davies_bouldin(&data, &one, noise), calinski_harabasz(&data, &one, noise)].into_iter().flatten() {
            assert!(index >= 0.0 && index.is_finite(), "{index}");
        }
        let likeness = adjusted_rand(&one, &other).expect("as many rows");
        assert!((-1.0..=1.0).contains(&likeness), "{likeness}");
        let resampling = Resampling { resamples: random.below(3), seed: random.bits() };
        let cluster = |drawn: &Matrix, seed| Ok(any_partition(&mut Random::of_seed(seed), drawn.rows()));
        if let Ok(found) = stability(&data, &one, &resampling, cluster) {
            assert!(found.jaccard.iter().flatten().all(|jaccard| (0.0..=1.0).contains(jaccard)));
        }
    }
}

#[test]
fn every_scaling_answers() {
    let mut random = Random::of_seed(3);
    for _ in 0..700 {
        let data = any_table(&mut random);
        let way = |random: &mut Random| {
            let shape = [Shape::AsIs, Shape::Log1p][random.below(2)];
            (shape, [Unit::AsIs, Unit::Standard, Unit::Robust][random.below(3)])
        };
        let ways: Vec<_> = (0..data.columns()).map(|_| way(&mut random)).collect();
        if let Ok(scaling) = Scaling::of(&data, &ways) {
            assert!(scaling.columns.iter().all(|column| column.unit > 0.0), "{scaling:?}");
            assert!(scaling.apply(&data).is_ok_and(|scaled| scaled.rows() == data.rows()) || !is_scalable(&data));
        }
    }
}

/// Squares of such numbers do not overflow.
fn is_scalable(data: &Matrix) -> bool {
    data.values().iter().all(|value| value.abs() < 1e150)
}

#[test]
fn a_table_without_rows_is_refused_by_all() {
    let empty = table(0, 3, || 1.0);
    let refused = Fault::TooFewRows { rows: 0, needed: 1 };
    assert_eq!(ward(&empty), Err(refused.clone()));
    assert_eq!(k_means(&empty, &KMeans::of_clusters(1)), Err(refused.clone()));
    assert_eq!(dbscan(&empty, &Dbscan { radius: 1.0, neighbours_min: 1 }), Err(refused));
    assert!(silhouette(&empty, &Partition::default(), &Measure::default()).is_err());
}
