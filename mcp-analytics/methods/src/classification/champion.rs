//! Two models of different kinds, trained on the same records: the better one becomes the champion.
//!
//! A calibrated logistic regression is hard to beat on few records, boosted trees on many: which it is, is decided by what each
//! says of records that it has not seen, never by assumption.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::boosting::{self, Boosted};
use super::calibration::{self, Calibration, CrossFitted};
use super::explanation::Explanation;
use super::features::{Features, check_labels};
use super::folds;
use super::gates::{Gate, Thresholds, gates};
use super::logistic::{self, Logistic};
use super::metrics::{Evaluation, auc};
use crate::fault::Fault;

/// How the two are trained and compared.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Parts of the records that take turns in being held back, 2 to 20; by default 5.
    pub folds: usize,
    /// Decides who is in which part.
    pub seed: u64,
    /// Of the logistic regression.
    pub logistic: logistic::Settings,
    /// Of the trees; by default what suits the number of records.
    pub boosting: Option<boosting::Settings>,
    /// A column that alone must do worse, such as the time since the last purchase. None by default.
    pub baseline: Option<usize>,
    /// What the champion must show.
    pub thresholds: Thresholds,
}

impl Default for Settings {
    fn default() -> Self {
        let (logistic, thresholds) = (logistic::Settings::default(), Thresholds::default());
        Self { folds: 5, seed: 0, logistic, boosting: None, baseline: None, thresholds }
    }
}

/// A model of either kind.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Model {
    /// Logistic regression.
    Logistic(Logistic),
    /// Boosted trees.
    Boosted(Boosted),
}

/// What kind a model is of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Logistic regression.
    Logistic,
    /// Boosted trees.
    Boosted,
}

/// The better model and its calibration.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Champion {
    /// Trained on all records of training.
    pub model: Model,
    /// From its score to a probability.
    pub calibration: Calibration,
}

/// One of the two, on records of training that it had not seen.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Candidate {
    /// What kind it is of.
    pub kind: Kind,
    /// How good its calibrated probabilities were, out of fold.
    pub evaluation: Evaluation,
}

/// The outcome of a comparison.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Contest {
    /// The better one.
    pub champion: Champion,
    /// Both, the champion first.
    pub candidates: Vec<Candidate>,
    /// The champion on later records, which neither it nor the choice has seen; without any, out of fold, where the choice between
    /// two flatters it a little.
    pub evaluation: Evaluation,
    /// Whether `evaluation` is of later records.
    pub is_out_of_time: bool,
    /// Area under the curve of the baseline column on the same records.
    pub baseline_auc: Option<f64>,
    /// Whether the champion may be used to decide.
    pub gates: Vec<Gate>,
}

/// Records with what became of them.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// What was known.
    pub features: &'a Features,
    /// What became of each.
    pub labels: &'a [bool],
}

impl Contest {
    /// Trains both on `training`, chooses by area under the curve out of fold, and evaluates on `later` records where there are
    /// any.
    ///
    /// # Errors
    /// `Parameter` for a setting outside of its range, `Shape` for labels or columns that do not fit, `TooFewOfClass` for fewer
    /// records of a class than folds, `Constant` where all labels are of one class.
    pub fn of(training: Labelled<'_>, later: Option<Labelled<'_>>, settings: &Settings) -> Result<Self, Fault> {
        settings.check(training, later)?;
        let of_row = folds::stratified(training.labels, settings.folds, settings.seed);
        let mut entrants = Vec::with_capacity(2);
        for kind in [Kind::Logistic, Kind::Boosted] {
            let scores = out_of_fold(kind, training, &of_row, settings)?;
            let calibrated = calibration::cross_fitted(&scores, training.labels, &of_row, settings.folds)?;
            let mut evaluation = Evaluation::of(&calibrated.probabilities, training.labels)?;
            // Each fold's calibration has steps of its own, which says nothing about the order of scores.
            evaluation.auc = auc(&scores, training.labels)?;
            entrants.push((Candidate { kind, evaluation }, calibrated));
        }
        entrants.sort_by(|(a, _), (b, _)| b.evaluation.auc.total_cmp(&a.evaluation.auc));
        let candidates: Vec<Candidate> = entrants.iter().map(|(candidate, _)| *candidate).collect();
        let Some((best, CrossFitted { calibration, .. })) = entrants.into_iter().next() else {
            return Err(Fault::TooFewRows { rows: 0, needed: settings.folds });
        };
        let champion = Champion { model: Model::fit(best.kind, training, settings)?, calibration };
        let evaluation = match later {
            Some(later) => champion.evaluate(later)?,
            None => best.evaluation,
        };
        let baseline_auc = match settings.baseline {
            Some(column) => Some(baseline_auc(column, training, later)?),
            None => None,
        };
        let positives = training.labels.iter().filter(|label| **label).count();
        let rarer_class = positives.min(training.labels.len() - positives);
        let gates = gates(&evaluation, baseline_auc, rarer_class, &settings.thresholds);
        Ok(Self { champion, candidates, evaluation, is_out_of_time: later.is_some(), baseline_auc, gates })
    }

