//! Churn and lead scores on whole data sets, beside what LightGBM 4.7.0 and scikit-learn 1.9.1 reach on the same rows.

use analytics_methods::classification::boosting::{Boosted, Settings};
use analytics_methods::classification::champion::{Contest, Kind, Labelled, Settings as Rules};
use analytics_methods::classification::logistic::{self, Logistic};
use analytics_methods::classification::metrics::auc;

use crate::cdnow;
use crate::data::{self, Set};

/// Area under the curve of references on the held rows.
struct Reference {
    /// scikit-learn's `LogisticRegression` behind a `StandardScaler`.
    logistic: f64,
    /// `LGBMClassifier()`.
    default: f64,
    /// `LGBMClassifier` with 200 trees of 8 leaves at 0.03, 30 rows a leaf, 80 % of rows and 70 % of columns.
    small: f64,
}

fn labelled(set: &Set) -> Labelled<'_> {
    Labelled { features: &set.features, labels: &set.labels }
}

fn area(set: &Set, score: impl Fn(&[f64]) -> f64) -> f64 {
    let scores: Vec<f64> = set.features.iter_rows().map(score).collect();
    auc(&scores, &set.labels).unwrap()
}

fn check(name: &str, training: &Set, held: &Set, reference: &Reference) {
    let default = Settings { leaves_max: 31, ..Settings::LARGE };
    let large = Boosted::fit(&training.features, &training.labels, &default).unwrap();
    let small = Boosted::fit(&training.features, &training.labels, &Settings::SMALL).unwrap();
    let linear = Logistic::fit(&training.features, &training.labels, logistic::Settings::default()).unwrap();
    let [large, small, linear] =
        [area(held, |row| large.score(row)), area(held, |row| small.score(row)), area(held, |row| linear.score(row))];
    let contest = Contest::of(labelled(training), Some(labelled(held)), &Rules::default()).unwrap();
    let found = contest.evaluation;
    println!(
        "{name}: default {large:.4} (LightGBM {:.4}), small {small:.4} ({:.4}), logistic {linear:.4} (scikit-learn {:.4}); \
         champion {:?} {:.4}, calibration error {:.4}, lift {:.2}",
        reference.default,
        reference.small,
        reference.logistic,
        contest.candidates[0].kind,
        found.auc,
        found.calibration_error,
        found.lift_top_tenth
    );
    assert!(large >= reference.default - 0.005, "{name}: default {large}");
    assert!(small >= reference.small - 0.005, "{name}: small {small}");
    assert!((linear - reference.logistic).abs() < 5e-4, "{name}: logistic {linear}");
    assert!(found.auc >= small.max(linear) - 0.003, "{name}: champion {} of {small} and {linear}", found.auc);
    assert!(found.calibration_error <= 0.04, "{name}: calibration error {}", found.calibration_error);
}

#[test]
fn telephone_customers_who_leave_are_found_as_lightgbm_finds_them() {
    let Some(set) = data::csv("wa_churn.csv", "churn") else { return };
    let (training, held) = set.divided();
    check("wa_churn", &training, &held, &Reference { logistic: 0.8390, default: 0.8279, small: 0.8419 });
}

#[test]
fn buyers_of_caravan_insurance_are_found_as_lightgbm_finds_them() {
    let Some(set) = data::csv("Caravan.csv", "Purchase") else { return };
    let (training, held) = set.divided();
    check("Caravan", &training, &held, &Reference { logistic: 0.7307, default: 0.7138, small: 0.7434 });
}

#[test]
fn buyers_who_stay_away_are_found_out_of_time_as_lightgbm_finds_them() {
    let references = [
        (30, Reference { logistic: 0.8228, default: 0.7883, small: 0.8107 }),
        (60, Reference { logistic: 0.8318, default: 0.8200, small: 0.8292 }),
        (90, Reference { logistic: 0.8336, default: 0.7988, small: 0.8344 }),
    ];
    for (days, reference) in references {
        let Some((training, later)) = cdnow::snapshots(days) else { return };
        check(&format!("CDNOW {days} days"), &training, &later, &reference);
    }
}

/// Recency alone does well on buyers: a champion has to do better.
#[test]
fn the_champion_beats_recency_out_of_time() {
    let Some((training, later)) = cdnow::snapshots(90) else { return };
    let rules = Rules { baseline: Some(cdnow::RECENCY), ..Rules::default() };
    let contest = Contest::of(labelled(&training), Some(labelled(&later)), &rules).unwrap();
    println!("recency {:?}, champion {:.4}", contest.baseline_auc, contest.evaluation.auc);
    assert!(contest.passed(), "{:?}", contest.gates);
}

#[test]
fn explanations_add_up() {
    let Some(set) = data::csv("wa_churn.csv", "churn") else { return };
    let trees = Boosted::fit(&set.features, &set.labels, &Settings::LARGE).unwrap();
    let linear = Logistic::fit(&set.features, &set.labels, logistic::Settings::default()).unwrap();
    let mut worst: f64 = 0.0;
    for row in set.features.iter_rows().step_by(7) {
        worst = worst.max((trees.explain(row).score() - trees.score(row)).abs());
        worst = worst.max((linear.explain(row).score() - linear.score(row)).abs());
    }
    println!("largest gap between contributions and score: {worst:e}");
    assert!(worst <= 1e-9, "{worst:e}");
}

/// Without the later records there is still a champion, judged out of fold.
#[test]
fn both_kinds_enter_the_contest() {
    let Some(set) = data::csv("wa_churn.csv", "churn") else { return };
    let contest = Contest::of(labelled(&set), None, &Rules::default()).unwrap();
    let kinds: Vec<Kind> = contest.candidates.iter().map(|candidate| candidate.kind).collect();
    assert!(kinds.contains(&Kind::Logistic) && kinds.contains(&Kind::Boosted) && !contest.is_out_of_time);
    assert!(contest.passed(), "{:?}", contest.gates);
}
