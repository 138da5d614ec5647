//! EYES: who customers are, as segments that the evidence carries.

use std::borrow::Cow;

use common::clock::UnixMillis;
use common::error::{Error, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{Grid, Scalar, share};
use crate::consent::{ConsentCounts, MissingConsent};
use crate::deps::Deps;
use crate::eyes::{Eyes, Segmented, Wish};
use crate::features::Feature;
use crate::instant::{DateForm, rfc3339};
use crate::segment_report::SegmentReport;
use crate::segmentation::Scale;
use crate::store::datasets;
use crate::tools::toolset;

pub(crate) struct SegmentCustomers;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its name.
    dataset: String,
    /// Default: the current one.
    version: Option<i64>,
    /// Default: recency, number and sum of orders.
    #[serde(default)]
    #[schemars(length(max = 8))]
    features: Vec<Feature>,
    #[serde(default)]
    scale: Scale,
    /// People of whom nothing is known.
    #[serde(default)]
    missing_consent: MissingConsent,
    /// Where there are several.
    currency: Option<String>,
    /// Orders from then on, date or RFC 3339.
    since: Option<String>,
    /// Default: the last order.
    as_of: Option<String>,
    /// Of everything random.
    #[serde(default)]
    seed: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// For the tools that show, compare and export segments.
    result: String,
    /// False: what is here is the best found, and too weak for decisions.
    gate_passed: bool,
    /// Each condition, and how it was met.
    gates: Grid,
    /// What was chosen.
    algorithm: &'static str,
    /// How it was set.
    parameters: String,
    /// Each with its share, its medians and what sets it apart, in standard deviations.
    segments: Grid,
    /// People who are in no segment.
    in_no_segment: u64,
    /// Of people with orders; whoever refused was left out.
    consent: ConsentCounts,
    /// All tries there were.
    tries: Grid,
    provenance: Provenance,
    /// How to understand it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<String>,
    /// What comes next.
    next_step: String,
}

/// Where the numbers come from: the same again gives the same.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Provenance {
    /// Its name.
    dataset: String,
    /// That it was computed from.
    version: i64,
    /// RFC 3339; absent: the first order.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// RFC 3339.
    as_of: String,
    /// Of money.
    currency: String,
    /// How many were segmented.
    people: u64,
    /// That distances were taken in.
    features: Vec<&'static str>,
    scale: Scale,
    missing_consent: MissingConsent,
    /// Of everything random.
    seed: u64,
    /// When it was computed, RFC 3339.
    made_at: String,
    /// Whether it had been computed before.
    cached: bool,
}

impl Tool for SegmentCustomers {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "segment_customers";
    const TITLE: &'static str = "Segment customers";
    const DESCRIPTION: &'static str = "Find segments by behaviour (EYES): K-means, Ward, DBSCAN, gated by silhouette, coverage and stability. gate_passed: \
        false is an answer, too. Repeats come from the cache.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::EYES;
    const IS_IDEMPOTENT: bool = true;
    const IS_OPEN_WORLD: bool = false;
    const IS_LONG: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let version = datasets::find(&deps.db, call.tenant(), &args.dataset, args.version).await?;
        let wish = wish(args)?;
        let segmented = Eyes { deps, call, version }.segment(wish).await?;
        Ok(output(segmented))
    }
}

fn wish(args: Args) -> Result<Wish> {
    let mut features = if args.features.is_empty() { Feature::RFM.to_vec() } else { args.features };
    features.sort_unstable();
    features.dedup();
    Ok(Wish {
        features,
        scale: args.scale,
        missing_consent: args.missing_consent,
        currency: args.currency.map(|code| code.trim().to_ascii_uppercase()),
        since_ms: args.since.as_deref().map(|text| instant("since", text)).transpose()?,
        as_of_ms: args.as_of.as_deref().map(|text| instant("as_of", text)).transpose()?,
        seed: args.seed,
    })
}

fn instant(field: &str, text: &str) -> Result<UnixMillis> {
    DateForm::Iso.parse(text).ok_or_else(|| {
        Error::invalid_argument(field, "is no date", "a date, or an RFC 3339 instant", Some("\"2026-11-20\""))
    })
}

