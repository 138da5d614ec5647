//! The search: K-means, Ward and DBSCAN, each over a few parameters; every try is reported, and there is no further one.

use analytics_methods::clustering::Partition;
use analytics_methods::clustering::dbscan::{Dbscan, dbscan};
use analytics_methods::clustering::k_means::{KMeans, k_means, nearest_centres};
use analytics_methods::clustering::ward::ward;
use analytics_methods::fault::Fault;
use analytics_methods::matrix::Matrix;
use analytics_methods::random::Random;
use analytics_methods::validation::silhouette::{Measure, silhouette};
use analytics_methods::validation::stability::{Resampling, stability};
use schemars::JsonSchema;
use serde::Deserialize;

use super::gates::{GateSettings, Verdict};
use super::tried::{Algorithm, Try};

/// How far the search goes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SearchSettings {
    /// Most segments that are tried.
    pub segments_max: usize,
    /// Random beginnings of each K-means.
    pub starts: usize,
    /// People up to which Ward's method sees all; of more it sees a sample, and the others follow the nearest centre.
    pub ward_people_max: usize,
    /// People up to which the silhouette is exact; of more it is that of a sample, with its standard error.
    pub silhouette_people_max: usize,
    /// Resamples of a stability.
    pub resamples: usize,
    /// Tries whose stability is looked at, best first.
    pub stability_tries_max: usize,
}

impl Default for SearchSettings {
    fn default() -> Self {
        Self {
            segments_max: 8,
            starts: 4,
            ward_people_max: 5_000,
            silhouette_people_max: 10_000,
            resamples: 20,
            stability_tries_max: 3,
        }
    }
}

/// Neighbours that make a core, in multiples of the number of columns (Sander et al. 1998: twice the dimensions).
const NEIGHBOURS_PER_COLUMN: usize = 2;

/// Percentiles of the distance to the last of these neighbours that are tried as a radius.
const RADIUS_PERCENTILES: [usize; 5] = [50, 70, 80, 90, 95];

/// People whose neighbours are looked for to find a radius.
const RADIUS_SAMPLE: usize = 500;

/// What the search came to.
#[derive(Debug, Clone)]
pub struct Found {
    /// All of them, in their order.
    pub tries: Vec<Try>,
    /// The best one's place among them.
    pub best: usize,
    pub partition: Partition,
    pub verdict: Verdict,
}

/// Searches for segments of people by scaled features. `tell` hears of each step.
///
/// # Errors
/// `TooFewRows` for fewer people than segments; `Constant` for people who are all alike.
pub fn search(
    data: &Matrix,
    settings: &SearchSettings,
    gates: &GateSettings,
    seed: u64,
    tell: &dyn Fn(&str),
) -> Result<Found, Fault> {
    let least = gates.segments_min.max(2);
    if data.rows() < least {
        return Err(Fault::TooFewRows { rows: data.rows(), needed: least });
    }
    let mut rows = data.iter_rows();
    let first = rows.next().unwrap_or_default();
    if rows.all(|row| row == first) {
        return Err(Fault::Constant { what: "the people" });
    }
    let plan = Plan { settings, seed };
    let mut candidates: Vec<(Try, Partition)> = Vec::new();
    let most = settings.segments_max.max(least).min(data.rows());
    for segments in least..=most {
        tell("k_means");
        let algorithm = Algorithm::KMeans { segments };
        candidates.push(plan.measured(data, algorithm, plan.cluster(data, algorithm, seed)?)?);
    }
    tell("ward");
    for (segments, partition) in plan.wards(data, least..=most)? {
        candidates.push(plan.measured(data, Algorithm::Ward { segments }, partition)?);
    }
    let neighbours_min = data.columns().saturating_mul(NEIGHBOURS_PER_COLUMN).max(3);
    for radius in radii(data, neighbours_min, seed) {
        tell("dbscan");
        let algorithm = Algorithm::Dbscan { radius, neighbours_min };
        candidates.push(plan.measured(data, algorithm, plan.cluster(data, algorithm, seed)?)?);
    }
    choose(data, &plan, gates, candidates, tell)
}

struct Plan<'a> {
    settings: &'a SearchSettings,
    seed: u64,
}

