//! Says what a data set holds: fields, ranges, gaps, consent and how fresh it is.

use std::collections::BTreeMap;

use common::clock::UnixMillis;
use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{Grid, Scalar, percent};
use crate::deps::Deps;
use crate::instant::rfc3339;
use crate::profile::{FieldProfile, Profile};
use crate::record::{FieldType, RecordKind};
use crate::store::datasets::{self, LoadOf};
use crate::store::features;
use crate::tools::toolset;

pub(crate) struct DescribeDataset;

/// Loads shown, newest first.
const LOADS_MAX: usize = 20;

const DAY_MS: i64 = 86_400_000;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its name.
    dataset: String,
    /// Default: the current one.
    version: Option<i64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Its name.
    dataset: String,
    /// The one described.
    version: i64,
    /// RFC 3339.
    made_at: String,
    /// All that are kept.
    versions: Vec<i64>,
    /// How full each field is, its range, and its values where they are few.
    fields: Grid,
    consent: ConsentCoverage,
    /// By kind: records, days with any, longest span of days without, last record.
    time: Grid,
    /// Records of money by currency.
    currencies: Grid,
    /// Where it came from, newest first.
    loads: Grid,
    /// What to know before using it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<String>,
}

/// What is known of people's consent. What is not known is not given.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConsentCoverage {
    /// All that records name.
    people: i64,
    /// They said yes.
    given: i64,
    /// They said no.
    refused: i64,
    /// Nothing is known; analyses leave them out unless told otherwise.
    unknown: i64,
}

impl Tool for DescribeDataset {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "describe_dataset";
    const TITLE: &'static str = "Describe data set";
    const DESCRIPTION: &'static str =
        "What a data set holds: fields, ranges, gaps, consent, currencies, freshness, origin.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::DATA;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let version = datasets::find(&deps.db, call.tenant(), &args.dataset, args.version).await?;
        let loads = datasets::loads(&deps.db, &version).await?;
        let consents = features::consents(&deps.db, &version).await?;
        let versions = datasets::versions(&deps.db, &version).await?;
        let consent = ConsentCoverage {
            people: consents.people,
            given: consents.given,
            refused: consents.refused,
            unknown: consents.people.saturating_sub(consents.given).saturating_sub(consents.refused),
        };
        let profiles = by_kind(&loads);
        Ok(Output {
            made_at: rfc3339(version.made_ms),
            versions: versions.into_iter().map(|(number, _)| number).collect(),
            fields: fields(&profiles),
            time: time(&profiles, deps.clock.now_ms()),
            currencies: currencies(&profiles),
            remarks: remarks(&profiles, &consent),
            loads: origins(&loads),
            consent,
            version: version.version,
            dataset: version.name,
        })
    }
}

fn by_kind(loads: &[LoadOf]) -> BTreeMap<RecordKind, Profile> {
    let kinds = RecordKind::ALL.into_iter().filter(|kind| loads.iter().any(|load| load.kind == *kind));
    let of = |kind: RecordKind| loads.iter().filter(move |load| load.kind == kind).map(|load| &load.profile);
    kinds.map(|kind| (kind, Profile::together(of(kind)))).collect()
}

fn fields(profiles: &BTreeMap<RecordKind, Profile>) -> Grid {
    let mut grid = Grid::new(&["kind", "field", "filled_percent", "min", "max", "values"]);
    for (kind, profile) in profiles {
        for field in kind.fields() {
            let Some(seen) = profile.fields.get(field.name).filter(|seen| seen.filled > 0) else { continue };
            let bound = |number: Option<i64>| match (field.holds, number) {
                (FieldType::Instant, Some(at_ms)) => Scalar::instant(at_ms),
                (_, number) => Scalar::from(number),
            };
            grid.push(vec![
                Scalar::text(kind.as_str()),
                Scalar::text(if field.holds == FieldType::Money { "amount_minor" } else { field.name }),
                percent(seen.filled, profile.rows),
                bound(seen.min),
                bound(seen.max),
                values(seen),
            ]);
        }
    }
    grid
}

fn values(field: &FieldProfile) -> Scalar {
    if field.values.is_empty() {
        return Scalar::ABSENT;
    }
    let mut counted: Vec<_> = field.values.iter().collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let texts: Vec<String> = counted.into_iter().map(|(text, count)| format!("{text}: {count}")).collect();
    Scalar::outside(&texts.join(", "))
}

fn time(profiles: &BTreeMap<RecordKind, Profile>, now_ms: UnixMillis) -> Grid {
    let columns = ["kind", "records", "days_with_records", "gap_from", "gap_days", "last_at", "last_days_ago"];
    let mut grid = Grid::new(&columns);
    for (kind, profile) in profiles {
        let last_ms = profile.fields.get("at").and_then(|field| field.max);
        let gap = profile.longest_gap();
        grid.push(vec![
            Scalar::text(kind.as_str()),
            Scalar::count(profile.rows),
            Scalar::Integer(profile.days_seen()),
            gap.map_or(Scalar::ABSENT, |(from_ms, _, _)| Scalar::instant(from_ms)),
            Scalar::from(gap.map(|(_, _, days)| days)),
            last_ms.map_or(Scalar::ABSENT, Scalar::instant),
            Scalar::from(last_ms.map(|last_ms| now_ms.saturating_sub(last_ms).div_euclid(DAY_MS))),
        ]);
    }
    grid
}

fn currencies(profiles: &BTreeMap<RecordKind, Profile>) -> Grid {
    let mut grid = Grid::new(&["kind", "currency", "records"]);
    for (kind, profile) in profiles {
        for (code, count) in &profile.currencies {
            grid.push(vec![Scalar::text(kind.as_str()), Scalar::text(code), Scalar::count(*count)]);
        }
    }
    grid
}

fn origins(loads: &[LoadOf]) -> Grid {
    let mut grid = Grid::new(&["kind", "origin", "rows", "refused", "loaded_at"]);
    for load in loads.iter().rev().take(LOADS_MAX) {
        grid.push(vec![
            Scalar::text(load.kind.as_str()),
            Scalar::outside(&load.origin),
            Scalar::Integer(load.rows_kept),
            Scalar::Integer(load.rows_refused),
            Scalar::instant(load.started_ms),
        ]);
    }
    grid
}

fn remarks(profiles: &BTreeMap<RecordKind, Profile>, consent: &ConsentCoverage) -> Vec<String> {
    let mut remarks = Vec::new();
    for (kind, profile) in profiles {
        if profile.currencies.len() > 1 {
            remarks.push(format!(
                "{kind} are in {} currencies: analyses of money need one of them",
                profile.currencies.len()
            ));
        }
        if profile.rounded > 0 {
            remarks.push(format!(
                "{} amounts of {kind} had more decimals than their currency and were rounded",
                profile.rounded
            ));
        }
    }
    if consent.unknown > 0 {
        let (unknown, people) = (consent.unknown, consent.people);
        remarks.push(format!("of {unknown} of {people} people no consent is known"));
    }
    remarks
}
