//! Which workflows and campaigns there are, and whether they run.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, line};
use crate::automation::{Automation, AutomationKind};
use crate::deps::Deps;
use crate::tools::toolset;

pub(crate) struct ListAutomations;

/// Most rows of one answer: what a location has is rarely more.
const ROWS_MAX: usize = 200;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Only this kind; default both.
    kind: Option<AutomationKind>,
    /// Words in the name.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Only these; default all.
    status: Option<Status>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Published,
    Draft,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// By kind and name, at most 200.
    items: Vec<AutomationRow>,
    /// How many match in all.
    total: usize,
}

/// A workflow or campaign.
#[derive(Debug, Serialize, JsonSchema)]
struct AutomationRow {
    /// Opaque id.
    id: String,
    /// What people call it.
    name: String,
    /// What it is.
    kind: AutomationKind,
    /// Only a published one does anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

impl Tool for ListAutomations {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_automations";
    const TITLE: &'static str = "List automations";
    const DESCRIPTION: &'static str = "Workflows and campaigns a contact can be enrolled in, with status.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::AUTOMATION;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let kinds = match args.kind {
            Some(kind) => vec![kind],
            None => vec![AutomationKind::Workflow, AutomationKind::Campaign],
        };
        let words = args.query.unwrap_or_default().to_lowercase();
        let mut items = Vec::new();
        for kind in kinds {
            let all = deps.directory.automations(&site, kind).await?;
            let mut found: Vec<&Automation> = all.iter().filter(|one| matches(one, &words, args.status)).collect();
            found.sort_by_key(|automation| automation.name.to_lowercase());
            items.extend(found.into_iter().map(AutomationRow::of));
        }
        let total = items.len();
        items.truncate(ROWS_MAX);
        Ok(Output { location: LocationAnswer::of(&site), items, total })
    }
}

fn matches(automation: &Automation, words: &str, status: Option<Status>) -> bool {
    let is_meant = match status {
        None => true,
        Some(Status::Draft) => automation.is_draft(),
        Some(Status::Published) => !automation.is_draft(),
    };
    is_meant && automation.name.to_lowercase().contains(words)
}

impl AutomationRow {
    fn of(automation: &Automation) -> Self {
        Self {
            id: automation.id.to_string(),
            name: line(&automation.name),
            kind: automation.kind,
            status: automation.status.as_deref().map(line),
            updated_at: automation.updated_at.clone(),
        }
    }
}
