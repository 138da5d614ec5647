//! Parts of the rows that take turns in being held back.

use crate::random::Random;

/// The fold, from 0, of each row: as many positives and as many rows in each as can be.
pub fn stratified(labels: &[bool], folds: usize, seed: u64) -> Vec<usize> {
    let mut random = Random::of_seed(seed);
    let mut of_row = vec![0; labels.len()];
    let mut turn = (0..folds.max(1)).cycle();
    for class in [true, false] {
        let mut rows: Vec<usize> = (0..labels.len()).filter(|row| labels.get(*row) == Some(&class)).collect();
        random.shuffle(&mut rows);
        for row in rows {
            if let (Some(entry), Some(fold)) = (of_row.get_mut(row), turn.next()) {
                *entry = fold;
            }
        }
    }
    of_row
}

/// The rows outside of a fold and those in it, each in ascending order.
pub fn split(of_row: &[usize], fold: usize) -> (Vec<usize>, Vec<usize>) {
    (0..of_row.len()).partition(|row| of_row.get(*row) != Some(&fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fold_has_its_share_of_both_classes() {
        let labels: Vec<bool> = (0..103).map(|row| row % 10 == 0).collect();
        let of_row = stratified(&labels, 5, 1);
        for fold in 0..5 {
            let (_, held) = split(&of_row, fold);
            let positives = held.iter().filter(|row| labels[**row]).count();
            assert!((20..=21).contains(&held.len()) && (2..=3).contains(&positives), "{} {positives}", held.len());
        }
    }
}
