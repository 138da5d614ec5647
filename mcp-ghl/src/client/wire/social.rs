//! Social accounts, posts and their figures on the wire.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{Instant, rfc3339, said};
use crate::record_id::RecordId;
use crate::social::{
    Figure, PlatformStats, PostKind, SocialAccount, SocialAccounts, SocialGroup, SocialPost, SocialStats,
};

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

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct AskStats<'a> {
    pub(in crate::client) profile_ids: &'a [String],
    pub(in crate::client) current_range: Range<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Range<'a> {
    pub(in crate::client) start_date: &'a str,
    pub(in crate::client) end_date: &'a str,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct ReadStats {
    #[serde(default)]
    results: Results,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Results {
    totals: Totals,
    breakdowns: Breakdowns,
    platform_totals: PlatformTotals,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Totals {
    likes: f64,
    comments: f64,
    followers: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Breakdowns {
    posts: Breakdown,
    impressions: Breakdown,
    reach: Breakdown,
    engagement: BTreeMap<String, Engagement>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Breakdown {
    total: f64,
    total_change: Option<f64>,
    platforms: BTreeMap<String, Part>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Part {
    value: f64,
    change: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Engagement {
    likes: Option<f64>,
    comments: Option<f64>,
    shares: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PlatformTotals {
    followers: BTreeMap<String, Total>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Total {
    total: Option<f64>,
}

impl Breakdown {
    const fn figure(&self) -> Figure {
        Figure { value: self.total, change: self.total_change }
    }

    fn of(&self, platform: &str) -> Option<Figure> {
        self.platforms.get(platform).map(|part| Figure { value: part.value, change: part.change })
    }
}

impl ReadStats {
    pub(in crate::client) fn into_stats(self) -> SocialStats {
        let Results { totals, breakdowns, platform_totals } = self.results;
        let mut names: Vec<&String> = breakdowns.posts.platforms.keys().collect();
        names.extend(breakdowns.impressions.platforms.keys());
        names.extend(breakdowns.engagement.keys());
        names.sort();
        names.dedup();
        let platform = |name: &String| {
            let engagement = breakdowns.engagement.get(name);
            PlatformStats {
                platform: name.clone(),
                posts: breakdowns.posts.of(name),
                impressions: breakdowns.impressions.of(name),
                reach: breakdowns.reach.of(name),
                likes: engagement.and_then(|part| part.likes),
                comments: engagement.and_then(|part| part.comments),
                shares: engagement.and_then(|part| part.shares),
                followers: platform_totals.followers.get(name).and_then(|part| part.total),
            }
        };
        SocialStats {
            posts: breakdowns.posts.figure(),
            impressions: breakdowns.impressions.figure(),
            reach: breakdowns.reach.figure(),
            likes: totals.likes,
            comments: totals.comments,
            followers: totals.followers,
            platforms: names.into_iter().map(platform).collect(),
        }
    }
}
