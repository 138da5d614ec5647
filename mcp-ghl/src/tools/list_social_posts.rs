//! Social posts: drafts, those that wait, and those that went out.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::social::PostAnswer;
use crate::client::PostQuery;
use crate::cursor::Question;
use crate::deps::Deps;
use crate::directory::social::social_accounts_called;
use crate::references::days::{Days, Usual};
use crate::tools::toolset;

pub(crate) struct ListSocialPosts;

/// Without days: last month and the next three.
const USUAL: Usual = Usual { ahead: 90, back: 30 };

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Account, group or platform names, or ids; default all.
    #[serde(default)]
    #[schemars(length(max = 50))]
    accounts: Vec<String>,
    /// Only these; default all.
    status: Option<Status>,
    /// First day; default 30 days ago.
    from: Option<String>,
    /// Last day; default in 90 days.
    to: Option<String>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 50))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Draft,
    InReview,
    Scheduled,
    Published,
    Failed,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// First day looked at.
    from: String,
    /// Last day looked at.
    to: String,
    #[serde(flatten)]
    page: Page<PostAnswer>,
    /// How many match in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

impl Tool for ListSocialPosts {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_social_posts";
    const TITLE: &'static str = "List social posts";
    const DESCRIPTION: &'static str =
        "Social posts by status and day, latest first: text, accounts, errors, likes, comments.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTENT;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let days = Days::of(deps, &site, (args.from.as_deref(), args.to.as_deref()), USUAL)?;
        let (from, to) = (days.from.to_string(), days.to.to_string());
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args, &from, &to))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let all = deps.directory.social_accounts(&site).await?;
        let accounts = social_accounts_called(&all, &args.accounts)?;
        let (first, last) = days.instants(&site);
        let query = PostQuery {
            status: args.status.map(Status::asked),
            account_ids: accounts.into_iter().map(|account| account.id).collect(),
            from: first,
            to: last,
        };
        let slice = deps.client.social_posts(&site, &query, position.as_ref(), args.limit).await?;
        let items = slice.records.iter().map(|post| PostAnswer::of(post, &all)).collect();
        let next_cursor = slice.next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            from,
            to,
            page: Page { items, next_cursor },
            total: slice.total,
        })
    }
}

impl Status {
    /// The vendor's word.
    const fn asked(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Failed => "failed",
        }
    }
}
