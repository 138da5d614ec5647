//! The location's custom values.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::location_value::ValueRow;
use crate::cursor::Question;
use crate::deps::Deps;
use crate::tools::toolset;

pub(crate) struct ListCustomValues;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Words in name or value.
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
    50
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<ValueRow>,
    /// How many match in all.
    total: usize,
}

impl Tool for ListCustomValues {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_custom_values";
    const TITLE: &'static str = "List custom values";
    const DESCRIPTION: &'static str = "A location's custom values with their merge tags.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::SETUP;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let mut values = deps.client.location_values(&site).await?;
        if let Some(words) = &args.query {
            let words = words.trim().to_lowercase();
            values.retain(|value| {
                [&value.name, &value.key, &value.value].iter().any(|text| text.to_lowercase().contains(&words))
            });
        }
        let total = values.len();
        let page = question.cut(&values, cursor.as_deref(), args.limit)?.map(ValueRow::of);
        Ok(Output { location: LocationAnswer::of(&site), page, total })
    }
}
