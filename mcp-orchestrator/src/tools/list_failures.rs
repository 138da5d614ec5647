//! Lists what went wrong, one line for each cause, with what to do about it.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool, Untrusted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cursor::{behind, cursor};
use crate::deps::Deps;
use crate::failure::{FailureKind, FailureState};
use crate::store::failures::{self, Filter, Group, Stored};
use crate::tools::{instant, toolset};

pub(crate) struct ListFailures;

/// Ids of what failed that stand for a cause.
const EXAMPLES: i64 = 3;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// What has become of them.
    #[serde(default = "open")]
    state: FailureState,
    /// What failed.
    kind: Option<FailureKind>,
    /// Its name.
    workflow: Option<String>,
    /// From a row: its failures one by one.
    cause: Option<String>,
    /// From `next_cursor`.
    #[serde(skip_serializing)]
    cursor: Option<String>,
    /// Most rows.
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
}

fn open() -> FailureState {
    FailureState::Open
}

fn limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    #[serde(flatten)]
    page: Page<FailureRow>,
}

/// Failures of one cause, or one of them.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FailureRow {
    /// What they have in common.
    cause: String,
    kind: FailureKind,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow: Option<String>,
    /// Where it stands in the definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// Of the error.
    code: String,
    reason: Untrusted,
    /// How many there are.
    count: i64,
    /// How often these were tried.
    attempts: i64,
    /// RFC 3339.
    first_at: String,
    /// RFC 3339.
    last_at: String,
    /// Ids of runs, events, callbacks or schedules: the last ones.
    failed: Vec<String>,
    /// Of the last one.
    next_step: String,
}

impl FailureRow {
    fn of_group(group: &Group, examples: Vec<Stored>) -> Option<Self> {
        let failed = examples.iter().map(|stored| stored.failed.subject.clone()).collect();
        let last = examples.into_iter().next()?;
        let row = Self::of(last, group.fingerprint.clone());
        Some(Self {
            count: group.count,
            attempts: group.attempts,
            first_at: instant(group.first_ms),
            last_at: instant(group.last_ms),
            failed,
            ..row
        })
    }

    fn of(stored: Stored, cause: String) -> Self {
        let failed = stored.failed;
        Self {
            cause,
            kind: failed.kind,
            workflow: failed.workflow,
            step: failed.step.map(|step| step.0),
            code: failed.code,
            reason: Untrusted::new(failed.reason, "failure"),
            count: 1,
            attempts: failed.attempts,
            first_at: instant(stored.first_ms),
            last_at: instant(failed.at_ms),
            failed: vec![failed.subject],
            next_step: failed.next_step,
        }
    }
}

impl Tool for ListFailures {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_failures";
    const TITLE: &'static str = "List failures";
    const DESCRIPTION: &'static str =
        "What went wrong, one row for each cause, last first: runs, events, callbacks, why, and what to do next.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::RUNS;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let given = args.cursor.take();
        let asked = (Self::NAME, call.tenant(), &args);
        let behind = given.map(|given| behind(&asked, &given)).transpose()?.and_then(|after| place(&after));
        let (state, kind, workflow) = (args.state, args.kind, args.workflow.clone());
        let filter = Filter { state, kind, workflow, fingerprint: args.cause.clone(), behind };
        let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
        // One more than is shown says whether there is another page.
        let more = i64::from(args.limit).saturating_add(1);
        let (items, next) = if let Some(cause) = &args.cause {
            let mut found = failures::list(&deps.db, call.tenant(), &filter, more).await?;
            let has_more = found.len() > limit;
            found.truncate(limit);
            let last = found.last().filter(|_| has_more);
            let next = last.map(|last| format!("{}/{}", last.failed.at_ms, last.failure_id));
            (found.into_iter().map(|stored| FailureRow::of(stored, cause.clone())).collect(), next)
        } else {
            let mut groups = failures::groups(&deps.db, call.tenant(), &filter, more).await?;
            let has_more = groups.len() > limit;
            groups.truncate(limit);
            let last = groups.last().filter(|_| has_more);
            let next = last.map(|last| format!("{}/{}", last.last_ms, last.fingerprint));
            (rows(deps, call, &filter, &groups).await?, next)
        };
        let next_cursor = next.map(|next| cursor(&asked, &next)).transpose()?;
        Ok(Output { page: Page { items, next_cursor } })
    }
}

async fn rows(deps: &Deps, call: &Call, filter: &Filter, groups: &[Group]) -> Result<Vec<FailureRow>> {
    let mut rows = Vec::with_capacity(groups.len());
    for group in groups {
        let of_cause = Filter { fingerprint: Some(group.fingerprint.clone()), behind: None, ..filter.clone() };
        let examples = failures::list(&deps.db, call.tenant(), &of_cause, EXAMPLES).await?;
        rows.extend(FailureRow::of_group(group, examples));
    }
    Ok(rows)
}

fn place(after: &str) -> Option<(i64, String)> {
    let (last_ms, rest) = after.split_once('/')?;
    Some((last_ms.parse().ok()?, rest.to_owned()))
}
