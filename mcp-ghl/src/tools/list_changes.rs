//! Lists what the tools of this server have changed, newest first.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::change::ChangeRow;
use crate::cursor::{Position, Question, SortValue, not_ours};
use crate::deps::Deps;
use crate::store::journal::Filter;
use crate::tools::toolset;

pub(crate) struct ListChanges;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Location name or id; default all.
    location: Option<String>,
    /// Id of the record, or of its contact.
    record: Option<String>,
    /// Name of the tool.
    tool: Option<String>,
    /// Who made them, as rows name them.
    by: Option<String>,
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
    page: Page<ChangeRow>,
}

impl Tool for ListChanges {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_changes";
    const TITLE: &'static str = "List changes";
    const DESCRIPTION: &'static str = "What these tools have changed, newest first: who, what, when, and whether it was undone. undo_change takes one back.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CORE;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let question = Question::of(&(Self::NAME, call.tenant(), &args))?;
        let before = cursor.map(|cursor| behind(question.position(&cursor)?)).transpose()?;
        let location_id = match &args.location {
            Some(text) => Some(deps.directory.site(call, Some(text)).await?.location.id.to_string()),
            None => None,
        };
        let filter = Filter {
            location_id,
            record_id: args.record,
            tool: args.tool,
            subject: args.by,
            before,
            ..Filter::default()
        };
        // One more than is shown says whether there is another page.
        let mut found = deps.journal.list(call, filter, args.limit.saturating_add(1)).await?;
        let shown = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let has_more = found.len() > shown;
        found.truncate(shown);
        let last = found.last().filter(|_| has_more).map(|noted| noted.id.to_string());
        let next_cursor = last.map(|id| question.cursor(Position::After(vec![SortValue::Text(id)]))).transpose()?;
        Ok(Output { page: Page { items: found.iter().map(ChangeRow::of).collect(), next_cursor } })
    }
}

/// The id behind which a page begins.
fn behind(position: Position) -> Result<String> {
    match position {
        Position::After(values) => match values.as_slice() {
            [SortValue::Text(id)] => Ok(id.clone()),
            _ => Err(not_ours()),
        },
        Position::Page(_) | Position::Skip(_) => Err(not_ours()),
    }
}
