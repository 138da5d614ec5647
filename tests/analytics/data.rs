//! The data sets of `../shared/data/analytics`, which are not part of this repository.

use std::collections::BTreeSet;
use std::fs;

use analytics_methods::classification::Features;
use tests::oracles;

/// A file's text; none, with a word about it, where the data sets are absent.
pub(crate) fn text(name: &str) -> Option<String> {
    let root = oracles::workspace();
    let folder =
        root.ancestors().skip(1).map(|folder| folder.join("shared/data/analytics")).find(|found| found.is_dir());
    let Some(folder) = folder else {
        assert!(!oracles::is_ci(), "../shared/data/analytics is missing");
        println!("skipped: ../shared/data/analytics is missing; the data sets are not part of this repository");
        return None;
    };
    Some(fs::read_to_string(folder.join(name)).unwrap())
}

/// Features and labels.
pub(crate) struct Set {
    pub(crate) features: Features,
    pub(crate) labels: Vec<bool>,
}

impl Set {
    /// Every fourth row, beginning with the first, is held back: (training, held back).
    pub(crate) fn divided(&self) -> (Self, Self) {
        let (held, kept): (Vec<usize>, Vec<usize>) = (0..self.labels.len()).partition(|row| row % 4 == 0);
        let part = |rows: &[usize]| Self {
            features: self.features.select(rows),
            labels: rows.iter().map(|row| self.labels[*row]).collect(),
        };
        (part(&kept), part(&held))
    }
}

/// A CSV file without quotes: numbers as they are (an empty one as 0, as the reference has it), each category of anything else
/// as a column of its own.
pub(crate) fn csv(name: &str, label: &str) -> Option<Set> {
    let text = text(name)?;
    let mut lines =
        text.lines().map(|line| line.split(',').map(|cell| cell.trim().trim_matches('"')).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let rows: Vec<Vec<&str>> = lines.collect();
    let label = header.iter().position(|name| *name == label).unwrap();
    let is_number = |cell: &str| cell.is_empty() || cell.parse::<f64>().is_ok();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for column in (0..header.len()).filter(|column| *column != label) {
        if rows.iter().all(|row| is_number(row[column])) {
            columns.push(rows.iter().map(|row| row[column].parse().unwrap_or(0.0)).collect());
        } else {
            let categories: BTreeSet<&str> = rows.iter().map(|row| row[column]).collect();
            columns.extend(categories.into_iter().map(|category| {
                rows.iter().map(|row| f64::from(u8::from(row[column] == category))).collect::<Vec<f64>>()
            }));
        }
    }
    let values = (0..rows.len()).flat_map(|row| columns.iter().map(move |column| column[row]));
    let labels = rows.iter().map(|row| row[label] == "Yes").collect();
    Some(Set { features: Features::of_rows(values.collect(), columns.len()).unwrap(), labels })
}
