//! From a description to a workflow that runs: validate, simulate, save, start, trace.

use common::error::Result;
use common::prompt::Prompt;
use common::tool::{Call, one_line};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{ALWAYS, BLANK_MAX};
use crate::deps::Deps;

pub(crate) struct BuildWorkflow;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// What should happen, when, and to whom.
    description: String,
}

impl Prompt for BuildWorkflow {
    type Deps = Deps;
    type Args = Args;

    const NAME: &'static str = "build_workflow";
    const TITLE: &'static str = "Build a workflow";
    const DESCRIPTION: &'static str = "From a description to a workflow that runs, checked and tried before it counts.";

    async fn render(_deps: &Deps, _call: &Call, args: Args) -> Result<String> {
        let wanted = one_line(&args.description, BLANK_MAX);
        Ok(format!(
            "Build a workflow: {wanted}\n\n\
             1. Call `list_workflows`: one that does this may be there, or be ready to be saved by its name (`ready`). If so, tell \
             me and ask before you write another one.\n\
             2. Say in a few lines what starts it, its steps, what it waits for, and what happens if a step fails. Ask me what is \
             open; do not guess addresses, names or times.\n\
             3. Write it in the CNCF Serverless Workflow DSL 1.0 (YAML). Tools are `call: mcp` with `server`, `tool` and \
             `arguments`; expressions are jq in whole texts, `${{ … }}`; a step that reaches the outside has a `try` with \
             `retry: every 30 min, 3 times`, or says why not; `metadata.note` says in one line what happened.\n\
             4. Call `validate_workflow` and mend what it finds until it is valid. Tell me of its warnings and of what stands under \
             `for_good`.\n\
             5. Call `simulate_workflow` with an input like a real one, and with one that makes a step fail. Show me the steps.\n\
             6. Call `save_workflow` without `apply` and show me `changes`. When I agree, call it with `apply: true`.\n\
             7. Try it: `start_run`, or `send_event` if events start it. Read `get_run`, and show me status, steps and notes.\n\
             8. Report in five lines at most: name, what starts it, what it may call, the run you tried, and what is open.\n\n\
             {ALWAYS}"
        ))
    }
}