impl Plan<'_> {
    fn cluster(&self, data: &Matrix, algorithm: Algorithm, seed: u64) -> Result<Partition, Fault> {
        match algorithm {
            Algorithm::KMeans { segments } => {
                let options = KMeans { starts: self.settings.starts.max(1), seed, ..KMeans::of_clusters(segments) };
                k_means(data, &options).map(|fit| fit.partition)
            }
            Algorithm::Ward { segments } => {
                let cut = Self { settings: self.settings, seed }.wards(data, segments..=segments)?;
                let first = cut.into_iter().next().map(|(_, partition)| partition);
                first.ok_or(Fault::TooFewRows { rows: data.rows(), needed: segments })
            }
            Algorithm::Dbscan { radius, neighbours_min } => {
                dbscan(data, &Dbscan { radius, neighbours_min }).map(|fit| fit.partition)
            }
        }
    }

    /// Ward's tree once, cut at several heights.
    fn wards(&self, data: &Matrix, range: std::ops::RangeInclusive<usize>) -> Result<Vec<(usize, Partition)>, Fault> {
        let bound = self.settings.ward_people_max.max(*range.end());
        if data.rows() <= bound {
            let tree = ward(data)?;
            return range.map(|segments| Ok((segments, tree.cut(segments)?))).collect();
        }
        let chosen = Random::of_stream(self.seed, 1).sample(bound, data.rows());
        let sample = rows(data, &chosen)?;
        let tree = ward(&sample)?;
        range
            .map(|segments| {
                let centres = centres(&sample, &tree.cut(segments)?)?;
                Ok((segments, nearest_centres(data, &centres)?))
            })
            .collect()
    }

    fn measured(&self, data: &Matrix, algorithm: Algorithm, partition: Partition) -> Result<(Try, Partition), Fault> {
        let measure =
            Measure { exact_rows_max: self.settings.silhouette_people_max, seed: self.seed, ..Measure::default() };
        let score = match silhouette(data, &partition, &measure) {
            Ok(score) => Some(score),
            // One cluster has nothing to be apart from.
            Err(Fault::Constant { .. }) => None,
            Err(fault) => return Err(fault),
        };
        let smallest = partition.sizes().iter().filter(|size| **size > 0).min().copied().unwrap_or(0);
        let tried = Try {
            algorithm,
            segments: partition.clusters(),
            silhouette: score.as_ref().map(|score| score.mean),
            standard_error: score.as_ref().and_then(|score| score.standard_error),
            coverage: partition.coverage(),
            smallest_share: share(smallest, data.rows()),
            stability: None,
        };
        Ok((tried, partition))
    }

    fn stability(&self, data: &Matrix, tried: &Try, partition: &Partition) -> Result<f64, Fault> {
        let resampling = Resampling { resamples: self.settings.resamples.max(1), seed: self.seed };
        let again = |drawn: &Matrix, seed: u64| self.cluster(drawn, tried.algorithm, seed);
        stability(data, partition, &resampling, again).map(|found| found.adjusted_rand)
    }
}

/// The best that passes all gates; else the best there is, with as many segments as wanted where possible.
fn choose(
    data: &Matrix,
    plan: &Plan<'_>,
    gates: &GateSettings,
    mut candidates: Vec<(Try, Partition)>,
    tell: &dyn Fn(&str),
) -> Result<Found, Fault> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    let rank = |place: &usize| {
        let tried = candidates.get(*place).map(|(tried, _)| tried);
        let is_admitted = tried.is_some_and(|tried| gates.admits(tried));
        let has_segments =
            tried.is_some_and(|tried| tried.segments >= gates.segments_min && tried.coverage >= gates.coverage_min);
        (is_admitted, has_segments, tried.and_then(|tried| tried.silhouette).unwrap_or(f64::MIN))
    };
    order.sort_by(|one, other| {
        let (one, other) = (rank(one), rank(other));
        other.0.cmp(&one.0).then(other.1.cmp(&one.1)).then(other.2.total_cmp(&one.2))
    });
    let mut best = None;
    for place in order.into_iter().take(plan.settings.stability_tries_max.max(1)) {
        let Some((tried, partition)) = candidates.get_mut(place) else { continue };
        if tried.silhouette.is_none() {
            continue;
        }
        tell("stability");
        tried.stability = Some(plan.stability(data, tried, partition)?);
        let verdict = gates.judge(tried, tried.stability);
        let is_passed = verdict.is_passed;
        if best.is_none() || is_passed {
            best = Some((place, verdict));
        }
        // Whatever comes later is worse.
        if is_passed || !gates.admits(tried) {
            break;
        }
    }
    let Some((best, verdict)) = best else { return Err(Fault::Constant { what: "the people" }) };
    let (tries, partitions): (Vec<Try>, Vec<Partition>) = candidates.into_iter().unzip();
    let partition = partitions.into_iter().nth(best).ok_or(Fault::Constant { what: "the people" })?;
    Ok(Found { tries, best, partition, verdict })
}

/// Radii to try: percentiles of the distance to the last neighbour that makes a core, of a sample.
fn radii(data: &Matrix, neighbours_min: usize, seed: u64) -> Vec<f64> {
    let chosen = Random::of_stream(seed, 2).sample(RADIUS_SAMPLE, data.rows());
    let all: Vec<&[f64]> = data.iter_rows().collect();
    let mut reach: Vec<f64> = Vec::with_capacity(chosen.len());
    for place in chosen {
        let Some(own) = all.get(place) else { continue };
        let mut distances: Vec<f64> = all.iter().map(|other| distance(own, other)).collect();
        let last = neighbours_min.saturating_sub(1).min(distances.len().saturating_sub(1));
        if last < distances.len() {
            let (_, found, _) = distances.select_nth_unstable_by(last, f64::total_cmp);
            reach.push(*found);
        }
    }
    reach.sort_by(f64::total_cmp);
    let mut radii: Vec<f64> = RADIUS_PERCENTILES.iter().filter_map(|percent| percentile(&reach, *percent)).collect();
    radii.retain(|radius| *radius > 0.0);
    radii.dedup();
    radii
}