fn output(segmented: Segmented) -> Output {
    let Segmented { kept, is_cached } = segmented;
    let report = &kept.body;
    let question = &report.question;
    let next_step = if report.gate_passed {
        "get_segment_members shows who is in one, export_segment makes a plan of it"
    } else {
        "do not decide by these segments: try other features or a longer window, or bring in more data"
    };
    Output {
        gate_passed: report.gate_passed,
        gates: gates(report),
        algorithm: report.algorithm.name(),
        parameters: report.algorithm.parameters(),
        segments: segments(report),
        in_no_segment: report.noise,
        consent: report.consent,
        tries: tries(report),
        provenance: Provenance {
            dataset: report.dataset.clone(),
            version: question.version,
            since: question.since_ms.map(rfc3339),
            as_of: rfc3339(report.as_of_ms),
            currency: report.currency.clone(),
            people: report.people,
            features: question.features.iter().map(|feature| feature.as_str()).collect(),
            scale: question.scale,
            missing_consent: question.missing_consent,
            seed: question.seed,
            made_at: rfc3339(kept.made_ms),
            cached: is_cached,
        },
        remarks: remarks(report),
        next_step: next_step.to_owned(),
        result: kept.result_id,
    }
}

fn gates(report: &SegmentReport) -> Grid {
    let mut grid = Grid::new(&["gate", "wanted_min", "found", "passed"]);
    for gate in &report.gates {
        let found = gate.found.map_or(Scalar::ABSENT, Scalar::real);
        grid.push(vec![Scalar::text(&gate.name), Scalar::real(gate.wanted), found, Scalar::Flag(gate.is_passed)]);
    }
    grid
}

fn segments(report: &SegmentReport) -> Grid {
    let mut grid = Grid::new(&["segment", "name", "people", "share", "spent_minor", "spent_share"]);
    let features = &report.question.features;
    grid.columns.extend(features.iter().map(|feature| Cow::Owned(format!("median_{}", feature.as_str()))));
    grid.columns.push(Cow::Borrowed("apart_by"));
    let spent: i64 = report.segments.iter().fold(0, |sum, segment| sum.saturating_add(segment.spent_minor));
    let people = i64::try_from(report.people).unwrap_or(i64::MAX);
    for (number, segment) in (0_i64..).zip(&report.segments) {
        let mut row = vec![
            Scalar::Integer(number),
            Scalar::text(&segment.name),
            Scalar::count(segment.people),
            share(i64::try_from(segment.people).unwrap_or(i64::MAX), people),
            Scalar::Integer(segment.spent_minor),
            share(segment.spent_minor, spent),
        ];
        row.extend(segment.medians.iter().map(|median| Scalar::real(*median)));
        let apart = segment.apart.iter().map(|(feature, distance)| format!("{} {distance:+.2}", feature.as_str()));
        row.push(Scalar::text(apart.collect::<Vec<_>>().join(", ")));
        grid.push(row);
    }
    grid
}

fn tries(report: &SegmentReport) -> Grid {
    let columns = ["algorithm", "parameters", "segments", "silhouette", "coverage", "smallest_share", "stability"];
    let mut grid = Grid::new(&columns);
    let real = |number: Option<f64>| number.map_or(Scalar::ABSENT, Scalar::real);
    for tried in &report.tries {
        grid.push(vec![
            Scalar::text(tried.algorithm.name()),
            Scalar::text(tried.algorithm.parameters()),
            Scalar::count(tried.segments),
            real(tried.silhouette),
            Scalar::real(tried.coverage),
            Scalar::real(tried.smallest_share),
            real(tried.stability),
        ]);
    }
    grid
}

fn remarks(report: &SegmentReport) -> Vec<String> {
    let mut remarks = Vec::new();
    if report.question.missing_consent == MissingConsent::Include && report.consent.unknown > 0 {
        remarks.push(format!("{} people are in it of whom no consent is known", report.consent.unknown));
    }
    if report.without_orders > 0 {
        remarks.push(format!("{} people without an order in the window are in no segment", report.without_orders));
    }
    let errors = report.tries.iter().filter_map(|tried| tried.standard_error);
    if let Some(most) = errors.max_by(f64::total_cmp) {
        remarks.push(format!("silhouettes are those of a sample, with a standard error up to {most:.4}"));
    }
    remarks
}
