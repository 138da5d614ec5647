//! Which social accounts a location can post to.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::social::AccountAnswer;
use crate::answer::{LocationAnswer, line};
use crate::deps::Deps;
use crate::social::{SocialAccounts, SocialGroup};
use crate::tools::toolset;

pub(crate) struct ListSocialAccounts;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// All of them.
    items: Vec<AccountAnswer>,
    /// Accounts under one name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<GroupRow>,
}

/// Accounts under one name.
#[derive(Debug, Serialize, JsonSchema)]
struct GroupRow {
    /// What people call it.
    name: String,
    /// Names of its accounts.
    accounts: Vec<String>,
}

impl Tool for ListSocialAccounts {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_social_accounts";
    const TITLE: &'static str = "List social accounts";
    const DESCRIPTION: &'static str =
        "Connected social accounts (Facebook, Instagram, Google, LinkedIn, TikTok…) and their groups.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTENT;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let all = deps.directory.social_accounts(&site).await?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            items: all.accounts.iter().map(AccountAnswer::of).collect(),
            groups: all.groups.iter().map(|group| GroupRow::of(group, &all)).collect(),
        })
    }
}

impl GroupRow {
    fn of(group: &SocialGroup, all: &SocialAccounts) -> Self {
        let members = all.accounts.iter().filter(|account| group.account_ids.contains(&account.id));
        Self { name: line(&group.name), accounts: members.map(|account| line(&account.name)).collect() }
    }
}
