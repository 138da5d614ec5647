//! Gradient boosting of decision trees on histograms, for two classes.
//!
//! Friedman 2001 with the second-order steps of XGBoost (Chen & Guestrin 2016, equations 5 to 7) and the leaf-wise growth of
//! LightGBM (Ke et al. 2017), whose parameters these are. A round costs O(rows · columns) additions for each level of depth at
//! most; the larger of two siblings has its sums by subtraction.
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for what `dispatch!` finds")]

mod growth;

use fearless_simd::{Level, dispatch};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::explanation::Explanation;
use super::exponential::exponential;
use super::features::{Features, check_labels};
use super::histogram::{BINS_MAX, Binned, Packed, Packing, packed};
use super::shap;
use super::tree::Tree;
use crate::convert::{index, nearest, real};
use crate::fault::Fault;
use crate::random::Random;
use growth::Growth;

/// Rows that one task goes through; fixed, so that sums come out alike for any number of threads.
const CHUNK: usize = 8_192;

/// How to fit.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Trees, 1 to 10,000.
    pub rounds: usize,
    /// Share of each tree's answer that counts, above 0 up to 1.
    pub learning_rate: f64,
    /// Leaves of a tree at most, 2 to 1,024.
    pub leaves_max: usize,
    /// Rows of a leaf at least, estimated from their curvature as LightGBM does.
    pub leaf_rows_min: usize,
    /// Bins of a column, 2 to 256.
    pub bins_max: usize,
    /// What is added to the curvature of a leaf, 0 or more.
    pub ridge: f64,
    /// Share of the columns that a tree may ask, above 0 up to 1.
    pub column_share: f64,
    /// Share of the rows that a tree learns from, above 0 up to 1.
    pub row_share: f64,
    /// Decides which columns and rows those are.
    pub seed: u64,
}

impl Settings {
    /// For up to some 50,000 rows: 200 trees of 8 leaves at a rate of 0.03, each on 80 % of the rows and 70 % of the columns.
    /// The best single choice on small data among those measured.
    pub const SMALL: Self = Self {
        rounds: 200,
        learning_rate: 0.03,
        leaves_max: 8,
        leaf_rows_min: 30,
        bins_max: 255,
        ridge: 0.0,
        column_share: 0.7,
        row_share: 0.8,
        seed: 0,
    };

    /// For more rows: what LightGBM does where nothing is said, 100 trees of 31 leaves at a rate of 0.1.
    pub const LARGE: Self = Self {
        rounds: 100,
        learning_rate: 0.1,
        leaves_max: 31,
        leaf_rows_min: 20,
        bins_max: 255,
        ridge: 0.0,
        column_share: 1.0,
        row_share: 1.0,
        seed: 0,
    };

    /// The one of the two for a number of rows.
    pub const fn for_rows(rows: usize) -> Self {
        if rows > 50_000 { Self::LARGE } else { Self::SMALL }
    }

    fn check(&self) -> Result<(), Fault> {
        let is_share = |share: f64| share > 0.0 && share <= 1.0;
        let demands = [
            ((1..=10_000).contains(&self.rounds), "rounds", "1 to 10,000"),
            (is_share(self.learning_rate), "learning_rate", "above 0, up to 1"),
            ((2..=1_024).contains(&self.leaves_max), "leaves_max", "2 to 1,024"),
            ((2..=BINS_MAX).contains(&self.bins_max), "bins_max", "2 to 256"),
            (self.ridge >= 0.0 && self.ridge.is_finite(), "ridge", "0 or more"),
            (is_share(self.column_share), "column_share", "above 0, up to 1"),
            (is_share(self.row_share), "row_share", "above 0, up to 1"),
        ];
        match demands.iter().find(|(is_met, ..)| !is_met) {
            Some((_, name, expected)) => Err(Fault::Parameter { name, expected }),
            None => Ok(()),
        }
    }
}

