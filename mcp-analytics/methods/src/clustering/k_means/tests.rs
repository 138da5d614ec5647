use super::*;
use crate::samples::{are_close, clouds, iris, on_threads, table};

/// Lloyd's iteration as it is defined, with scikit-learn's ends; the inertia and the number of steps.
fn by_definition(data: &Matrix, centres: &Matrix, tolerance: f64) -> (f64, usize) {
    let (rows, width): (Vec<&[f64]>, usize) = (data.iter_rows().collect(), data.columns());
    let mut centres: Vec<Vec<f64>> = centres.iter_rows().map(<[f64]>::to_vec).collect();
    let nearest = |centres: &[Vec<f64>], row: &[f64]| {
        let distances: Vec<f64> = centres.iter().map(|centre| squared_distance(row, centre)).collect();
        (0..distances.len()).min_by(|one, other| distances[*one].total_cmp(&distances[*other])).expect("a centre")
    };
    let variance = |column: usize| {
        let values: Vec<f64> = rows.iter().map(|row| row[column]).collect();
        let mean = values.iter().sum::<f64>() / real(values.len());
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / real(values.len())
    };
    let tolerance = tolerance * (0..width).map(variance).sum::<f64>() / real(width);
    let mut last = Vec::new();
    for step in 1..=300 {
        let labels: Vec<usize> = rows.iter().map(|row| nearest(&centres, row)).collect();
        let mut moved = 0.0;
        for (cluster, centre) in centres.iter_mut().enumerate() {
            let members: Vec<&&[f64]> =
                rows.iter().zip(&labels).filter(|(_, label)| **label == cluster).map(|(row, _)| row).collect();
            for (column, value) in centre.iter_mut().enumerate() {
                let mean = members.iter().map(|row| row[column]).sum::<f64>() / real(members.len());
                moved += (mean - *value).powi(2);
                *value = mean;
            }
        }
        if labels == last || moved <= tolerance {
            let inertia = rows.iter().map(|row| squared_distance(row, &centres[nearest(&centres, row)])).sum();
            return (inertia, step);
        }
        last = labels;
    }
    panic!("no end");
}

fn first_rows(data: &Matrix, count: usize) -> Matrix {
    Matrix::of_rows(data.values()[..count * data.columns()].to_vec(), data.columns()).expect("whole rows")
}

#[test]
fn from_the_same_centres_it_takes_the_same_steps_as_the_definition() {
    let mut random = Random::of_seed(1);
    for (rows, columns, clusters) in [(7, 1, 1), (50, 2, 3), (333, 12, 8), (500, 3, 9), (2_500, 5, 17), (130, 20, 64)] {
        let (data, _) = clouds(&mut random, rows, columns, clusters);
        let centres = first_rows(&data, clusters);
        let found = k_means_from(&data, &centres, &KMeans::of_clusters(clusters)).expect("a fit");
        let (inertia, iterations) = by_definition(&data, &centres, 1e-4);
        assert_eq!(found.iterations, iterations, "{rows} rows, {columns} columns, {clusters} clusters");
        assert!(are_close(found.inertia, inertia, 1e-12), "{} for {inertia}", found.inertia);
    }
}

/// scikit-learn 1.9.1: `KMeans(3, n_init=10, random_state=0).fit(iris).inertia_`.
#[test]
fn irises_have_the_inertia_of_scikit_learn() {
    let found = k_means(&iris(), &KMeans::of_clusters(3)).expect("a fit");
    assert!(are_close(found.inertia, 78.851_441_426_146, 1e-9), "{}", found.inertia);
    let mut sizes = found.partition.sizes().to_vec();
    sizes.sort_unstable();
    assert_eq!(sizes, [38, 50, 62]);
}

#[test]
fn data_far_from_zero_has_the_same_clusters() {
    let (data, _) = clouds(&mut Random::of_seed(2), 1_000, 4, 6);
    let far = Matrix::of_rows(data.values().iter().map(|value| value + 1e7).collect(), 4).expect("finite");
    let near = k_means(&data, &KMeans::of_clusters(6)).expect("a fit");
    let far = k_means(&far, &KMeans::of_clusters(6)).expect("a fit");
    assert_eq!(near.partition, far.partition);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let (data, _) = clouds(&mut Random::of_seed(3), 20_000, 7, 11);
    let fits = [1, 2, 8].map(|threads| on_threads(threads, || k_means(&data, &KMeans::of_clusters(11))));
    assert_eq!(fits[0], fits[1]);
    assert_eq!(fits[0], fits[2]);
}

#[test]
fn fewer_different_rows_than_clusters_leave_clusters_empty() {
    let data = Matrix::of_rows([1.0, 1.0, 5.0, 5.0].repeat(25), 2).expect("whole rows");
    let found = k_means(&data, &KMeans::of_clusters(5)).expect("a fit");
    assert_eq!(found.partition.clusters(), 2);
    assert!(found.inertia == 0.0 && found.is_converged);
}

/// scikit-learn 1.9.1: `KMeans(4, init=[[0], [1000], [2000], [3000]], n_init=1)`.
#[test]
fn empty_clusters_get_the_rows_that_scikit_learn_gives_them() {
    let data = Matrix::of_rows(vec![0.0, 1.0, 2.0, 10.0, 11.5, 12.0, 50.0, 49.0], 1).expect("rows");
    let centres = Matrix::of_rows(vec![0.0, 1000.0, 2000.0, 3000.0], 1).expect("rows");
    let found = k_means_from(&data, &centres, &KMeans::of_clusters(4)).expect("a fit");
    let expected = [0, 0, 0, 3, 3, 3, 1, 2].map(Some);
    assert_eq!((found.partition.labels(), found.iterations), (expected.as_slice(), 3));
    assert!(are_close(found.inertia, 4.166_666_666_666_666, 1e-12), "{}", found.inertia);
}

#[test]
fn the_nearest_centre_is_the_one_that_the_fit_chose() {
    let (data, _) = clouds(&mut Random::of_seed(4), 3_000, 3, 10);
    let found = k_means(&data, &KMeans::of_clusters(10)).expect("a fit");
    assert_eq!(nearest_centres(&data, &found.centres), Ok(found.partition));
}

#[test]
fn equally_near_centres_go_to_the_first() {
    let data = table(1, 1, || 0.0);
    let centres = Matrix::of_rows(vec![9.0, 1.0, -1.0, 1.0, 7.0, 7.0, 7.0, 7.0, 7.0, -1.0, 1.0], 1).expect("rows");
    assert_eq!(nearest_centres(&data, &centres).expect("labels").labels(), [Some(1)]);
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    let data = table(3, 2, || 1.0);
    let refused = |options: KMeans| k_means(&data, &options).expect_err("refused");
    assert_eq!(refused(KMeans::of_clusters(4)), Fault::TooFewRows { rows: 3, needed: 4 });
    assert!(matches!(refused(KMeans::of_clusters(0)), Fault::Parameter { name: "clusters", .. }));
    let without_end = KMeans { tolerance: f64::NAN, ..KMeans::of_clusters(2) };
    assert!(matches!(refused(without_end), Fault::Parameter { name: "tolerance", .. }));
}
