//! The Python side.

use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// What either side says about a case.
#[derive(Default, Deserialize, Serialize)]
pub(crate) struct Measured {
    pub(crate) cpu_s: f64,
    pub(crate) wall_s: f64,
    pub(crate) peak_rss_mb: u64,
    #[serde(default)]
    pub(crate) inertia: f64,
    #[serde(default)]
    pub(crate) iters: usize,
    #[serde(default)]
    pub(crate) score: String,
    #[serde(default)]
    pub(crate) clusters: usize,
    #[serde(default)]
    pub(crate) noise: usize,
    /// Ours alone: the cluster of each row, −1 for noise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) labels: Vec<i64>,
}

/// Makes the data that both sides read, unless it is there.
pub(crate) fn make_data(python: &Path, oracles: &Path, folder: &Path) {
    std::fs::create_dir_all(folder.join("bench-data")).unwrap();
    if folder.join("bench-data/meta.json").is_file() {
        return;
    }
    let status = Command::new(python).arg(oracles.join("gen_data.py")).current_dir(folder).status().unwrap();
    assert!(status.success(), "the data could not be made");
}

pub(crate) fn run(python: &Path, oracles: &Path, folder: &Path, case: &str, threads: &str) -> Measured {
    let mut command = Command::new(python);
    command.arg(oracles.join("bench_py.py")).args(["run", case, threads, "3"]).current_dir(folder);
    // Threads that spin while they wait would be counted as work.
    let output = command.env("OMP_WAIT_POLICY", "PASSIVE").output().unwrap();
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap_or_else(|error| panic!("{case}: {error}: {text}"))
}

/// The labels that the Python side left in `bench-out`: an array of little-endian 64- or 32-bit integers.
pub(crate) fn labels(folder: &Path, name: &str) -> Vec<i64> {
    let bytes = std::fs::read(folder.join("bench-out").join(name)).unwrap();
    let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let is_wide = String::from_utf8_lossy(&bytes[..header]).contains("<i8");
    let values = &bytes[header..];
    if is_wide {
        values.chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().unwrap())).collect()
    } else {
        values.chunks_exact(4).map(|bytes| i32::from_le_bytes(bytes.try_into().unwrap()).into()).collect()
    }
}
