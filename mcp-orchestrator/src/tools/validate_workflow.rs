//! Looks at a definition without saving it.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::callable::Callable;
use crate::deps::Deps;
use crate::tools::toolset;
use crate::workflow::difference::{changes, trigger};
use crate::workflow::flaw::Flaw;
use crate::workflow::{flaws_at, survey};

pub(crate) struct ValidateWorkflow;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// YAML or JSON (Serverless Workflow DSL 1.0).
    definition: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Whether it could be saved.
    valid: bool,
    /// What is wrong, in the order of the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flaws: Vec<FlawAnswer>,
    /// What could not be looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow: Option<Read>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, JsonSchema)]
struct FlawAnswer {
    /// From 1.
    line: usize,
    /// From 1.
    column: usize,
    /// JSON Pointer.
    at: String,
    /// What is wrong.
    problem: String,
    /// What would be right.
    expected: String,
    /// What would be right, as YAML.
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<String>,
}

impl From<Flaw> for FlawAnswer {
    fn from(flaw: Flaw) -> Self {
        let Flaw { mark, pointer, problem, expected, example } = flaw;
        Self { line: mark.line, column: mark.column, at: pointer, problem, expected, example }
    }
}

/// What was read.
#[derive(Debug, Serialize, JsonSchema)]
struct Read {
    /// What it is called.
    name: String,
    /// Steps in all.
    steps: usize,
    /// What starts it.
    starts: Vec<String>,
    /// What it may call.
    calls: Vec<String>,
    /// Of these, what reaches people, destroys or spends.
    for_good: Vec<String>,
    /// What saving it would change.
    changes: Vec<String>,
}

impl Tool for ValidateWorkflow {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "validate_workflow";
    const TITLE: &'static str = "Validate workflow";
    const DESCRIPTION: &'static str = "Check a definition: every flaw with line and column, also in calls of tools. Saves nothing; before save_workflow.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::WORKFLOWS;
    const IS_OPEN_WORLD: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let workflow = match deps.library.read(&args.definition) {
            Ok(workflow) => workflow,
            Err(flaws) => {
                let flaws = flaws.into_iter().map(FlawAnswer::from).collect();
                return Ok(Output { valid: false, flaws, warnings: Vec::new(), workflow: None });
            }
        };
        let callable = Callable::look_up(&deps.peers, &call.caller, &workflow).await;
        let flaws: Vec<_> =
            flaws_at(&args.definition, callable.faults(&workflow)).into_iter().map(FlawAnswer::from).collect();
        let all = deps.library.all(call.tenant()).await?;
        let mut warnings = callable.warnings();
        let unknown = survey::children(&workflow);
        let unknown =
            unknown.into_iter().filter(|name| *name != workflow.name && !all.iter().any(|known| known.name == *name));
        warnings.extend(unknown.map(|name| format!("the workflow `{name}` that it starts is not there")));
        let current = all.iter().find(|known| known.name == workflow.name).map(|known| &*known.definition);
        let read = Read {
            name: workflow.name.clone(),
            steps: survey::steps(&workflow).len(),
            starts: workflow.triggers.iter().map(trigger).collect(),
            calls: survey::outside(&workflow).into_iter().collect(),
            for_good: callable.for_good(&workflow).into_iter().collect(),
            changes: changes(current, &workflow),
        };
        Ok(Output { valid: flaws.is_empty(), flaws, warnings, workflow: Some(read) })
    }
}