/// A fitted model.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Boosted {
    /// Log odds of the share of positives in training.
    pub start: f64,
    /// What is added to it.
    pub trees: Vec<Tree>,
    /// Columns of training.
    pub columns: usize,
}

impl Boosted {
    /// Fits to rows with their labels.
    ///
    /// # Errors
    /// `Parameter` for a setting outside of its range, `Shape`, `TooFewRows` and `Constant` for labels that do not fit.
    pub fn fit(features: &Features, labels: &[bool], settings: &Settings) -> Result<Self, Fault> {
        settings.check()?;
        check_labels(features.rows(), labels)?;
        let data = Binned::of(features, settings.bins_max, settings.seed);
        let share = real(labels.iter().filter(|label| **label).count()) / real(labels.len());
        let start = (share / (1.0 - share)).ln();
        let mut rounds = Rounds::new(labels, start);
        let mut growth = Growth::new(&data, settings);
        let mut trees = Vec::with_capacity(settings.rounds);
        for round in 0..settings.rounds {
            let mut random = Random::of_stream(settings.seed, u64::try_from(round).unwrap_or_default());
            let packing = rounds.pack(settings.row_share, &mut random);
            let Some(tree) = growth.tree(rounds.packed(), packing, &columns(&data, settings, &mut random)) else {
                // Nothing to be won: with all rows and columns in play, later rounds would find the same.
                if settings.row_share >= 1.0 && settings.column_share >= 1.0 {
                    break;
                }
                continue;
            };
            growth.each_leaf(|rows, value| rounds.add(rows, value));
            trees.push(tree);
        }
        Ok(Self { start, trees, columns: features.columns() })
    }

    /// Log odds of a row; columns that it lacks count as missing.
    pub fn score(&self, row: &[f64]) -> f64 {
        self.start + self.trees.iter().map(|tree| tree.value(row)).sum::<f64>()
    }

    /// What each column adds to the score of a row.
    pub fn explain(&self, row: &[f64]) -> Explanation {
        let mut contributions = vec![0.0; self.columns];
        for tree in &self.trees {
            shap::add_contributions(tree, row, &mut contributions);
        }
        let base = self.start + self.trees.iter().map(Tree::mean).sum::<f64>();
        Explanation { base, contributions }
    }
}

/// Which columns a tree may ask.
fn columns(data: &Binned, settings: &Settings, random: &mut Random) -> Vec<bool> {
    let all = data.columns().len();
    let wanted = usize::try_from(nearest(settings.column_share * real(all))).unwrap_or(all).max(1);
    let mut is_asked = vec![wanted >= all; all];
    if wanted < all {
        for column in random.sample(wanted, all) {
            is_asked.get_mut(column).into_iter().for_each(|asked| *asked = true);
        }
    }
    is_asked
}

/// What goes from round to round: the scores of the rows of training, and their gradients.
struct Rounds {
    truths: Vec<f64>,
    scores: Vec<f64>,
    gradients: Vec<f64>,
    curvatures: Vec<f64>,
    packed: Vec<Packed>,
}

impl Rounds {
    fn new(labels: &[bool], start: f64) -> Self {
        let rows = labels.len();
        Self {
            truths: labels.iter().map(|label| f64::from(u8::from(*label))).collect(),
            scores: vec![start; rows],
            gradients: vec![0.0; rows],
            curvatures: vec![0.0; rows],
            packed: vec![Packed::default(); rows],
        }
    }

    fn packed(&self) -> &[Packed] {
        &self.packed
    }

