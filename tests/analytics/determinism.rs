//! The same bytes for any number of threads.

use std::fmt::Debug;

use analytics_methods::classification::Features;
use analytics_methods::classification::boosting::{Boosted, Settings};
use analytics_methods::classification::champion::{Contest, Labelled, Settings as Rules};
use analytics_methods::classification::logistic::{self, Logistic};
use analytics_methods::lifetime_value::History;
use analytics_methods::lifetime_value::bg_nbd::BgNbd;
use analytics_methods::lifetime_value::pareto_nbd::ParetoNbd;
use analytics_methods::random::Random;

/// What it says with 1, 2 and 8 threads; `{:?}` writes every digit of a number.
fn same<T: Debug + Send>(answer: impl Fn() -> T + Sync) {
    let answers = [1, 2, 8].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        format!("{:?}", pool.install(&answer))
    });
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

/// So many rows of five columns, one with gaps, and labels that depend on them.
fn records(rows: usize) -> (Features, Vec<bool>) {
    let mut random = Random::of_seed(11);
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let drawn: Vec<f64> = (0..5).map(|_| random.unit()).collect();
        labels.push(drawn[0] + drawn[1] * drawn[2] > random.unit() * 2.0);
        values.extend_from_slice(&drawn);
        if row % 7 == 0 {
            values[row * 5 + 3] = f64::NAN;
        }
    }
    (Features::of_rows(values, 5).unwrap(), labels)
}

#[test]
fn models_are_the_same_for_any_number_of_threads() {
    let (features, labels) = records(90_000);
    same(|| Boosted::fit(&features, &labels, &Settings { rounds: 20, ..Settings::LARGE }));
    same(|| Logistic::fit(&features, &labels, logistic::Settings::default()));
    let (features, labels) = records(3_000);
    let training = Labelled { features: &features, labels: &labels };
    same(|| Contest::of(training, None, &Rules::default()));
}

#[test]
fn fits_are_the_same_for_any_number_of_threads() {
    let mut random = Random::of_seed(5);
    let histories: Vec<History> = (0..20_000)
        .map(|_| {
            let age = 20.0 + 80.0 * random.unit();
            let repeats = u32::try_from(random.below(9)).unwrap().saturating_sub(4);
            let last = if repeats == 0 { 0.0 } else { age * (0.05 + 0.9 * random.unit()) };
            History { repeats, last, age }
        })
        .collect();
    same(|| BgNbd::fit(&histories));
    same(|| ParetoNbd::fit(&histories));
}
