//! The cases, and our side of them.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::time::Instant;

use analytics_methods::clustering::Partition;
use analytics_methods::clustering::dbscan::{Dbscan, dbscan};
use analytics_methods::clustering::k_means::{KMeans, k_means, k_means_from};
use analytics_methods::clustering::ward::ward;
use analytics_methods::matrix::Matrix;
use analytics_methods::validation::adjusted_rand::adjusted_rand;
use analytics_methods::validation::silhouette::{Measure, silhouette};

use crate::peer::{self, Measured};

type Compare = fn(&Measured, &Measured, &Path, &str) -> String;

/// One thing that both sides do.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The cases of the Python side that do the same.
    pub(crate) peers: &'static [&'static str],
    work: Work,
    pub(crate) compare: Compare,
}

enum Work {
    /// From shared centres: the data.
    KMeans(&'static str),
    /// From ten random beginnings, the first 100,000 rows: the data.
    KMeansSearch(&'static str),
    /// Of the labels that the Python side left: the data, its rows.
    Silhouette(&'static str, usize),
    /// The data, its rows and columns, the radius; 10 neighbours.
    Dbscan(&'static str, usize, usize, f64),
    /// The first rows of the hard data.
    Ward(usize),
}

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "kmeans_easy_1m",
        peers: &["kmeans_easy_1m_lloyd", "kmeans_easy_1m_elkan"],
        work: Work::KMeans("easy"),
        compare: inertia,
    },
    Case {
        name: "kmeans_hard_1m",
        peers: &["kmeans_hard_1m_lloyd", "kmeans_hard_1m_elkan"],
        work: Work::KMeans("hard"),
        compare: inertia,
    },
    Case {
        name: "kmeans_hard_100k_full",
        peers: &["kmeans_hard_100k_full10"],
        work: Work::KMeansSearch("hard"),
        compare: quality,
    },
    Case {
        name: "kmeans_easy_100k_full",
        peers: &["kmeans_easy_100k_full10"],
        work: Work::KMeansSearch("easy"),
        compare: quality,
    },
    Case {
        name: "silhouette_easy_20k",
        peers: &["silhouette_easy_20k"],
        work: Work::Silhouette("easy", 20_000),
        compare: score,
    },
    Case {
        name: "silhouette_hard_20k",
        peers: &["silhouette_hard_20k"],
        work: Work::Silhouette("hard", 20_000),
        compare: score,
    },
    Case {
        name: "dbscan_rfm3_20k",
        peers: &["dbscan_rfm3_20k_auto"],
        work: Work::Dbscan("rfm100k", 20_000, 3, 0.15),
        compare: same_labels,
    },
    Case {
        name: "dbscan_rfm3_100k",
        peers: &["dbscan_rfm3_100k_auto"],
        work: Work::Dbscan("rfm100k", 100_000, 3, 0.15),
        compare: same_labels,
    },
    Case {
        name: "dbscan_d12_20k",
        peers: &["dbscan_d12_20k_auto"],
        work: Work::Dbscan("easy1m", 20_000, 12, 3.0),
        compare: same_labels,
    },
    Case {
        name: "dbscan_d12_100k",
        peers: &["dbscan_d12_100k_brute"],
        work: Work::Dbscan("easy1m", 100_000, 12, 3.0),
        compare: same_labels,
    },
    Case { name: "ward_5k", peers: &["ward_5k_fcv"], work: Work::Ward(5_000), compare: same_clusters },
    Case {
        name: "ward_20k",
        peers: &["ward_20k_fcv", "ward_20k_fc", "ward_20k_sk"],
        work: Work::Ward(20_000),
        compare: same_clusters,
    },
];

/// Does the work three times; the best of them.
pub(crate) fn measure(case: &Case, folder: &Path) -> Measured {
    let data = folder.join("bench-data");
    let mut best = match case.work {
        Work::KMeans(name) => {
            let rows = matrix(&data, &format!("{name}1m"), 1_000_000, 12);
            let centres = matrix(&data, &format!("{name}_init"), 8, 12);
            let (measured, fit) = timed(|| k_means_from(&rows, &centres, &KMeans::of_clusters(8)).unwrap());
            Measured { inertia: fit.inertia, iters: fit.iterations, ..measured }
        }
        Work::KMeansSearch(name) => {
            let rows = matrix(&data, &format!("{name}1m"), 100_000, 12);
            let (measured, fit) = timed(|| k_means(&rows, &KMeans::of_clusters(8)).unwrap());
            Measured { inertia: fit.inertia, iters: fit.iterations, ..measured }
        }
        Work::Silhouette(name, count) => {
            let rows = matrix(&data, &format!("{name}1m"), count, 12);
            let labels = integers(&data.join(format!("sil_{name}_{count}.raw")));
            let partition = partition(&labels);
            let (measured, found) = timed(|| silhouette(&rows, &partition, &Measure::default()).unwrap());
            Measured { score: found.mean.to_string(), ..measured }
        }
        Work::Dbscan(name, count, columns, radius) => {
            let rows = matrix(&data, name, count, columns);
            let (measured, fit) = timed(|| dbscan(&rows, &Dbscan { radius, neighbours_min: 10 }).unwrap());
            of_partition(measured, &fit.partition)
        }
        Work::Ward(count) => {
            let rows = matrix(&data, "hard1m", count, 12);
            let (measured, partition) = timed(|| ward(&rows).unwrap().cut(8).unwrap());
            of_partition(measured, &partition)
        }
    };
    best.peak_rss_mb = peak_mb();
    best
}

fn of_partition(measured: Measured, partition: &Partition) -> Measured {
    let labels = partition.labels().iter().map(|label| label.map_or(-1, i64::from)).collect();
    Measured { clusters: partition.clusters(), noise: partition.noise(), labels, ..measured }
}

fn timed<T>(work: impl Fn() -> T) -> (Measured, T) {
    let mut best = Measured { wall_s: f64::INFINITY, ..Measured::default() };
    let mut found = None;
    for _ in 0..3 {
        drop(found.take());
        let (cpu, began) = (cpu_s(), Instant::now());
        found = Some(work());
        let wall_s = began.elapsed().as_secs_f64();
        if wall_s < best.wall_s {
            best = Measured { wall_s, cpu_s: cpu_s() - cpu, ..Measured::default() };
        }
    }
    (best, found.unwrap())
}

fn cpu_s() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The most memory that this process had at once.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap().div_ceil(1024)
}

fn matrix(folder: &Path, name: &str, rows: usize, columns: usize) -> Matrix {
    let mut file = BufReader::new(File::open(folder.join(format!("{name}.raw"))).unwrap());
    let mut values = Vec::with_capacity(rows * columns);
    let mut bytes = [0; 8];
    for _ in 0..rows * columns {
        file.read_exact(&mut bytes).unwrap();
        values.push(f64::from_le_bytes(bytes));
    }
    Matrix::of_rows(values, columns).unwrap()
}

fn integers(path: &Path) -> Vec<i64> {
    let bytes = std::fs::read(path).unwrap();
    bytes.chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().unwrap())).collect()
}

