//! What the official suite asks for by name. Lists and canned answers are data; behaviour is one file per kind.

mod elicitation;
mod input_required;
mod prompts;
mod resources;
mod tasks;
mod tools;

use std::collections::BTreeMap;

use rmcp::model::{
    CallToolResult, CompleteRequestParams, CompleteResult, CompletionInfo, GetPromptResult, Prompt, ReadResourceResult,
    Reference, Resource, ResourceTemplate, ResultType, ServerCapabilities, Tool,
};
use serde::Deserialize;
use tokio::sync::broadcast;

use elicitation::Question;
use input_required::{Dialogue, Seal};

/// The fixtures of one host; every handler that the host makes shares them.
pub(crate) struct Fixtures {
    pub(crate) catalogue: Catalogue,
    answers: Answers,
    seal: Seal,
    changes: broadcast::Sender<Change>,
}

/// What the lists show beside the real server's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Catalogue {
    pub(crate) tools: Vec<Tool>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) templates: Vec<ResourceTemplate>,
    pub(crate) prompts: Vec<Prompt>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    tools: BTreeMap<String, CallToolResult>,
    resources: BTreeMap<String, ReadResourceResult>,
    prompts: BTreeMap<String, GetPromptResult>,
    elicitations: BTreeMap<String, Question>,
    input_required: BTreeMap<String, Dialogue>,
}

impl Answers {
    /// The answers as a server of MCP 2026-07-28 sends them; the SDK takes the result type off for older clients.
    fn new() -> Self {
        let mut answers: Self = serde_json::from_str(include_str!("fixtures/answers.json")).expect("valid answers");
        answers.tools.values_mut().for_each(|answer| answer.result_type = Some(ResultType::COMPLETE));
        answers.resources.values_mut().for_each(|answer| answer.result_type = Some(ResultType::COMPLETE));
        answers.prompts.values_mut().for_each(|answer| answer.result_type = Some(ResultType::COMPLETE));
        answers
    }
}

/// A list that a fixture announces as changed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Tools,
    Prompts,
}

/// Announcements that a slow listener may fall behind by.
const CHANGES_WAITING_MAX: usize = 16;

impl Fixtures {
    pub(crate) fn new() -> Self {
        Self {
            catalogue: serde_json::from_str(include_str!("fixtures/catalogue.json")).expect("the catalogue is valid"),
            answers: Answers::new(),
            seal: Seal::default(),
            changes: broadcast::channel(CHANGES_WAITING_MAX).0,
        }
    }

    /// Changes announced from here on.
    pub(crate) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Adds to what the real server declares whatever the fixtures need.
    pub(crate) fn declare(capabilities: &mut ServerCapabilities) {
        capabilities.logging.get_or_insert_default();
        capabilities.completions.get_or_insert_default();
        capabilities.tools.get_or_insert_default().list_changed = Some(true);
        capabilities.prompts.get_or_insert_default().list_changed = Some(true);
        capabilities.resources.get_or_insert_default().subscribe = Some(true);
    }

    /// Completes the arguments of a fixture prompt; `None` leaves the request to the real server.
    pub(crate) fn complete(&self, request: &CompleteRequestParams) -> Option<CompleteResult> {
        let Reference::Prompt(prompt) = &request.r#ref else { return None };
        self.catalogue.prompts.iter().find(|known| known.name == prompt.name)?;
        let candidates =
            ["paris", "park", "party"].into_iter().filter(|word| word.starts_with(&request.argument.value));
        let completion = CompletionInfo::new(candidates.map(str::to_owned).collect()).expect("three values are few");
        Some(CompleteResult::new(completion))
    }
}
