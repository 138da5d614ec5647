//! What each column adds to what a tree says: Shapley values of the game in which an unknown column is answered by the rows of
//! training (path-dependent TreeSHAP; Lundberg, Erion & Lee 2018, arXiv 1802.03888).
//!
//! A leaf's share in the game is a product over the columns on its path, so its Shapley values follow from the coefficients of
//! a polynomial with one factor per column: O(leaves · depth²) a tree. The contributions add up to the tree's value less its
//! mean.

use super::tree::{Step, Tree};
use crate::convert::{index, real};

/// One column on the way to a leaf.
#[derive(Clone, Copy)]
struct Part {
    column: u32,
    /// Share of the rows of training that stay on the way.
    cover: f64,
    /// Whether the row that is explained stays on the way.
    is_kept: bool,
}

/// Adds what each column contributes to the tree's value for a row.
pub(crate) fn add_contributions(tree: &Tree, row: &[f64], contributions: &mut [f64]) {
    let mut open: Vec<(usize, Vec<Part>)> = vec![(0, Vec::new())];
    while let Some((at, parts)) = open.pop() {
        let Some(node) = tree.nodes.get(at) else { continue };
        match node.step {
            Step::Leaf { value } => add_leaf(value, &parts, contributions),
            Step::Split { column, threshold, missing_left, left, right } => {
                let known = row.get(index(column)).copied().unwrap_or(f64::NAN);
                let goes_left = if known.is_nan() { missing_left } else { known <= threshold };
                for (child, is_kept) in [(index(left), goes_left), (index(right), !goes_left)] {
                    let Some(below) = tree.nodes.get(child).filter(|_| child > at) else { continue };
                    open.push((child, extended(&parts, Part { column, cover: below.cover / node.cover, is_kept })));
                }
            }
        }
    }
}

/// A column that is asked twice is one player.
fn extended(parts: &[Part], next: Part) -> Vec<Part> {
    let mut parts = parts.to_vec();
    match parts.iter_mut().find(|part| part.column == next.column) {
        Some(part) => {
            part.cover *= next.cover;
            part.is_kept &= next.is_kept;
        }
        None => parts.push(next),
    }
    parts
}

fn add_leaf(value: f64, parts: &[Part], contributions: &mut [f64]) {
    let chances = chances(parts);
    let weights = weights(parts.len());
    let absent: f64 = chances.iter().zip(&weights).map(|(chance, weight)| chance * weight).sum();
    for part in parts {
        let Some(contribution) = contributions.get_mut(index(part.column)) else { continue };
        if part.is_kept {
            let others = without(&chances, part.cover);
            let present: f64 = others.iter().zip(&weights).map(|(chance, weight)| chance * weight).sum();
            *contribution += value * (1.0 - part.cover) * present;
        } else {
            // Its factor is its cover alone, which (0 − cover) / cover takes out again.
            *contribution -= value * absent;
        }
    }
}

/// Coefficients of ∏ (cover + kept · t): entry k sums the ways in which k columns are known.
fn chances(parts: &[Part]) -> Vec<f64> {
    let mut chances = vec![1.0];
    for part in parts {
        let mut before = 0.0;
        for chance in &mut chances {
            let this = *chance;
            *chance = this * part.cover + before;
            before = if part.is_kept { this } else { 0.0 };
        }
        chances.push(before);
    }
    chances
}

/// The coefficients with one kept factor (cover + t) taken out: division from the highest power down, where errors shrink
/// because a cover is at most 1.
fn without(chances: &[f64], cover: f64) -> Vec<f64> {
    let mut carried = 0.0;
    let mut quotient: Vec<f64> = chances
        .iter()
        .skip(1)
        .rev()
        .map(|chance| {
            carried = chance - cover * carried;
            carried
        })
        .collect();
    quotient.reverse();
    quotient
}

/// Shapley's weight for each number of columns known before, among so many: k! (n − 1 − k)! / n!.
fn weights(columns: usize) -> Vec<f64> {
    let mut weight = 1.0 / real(columns.max(1));
    (0..columns)
        .map(|known| {
            let this = weight;
            weight *= real(known + 1) / real((columns - 1 - known).max(1));
            this
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classification::tree::Node;

    fn split(cover: f64, column: u32, threshold: f64, left: u32, right: u32) -> Node {
        Node { cover, step: Step::Split { column, threshold, missing_left: false, left, right } }
    }

    fn leaf(cover: f64, value: f64) -> Node {
        Node { cover, step: Step::Leaf { value } }
    }

    /// Three columns, one of them asked twice on one way.
    fn tree() -> Tree {
        Tree {
            nodes: vec![
                split(100.0, 0, 0.5, 1, 2),
                split(60.0, 1, 0.5, 3, 4),
                split(40.0, 2, 0.5, 5, 6),
                split(25.0, 0, 0.2, 7, 8),
                leaf(35.0, -1.0),
                leaf(10.0, 2.5),
                leaf(30.0, 0.7),
                leaf(5.0, 4.0),
                leaf(20.0, -0.3),
            ],
        }
    }

    /// The game's value: known columns decide, unknown ones are averaged over the rows of training.
    fn expected(tree: &Tree, at: usize, row: &[f64], known: u32) -> f64 {
        let node = &tree.nodes[at];
        match node.step {
            Step::Leaf { value } => value,
            Step::Split { column, threshold, left, right, .. } => {
                let (left, right) = (index(left), index(right));
                if known & (1 << column) != 0 {
                    let next = if row[index(column)] <= threshold { left } else { right };
                    return expected(tree, next, row, known);
                }
                let shares =
                    [left, right].map(|child| tree.nodes[child].cover / node.cover * expected(tree, child, row, known));
                shares.iter().sum()
            }
        }
    }

    #[test]
    fn the_contributions_are_the_shapley_values_by_definition() {
        let tree = tree();
        for row in [[0.1, 0.1, 0.9], [0.4, 0.9, 0.1], [0.9, 0.3, 0.7], [0.3, 0.2, 0.2]] {
            let mut found = [0.0; 3];
            add_contributions(&tree, &row, &mut found);
            for column in 0..3_u32 {
                let mut wanted = 0.0;
                for known in (0..8_u32).filter(|known| known & (1 << column) == 0) {
                    let weight = [1.0 / 3.0, 1.0 / 6.0, 1.0 / 3.0][index(known.count_ones())];
                    wanted +=
                        weight * (expected(&tree, 0, &row, known | (1 << column)) - expected(&tree, 0, &row, known));
                }
                assert!((found[index(column)] - wanted).abs() < 1e-12, "{row:?} {column}: {found:?} {wanted}");
            }
            assert!((found.iter().sum::<f64>() + tree.mean() - tree.value(&row)).abs() < 1e-12);
        }
    }
}
