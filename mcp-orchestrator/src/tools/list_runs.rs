//! Lists runs, newest first.

use common::error::{Error, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::RunRow;
use crate::cursor::{behind, cursor};
use crate::deps::Deps;
use crate::run::RunStatus;
use crate::store::traces::{self, RunFilter};
use crate::tools::toolset;

pub(crate) struct ListRuns;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its name.
    workflow: Option<String>,
    /// How they stand.
    status: Option<RunStatus>,
    /// RFC 3339.
    since: Option<String>,
    /// From `next_cursor`.
    #[serde(skip_serializing)]
    cursor: Option<String>,
    /// Most rows.
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
}

fn limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    #[serde(flatten)]
    page: Page<RunRow>,
}

impl Tool for ListRuns {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_runs";
    const TITLE: &'static str = "List runs";
    const DESCRIPTION: &'static str =
        "Runs of workflows, newest first: status, duration and why they failed. get_run has the trace of one.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::RUNS;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let given = args.cursor.take();
        let asked = (Self::NAME, call.tenant(), &args);
        let workflow = match &args.workflow {
            // Runs outlive workflows: only a name that neither knows is a mistake.
            Some(name) if traces::last_of(&deps.db, call.tenant(), name).await?.is_some() => Some(name.clone()),
            Some(name) => Some(deps.library.find(call.tenant(), name).await?.name),
            None => None,
        };
        let before = given.map(|given| behind(&asked, &given)).transpose()?.and_then(|after| place(&after));
        let since_ms = args.since.as_deref().map(read_instant).transpose()?;
        let filter = RunFilter { workflow, status: args.status, since_ms, before };
        // One more than is shown says whether there is another page.
        let mut found = traces::list(&deps.db, call.tenant(), &filter, i64::from(args.limit).saturating_add(1)).await?;
        let shown = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let has_more = found.len() > shown;
        found.truncate(shown);
        let last = found.last().filter(|_| has_more);
        let next_cursor =
            last.map(|last| cursor(&asked, &format!("{}/{}", last.created_ms, last.run_id))).transpose()?;
        Ok(Output { page: Page { items: found.iter().map(RunRow::of).collect(), next_cursor } })
    }
}

fn place(after: &str) -> Option<(i64, String)> {
    let (created_ms, run_id) = after.split_once('/')?;
    Some((created_ms.parse().ok()?, run_id.to_owned()))
}

fn read_instant(text: &str) -> Result<i64> {
    let instant = text.trim().parse::<jiff::Timestamp>();
    instant.map(jiff::Timestamp::as_millisecond).map_err(|source| {
        Error::invalid_argument("since", "is no instant", "RFC 3339 with its offset", Some("\"2026-11-20T00:00:00Z\""))
            .with_source(source)
    })
}
