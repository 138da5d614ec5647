//! Which email templates there are.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::email::TemplateAnswer;
use crate::cursor::Question;
use crate::deps::Deps;
use crate::tools::toolset;

pub(crate) struct ListEmailTemplates;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Words in the name.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 20))]
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
    #[serde(flatten)]
    page: Page<TemplateAnswer>,
    /// How many match in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

impl Tool for ListEmailTemplates {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_email_templates";
    const TITLE: &'static str = "List email templates";
    const DESCRIPTION: &'static str = "Email templates by name, latest change first, with a link to preview each.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTENT;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let text = args.query.as_deref().unwrap_or_default();
        let slice = deps.client.email_templates(&site, text, position.as_ref(), args.limit).await?;
        let items = slice.records.iter().map(TemplateAnswer::of).collect();
        let next_cursor = slice.next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output { location: LocationAnswer::of(&site), page: Page { items, next_cursor }, total: slice.total })
    }
}
