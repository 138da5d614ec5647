//! Records of a custom object, found by words.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::record::{ObjectRef, RecordRow};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::references;
use crate::tools::toolset;

pub(crate) struct SearchRecords;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Custom object, name or key; may be left out where there is one.
    object: Option<String>,
    /// Words in the records.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// What they are.
    object: ObjectRef,
    #[serde(flatten)]
    page: Page<RecordRow>,
    /// How many match in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

impl Tool for SearchRecords {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "search_records";
    const TITLE: &'static str = "Search records";
    const DESCRIPTION: &'static str =
        "Find records of a custom object, with their fields. New records take seconds to show.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::SETUP;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let object = references::object(deps, &site, args.object.as_deref()).await?;
        let words = args.query.as_deref().unwrap_or_default().trim();
        let (properties, slice) = tokio::try_join!(
            deps.client.properties(&site, &object),
            deps.client.search_records(&site, &object, words, position.as_ref(), args.limit),
        )?;
        let items = slice.records.iter().map(|record| RecordRow::of(record, &object, &properties)).collect();
        let next_cursor = slice.next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            object: ObjectRef::of(&object),
            page: Page { items, next_cursor },
            total: slice.total,
        })
    }
}