    /// Whether every gate is passed.
    pub fn passed(&self) -> bool {
        self.gates.iter().all(|gate| gate.passed)
    }
}

impl Champion {
    /// The calibrated probability of a row.
    pub fn probability(&self, row: &[f64]) -> f64 {
        self.calibration.apply(self.model.score(row))
    }

    /// The calibrated probability of each row.
    pub fn probabilities(&self, features: &Features) -> Vec<f64> {
        self.model.scores(features).into_iter().map(|score| self.calibration.apply(score)).collect()
    }

    /// How good the probabilities are on records that the champion has not seen; the area under the curve is that of its scores,
    /// which the steps of a calibration do not tie.
    ///
    /// # Errors
    /// `Shape` for labels that do not fit, `TooFewRows` without rows, `Constant` where all labels are of one class.
    pub fn evaluate(&self, records: Labelled<'_>) -> Result<Evaluation, Fault> {
        let scores = self.model.scores(records.features);
        let probabilities: Vec<f64> = scores.iter().map(|score| self.calibration.apply(*score)).collect();
        let area = auc(&scores, records.labels)?;
        Ok(Evaluation { auc: area, ..Evaluation::of(&probabilities, records.labels)? })
    }
}

impl Model {
    /// Log odds of a row, before calibration.
    pub fn score(&self, row: &[f64]) -> f64 {
        match self {
            Self::Logistic(model) => model.score(row),
            Self::Boosted(model) => model.score(row),
        }
    }

    /// The score of each row.
    pub fn scores(&self, features: &Features) -> Vec<f64> {
        features.values().par_chunks(features.columns()).map(|row| self.score(row)).collect()
    }

    /// What each column adds to the score of a row.
    pub fn explain(&self, row: &[f64]) -> Explanation {
        match self {
            Self::Logistic(model) => model.explain(row),
            Self::Boosted(model) => model.explain(row),
        }
    }

    fn fit(kind: Kind, records: Labelled<'_>, settings: &Settings) -> Result<Self, Fault> {
        match kind {
            Kind::Logistic => Logistic::fit(records.features, records.labels, settings.logistic).map(Self::Logistic),
            Kind::Boosted => {
                let chosen = settings.boosting.unwrap_or(boosting::Settings::for_rows(records.features.rows()));
                Boosted::fit(records.features, records.labels, &chosen).map(Self::Boosted)
            }
        }
    }
}

impl Settings {
    fn check(&self, training: Labelled<'_>, later: Option<Labelled<'_>>) -> Result<(), Fault> {
        if !(2..=20).contains(&self.folds) {
            return Err(Fault::Parameter { name: "folds", expected: "2 to 20" });
        }
        check_labels(training.features.rows(), training.labels)?;
        let columns = training.features.columns();
        if self.baseline.is_some_and(|column| column >= columns) {
            return Err(Fault::Parameter { name: "baseline", expected: "a column that there is" });
        }
        if let Some(later) = later {
            check_labels(later.features.rows(), later.labels)?;
            if later.features.columns() != columns {
                return Err(Fault::Shape { values: later.features.columns(), needed: columns });
            }
        }
        let positives = training.labels.iter().filter(|label| **label).count();
        let rarer = positives.min(training.labels.len() - positives);
        // Each calibration is fitted on all folds but one and must see both classes; so must each model.
        if rarer < self.folds {
            return Err(Fault::TooFewOfClass { rows: rarer, needed: self.folds });
        }
        Ok(())
    }
}

fn out_of_fold(kind: Kind, records: Labelled<'_>, of_row: &[usize], settings: &Settings) -> Result<Vec<f64>, Fault> {
    let mut scores = vec![0.0; of_row.len()];
    for fold in 0..settings.folds {
        let (kept, held) = folds::split(of_row, fold);
        let labels: Vec<bool> = kept.iter().filter_map(|row| records.labels.get(*row).copied()).collect();
        let features = records.features.select(&kept);
        let model = Model::fit(kind, Labelled { features: &features, labels: &labels }, settings)?;
        for (row, found) in held.iter().zip(model.scores(&records.features.select(&held))) {
            scores.get_mut(*row).into_iter().for_each(|score| *score = found);
        }
    }
    Ok(scores)
}

/// The area under the curve of one column, turned the way that suits the records of training; a gap counts as its mean.
fn baseline_auc(column: usize, training: Labelled<'_>, later: Option<Labelled<'_>>) -> Result<f64, Fault> {
    let area = |records: Labelled<'_>| {
        let known = records.features.column(column).filter(|value| !value.is_nan());
        let (sum, count) = known.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        let mean = if count > 0.0 { sum / count } else { 0.0 };
        let scores: Vec<f64> =
            records.features.column(column).map(|value| if value.is_nan() { mean } else { value }).collect();
        auc(&scores, records.labels)
    };
    let of_training = area(training)?;
    let of_later = later.map_or(Ok(of_training), area)?;
    Ok(if of_training >= 0.5 { of_later } else { 1.0 - of_later })
}
