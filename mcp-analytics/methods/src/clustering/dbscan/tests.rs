use super::*;
use crate::random::Random;
use crate::samples::{bell, clouds, iris, on_threads, table};

/// DBSCAN as scikit-learn does it: from each core that has no label yet, in the order of the rows, everything that can be
/// reached through cores.
fn by_definition(data: &Matrix, options: &Dbscan) -> Vec<Option<u32>> {
    let rows: Vec<&[f64]> = data.iter_rows().collect();
    let distance = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
    let near = |row: usize| -> Vec<usize> {
        let reach = options.radius * options.radius;
        (0..rows.len()).filter(|other| distance(rows[row], rows[*other]) <= reach).collect()
    };
    let neighbours: Vec<Vec<usize>> = (0..rows.len()).map(near).collect();
    let is_core = |row: usize| neighbours[row].len() >= options.neighbours_min;
    let mut labels = vec![None; rows.len()];
    let mut next = 0;
    for start in 0..rows.len() {
        if labels[start].is_some() || !is_core(start) {
            continue;
        }
        let mut waiting = vec![start];
        while let Some(row) = waiting.pop() {
            if labels[row].is_none() {
                labels[row] = Some(next);
                if is_core(row) {
                    waiting.extend(neighbours[row].iter().filter(|other| labels[**other].is_none()));
                }
            }
        }
        next += 1;
    }
    labels
}

fn check(data: &Matrix, radius: f64, neighbours_min: usize) {
    let options = Dbscan { radius, neighbours_min };
    let found = dbscan(data, &options).expect("a fit");
    let case = format!("{} rows of {}, radius {radius}, {neighbours_min}", data.rows(), data.columns());
    assert_eq!(found.partition.labels(), by_definition(data, &options), "{case}");
}

#[test]
fn labels_are_those_of_the_definition() {
    let mut random = Random::of_seed(1);
    for round in 0..60 {
        let rows = 1 + random.below(900);
        let columns = 1 + random.below(5);
        let clusters = 1 + random.below(6);
        let (data, _) = clouds(&mut random, rows, columns, clusters);
        check(&data, 0.2 + 1.5 * random.unit(), 1 + round % 12);
    }
}

#[test]
fn rows_on_a_grid_at_exactly_the_radius_are_neighbours() {
    let mut random = Random::of_seed(2);
    for (columns, step, radius) in [(1, 1.0, 1.0), (2, 1.0, 5.0), (2, 0.1, 0.1), (3, 0.1, 0.3), (2, 0.3, 0.9)] {
        let data = table(700, columns, || f64::from(u8::try_from(random.below(30)).expect("small")) * step);
        for neighbours_min in [1, 3, 8, 40] {
            check(&data, radius, neighbours_min);
        }
    }
}

#[test]
fn rows_that_are_alike_are_one_cluster() {
    check(&table(1_000, 3, || 4.2), 0.5, 10);
    check(&table(5, 1, || 4.2), 0.5, 6);
}

#[test]
fn bridges_between_dense_leaves_are_found() {
    let mut random = Random::of_seed(3);
    // Two balls and a thin line of rows between them, close enough or not.
    for gap in [0.05, 0.2] {
        let mut values = Vec::new();
        for row in 0..1_500 {
            let centre = if row % 2 == 0 { 0.0 } else { 8.0 };
            values.extend([centre + 0.3 * bell(&mut random), 0.3 * bell(&mut random)]);
        }
        let mut at = 0.0;
        while at < 8.0 {
            values.extend([at, 0.0]);
            at += gap;
        }
        check(&Matrix::of_rows(values, 2).expect("finite"), 0.16, 3);
    }
}

/// The golden labels of scikit-learn 1.9.1, `DBSCAN(eps=0.5, min_samples=5)`: 0 up to row 50, 1 from there, and noise.
#[test]
fn irises_have_the_labels_of_scikit_learn() {
    let noise = [41, 57, 60, 68, 87, 93, 98, 105, 106, 108, 109, 117, 118, 122, 131, 134, 135];
    let expected: Vec<Option<u32>> =
        (0..150).map(|row| if noise.contains(&row) { None } else { Some(u32::from(row >= 50)) }).collect();
    let found = dbscan(&iris(), &Dbscan { radius: 0.5, neighbours_min: 5 }).expect("a fit");
    assert_eq!(found.partition.labels(), expected);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let (data, _) = clouds(&mut Random::of_seed(4), 20_000, 3, 9);
    let options = Dbscan { radius: 0.4, neighbours_min: 12 };
    let fits = [1, 2, 8].map(|threads| on_threads(threads, || dbscan(&data, &options)));
    assert_eq!(fits[0], fits[1]);
    assert_eq!(fits[0], fits[2]);
}

#[test]
fn values_that_overflow_are_far_away() {
    let data = Matrix::of_rows(vec![1e308, -1e308, 1e308, 0.0], 1).expect("finite");
    let found = dbscan(&data, &Dbscan { radius: 1e200, neighbours_min: 2 }).expect("a fit");
    assert_eq!(found.partition.labels(), [Some(0), None, Some(0), None]);
}

#[test]
fn what_is_no_radius_is_refused() {
    for radius in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = dbscan(&table(3, 1, || 1.0), &Dbscan { radius, neighbours_min: 1 });
        assert!(matches!(refused, Err(Fault::Parameter { name: "radius", .. })), "{radius}");
    }
    let empty = table(0, 1, || 1.0);
    let refused = dbscan(&empty, &Dbscan { radius: 1.0, neighbours_min: 1 });
    assert_eq!(refused, Err(Fault::TooFewRows { rows: 0, needed: 1 }));
}
