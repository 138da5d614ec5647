//! Lists data sets with how much is in them.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{Grid, Scalar};
use crate::cursor::{behind, cursor};
use crate::deps::Deps;
use crate::record::RecordKind;
use crate::store::datasets::{self, Listed};
use crate::tools::toolset;

pub(crate) struct ListDatasets;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Part of the name.
    query: Option<String>,
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
    grid: Grid,
    /// Pass it back as `cursor`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Tool for ListDatasets {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_datasets";
    const TITLE: &'static str = "List data sets";
    const DESCRIPTION: &'static str = "Data sets by name: version, when it changed, records of each kind.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::DATA;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let given = args.cursor.take();
        let asked = (Self::NAME, call.tenant(), &args);
        let after = given.map(|given| behind(&asked, &given)).transpose()?.unwrap_or_default();
        let query = args.query.as_deref().unwrap_or_default();
        // One more than is shown says whether there is another page.
        let more = i64::from(args.limit).saturating_add(1);
        let mut found = datasets::list(&deps.db, call.tenant(), (&after, query), more).await?;
        let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let has_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| has_more);
        let next_cursor = last.map(|last| cursor(&asked, &last.name)).transpose()?;
        let mut grid = Grid::new(&["dataset", "version", "updated_at"]);
        grid.columns.extend(RecordKind::ALL.map(|kind| kind.as_str().into()));
        grid.rows.extend(found.iter().map(row));
        Ok(Output { grid, next_cursor })
    }
}

fn row(listed: &Listed) -> Vec<Scalar> {
    let rows_of = |kind: RecordKind| listed.rows.iter().find(|(known, _)| *known == kind).map_or(0, |(_, rows)| *rows);
    let mut row = vec![Scalar::text(&listed.name), Scalar::Integer(listed.version), Scalar::instant(listed.updated_ms)];
    row.extend(RecordKind::ALL.map(|kind| Scalar::Integer(rows_of(kind))));
    row
}
