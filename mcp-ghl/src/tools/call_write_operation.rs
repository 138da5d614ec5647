//! Calls any operation of the API that changes something, sends, deletes or costs money: each as carefully as that asks.

use common::error::Result;
use common::tool::{Access, Call, Plan, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::deps::Deps;
use crate::operations::{self, Answer, Arguments, Asked, Ready, Side};
use crate::tools::toolset;

pub(crate) struct CallWriteOperation;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Id from `find_operation`.
    #[schemars(length(min = 1, max = 100), extend("examples" = ["invoices.void-invoice"]))]
    operation: String,
    /// Its arguments by name; the location is filled in.
    #[serde(default)]
    arguments: Arguments,
    /// Name or id.
    location: Option<String>,
    /// Only show the request and what it does.
    #[serde(default)]
    dry_run: bool,
}

impl Args {
    async fn ready<'d>(&self, deps: &'d Deps, call: &Call) -> Result<Ready<'d>> {
        let operation = operations::find(deps, &self.operation, Side::Writing)?;
        let (arguments, location) = (&self.arguments, self.location.as_deref());
        let asked = Asked { tool: CallWriteOperation::NAME, arguments, location, cursor: None };
        Ready::prepare(deps, call, operation, asked).await
    }
}

impl Tool for CallWriteOperation {
    type Deps = Deps;
    type Args = Args;
    type Output = Answer;

    const NAME: &'static str = "call_write_operation";
    const TITLE: &'static str = "Call write operation";
    const DESCRIPTION: &'static str = "Call an API operation that changes, sends, deletes or costs, by its id from find_operation. Prefer a tool of its own where there is one.";
    const ACCESS: Access = Access::Spend;
    const ACCESS_MIN: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CORE;
    const TAKEN_AS_IS: &'static [&'static str] = &["arguments"];

    /// A dry run needs nobody's yes, though only those who may write see it.
    async fn access_of(deps: &Deps, _call: &Call, args: &Args) -> Result<Access> {
        let operation = operations::find(deps, &args.operation, Side::Writing)?;
        Ok(if args.dry_run { Access::Write } else { operation.access })
    }

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        Ok(args.ready(deps, call).await?.plan())
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Answer> {
        let ready = args.ready(deps, call).await?;
        if args.dry_run {
            return Ok(ready.dry());
        }
        let answer = ready.send(deps).await?;
        ready.note(deps, call, Self::NAME).await;
        Ok(answer)
    }
}
