//! The methods beside their Python references, in one run on the same data:
//! `cargo bench -p analytics-methods --bench beside_python -- --python <python> [--oracles <folder>] [--folder <folder>]
//! [--threads <n>] [case …]`.
//!
//! Each side runs each case in a process of its own, three times, with the data loaded before. Seconds are CPU seconds of
//! the fastest of the three; memory is the process's peak, its data included. The data is made once, in the folder.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a measurement prints, and stops where it cannot measure"
)]

mod cases;
mod peer;

use std::path::{Path, PathBuf};
use std::process::Command;

use cases::{CASES, Case};
use peer::Measured;

/// What the command line says.
struct Run {
    python: PathBuf,
    oracles: PathBuf,
    folder: PathBuf,
    threads: String,
    only: Option<String>,
    cases: Vec<String>,
}

fn main() {
    let run = Run::of_arguments();
    let chosen =
        |case: &&Case| run.cases.is_empty() || run.cases.iter().any(|name| case.name.starts_with(name.as_str()));
    if let Some(name) = &run.only {
        let case = CASES.iter().find(|case| case.name == name).unwrap();
        let threads = run.threads.parse().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let measured = pool.install(|| cases::measure(case, &run.folder));
        println!("{}", serde_json::to_string(&measured).unwrap());
        return;
    }
    peer::make_data(&run.python, &run.oracles, &run.folder);
    println!("{} threads; CPU seconds of the best of 3, peak MB of the process", run.threads);
    println!(
        "{:<36} {:>8} {:>8} {:>6}   {:>6} {:>6} {:>6}   answers",
        "case", "python", "ours", "ratio", "MB", "ours", "ratio"
    );
    for case in CASES.iter().filter(chosen) {
        for peer_case in case.peers {
            let theirs = peer::run(&run.python, &run.oracles, &run.folder, peer_case, &run.threads);
            let ours = ours(case, &run);
            println!(
                "{peer_case:<36} {:>8.3} {:>8.3} {:>5.1}x   {:>6} {:>6} {:>5.1}x   {}",
                theirs.cpu_s,
                ours.cpu_s,
                theirs.cpu_s / ours.cpu_s,
                theirs.peak_rss_mb,
                ours.peak_rss_mb,
                theirs.peak_rss_mb as f64 / ours.peak_rss_mb as f64,
                (case.compare)(&theirs, &ours, &run.folder, peer_case),
            );
        }
    }
}

/// Our side of a case, in a process of its own.
fn ours(case: &Case, run: &Run) -> Measured {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--only", case.name, "--threads", &run.threads, "--folder"]).arg(&run.folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}: {}", case.name, String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Run {
    fn of_arguments() -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let mut run = Self {
            python: PathBuf::from("python3"),
            oracles: workspace.join("../shared/oracles/analytics"),
            folder: workspace.join("target/beside_python"),
            threads: "1".to_owned(),
            only: None,
            cases: Vec::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().unwrap_or_else(|| panic!("{argument} wants a value"));
            match argument.as_str() {
                "--python" => run.python = value().into(),
                "--oracles" => run.oracles = value().into(),
                "--folder" => run.folder = value().into(),
                "--threads" => run.threads = value(),
                "--only" => run.only = Some(value()),
                // Cargo's own.
                "--bench" => {}
                _ => run.cases.push(argument),
            }
        }
        run
    }
}
