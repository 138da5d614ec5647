//! Deletes a data set with everything in it.

use common::error::Result;
use common::tool::{Access, Call, Plan, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::deps::Deps;
use crate::store::{datasets, sweeping};
use crate::tools::toolset;

pub(crate) struct DeleteDataset;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its name.
    dataset: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// False: somebody else was first.
    deleted: bool,
    /// Rows that were removed.
    rows: u64,
}

impl Tool for DeleteDataset {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "delete_dataset";
    const TITLE: &'static str = "Delete data set";
    const DESCRIPTION: &'static str = "Delete a data set, all its versions and the people in it. For good.";
    const ACCESS: Access = Access::Destroy;
    const TOOLSET: &'static str = toolset::DATA;
    const IS_OPEN_WORLD: bool = false;
    const IS_LONG: bool = true;

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let version = datasets::find(&deps.db, call.tenant(), &args.dataset, None).await?;
        let loads = datasets::loads(&deps.db, &version).await?;
        let rows: i64 = loads.iter().map(|load| load.rows_kept).sum();
        let summary = format!("delete the data set “{}”, version {}: {rows} records", version.name, version.version);
        let count = u32::try_from(rows).unwrap_or(u32::MAX);
        Ok(Plan { count, ..Plan::of_one(summary, version.name) })
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let version = datasets::find(&deps.db, call.tenant(), &args.dataset, None).await?;
        let deleted = datasets::remove(&deps.db, call.tenant(), &version.dataset_id).await?;
        // Gone from sight already; should this stop half-way, the sweep goes on with it.
        let rows = sweeping::sweep(&deps.db, deps.clock.now_ms()).await?;
        Ok(Output { deleted, rows })
    }
}
