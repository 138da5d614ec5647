//! Compares two segmentations of the same people.

use common::error::{Error, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agreement::adjusted_rand;
use crate::answer::{Grid, Scalar, share};
use crate::deps::Deps;
use crate::segment_choice::name_of;
use crate::segment_report::SegmentReport;
use crate::store::results;
use crate::tools::toolset;

pub(crate) struct CompareSegments;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// From `segment_customers`, the earlier one.
    result: String,
    /// The later one.
    other: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// People who are in both.
    people: i64,
    /// In the earlier one alone.
    left: i64,
    /// In the later one alone.
    joined: i64,
    /// 1: the same segments; around 0: unrelated (adjusted Rand index).
    agreement: Scalar,
    /// How many went from which segment to which, and what part of the first that is.
    moves: Grid,
    /// What differs besides the people.
    remarks: Vec<String>,
}

impl Tool for CompareSegments {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "compare_segments";
    const TITLE: &'static str = "Compare segments";
    const DESCRIPTION: &'static str =
        "Two results of one data set side by side: who moved where, who is new, how far they agree.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::EYES;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let one = results::find::<SegmentReport>(&deps.db, call.tenant(), &args.result).await?;
        let other = results::find::<SegmentReport>(&deps.db, call.tenant(), &args.other).await?;
        if one.dataset_id != other.dataset_id {
            let problem = "is a result of another data set, whose people are others";
            return Err(Error::invalid_argument("other", problem, "a result of the same data set", None));
        }
        let of = (one.result_id.as_str(), other.result_id.as_str());
        let crossed = results::crossed(&deps.db, call.tenant(), of).await?;
        let people: i64 = crossed.values().sum();
        let mut moves = Grid::new(&["from", "to", "people", "share_of_from"]);
        for ((from, to), count) in &crossed {
            let of_from: i64 = crossed.iter().filter(|((known, _), _)| known == from).map(|(_, count)| count).sum();
            moves.push(vec![
                Scalar::text(name_of(&one.body, *from)),
                Scalar::text(name_of(&other.body, *to)),
                Scalar::Integer(*count),
                share(*count, of_from),
            ]);
        }
        let all = |report: &SegmentReport| i64::try_from(report.people).unwrap_or(i64::MAX);
        Ok(Output {
            people,
            left: all(&one.body).saturating_sub(people),
            joined: all(&other.body).saturating_sub(people),
            agreement: Scalar::real(adjusted_rand(&crossed)),
            moves,
            remarks: remarks(&one.body, &other.body),
        })
    }
}

fn remarks(one: &SegmentReport, other: &SegmentReport) -> Vec<String> {
    let (from, to) = (&one.question, &other.question);
    let mut remarks = Vec::new();
    if from.version != to.version {
        remarks.push(format!("versions {} and {} of the data set", from.version, to.version));
    }
    if from.features != to.features || from.scale != to.scale {
        remarks.push("other features or scale: segments differ by definition".to_owned());
    }
    if from.missing_consent != to.missing_consent {
        remarks.push("other treatment of missing consent".to_owned());
    }
    if !one.gate_passed || !other.gate_passed {
        remarks.push("not both have passed the gates: moves may be noise".to_owned());
    }
    remarks
}
