//! Training times beside LightGBM's, scikit-learn's and lifetimes', in one run on one core each: CPU time, best of three.
//!
//! `cargo bench -p analytics-methods --bench models_beside_python -- PYTHON FOLDER`, where PYTHON has the packages that
//! `../shared/oracles/analytics/bench_py.py` imports and FOLDER holds what `gen_data.py` wrote. Without FOLDER nothing is done.
#![expect(clippy::print_stdout, reason = "a driver prints its figures")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a driver fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use analytics_methods::classification::boosting::{Boosted, Settings};
use analytics_methods::classification::logistic::{self, Logistic};
use analytics_methods::classification::{Features, metrics};
use analytics_methods::lifetime_value::History;
use analytics_methods::lifetime_value::bg_nbd::BgNbd;
use analytics_methods::lifetime_value::gamma_gamma::{GammaGamma, Spending};
use analytics_methods::lifetime_value::pareto_nbd::ParetoNbd;
use rustix::time::{ClockId, clock_gettime};

/// Rows that are trained on; those after them are for testing.
const TRAINED: usize = 200_000;
const COLUMNS: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [python, folder] = arguments.as_slice() else {
        println!("skipped: say which Python and which folder of data");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let shared = root.ancestors().map(|folder| folder.join("shared")).find(|found| found.is_dir()).unwrap();
    let oracle = Oracle { python: python.clone(), folder: folder.clone(), shared: shared.clone() };
    // One thread, as the other side has.
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    println!("| case | ours, CPU ms | theirs, CPU ms | ratio | ours | theirs |");
    println!("| --- | ---: | ---: | ---: | --- | --- |");
    classifiers(&oracle, Path::new(folder));
    lifetime_values(&oracle, &shared.join("data/analytics"));
}

fn classifiers(oracle: &Oracle, folder: &Path) {
    let (values, truth) = (numbers(&folder.join("clf_x.raw")), numbers(&folder.join("clf_y.raw")));
    let labels: Vec<bool> = truth.iter().map(|truth| *truth > 0.5).collect();
    let training = Features::of_rows(values[..TRAINED * COLUMNS].to_vec(), COLUMNS).unwrap();
    let testing = Features::of_rows(values[TRAINED * COLUMNS..].to_vec(), COLUMNS).unwrap();
    let (known, held) = labels.split_at(TRAINED);
    let area = |score: &dyn Fn(&[f64]) -> f64| {
        let scores: Vec<f64> = testing.iter_rows().map(score).collect();
        format!("AUC {:.5}", metrics::auc(&scores, held).unwrap())
    };
    let (time, model) = best_of_three(|| Boosted::fit(&training, known, &Settings::LARGE).unwrap());
    oracle.row("boosting 200k x 20, LightGBM", "clf200k_lgbm", time, &area(&|row| model.score(row)), "auc");
    let (time, model) = best_of_three(|| Logistic::fit(&training, known, logistic::Settings::default()).unwrap());
    oracle.row("logistic 200k x 20, scikit-learn", "clf200k_logit", time, &area(&|row| model.score(row)), "auc");
}

fn lifetime_values(oracle: &Oracle, folder: &Path) {
    let text = fs::read_to_string(folder.join("cdnow_customers_summary_with_transactions.csv")).unwrap();
    let rows: Vec<Vec<f64>> =
        text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.trim().parse().unwrap()).collect()).collect();
    let repeats = |row: &[f64]| row[1].to_string().parse::<u32>().unwrap();
    let histories: Vec<History> =
        rows.iter().map(|row| History { repeats: repeats(row), last: row[2], age: row[3] }).collect();
    let spendings: Vec<Spending> = rows.iter().map(|row| Spending { purchases: repeats(row), mean: row[4] }).collect();
    let (time, found) = best_of_three(|| BgNbd::fit(&histories).unwrap());
    oracle.row("BG/NBD 2,357", "clv_bg", time, &format!("{:?}", found.model), "params");
    let (time, found) = best_of_three(|| ParetoNbd::fit(&histories).unwrap());
    oracle.row("Pareto/NBD 2,357", "clv_pareto", time, &format!("{:?}", found.model), "params");
    let (time, found) = best_of_three(|| GammaGamma::fit(&spendings).unwrap());
    let model = found.model;
    oracle.row("Gamma-Gamma 946", "clv_gg", time, &format!("{:.4} {:.4} {:.4}", model.p, model.q, model.v), "params");
}

/// The other side.
struct Oracle {
    python: String,
    folder: String,
    shared: PathBuf,
}

impl Oracle {
    /// Runs a case there and prints both sides.
    fn row(&self, name: &str, case: &str, ours: Duration, answer: &str, their_answer: &str) {
        let script = self.shared.join("oracles/analytics/bench_py.py");
        let output = Command::new(&self.python)
            .arg(script)
            .args(["run", case, "1", "3"])
            .env("BENCH_DATA", format!("{}/", self.folder.trim_end_matches('/')))
            .env("REAL_DATA", format!("{}/", self.shared.join("data/analytics").display()))
            .env("OMP_WAIT_POLICY", "PASSIVE")
            .current_dir(&self.folder)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let Some(found) = text.lines().rev().find_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        else {
            println!("| {name} | {:.2} | no answer: {} |", milliseconds(ours), String::from_utf8_lossy(&output.stderr));
            return;
        };
        let theirs = found["cpu_s"].as_f64().unwrap() * 1e3;
        let ours = milliseconds(ours);
        println!("| {name} | {ours:.2} | {theirs:.2} | {:.1} | {answer} | {} |", theirs / ours, found[their_answer]);
    }
}

/// CPU time of the process, of the fastest of three calls after one to warm up.
fn best_of_three<T>(mut call: impl FnMut() -> T) -> (Duration, T) {
    let mut answer = call();
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let start = cpu_time();
        answer = call();
        best = best.min(cpu_time().saturating_sub(start));
    }
    (best, answer)
}

fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn numbers(file: &Path) -> Vec<f64> {
    let bytes = fs::read(file).unwrap();
    let (numbers, _) = bytes.as_chunks::<8>();
    numbers.iter().map(|number| f64::from_le_bytes(*number)).collect()
}
