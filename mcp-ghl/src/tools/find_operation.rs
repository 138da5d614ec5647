//! Finds operations of the API by what people want, with what they take, so that they can be called at once.

use common::error::{ErrorCode, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::search::Wanted;
use crate::catalogue::{Body, Field, Operation, Parameter, Place, Shape};
use crate::connections::Credential;
use crate::deps::Deps;
use crate::operations::{AccessAnswer, asked, missing_scopes};
use crate::tools::toolset::{self, is_usual};
use crate::tools::typed;

pub(crate) struct FindOperation;

/// Operations in an answer unless more are asked for.
const LIMIT: u32 = 5;

/// Longest signature among others, and longest optional field in a cut one, in bytes.
const SIGNATURE_LENGTH_MAX: usize = 1_000;
const FIELD_LENGTH_MAX: usize = 60;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// What is to be done, in plain words.
    #[schemars(length(min = 1, max = 300), extend("examples" = ["void an invoice"]))]
    query: String,
    /// Only of this family, such as invoices.
    family: Option<String>,
    /// Only what reads, or what changes something.
    kind: Option<Kind>,
    /// Default 5.
    #[schemars(range(min = 1, max = 20))]
    limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Read,
    Write,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Best first.
    items: Vec<Row>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Row {
    /// For `operation`.
    id: String,
    /// What it does to the world.
    access: AccessAnswer,
    /// What it does.
    summary: String,
    /// The fields of `arguments`: text unless it says otherwise, `?` may be left out.
    arguments: String,
    /// Long optional fields are shown as `any`: ask with `limit` 1 for all of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
    /// Whether there are pages: go on with `cursor`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pages: bool,
    /// Only an agency's token may call it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    agency: bool,
    /// What the connected login lacks to call it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_missing: Vec<String>,
    /// A tool that does the same with names and checks of its own: better.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'static str>,
    /// About that tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl Tool for FindOperation {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "find_operation";
    const TITLE: &'static str = "Find operation";
    const DESCRIPTION: &'static str = "Find any of the API's 667 operations by what it does, for jobs no other tool covers. Returns ids with their arguments, for call_read_operation and call_write_operation.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CORE;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let catalogue = deps.operations.catalogue()?;
        let family = args.family.as_deref().map(|name| deps.operations.family(name)).transpose()?;
        let wanted = Wanted {
            text: &args.query,
            family: family.map(|family| &*family.name),
            reads: args.kind.map(|kind| kind == Kind::Read),
            limit: usize::try_from(args.limit.unwrap_or(LIMIT)).unwrap_or(usize::MAX),
        };
        let found = deps.operations.index()?.search(catalogue, &wanted);
        let held = held_scopes(deps, call).await?;
        let is_alone = found.len() == 1;
        let row = |operation: &Operation| row(operation, held.as_deref(), is_alone);
        Ok(Output { items: found.into_iter().map(row).collect() })
    }
}

fn row(operation: &Operation, held: Option<&[Vec<String>]>, is_alone: bool) -> Row {
    let (arguments, cut) = shortened(operation, is_alone);
    // Of several logins the one that lacks least will be asked.
    let missing = held.into_iter().flatten().map(|scopes| missing_scopes(operation, scopes));
    let typed = typed::tool_for(&operation.id);
    Row {
        id: operation.id.to_string(),
        access: operation.access.into(),
        summary: operation.summary.to_string(),
        arguments,
        cut,
        pages: operation.paging.is_some(),
        agency: crate::operations::is_for_agencies(operation),
        scopes_missing: missing.min_by_key(Vec::len).unwrap_or_default().into_iter().map(str::to_owned).collect(),
        tool: typed.map(|typed| typed.tool),
        note: typed
            .filter(|typed| !is_usual(typed.tool))
            .map(|typed| format!("shown with the toolset `{}` only", typed.toolset)),
    }
}

/// A signature, cut where it is long and other operations stand beside it; whether it was cut.
fn shortened(operation: &Operation, is_alone: bool) -> (String, bool) {
    let fields = asked(operation);
    let whole = signature(operation, fields.clone());
    if is_alone || whole.len() <= SIGNATURE_LENGTH_MAX {
        return (whole, false);
    }
    let cut = fields.into_iter().map(|field| {
        let is_long = signature(operation, vec![field.clone()]).len() > FIELD_LENGTH_MAX;
        if is_long && !field.is_required { Field { shape: Shape::Any, ..field } } else { field }
    });
    (signature(operation, cut.collect()), true)
}

/// What stands in `arguments`, in the catalogue's notation: all in one, without what is filled in.
fn signature(operation: &Operation, fields: Vec<Field>) -> String {
    let as_parameter = |field: Field| Parameter {
        name: field.name,
        place: Place::Query,
        is_required: field.is_required,
        shape: field.shape,
    };
    let parameters: Vec<Parameter> = fields.into_iter().map(as_parameter).collect();
    let flat = Operation { parameters, body: None::<Body>, ..operation.clone() }.signature();
    let flat = flat.strip_prefix("query ").unwrap_or("{}");
    flat.replace("string(binary)", "{name, type?, base64}")
}

/// What each login may do; nothing if a token is connected of which that is not known.
async fn held_scopes(deps: &Deps, call: &Call) -> Result<Option<Vec<Vec<String>>>> {
    let connections = match deps.directory.connections().of(call.tenant()).await {
        // Who has connected nothing may look around all the same.
        Err(error) if error.code() == ErrorCode::FailedPrecondition => return Ok(None),
        connections => connections?,
    };
    let mut held = Vec::new();
    for connection in connections.iter() {
        let Credential::Login(login) = &connection.credential else { return Ok(None) };
        held.push(login.known().await?.tokens.scopes.clone());
    }
    Ok(Some(held))
}
