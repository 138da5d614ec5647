//! Whatever comes in: an answer or a fault, never a panic.

use analytics_methods::classification::Features;
use analytics_methods::classification::boosting::{Boosted, Settings};
use analytics_methods::classification::calibration::Calibration;
use analytics_methods::classification::champion::{Contest, Labelled, Settings as Rules};
use analytics_methods::classification::drift::Profile;
use analytics_methods::classification::logistic::{self, Logistic};
use analytics_methods::classification::metrics::Evaluation;
use analytics_methods::fault::Fault;
use analytics_methods::lifetime_value::bg_nbd::BgNbd;
use analytics_methods::lifetime_value::contractual::{Contract, Contractual};
use analytics_methods::lifetime_value::gamma_gamma::{GammaGamma, Spending};
use analytics_methods::lifetime_value::pareto_nbd::ParetoNbd;
use analytics_methods::lifetime_value::{History, PurchaseModel};
use analytics_methods::random::Random;

/// Values that arithmetic trips over, among ordinary ones.
const ODD: [f64; 12] =
    [0.0, -0.0, 1.0, -1.0, 1e-320, 1e308, -1e308, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 4e9, f64::EPSILON];

fn value(random: &mut Random) -> f64 {
    if random.below(4) == 0 { ODD[random.below(ODD.len())] } else { random.unit() * 100.0 - 20.0 }
}

/// A value that is finite or missing, as tables of features hold.
fn known(random: &mut Random) -> f64 {
    let value = value(random);
    if value.is_infinite() { f64::NAN } else { value }
}

#[test]
fn classifiers_take_any_table() {
    for seed in 0..300 {
        let mut random = Random::of_seed(seed);
        let (rows, columns) = (random.below(60), 1 + random.below(6));
        let constant = random.below(columns);
        let values = (0..rows * columns).map(|at| if at % columns == constant { 7.0 } else { known(&mut random) });
        let features = Features::of_rows(values.collect(), columns).unwrap();
        let labels: Vec<bool> = (0..rows + random.below(2)).map(|_| random.below(3) == 0).collect();
        let settings = Settings { rounds: 5, leaf_rows_min: random.below(5), ..Settings::SMALL };
        if let Ok(model) = Boosted::fit(&features, &labels, &settings) {
            for row in features.iter_rows() {
                let gap = model.explain(row).score() - model.score(row);
                assert!(gap.abs() < 1e-9, "seed {seed}: {gap:e}");
            }
            assert!(model.score(&[]).is_finite(), "seed {seed}");
        }
        if let Ok(model) = Logistic::fit(&features, &labels, logistic::Settings::default()) {
            assert!(features.iter_rows().all(|row| !model.score(row).is_nan()), "seed {seed}: {model:?}");
        }
        let scores: Vec<f64> = (0..rows).map(|_| value(&mut random)).collect();
        for fit in [Calibration::platt, Calibration::isotonic] {
            if let Ok(found) = fit(&scores, &labels) {
                assert!((0.0..=1.0).contains(&found.apply(0.3)), "seed {seed}: {found:?}");
            }
        }
        _ = Evaluation::of(&scores, &labels);
        _ = Profile::of(&features).and_then(|profile| profile.drift(&features));
        let training = Labelled { features: &features, labels: &labels };
        _ = Contest::of(training, Some(training), &Rules { folds: random.below(6), ..Rules::default() });
    }
}

#[test]
fn lifetime_models_take_any_history() {
    for seed in 0..300 {
        let mut random = Random::of_seed(seed);
        let histories: Vec<History> = (0..random.below(60))
            .map(|_| {
                let repeats = u32::try_from(random.below(4)).unwrap() * [1, 1, 1_000_000][random.below(3)];
                let age = if seed % 2 == 0 { random.unit() * 50.0 } else { value(&mut random) };
                let last = if repeats == 0 { 0.0 } else { age * random.unit() };
                History { repeats, last, age }
            })
            .collect();
        let mut models: Vec<Box<dyn PurchaseModel>> = Vec::new();
        models.extend(BgNbd::fit(&histories).map(|found| Box::new(found.model) as Box<dyn PurchaseModel>));
        models.extend(ParetoNbd::fit(&histories).map(|found| Box::new(found.model) as Box<dyn PurchaseModel>));
        for (model, history) in models.iter().flat_map(|model| histories.iter().map(move |history| (model, history))) {
            let alive = model.probability_alive(history);
            assert!((0.0..=1.0).contains(&alive), "seed {seed}: {alive} for {history:?}");
            let purchases = model.expected_purchases(history, 10.0);
            assert!(purchases >= 0.0 || purchases.is_nan(), "seed {seed}: {purchases} for {history:?}");
        }
        let spending = |_| Spending { purchases: u32::try_from(random.below(5)).unwrap(), mean: value(&mut random) };
        let spendings: Vec<Spending> = (0..40).map(spending).collect();
        _ = GammaGamma::fit(&spendings);
        let contract = |_| Contract { renewals: [0, 1, 2, u32::MAX][random.below(4)], is_active: random.below(2) == 0 };
        let contracts: Vec<Contract> = (0..40).map(contract).collect();
        _ = Contractual::fit(&contracts);
    }
}

#[test]
fn each_kind_of_bad_input_is_named() {
    let one = Features::of_rows(vec![1.0], 1).unwrap();
    assert_eq!(Boosted::fit(&one, &[true], &Settings::SMALL).err(), Some(Fault::TooFewRows { rows: 1, needed: 2 }));
    let none = Features::of_rows(Vec::new(), 3).unwrap();
    assert_eq!(Boosted::fit(&none, &[], &Settings::SMALL).err(), Some(Fault::TooFewRows { rows: 0, needed: 2 }));
    assert!(matches!(
        Features::of_rows(vec![0.0; 1_000_000], 1_000_000),
        Err(Fault::Parameter { name: "columns", .. })
    ));
    let late = History { repeats: 1, last: 5.0, age: 4.0 };
    assert!(matches!(BgNbd::fit(&[late; 20]), Err(Fault::Row { row: 0, .. })));
    let silent = History { repeats: 0, last: 0.0, age: 4.0 };
    assert!(matches!(BgNbd::fit(&[silent; 20]), Err(Fault::Constant { .. })));
    let refund = Spending { purchases: 2, mean: -3.0 };
    assert!(matches!(GammaGamma::fit(&[refund; 20]), Err(Fault::Row { row: 0, .. })));
}

/// Where nothing can be learnt, a model of the rate is the answer, and it says so of every row.
#[test]
fn constant_columns_give_the_base_rate() {
    let features = Features::of_rows(vec![3.0; 100], 1).unwrap();
    let labels: Vec<bool> = (0..100).map(|row| row % 4 == 0).collect();
    let trees = Boosted::fit(&features, &labels, &Settings::LARGE).unwrap();
    let linear = Logistic::fit(&features, &labels, logistic::Settings::default()).unwrap();
    let wanted = (0.25_f64 / 0.75).ln();
    assert!((trees.score(&[3.0]) - wanted).abs() < 1e-9 && (linear.score(&[3.0]) - wanted).abs() < 1e-5);
}