fn partition(labels: &[i64]) -> Partition {
    Partition::of_labels(labels.iter().map(|label| u32::try_from(*label).ok()).collect())
}

fn inertia(theirs: &Measured, ours: &Measured, _: &Path, _: &str) -> String {
    let difference = (ours.inertia / theirs.inertia - 1.0).abs();
    assert!(
        difference <= 1e-9 && ours.iters == theirs.iters,
        "{} {} {} {}",
        ours.inertia,
        theirs.inertia,
        ours.iters,
        theirs.iters
    );
    format!("inertia {:.6}, off by {difference:.0e}; {} iterations each", ours.inertia, ours.iters)
}

fn quality(theirs: &Measured, ours: &Measured, _: &Path, _: &str) -> String {
    let ratio = ours.inertia / theirs.inertia;
    assert!(ratio <= 1.001, "{} for {}", ours.inertia, theirs.inertia);
    format!("inertia {:.3}, {ratio:.6} of theirs", ours.inertia)
}

fn score(theirs: &Measured, ours: &Measured, _: &Path, _: &str) -> String {
    let difference = (ours.score.parse::<f64>().unwrap() - theirs.score.parse::<f64>().unwrap()).abs();
    assert!(difference <= 1e-9, "{} for {}", ours.score, theirs.score);
    format!("{}, off by {difference:.0e}", ours.score)
}

fn same_labels(_: &Measured, ours: &Measured, folder: &Path, peer_case: &str) -> String {
    let rows = ours.labels.len();
    let data = if peer_case.contains("rfm") { "rfm100k" } else { "easy1m" };
    let theirs = peer::labels(folder, &format!("dbscan_{data}_{rows}.npy"));
    let different = theirs.iter().zip(&ours.labels).filter(|(one, other)| one != other).count();
    assert!(different == 0 && theirs.len() == rows, "{different} labels differ");
    format!("{} clusters, {} noise, labels identical", ours.clusters, ours.noise)
}

fn same_clusters(_: &Measured, ours: &Measured, folder: &Path, peer_case: &str) -> String {
    let library = peer_case.rsplit('_').next().unwrap();
    let theirs = peer::labels(folder, &format!("ward_{}_{library}.npy", ours.labels.len()));
    let likeness = adjusted_rand(&partition(&theirs), &partition(&ours.labels)).unwrap();
    assert!((likeness - 1.0).abs() < 1e-12, "adjusted Rand {likeness}");
    "the same 8 clusters".to_owned()
}
