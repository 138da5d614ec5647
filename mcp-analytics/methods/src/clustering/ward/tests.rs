use super::*;
use crate::convert::real;
use crate::random::Random;
use crate::samples::{are_close, clouds, iris, on_threads, table};
use crate::validation::adjusted_rand::adjusted_rand;

/// Merges the two clusters of least growth, step by step; the heights.
fn by_definition(data: &Matrix) -> Vec<f64> {
    let mut clusters: Vec<(f64, Vec<f64>)> = data.iter_rows().map(|row| (1.0, row.to_vec())).collect();
    let mut heights = Vec::new();
    while clusters.len() > 1 {
        let mut best = (f64::INFINITY, 0, 0);
        for (one, (size, centre)) in clusters.iter().enumerate() {
            for (other, (other_size, other_centre)) in clusters.iter().enumerate().skip(one + 1) {
                let distance: f64 = centre.iter().zip(other_centre).map(|(a, b)| (a - b) * (a - b)).sum();
                let growth = distance * size * other_size / (size + other_size);
                if growth < best.0 {
                    best = (growth, one, other);
                }
            }
        }
        let (lost_size, lost) = clusters.remove(best.2);
        let (size, centre) = &mut clusters[best.1];
        centre.iter_mut().zip(lost).for_each(|(a, b)| *a = (*size * *a + lost_size * b) / (*size + lost_size));
        *size += lost_size;
        heights.push((2.0 * best.0).sqrt());
    }
    heights
}

#[test]
fn heights_are_those_of_the_definition() {
    let mut random = Random::of_seed(1);
    for (rows, columns) in [(1, 3), (2, 1), (9, 2), (64, 4), (257, 12), (300, 5)] {
        let (data, _) = clouds(&mut random, rows, columns, 4);
        let found = ward(&data).expect("a dendrogram");
        let expected = by_definition(&data);
        assert_eq!(found.merges().len(), expected.len());
        for (merge, height) in found.merges().iter().zip(expected) {
            assert!(are_close(merge.height, height, 1e-12), "{} for {height}", merge.height);
        }
    }
}

#[test]
fn merges_build_a_tree_over_all_rows() {
    let (data, _) = clouds(&mut Random::of_seed(2), 500, 3, 5);
    let found = ward(&data).expect("a dendrogram");
    let mut parts: Vec<usize> = found.merges().iter().flat_map(|merge| [merge.left, merge.right]).collect();
    parts.sort_unstable();
    assert_eq!(parts, (0..998).collect::<Vec<_>>());
    assert_eq!(found.merges().last().map(|merge| merge.rows), Some(500));
}

/// The golden labels of scikit-learn 1.9.1, `AgglomerativeClustering(3, linkage="ward")`, of the rows from 50 on; those
/// before are a cluster of their own.
const IRIS_FROM_50: &str =
    "0000000000000000000000000002000000000000000000000020222202222220022220202022002222200222022202220220";

/// scipy 1.17.1: the last of `linkage(iris, "ward")`, and the sum of all.
#[test]
fn irises_have_the_heights_of_scipy() {
    let found = ward(&iris()).expect("a dendrogram");
    let last = [3.828_052_620_290_243, 4.847_708_507_921_838, 6.399_406_819_518_539, 12.300_396_052_792_589];
    for (merge, height) in found.merges()[144..148].iter().zip(last) {
        assert!(are_close(merge.height, height, 1e-12), "{} for {height}", merge.height);
    }
    let sum: f64 = found.merges().iter().map(|merge| merge.height).sum();
    assert!(are_close(sum, 138.162_241_963_883_05, 1e-12), "{sum}");
}

#[test]
fn irises_have_the_clusters_of_scikit_learn() {
    let label = |letter: char| letter.to_digit(10);
    let golden = std::iter::repeat_n(Some(1), 50).chain(IRIS_FROM_50.chars().map(label)).collect();
    let found = ward(&iris()).expect("a dendrogram").cut(3).expect("a partition");
    assert_eq!(adjusted_rand(&found, &Partition::of_labels(golden)), Ok(1.0));
}

#[test]
fn a_cut_has_as_many_clusters_as_asked_for_and_their_inertia() {
    let (data, _) = clouds(&mut Random::of_seed(3), 400, 3, 5);
    let found = ward(&data).expect("a dendrogram");
    for clusters in [1, 2, 5, 50, 400] {
        let partition = found.cut(clusters).expect("a partition");
        assert_eq!(partition.clusters(), clusters);
        assert_eq!(partition.labels()[0], Some(0));
        let inertia: f64 = (0..clusters).map(|cluster| inertia(&data, &partition, cluster)).sum();
        assert!((found.inertia(clusters) - inertia).abs() < 1e-9, "{clusters} clusters");
    }
}

fn inertia(data: &Matrix, partition: &Partition, cluster: usize) -> f64 {
    let is_in = |label: &Option<u32>| label.is_some_and(|label| index(label) == cluster);
    let members = || data.iter_rows().zip(partition.labels()).filter(|(_, label)| is_in(label)).map(|(row, _)| row);
    let count = real(members().count());
    let mut sum = 0.0;
    for column in 0..data.columns() {
        let mean = members().map(|row| row[column]).sum::<f64>() / count;
        sum += members().map(|row| (row[column] - mean).powi(2)).sum::<f64>();
    }
    sum
}

#[test]
fn rows_that_are_alike_merge_at_height_0() {
    let found = ward(&table(300, 2, || 3.3)).expect("a dendrogram");
    assert!(found.merges().iter().all(|merge| merge.height == 0.0));
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    // More blocks than one thread looks through.
    let (data, _) = clouds(&mut Random::of_seed(4), 34_000, 1, 9);
    let fits = [1, 2, 8].map(|threads| on_threads(threads, || ward(&data)));
    assert_eq!(fits[0], fits[1]);
    assert_eq!(fits[0], fits[2]);
}

#[test]
fn what_cannot_be_cut_is_refused() {
    let found = ward(&table(3, 1, || 1.0)).expect("a dendrogram");
    assert!(matches!(found.cut(0), Err(Fault::Parameter { name: "clusters", .. })));
    assert_eq!(found.cut(4), Err(Fault::TooFewRows { rows: 3, needed: 4 }));
    assert_eq!(ward(&table(0, 1, || 1.0)), Err(Fault::TooFewRows { rows: 0, needed: 1 }));
}
