use super::Noise;
use super::adjusted_rand::adjusted_rand;
use super::calinski_harabasz::calinski_harabasz;
use super::davies_bouldin::davies_bouldin;
use super::stability::{Resampling, stability};
use crate::clustering::Partition;
use crate::clustering::k_means::{KMeans, k_means};
use crate::clustering::ward::ward;
use crate::fault::Fault;
use crate::matrix::Matrix;
use crate::random::Random;
use crate::samples::{clouds, iris, on_threads, table};

fn partition(labels: &[i64]) -> Partition {
    Partition::of_labels(labels.iter().map(|label| u32::try_from(*label).ok()).collect())
}

/// scikit-learn 1.9.1: of the labels of `KMeans(3)`; and between these and those of `AgglomerativeClustering(3)`.
#[test]
fn irises_have_the_indices_of_scikit_learn() {
    let data = iris();
    let found = k_means(&data, &KMeans::of_clusters(3)).expect("a fit").partition;
    let davies_bouldin = davies_bouldin(&data, &found, Noise::AsCluster).expect("an index");
    assert!((davies_bouldin - 0.661_971_546_500_746_5).abs() < 1e-9, "{davies_bouldin}");
    let calinski_harabasz = calinski_harabasz(&data, &found, Noise::AsCluster).expect("an index");
    assert!((calinski_harabasz - 561.627_756_629_62).abs() < 1e-9, "{calinski_harabasz}");
    let cut = ward(&data).and_then(|tree| tree.cut(3)).expect("a partition");
    let adjusted_rand = adjusted_rand(&found, &cut).expect("an index");
    assert!((adjusted_rand - 0.961_143_572_185_673_8).abs() < 1e-12, "{adjusted_rand}");
}

/// scikit-learn 1.9.1: `adjusted_rand_score`.
#[test]
fn partitions_agree_as_much_as_scikit_learn_says() {
    let index = |one: &[i64], other: &[i64]| adjusted_rand(&partition(one), &partition(other)).expect("an index");
    let mixed = index(&[0, 0, 1, 1, 2, 2, -1, -1], &[0, 0, 1, 2, 2, 2, -1, 0]);
    assert!((mixed - 0.275_862_068_965_517_24).abs() < 1e-12, "{mixed}");
    assert!(index(&[0, 0, 0, 0], &[0, 1, 2, 3]).abs() < 1e-12);
    assert!((index(&[5, 5, 1], &[0, 0, 3]) - 1.0).abs() < 1e-12);
    assert!((index(&[], &[]) - 1.0).abs() < 1e-12);
}

#[test]
fn centroids_without_spread_have_the_limits_of_the_indices() {
    let data = Matrix::of_rows(vec![1.0, 1.0, 4.0, 4.0], 1).expect("rows");
    let found = partition(&[0, 0, 1, 1]);
    assert_eq!(calinski_harabasz(&data, &found, Noise::AsCluster), Ok(1.0));
    assert_eq!(davies_bouldin(&data, &found, Noise::AsCluster), Ok(0.0));
    let all_noise = partition(&[-1; 4]);
    let refused = Err(Fault::Constant { what: "the clusters" });
    assert_eq!(calinski_harabasz(&data, &all_noise, Noise::LeftOut), refused);
    assert_eq!(davies_bouldin(&data, &all_noise, Noise::AsCluster), refused);
}

fn of_k_means(clusters: usize) -> impl Fn(&Matrix, u64) -> Result<Partition, Fault> + Sync {
    move |data, seed| Ok(k_means(data, &KMeans { seed, starts: 3, ..KMeans::of_clusters(clusters) })?.partition)
}

#[test]
fn clouds_apart_are_found_again_and_cuts_through_one_cloud_are_not() {
    let mut random = Random::of_seed(11);
    let (data, truth) = clouds(&mut random, 400, 4, 3);
    let found = stability(&data, &truth, &Resampling::default(), of_k_means(3)).expect("a stability");
    assert!(found.adjusted_rand > 0.95, "{}", found.adjusted_rand);
    assert!(found.jaccard.iter().all(|jaccard| jaccard.expect("drawn") > 0.95));

    let even = table(400, 4, || random.unit());
    let cut = of_k_means(6)(&even, 1).expect("a partition");
    let found = stability(&even, &cut, &Resampling::default(), of_k_means(6)).expect("a stability");
    assert!(found.adjusted_rand < 0.75, "{}", found.adjusted_rand);
    assert!(found.jaccard.iter().flatten().sum::<f64>() / 6.0 < 0.75);
}

#[test]
fn stability_is_the_same_on_any_number_of_threads() {
    let (data, truth) = clouds(&mut Random::of_seed(12), 300, 3, 5);
    let resampling = Resampling { resamples: 8, seed: 9 };
    let found = [1, 2, 8].map(|threads| on_threads(threads, || stability(&data, &truth, &resampling, of_k_means(5))));
    assert!(found[0].is_ok());
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0], found[2]);
}

#[test]
fn a_clustering_that_fails_or_loses_rows_is_reported() {
    let (data, truth) = clouds(&mut Random::of_seed(13), 50, 2, 2);
    let fault = Fault::NotConverged { iterations: 7 };
    let failed = stability(&data, &truth, &Resampling::default(), |_, _| Err(fault.clone()));
    assert_eq!(failed, Err(fault.clone()));
    let short = stability(&data, &truth, &Resampling::default(), |_, _| Ok(Partition::default()));
    assert_eq!(short, Err(Fault::Shape { values: 0, needed: 50 }));
    let none = stability(&data, &truth, &Resampling { resamples: 0, seed: 0 }, of_k_means(2));
    assert!(matches!(none, Err(Fault::Parameter { name: "resamples", .. })));
}
