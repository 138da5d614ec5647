//! The locations of the tenant, with or without a token of their own.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, line};
use crate::cursor::{Position, Question, not_ours};
use crate::deps::Deps;
use crate::tools::toolset;

pub(crate) struct ListLocations;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Part of a name or city.
    #[schemars(length(max = 75))]
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
    #[serde(flatten)]
    page: Page<Row>,
    /// How many match in all.
    total: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Row {
    #[serde(flatten)]
    location: LocationAnswer,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    /// Whether it is meant where a call names none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_default: bool,
    /// False if its records cannot be read.
    is_connected: bool,
}

impl Tool for ListLocations {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_locations";
    const TITLE: &'static str = "List locations";
    const DESCRIPTION: &'static str = "List the agency's locations (sub-accounts), or find one by name or city. Other tools take its name or id as `location`.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::LOCATIONS;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let question = Question::of(&(Self::NAME, call.tenant(), &args))?;
        let skip = match cursor.map(|cursor| question.position(&cursor)).transpose()? {
            None => 0,
            Some(Position::Skip(skip)) => skip,
            Some(Position::Page(_) | Position::After(_)) => return Err(not_ours()),
        };
        let all = deps.directory.locations(call).await?;
        let wanted = args.query.as_deref().unwrap_or_default().trim().to_lowercase();
        let holds = |text: &Option<String>| text.as_ref().is_some_and(|text| text.to_lowercase().contains(&wanted));
        let is_wanted = |known: &&crate::directory::KnownLocation| {
            wanted.is_empty() || holds(&known.location.name) || holds(&known.location.city)
        };
        let found: Vec<_> = all.iter().filter(is_wanted).collect();
        let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let row = |known: &&crate::directory::KnownLocation| Row {
            location: LocationAnswer::new(
                &known.location,
                known.connection.as_ref().is_some_and(|token| token.is_demo),
            ),
            city: known.location.city.as_deref().map(line),
            country: known.location.country.as_deref().map(line),
            timezone: known.location.timezone.clone(),
            is_default: deps.directory.is_default(known),
            is_connected: known.connection.is_some(),
        };
        let items: Vec<Row> = found.iter().skip(skip).take(limit).map(row).collect();
        let seen = skip.saturating_add(items.len());
        let next_cursor = (seen < found.len()).then(|| question.cursor(Position::Skip(seen))).transpose()?;
        Ok(Output { page: Page { items, next_cursor }, total: found.len() })
    }
}