    /// Gradient and curvature of the log loss at the scores, in whole units; nothing for rows that sit this round out.
    fn pack(&mut self, row_share: f64, random: &mut Random) -> Packing {
        let chunks = self.gradients.par_chunks_mut(CHUNK).zip(self.curvatures.par_chunks_mut(CHUNK));
        let chunks = chunks.zip(self.scores.par_chunks(CHUNK)).zip(self.truths.par_chunks(CHUNK));
        let sums = chunks.map(|(((gradients, curvatures), scores), truths)| {
            dispatch!(Level::new(), _simd => write_gradients(scores, truths, gradients, curvatures));
            dispatch!(Level::new(), _simd => (sum(gradients), sum(curvatures)))
        });
        let sums: Vec<(f64, f64)> = sums.collect();
        let (gradient, curvature) = sums.iter().fold((0.0, 0.0), |(g, h), (more_g, more_h)| (g + more_g, h + more_h));
        let packing = Packing::of_sums(gradient, curvature);
        let units = (1.0 / packing.gradient, 1.0 / packing.curvature);
        let chunks = self.packed.par_chunks_mut(CHUNK).zip(self.gradients.par_chunks(CHUNK));
        chunks.zip(self.curvatures.par_chunks(CHUNK)).for_each(|((packs, gradients), curvatures)| {
            dispatch!(Level::new(), _simd => write_packed(gradients, curvatures, units, packs));
        });
        if row_share < 1.0 {
            for pack in &mut self.packed {
                if random.unit() >= row_share {
                    *pack = Packed::default();
                }
            }
        }
        packing
    }

    fn add(&mut self, rows: &[u32], value: f64) {
        for row in rows {
            if let Some(score) = self.scores.get_mut(index(*row)) {
                *score += value;
            }
        }
    }
}

#[inline(always)]
fn write_gradients(scores: &[f64], truths: &[f64], gradients: &mut [f64], curvatures: &mut [f64]) {
    for (((score, truth), gradient), curvature) in scores.iter().zip(truths).zip(gradients).zip(curvatures) {
        let positive = 1.0 / (1.0 + exponential(-score));
        *gradient = positive - truth;
        // At a probability of 0 or 1 the curvature vanishes; a leaf of such rows must not divide by nothing.
        *curvature = (positive * (1.0 - positive)).max(1e-16);
    }
}

#[inline(always)]
fn write_packed(gradients: &[f64], curvatures: &[f64], (by_gradient, by_curvature): (f64, f64), packs: &mut [Packed]) {
    for ((gradient, curvature), pack) in gradients.iter().zip(curvatures).zip(packs) {
        *pack = packed(gradient * by_gradient, curvature * by_curvature);
    }
}

/// The sum without signs, as eight sums side by side.
#[inline(always)]
fn sum(values: &[f64]) -> f64 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut sums = [0.0_f64; 8];
    for eight in eights {
        for (sum, value) in sums.iter_mut().zip(eight) {
            *sum += value.abs();
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|value| value.abs()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_can_be_the_answer() {
        let values = (0..400).map(|row| if row % 4 == 0 { f64::NAN } else { f64::from(row % 7) });
        let features = Features::of_rows(values.collect(), 1).unwrap();
        let labels: Vec<bool> = (0..400).map(|row| row % 4 == 0).collect();
        let model = Boosted::fit(&features, &labels, &Settings::LARGE).unwrap();
        assert!(model.score(&[f64::NAN]) > 3.0 && model.score(&[3.0]) < -3.0, "{:?}", model.trees[0]);
    }

    #[test]
    fn what_matters_only_together_is_learnt() {
        let mut random = Random::of_seed(1);
        let values: Vec<f64> = (0..4_000).map(|_| random.unit()).collect();
        let labels: Vec<bool> = values.chunks(2).map(|pair| (pair[0] > 0.5) == (pair[1] > 0.5)).collect();
        let features = Features::of_rows(values, 2).unwrap();
        let model = Boosted::fit(&features, &labels, &Settings::LARGE).unwrap();
        let scores = [[0.2, 0.3], [0.9, 0.8], [0.2, 0.8], [0.7, 0.1]].map(|row| model.score(&row) > 0.0);
        assert_eq!(scores, [true, true, false, false]);
    }
}
