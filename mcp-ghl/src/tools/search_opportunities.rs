//! Opportunities by words, place, status, owner, contact and age.

use common::clock::UnixMillis;
use common::error::{Error, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::opportunity::OpportunityRow;
use crate::answer::{LocationAnswer, opportunity_link};
use crate::client::{OpportunityQuery, Order, Site};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::opportunity::Status;
use crate::pipeline::Pipeline;
use crate::record_id::RecordId;
use crate::references;
use crate::tools::toolset;

pub(crate) struct SearchOpportunities;

const DAY_MS: i64 = 86_400_000;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Words in deal or contact name.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Name or id.
    pipeline: Option<String>,
    /// Name or id.
    stage: Option<String>,
    /// How the deal stands.
    status: Option<Status>,
    /// User name, email or id.
    owner: Option<String>,
    /// Id, email, phone or name.
    contact: Option<String>,
    /// In its stage for at least so many days.
    #[schemars(range(min = 1, max = 3650))]
    stale_days: Option<u32>,
    /// What comes first.
    #[serde(default)]
    sort: SortBy,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SortBy {
    #[default]
    Newest,
    Value,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<OpportunityRow>,
    /// How many match in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// Where a person sees one, its id in place of `{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    link_form: Option<String>,
}

impl Tool for SearchOpportunities {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "search_opportunities";
    const TITLE: &'static str = "Search opportunities";
    const DESCRIPTION: &'static str =
        "Find opportunities (deals): by words, pipeline, stage, status, owner, contact, or stuck in a stage for days.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::PIPELINE;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let pipelines = deps.directory.pipelines(&site).await?;
        let query = query(deps, &site, &pipelines, &args).await?;
        let slice = deps.client.search_opportunities(&site, &query, position.as_ref(), args.limit).await?;
        let owners = slice.records.iter().map(|opportunity| opportunity.owner_id.as_ref());
        let users = deps.directory.users_naming(&site, owners).await?;
        let row = |opportunity| OpportunityRow::of(opportunity, &pipelines, (*users).as_deref());
        let items = slice.records.iter().map(row).collect();
        let next_cursor = slice.next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            page: Page { items, next_cursor },
            total: slice.total,
            link_form: opportunity_link(&site, "{id}"),
        })
    }
}

async fn query(deps: &Deps, site: &Site, pipelines: &[Pipeline], args: &Args) -> Result<OpportunityQuery> {
    let (pipeline_id, stage_id) = place(pipelines, args.pipeline.as_deref(), args.stage.as_deref())?;
    Ok(OpportunityQuery {
        text: args.query.clone(),
        pipeline_id,
        stage_id,
        status: args.status,
        owner_id: match &args.owner {
            Some(text) => Some(deps.directory.owner(site, text).await?),
            None => None,
        },
        contact_id: match &args.contact {
            Some(text) => Some(references::contact(deps, site, text).await?.id),
            None => None,
        },
        in_stage_before: args.stale_days.map(|days| days_before(deps.clock.now_ms(), days)).transpose()?,
        order: match args.sort {
            SortBy::Newest => Order::Newest,
            SortBy::Value => Order::MostValuable,
        },
    })
}

/// A stage belongs to the pipeline named, or to the only one.
fn place(
    pipelines: &[Pipeline],
    pipeline: Option<&str>,
    stage: Option<&str>,
) -> Result<(Option<RecordId>, Option<RecordId>)> {
    match (pipeline, stage) {
        (None, None) => Ok((None, None)),
        (pipeline, stage) => {
            let pipeline = references::pipeline(pipelines, pipeline)?;
            let stage = stage.map(|text| references::stage(pipeline, text)).transpose()?;
            Ok((Some(pipeline.id.clone()), stage.map(|stage| stage.id.clone())))
        }
    }
}

/// In steps of an hour, so that pages of one list ask the same.
fn days_before(now_ms: UnixMillis, days: u32) -> Result<String> {
    const HOUR_MS: i64 = 3_600_000;
    let whole_hours_ms = now_ms.div_euclid(HOUR_MS).saturating_mul(HOUR_MS);
    let then_ms = whole_hours_ms.saturating_sub(i64::from(days).saturating_mul(DAY_MS));
    let then = Timestamp::from_millisecond(then_ms);
    then.map(|instant| instant.to_string()).map_err(|source| Error::internal("the clock is out of range", source))
}
