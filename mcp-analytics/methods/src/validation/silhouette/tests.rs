use super::*;
use crate::samples::{clouds, iris, on_threads, table};

/// The silhouette of each row as it is defined, noise as a cluster.
fn by_definition(data: &Matrix, partition: &Partition) -> f64 {
    let rows: Vec<&[f64]> = data.iter_rows().collect();
    let labels = partition.labels();
    let mean_distance = |row: usize, label: Option<u32>| {
        let others: Vec<usize> = (0..rows.len()).filter(|other| *other != row && labels[*other] == label).collect();
        let distance =
            |other: &usize| rows[row].iter().zip(rows[*other]).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
        (!others.is_empty()).then(|| others.iter().map(distance).sum::<f64>() / real(others.len()))
    };
    let kinds: std::collections::BTreeSet<Option<u32>> = labels.iter().copied().collect();
    let score = |row: usize| {
        let Some(within) = mean_distance(row, labels[row]) else { return 0.0 };
        let others = kinds.iter().filter(|kind| **kind != labels[row]);
        let next = others.filter_map(|kind| mean_distance(row, *kind)).fold(f64::INFINITY, f64::min);
        if within.max(next) == 0.0 { 0.0 } else { (next - within) / within.max(next) }
    };
    (0..rows.len()).map(score).sum::<f64>() / real(rows.len())
}

/// Clouds with some labels mixed up, some noise, an empty cluster and one of a single row.
fn case(random: &mut Random, rows: usize, columns: usize, clusters: usize) -> (Matrix, Partition) {
    let (data, partition) = clouds(random, rows, columns, clusters);
    let mut labels = partition.labels().to_vec();
    for label in &mut labels {
        *label = match random.below(20) {
            0 => None,
            1 => u32::try_from(random.below(clusters)).ok(),
            _ => *label,
        };
    }
    labels[0] = u32::try_from(clusters + 1).ok();
    (data, Partition::of_labels(labels))
}

#[test]
fn the_mean_is_that_of_the_definition() {
    let mut random = Random::of_seed(1);
    for (rows, columns, clusters) in [(3, 1, 1), (20, 2, 2), (255, 3, 9), (600, 12, 3), (700, 1, 2), (350, 7, 60)] {
        let (data, partition) = case(&mut random, rows, columns, clusters);
        let found = silhouette(&data, &partition, &Measure::default()).expect("a silhouette");
        let expected = by_definition(&data, &partition);
        assert!((found.mean - expected).abs() < 1e-12, "{} for {expected}", found.mean);
        assert_eq!((found.standard_error, found.rows), (None, rows));
    }
}

#[test]
fn pairs_computed_once_and_twice_agree() {
    let (data, partition) = case(&mut Random::of_seed(2), 1_500, 4, 5);
    let layout = Layout::of(&Groups::of(&data, &partition, Noise::AsCluster).expect("groups"));
    let places: Vec<(usize, usize)> = layout.all_places().collect();
    let sums = Sums::of_pairs(&layout);
    for (once, twice) in places.iter().zip(of_rows(&layout, &places)) {
        let once = score(&layout, once.1, |cluster| sums.of(once.0, cluster));
        assert!((once.value - twice.value).abs() < 1e-12);
    }
}

/// scikit-learn 1.9.1: of the labels of `KMeans(3)` and of `AgglomerativeClustering(3)`.
#[test]
fn irises_have_the_silhouette_of_scikit_learn() {
    use crate::clustering::k_means::{KMeans, k_means};
    use crate::clustering::ward::ward;
    let data = iris();
    let fit = k_means(&data, &KMeans::of_clusters(3)).expect("a fit");
    let cut = ward(&data).and_then(|tree| tree.cut(3)).expect("a partition");
    for (partition, expected) in [(fit.partition, 0.552_819_012_356_409_5), (cut, 0.554_323_661_129_641_9)] {
        let found = silhouette(&data, &partition, &Measure::default()).expect("a silhouette");
        assert!((found.mean - expected).abs() < 1e-9, "{} for {expected}", found.mean);
    }
}

#[test]
fn a_sample_is_within_its_error_and_says_so() {
    let (data, partition) = case(&mut Random::of_seed(3), 4_000, 3, 6);
    let exact = silhouette(&data, &partition, &Measure::default()).expect("a silhouette").mean;
    let mut is_outside = 0;
    for seed in 0..60 {
        let measure = Measure { exact_rows_max: 1_000, sample_rows: 300, seed, ..Measure::default() };
        let found = silhouette(&data, &partition, &measure).expect("a silhouette");
        let error = found.standard_error.expect("a standard error");
        assert_eq!(found.rows, 300);
        is_outside += usize::from((found.mean - exact).abs() > 2.0 * error);
    }
    // 5 % of 60 are expected; 10 or more come once in 1,500 times.
    assert!((1..10).contains(&is_outside), "{is_outside} of 60");
}

#[test]
fn noise_left_out_scores_higher_and_the_coverage_tells() {
    let (data, partition) = case(&mut Random::of_seed(4), 900, 2, 4);
    let of = |noise| silhouette(&data, &partition, &Measure { noise, ..Measure::default() }).expect("a silhouette");
    let (counted, left_out) = (of(Noise::AsCluster), of(Noise::LeftOut));
    assert!(left_out.mean > counted.mean + 0.01, "{} and {}", left_out.mean, counted.mean);
    assert_eq!(left_out.rows, 900 - partition.noise());
    assert!((left_out.coverage - real(left_out.rows) / 900.0).abs() < 1e-12);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let (data, partition) = case(&mut Random::of_seed(5), 3_000, 5, 7);
    let sampled = Measure { exact_rows_max: 10, ..Measure::default() };
    for measure in [Measure::default(), sampled] {
        let found = [1, 2, 8].map(|threads| on_threads(threads, || silhouette(&data, &partition, &measure)));
        assert_eq!(found[0], found[1]);
        assert_eq!(found[0], found[2]);
    }
}

#[test]
fn one_cluster_has_no_silhouette() {
    let data = table(5, 1, || 1.0);
    let one = Partition::of_labels(vec![Some(0); 5]);
    let found = silhouette(&data, &one, &Measure::default());
    assert_eq!(found, Err(Fault::Constant { what: "the clusters" }));
    let short = Partition::of_labels(vec![Some(0); 4]);
    let found = silhouette(&data, &short, &Measure::default());
    assert_eq!(found, Err(Fault::Shape { values: 4, needed: 5 }));
}
