//! Moves an opportunity to another stage, pipeline or status; says where it was and where it is.

use std::sync::Arc;

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::opportunity::{place_names, reason_name};
use crate::answer::{LocationAnswer, RecordRef, contact_uri, line, opportunity_link};
use crate::client::{Site, reversals};
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::opportunity::{LostReason, Move, Opportunity, Place, Status};
use crate::pipeline::Pipeline;
use crate::references;
use crate::tools::toolset;

pub(crate) struct MoveOpportunity;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id or name.
    opportunity: String,
    /// Stage name or id.
    stage: Option<String>,
    /// Another pipeline, name or id; its first stage unless `stage` is given.
    pipeline: Option<String>,
    /// How the deal stands.
    status: Option<Status>,
    /// Why it was lost: name or id.
    lost_reason: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// The deal.
    opportunity: RecordRef,
    /// False if it was there already.
    changed: bool,
    /// Where it was.
    before: PlaceAnswer,
    /// Where it is.
    after: PlaceAnswer,
    /// Where a person sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct PlaceAnswer {
    /// Name of the pipeline.
    pipeline: String,
    /// Name of the stage.
    stage: String,
    /// How the deal stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    /// Why it was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_reason: Option<String>,
}

impl Tool for MoveOpportunity {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "move_opportunity";
    const TITLE: &'static str = "Move opportunity";
    const DESCRIPTION: &'static str = "Move a deal to a stage by name, to another pipeline, or to won, lost, open or abandoned. Returns before and after.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::PIPELINE;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let is_nowhere = args.stage.is_none() && args.pipeline.is_none() && args.status.is_none();
        if is_nowhere && args.lost_reason.is_none() {
            return Err(nowhere());
        }
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let pipelines = deps.directory.pipelines(&site).await?;
        let opportunity = references::opportunity(deps, &site, &args.opportunity).await?;
        let target = target(&pipelines, &opportunity, &args)?;
        let status = args.status.or(opportunity.status);
        let reason = references::lost_reason(deps, &site, args.lost_reason.as_deref(), status).await?;
        let change = Move::between(&opportunity.place(), &target).lost_for(reason.as_ref(), &opportunity);
        let reasons = reasons(deps, &site, &opportunity, reason.is_some()).await?;
        let names = Names { pipelines: &pipelines, reasons: &reasons };
        let before = names.describe(&opportunity);
        let mut change_id = None;
        let after = if change.is_nothing() {
            names.describe(&opportunity)
        } else {
            let moved = deps.client.move_opportunity(&site, &opportunity.id, &change).await?;
            if let Some(contact_id) = &moved.contact_id {
                deps.changes.announce(call.tenant(), contact_uri(&site, contact_id));
            }
            change_id = note(deps, call, &site, (names, &opportunity, &moved)).await;
            names.describe(&moved)
        };
        Ok(Output {
            location: LocationAnswer::of(&site),
            opportunity: RecordRef::new(&opportunity.id, opportunity.name.as_deref().unwrap_or_default()),
            changed: !change.is_nothing(),
            before,
            after,
            link: opportunity_link(&site, &opportunity.id),
            change_id,
        })
    }
}

/// Notes the move.
async fn note(
    deps: &Deps,
    call: &Call,
    site: &Site,
    (names, before, after): (Names<'_>, &Opportunity, &Opportunity),
) -> Option<ChangeId> {
    let name = before.name.as_deref().map_or_else(|| before.id.to_string(), line);
    let spelled = |opportunity: &Opportunity| {
        let PlaceAnswer { pipeline, stage, status, lost_reason } = names.describe(opportunity);
        let reason = lost_reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        format!("{pipeline}, {stage}, {}{reason}", status.map_or("of unknown status", Status::as_str))
    };
    let change = Change {
        tool: MoveOpportunity::NAME,
        summary: format!("moved “{name}” from {} to {}", spelled(before), spelled(after)),
        record: ("opportunity".into(), before.id.to_string()),
        contact: before.contact_id.as_deref().and_then(|id| id.parse().ok()),
        undo: reversals::opportunity_update(before, after)
            .into_iter()
            .chain(reversals::lost_reason(before, after))
            .collect(),
    };
    deps.journal.note(call, site, change).await
}

/// Where it should be. What is not named stays, except that another pipeline means its first stage.
fn target(pipelines: &[Pipeline], opportunity: &Opportunity, args: &Args) -> Result<Place> {
    let pipeline = args.pipeline.as_deref().unwrap_or(&opportunity.pipeline_id);
    let mut place = Place { status: args.status, ..opportunity.place() };
    if args.stage.is_none() && args.pipeline.is_none() {
        return Ok(place);
    }
    let pipeline = references::pipeline(pipelines, Some(pipeline))?;
    let stays = args.stage.is_none() && pipeline.id.as_str() == opportunity.pipeline_id;
    if stays {
        return Ok(place);
    }
    let stage = match &args.stage {
        Some(text) => references::stage(pipeline, text)?,
        None => pipeline
            .stages
            .first()
            .ok_or_else(|| Error::invalid_argument("pipeline", "has no stages", "a pipeline with stages", None))?,
    };
    place.pipeline_id = pipeline.id.to_string();
    place.stage_id = stage.id.to_string();
    Ok(place)
}

/// What the ids in a deal mean.
#[derive(Debug, Clone, Copy)]
struct Names<'a> {
    pipelines: &'a [Pipeline],
    reasons: &'a [LostReason],
}

impl Names<'_> {
    fn describe(self, opportunity: &Opportunity) -> PlaceAnswer {
        let (pipeline, stage) = place_names(self.pipelines, &opportunity.pipeline_id, &opportunity.stage_id);
        let lost_reason = opportunity.lost_reason_id.as_deref().map(|id| reason_name(self.reasons, id));
        PlaceAnswer { pipeline, stage, status: opportunity.status, lost_reason }
    }
}

/// The location's reasons, where one has to be named.
async fn reasons(deps: &Deps, site: &Site, opportunity: &Opportunity, is_wanted: bool) -> Result<Arc<Vec<LostReason>>> {
    if is_wanted || opportunity.lost_reason_id.is_some() {
        deps.directory.lost_reasons(site).await
    } else {
        Ok(Arc::default())
    }
}

fn nowhere() -> Error {
    let missing = |field: &str, expected: &str, example: &str| Fault {
        field: format!("/{field}"),
        problem: "is missing, and so are the other two".to_owned(),
        expected: expected.to_owned(),
        example: Some(example.to_owned()),
    };
    Error::invalid_arguments(vec![
        missing("stage", "the name of a stage", "\"Contacted\""),
        missing("pipeline", "the name of another pipeline", "\"Sales\""),
        missing("status", "open, won, lost or abandoned", "\"won\""),
    ])
}
