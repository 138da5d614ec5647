//! Social accounts and posts on the wire.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{Instant, rfc3339, said};
use crate::record_id::RecordId;
use crate::social::{PostKind, SocialAccount, SocialAccounts, SocialGroup, SocialPost};

#[derive(Debug, Deserialize)]
pub(in crate::client) struct ReadAccounts {
    #[serde(default)]
    results: AccountsAndGroups,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AccountsAndGroups {
    accounts: Vec<ReadAccount>,
    groups: Vec<ReadGroup>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ReadAccount {
    id: Option<String>,
    profile_id: Option<String>,
    name: Option<String>,
    platform: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    is_expired: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ReadGroup {
    id: Option<String>,
    name: Option<String>,
    account_ids: Vec<String>,
}

impl ReadAccounts {
    pub(in crate::client) fn into_accounts(self) -> SocialAccounts {
        let account = |read: ReadAccount| {
            Some(SocialAccount {
                id: said(read.id)?,
                name: said(read.name).unwrap_or_default(),
                platform: said(read.platform).unwrap_or_default(),
                kind: said(read.kind),
                profile_id: said(read.profile_id),
                is_expired: read.is_expired.unwrap_or_default(),
            })
        };
        let group = |read: ReadGroup| {
            Some(SocialGroup {
                id: said(read.id)?,
                name: said(read.name).unwrap_or_default(),
                account_ids: read.account_ids,
            })
        };
        SocialAccounts {
            accounts: self.results.accounts.into_iter().filter_map(account).collect(),
            groups: self.results.groups.into_iter().filter_map(group).collect(),
        }
    }
}

/// Numbers and flags go as texts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct AskPosts<'a> {
    #[serde(rename = "type")]
    pub(in crate::client) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) accounts: Option<String>,
    pub(in crate::client) skip: String,
    pub(in crate::client) limit: String,
    pub(in crate::client) from_date: &'a str,
    pub(in crate::client) to_date: &'a str,
    pub(in crate::client) include_users: &'static str,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct ReadPosts {
    #[serde(default)]
    pub(in crate::client) results: Posts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::client) struct Posts {
    pub(in crate::client) posts: Vec<ReadPost>,
    pub(in crate::client) count: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct WrittenPost {
    #[serde(default)]
    pub(in crate::client) results: OnePost,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::client) struct OnePost {
    pub(in crate::client) post: Option<ReadPost>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadPost {
    #[serde(rename = "_id")]
    id: Option<RecordId>,
    platform: Option<String>,
    account_id: Option<String>,
    account_ids: Vec<String>,
    status: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    summary: Option<String>,
    media: Vec<IgnoredAny>,
    display_date: Option<Instant>,
    published_at: Option<Instant>,
    updated_at: Option<Instant>,
    error: Option<String>,
    insights: Insights,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Insights {
    like: Option<f64>,
    share: Option<f64>,
    comment: Option<f64>,
}

impl ReadPost {
    /// Our post; `None` without an id.
    pub(in crate::client) fn into_post(self) -> Option<SocialPost> {
        let account_ids =
            if self.account_ids.is_empty() { said(self.account_id).into_iter().collect() } else { self.account_ids };
        Some(SocialPost {
            id: self.id?,
            platform: said(self.platform),
            account_ids,
            status: said(self.status),
            kind: said(self.kind),
            text: said(self.summary),
            media_count: self.media.len(),
            shown_at: rfc3339(self.display_date),
            published_at: rfc3339(self.published_at),
            updated_at: rfc3339(self.updated_at),
            error: said(self.error),
            likes: self.insights.like,
            comments: self.insights.comment,
            shares: self.insights.share,
        })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct WritePost<'a> {
    pub(in crate::client) account_ids: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) summary: Option<&'a str>,
    pub(in crate::client) media: Vec<MediaItem<'a>>,
    pub(in crate::client) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) schedule_date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) follow_up_comment: Option<&'a str>,
    #[serde(rename = "type")]
    pub(in crate::client) kind: PostKind,
    pub(in crate::client) user_id: &'a RecordId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) tiktok_post_details: Option<TiktokDetails>,
}

#[derive(Debug, Serialize)]
pub(in crate::client) struct MediaItem<'a> {
    pub(in crate::client) url: &'a str,
    #[serde(rename = "type")]
    pub(in crate::client) kind: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct TiktokDetails {
    pub(in crate::client) privacy_level: &'static str,
}
