//! What stands in each stage of a pipeline, and the most valuable deals there.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::opportunity::OpportunityRow;
use crate::answer::{LocationAnswer, RecordRef, opportunity_link};
use crate::client::{OpportunityQuery, Order, Site};
use crate::deps::Deps;
use crate::opportunity::Status;
use crate::pipeline::{Pipeline, Stage, StageTotals};
use crate::references;
use crate::tools::toolset;

pub(crate) struct GetPipelineBoard;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name or id; may be left out if there is one.
    pipeline: Option<String>,
    /// Deals counted.
    #[serde(default)]
    status: BoardStatus,
    /// Most valuable deals shown per stage.
    #[serde(default)]
    #[schemars(range(min = 0, max = 5))]
    deals_per_stage: u32,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum BoardStatus {
    #[default]
    Open,
    Won,
    Lost,
    Abandoned,
    All,
}

impl BoardStatus {
    const fn filter(self) -> Option<Status> {
        match self {
            Self::Open => Some(Status::Open),
            Self::Won => Some(Status::Won),
            Self::Lost => Some(Status::Lost),
            Self::Abandoned => Some(Status::Abandoned),
            Self::All => None,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// The pipeline.
    pipeline: RecordRef,
    /// Deals counted.
    status: BoardStatus,
    /// In the pipeline's order.
    stages: Vec<StageAnswer>,
    /// Sum of the stages.
    total: Totals,
    /// Where a person sees a deal, its id in place of `{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    link_form: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct StageAnswer {
    #[serde(flatten)]
    stage: RecordRef,
    #[serde(flatten)]
    totals: Totals,
    /// The most valuable, if asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deals: Vec<Deal>,
}

/// Values are in the location's currency.
#[derive(Debug, Serialize, JsonSchema)]
struct Totals {
    /// How many deals.
    count: u64,
    /// In the location's currency.
    value: f64,
    /// Value times the chance to win.
    weighted_value: f64,
    /// Only with status `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_value: Option<f64>,
    /// Only with status `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    won_value: Option<f64>,
}

impl Totals {
    fn of(totals: StageTotals, status: BoardStatus) -> Self {
        let is_mixed = status == BoardStatus::All;
        Self {
            count: totals.count,
            value: totals.value,
            weighted_value: totals.weighted_value,
            open_value: is_mixed.then_some(totals.open_value),
            won_value: is_mixed.then_some(totals.won_value),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct Deal {
    /// Opaque id.
    id: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// In the location's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    /// The contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<RecordRef>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_since: Option<String>,
}

impl Tool for GetPipelineBoard {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_pipeline_board";
    const TITLE: &'static str = "Get pipeline board";
    const DESCRIPTION: &'static str =
        "A pipeline at a glance: count and value of deals per stage in one call, optionally the top deals of each.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::PIPELINE;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let pipelines = deps.directory.pipelines(&site).await?;
        let pipeline = references::pipeline(&pipelines, args.pipeline.as_deref())?;
        let totals = deps.client.stage_totals(&site, &pipeline.id, args.status.filter()).await?;
        let of_stage = |stage: &Stage| {
            let found = totals.iter().find(|(id, _)| id == stage.id.as_str());
            found.map_or_else(StageTotals::default, |(_, totals)| *totals)
        };
        let board: Vec<(&Stage, StageTotals)> = pipeline.stages.iter().map(|stage| (stage, of_stage(stage))).collect();
        let total = board.iter().fold(StageTotals::default(), |sum, (_, totals)| sum.plus(*totals));
        let deals = board.iter().map(|(stage, totals)| top_deals(deps, &site, pipeline, stage, totals, &args));
        let deals = try_join_all(deals).await?;
        let stage = |((stage, totals), deals): (&(&Stage, StageTotals), Vec<Deal>)| StageAnswer {
            stage: RecordRef::new(&stage.id, &stage.name),
            totals: Totals::of(*totals, args.status),
            deals,
        };
        Ok(Output {
            location: LocationAnswer::of(&site),
            pipeline: RecordRef::new(&pipeline.id, &pipeline.name),
            status: args.status,
            stages: board.iter().zip(deals).map(stage).collect(),
            total: Totals::of(total, args.status),
            link_form: opportunity_link(&site, "{id}"),
        })
    }
}

async fn top_deals(
    deps: &Deps,
    site: &Site,
    pipeline: &Pipeline,
    stage: &Stage,
    totals: &StageTotals,
    args: &Args,
) -> Result<Vec<Deal>> {
    if args.deals_per_stage == 0 || totals.count == 0 {
        return Ok(Vec::new());
    }
    let query = OpportunityQuery {
        pipeline_id: Some(pipeline.id.clone()),
        stage_id: Some(stage.id.clone()),
        status: args.status.filter(),
        order: Order::MostValuable,
        ..OpportunityQuery::default()
    };
    let slice = deps.client.search_opportunities(site, &query, None, args.deals_per_stage).await?;
    let deal = |opportunity| {
        let row = OpportunityRow::of(opportunity, std::slice::from_ref(pipeline), None);
        Deal { id: row.id, name: row.name, value: row.value, contact: row.contact, stage_since: row.stage_since }
    };
    Ok(slice.records.iter().map(deal).collect())
}
