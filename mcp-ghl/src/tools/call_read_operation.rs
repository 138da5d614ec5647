//! Calls any operation of the API that changes nothing.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::deps::Deps;
use crate::operations::{self, Answer, Arguments, Asked, Ready, Side};
use crate::tools::toolset;

pub(crate) struct CallReadOperation;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Id from `find_operation`.
    #[schemars(length(min = 1, max = 100), extend("examples" = ["invoices.list-invoices"]))]
    operation: String,
    /// Its arguments by name; the location is filled in.
    #[serde(default)]
    arguments: Arguments,
    /// Name or id.
    location: Option<String>,
    /// `next_cursor` of the previous page.
    #[schemars(length(max = 1024))]
    cursor: Option<String>,
    /// Only show the request.
    #[serde(default)]
    dry_run: bool,
}

impl Tool for CallReadOperation {
    type Deps = Deps;
    type Args = Args;
    type Output = Answer;

    const NAME: &'static str = "call_read_operation";
    const TITLE: &'static str = "Call read operation";
    const DESCRIPTION: &'static str =
        "Call an API operation that only reads, by its id from find_operation. Returns the API's own answer.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CORE;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Answer> {
        let operation = operations::find(deps, &args.operation, Side::Reading)?;
        let asked = Asked {
            tool: Self::NAME,
            arguments: &args.arguments,
            location: args.location.as_deref(),
            cursor: args.cursor.as_deref(),
        };
        let ready = Ready::prepare(deps, call, operation, asked).await?;
        if args.dry_run { Ok(ready.dry()) } else { ready.send(deps).await }
    }
}
