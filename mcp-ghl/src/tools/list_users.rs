//! The people who work in a location.

use common::error::{Error, ErrorCode, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::user::UserRow;
use crate::cursor::{Position, Question, not_ours};
use crate::deps::Deps;
use crate::tools::toolset;
use crate::user::User;

pub(crate) struct ListUsers;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Part of a name or email.
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
    50
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where they work.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<UserRow>,
    /// How many match in all.
    total: usize,
}

impl Tool for ListUsers {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_users";
    const TITLE: &'static str = "List users";
    const DESCRIPTION: &'static str =
        "The team of a location: names, emails, roles and ids. Other tools take the name as `owner`.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::LOCATIONS;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let skip = match cursor.map(|cursor| question.position(&cursor)).transpose()? {
            None => 0,
            Some(Position::Skip(skip)) => skip,
            Some(Position::Page(_) | Position::After(_)) => return Err(not_ours()),
        };
        let users = deps.directory.users(&site).await?;
        let Some(users) = users.as_ref() else {
            return Err(Error::new(ErrorCode::PermissionDenied, "the connection's token may not read users")
                .with_hint("ask the operator to add the scope `users.readonly`"));
        };
        let wanted = args.query.as_deref().unwrap_or_default().trim().to_lowercase();
        let found: Vec<&User> = users.iter().filter(|user| is_wanted(user, &wanted)).collect();
        let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let items: Vec<UserRow> = found.iter().skip(skip).take(limit).map(|user| UserRow::of(user)).collect();
        let seen = skip.saturating_add(items.len());
        let next_cursor = (seen < found.len()).then(|| question.cursor(Position::Skip(seen))).transpose()?;
        Ok(Output { location: LocationAnswer::of(&site), page: Page { items, next_cursor }, total: found.len() })
    }
}

fn is_wanted(user: &User, wanted: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(wanted);
    holds(&user.name) || user.email.as_deref().is_some_and(holds)
}
