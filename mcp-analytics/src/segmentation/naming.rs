//! What sets a segment apart, in numbers and in words.

use analytics_methods::clustering::Partition;
use analytics_methods::matrix::Matrix;

use super::search::percentile;
use crate::features::Feature;

/// Features that a name is made of.
const WORDS_MAX: usize = 2;

/// A segment: who is in it, and what its people have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Traits {
    pub name: String,
    pub people: usize,
    /// The median of each feature, in the feature's own unit.
    pub medians: Vec<f64>,
    /// What sets it apart most first: the feature, and by how many standard deviations its people are from all on average.
    pub apart: Vec<(Feature, f64)>,
}

/// The traits of each segment, by its number. `scaled` has mean 0 and standard deviation 1 in each column.
#[must_use]
pub fn traits(features: &[Feature], data: &Matrix, scaled: &Matrix, partition: &Partition) -> Vec<Traits> {
    let mut described: Vec<Traits> = Vec::with_capacity(partition.sizes().len());
    for number in 0..partition.sizes().len() {
        let is_in = |label: &Option<u32>| label.and_then(|label| usize::try_from(label).ok()) == Some(number);
        let columns = |matrix: &Matrix| -> Vec<Vec<f64>> {
            let mut columns = vec![Vec::new(); matrix.columns()];
            for (row, _) in matrix.iter_rows().zip(partition.labels()).filter(|(_, label)| is_in(label)) {
                for (column, value) in columns.iter_mut().zip(row) {
                    column.push(*value);
                }
            }
            columns
        };
        let medians = columns(data).into_iter().map(median).collect();
        let means = columns(scaled).into_iter().map(|column| mean(&column));
        let mut apart: Vec<(Feature, f64)> = features.iter().copied().zip(means).collect();
        apart.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
        let people = partition.sizes().get(number).copied().unwrap_or(0);
        let name = unique(name(&apart), &described);
        described.push(Traits { name, people, medians, apart });
    }
    described
}

/// The words of what sets it apart most, where that is at least a third of a standard deviation.
fn name(apart: &[(Feature, f64)]) -> String {
    let told = apart.iter().filter(|(_, distance)| distance.abs() >= 1.0 / 3.0).take(WORDS_MAX);
    let words: Vec<&str> = told
        .map(|(feature, distance)| {
            let (low, high) = feature.words();
            if *distance < 0.0 { low } else { high }
        })
        .collect();
    if words.is_empty() { "average".to_owned() } else { words.join(", ") }
}

fn unique(name: String, others: &[Traits]) -> String {
    let taken = |name: &str| others.iter().any(|other| other.name == name);
    if !taken(&name) {
        return name;
    }
    // With so many others, one of these is free.
    let numbered = (2..=others.len() + 2).map(|number| format!("{name} ({number})")).find(|name| !taken(name));
    numbered.unwrap_or(name)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    percentile(&values, 50).unwrap_or(0.0)
}

fn mean(values: &[f64]) -> f64 {
    let count = crate::features::real(i64::try_from(values.len()).unwrap_or(i64::MAX));
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_named_by_what_sets_it_apart() {
        let data = Matrix::of_rows(vec![1.0, 9.0, 1.0, 8.0, 100.0, 1.0, 90.0, 2.0], 2).unwrap();
        let scaled = Matrix::of_rows(vec![-1.0, 1.2, -1.0, 1.0, 1.0, -1.2, 1.0, -1.0], 2).unwrap();
        let partition = Partition::of_labels(vec![Some(0), Some(0), Some(1), Some(1)]);
        let found = traits(&[Feature::RecencyDays, Feature::Orders], &data, &scaled, &partition);
        assert_eq!(found[0].name, "many orders, bought lately");
        assert_eq!(found[1].name, "few orders, gone quiet");
        assert_eq!((found[0].people, found[1].medians[0]), (2, 100.0));
    }
}
