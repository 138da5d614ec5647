//! `ghl://{location}/pipelines`: the pipelines of a location with their stages.

use std::time::Duration;

use common::completion::Blank;
use common::error::Result;
use common::resource::{Listed, Resource, Variables};
use common::tool::Call;
use serde::Serialize;

use super::{location_ids, per_location};
use crate::answer::{LocationAnswer, RecordRef};
use crate::deps::Deps;
use crate::tools::toolset;

pub(crate) struct PipelinesResource;

#[derive(Debug, Serialize)]
pub(crate) struct Output {
    location: LocationAnswer,
    pipelines: Vec<PipelineAnswer>,
}

#[derive(Debug, Serialize)]
struct PipelineAnswer {
    #[serde(flatten)]
    pipeline: RecordRef,
    stages: Vec<RecordRef>,
}

impl Resource for PipelinesResource {
    type Deps = Deps;
    type Output = Output;

    const TEMPLATE: &'static str = "ghl://{location}/pipelines";
    const NAME: &'static str = "pipelines";
    const TITLE: &'static str = "Pipelines";
    const DESCRIPTION: &'static str = "Pipelines of a location, each with its stages in order.";
    const TOOLSET: &'static str = toolset::PIPELINE;
    const FRESH_FOR: Duration = Duration::from_mins(1);

    async fn read(deps: &Deps, call: &Call, variables: &Variables) -> Result<Output> {
        let site = deps.directory.site(call, Some(variables.get("location")?)).await?;
        let pipelines = deps.directory.pipelines(&site).await?;
        let answer = |pipeline: &crate::pipeline::Pipeline| PipelineAnswer {
            pipeline: RecordRef::new(&pipeline.id, &pipeline.name),
            stages: pipeline.stages.iter().map(|stage| RecordRef::new(&stage.id, &stage.name)).collect(),
        };
        Ok(Output { location: LocationAnswer::of(&site), pipelines: pipelines.iter().map(answer).collect() })
    }

    async fn list(deps: &Deps, call: &Call) -> Result<Vec<Listed>> {
        per_location(deps, call, "pipelines").await
    }

    async fn complete(deps: &Deps, call: &Call, blank: Blank<'_>) -> Result<Vec<String>> {
        location_ids(deps, call, blank.typed).await
    }
}