fn distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum::<f64>().sqrt()
}

/// Of ascending values, the one so many hundredths of the way (nearest rank).
pub(super) fn percentile(ascending: &[f64], percent: usize) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    ascending.get(last.saturating_mul(percent.min(100)).div_ceil(100)).copied()
}

fn rows(data: &Matrix, places: &[usize]) -> Result<Matrix, Fault> {
    let all: Vec<&[f64]> = data.iter_rows().collect();
    let values = places.iter().filter_map(|place| all.get(*place)).flat_map(|row| row.iter().copied()).collect();
    Matrix::of_rows(values, data.columns())
}

/// The mean row of each cluster.
fn centres(data: &Matrix, partition: &Partition) -> Result<Matrix, Fault> {
    let mut sums = vec![vec![0.0; data.columns()]; partition.sizes().len()];
    for (row, label) in data.iter_rows().zip(partition.labels()) {
        let sum = label.and_then(|label| usize::try_from(label).ok()).and_then(|label| sums.get_mut(label));
        for (sum, value) in sum.into_iter().flatten().zip(row) {
            *sum += value;
        }
    }
    let means = sums.iter().zip(partition.sizes()).filter(|(_, size)| **size > 0);
    let values = means.flat_map(|(sum, size)| sum.iter().map(move |sum| sum / count(*size)));
    Matrix::of_rows(values.collect(), data.columns())
}

fn count(number: usize) -> f64 {
    crate::features::real(i64::try_from(number).unwrap_or(i64::MAX))
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { count(part) / count(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups of a hundred, far apart; the places within come from a fixed sequence.
    fn groups(centres: &[[f64; 2]]) -> Matrix {
        let mut random = Random::of_seed(7);
        let mut values = Vec::new();
        for centre in centres {
            for _ in 0..100 {
                values.extend(centre.iter().map(|place| place + random.unit()));
            }
        }
        Matrix::of_rows(values, 2).unwrap()
    }

    fn found(data: &Matrix) -> Result<Found, Fault> {
        search(data, &SearchSettings::default(), &GateSettings::default(), 1, &|_| {})
    }

    #[test]
    fn groups_that_are_there_are_found_and_pass() {
        let data = groups(&[[0.0, 0.0], [20.0, 0.0], [0.0, 20.0], [20.0, 20.0]]);
        let found = found(&data).unwrap();
        assert!(found.verdict.is_passed, "{found:?}");
        assert_eq!(found.partition.sizes(), [100; 4]);
        assert_eq!(found.tries.len(), 6 + 6 + radii(&data, 4, 1).len());
        assert_eq!(found.tries[found.best].stability, Some(1.0));
    }

    #[test]
    fn any_number_of_threads_finds_the_same() {
        let data = groups(&[[0.0, 0.0], [3.0, 0.0], [0.0, 3.0], [9.0, 9.0]]);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| found(&data)).unwrap();
            (format!("{:?}", found.tries), found.partition)
        };
        let one = with(1);
        assert_eq!(one, with(2));
        assert_eq!(one, with(8));
    }

    #[test]
    fn one_cloud_is_not_sold_as_segments() {
        let found = found(&groups(&[[0.0, 0.0]])).unwrap();
        assert!(!found.verdict.is_passed, "{:?}", found.verdict);
        assert!(found.tries.iter().all(|tried| tried.silhouette.is_none_or(|value| value < 0.45)));
    }

    #[test]
    fn people_who_are_alike_and_too_few_people_are_said_so() {
        let alike = Matrix::of_rows(vec![1.0; 100], 2).unwrap();
        assert!(found(&alike).is_err());
        assert_eq!(
            found(&Matrix::of_rows(vec![1.0, 2.0], 2).unwrap()).unwrap_err(),
            Fault::TooFewRows { rows: 1, needed: 3 }
        );
    }

    #[test]
    fn many_people_follow_the_sample() {
        let data = groups(&[[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]]);
        let settings = SearchSettings { ward_people_max: 60, silhouette_people_max: 100, ..SearchSettings::default() };
        let found = search(&data, &settings, &GateSettings::default(), 1, &|_| {}).unwrap();
        let ward = found.tries.iter().find(|tried| tried.algorithm == Algorithm::Ward { segments: 3 }).unwrap();
        assert!(ward.silhouette.unwrap() > 0.9, "{ward:?}");
    }
}
