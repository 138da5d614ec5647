//! What is shown of social accounts and posts.

use common::tool::Untrusted;
use schemars::JsonSchema;
use serde::Serialize;

use super::{RecordRef, excerpt, line};
use crate::social::{SocialAccount, SocialAccounts, SocialPost};

/// Longest text of a post shown, in characters.
const TEXT_LENGTH_MAX: usize = 500;

/// A social account.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AccountAnswer {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// Network.
    pub(crate) platform: String,
    /// Page, profile and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// Present and true if it has to be connected anew in GoHighLevel.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) expired: bool,
}

impl AccountAnswer {
    pub(crate) fn of(account: &SocialAccount) -> Self {
        Self {
            id: account.id.clone(),
            name: line(&account.name),
            platform: line(&account.platform),
            kind: account.kind.as_deref().map(line),
            expired: account.is_expired,
        }
    }
}

/// A social post.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PostAnswer {
    /// Opaque id.
    pub(crate) id: String,
    /// Where it goes.
    pub(crate) accounts: Vec<RecordRef>,
    /// Draft, scheduled, published, failed and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// Post, story or reel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// How it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<Untrusted>,
    /// How many pictures and films.
    pub(crate) media: usize,
    /// When it goes or went out, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Untrusted>,
    /// Reactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) likes: Option<f64>,
    /// Comments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comments: Option<f64>,
    /// Shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shares: Option<f64>,
}

impl PostAnswer {
    pub(crate) fn of(post: &SocialPost, all: &SocialAccounts) -> Self {
        let named = |id: &String| {
            let account = all.accounts.iter().find(|account| account.id == *id);
            RecordRef::new(id, account.map_or(id.as_str(), |account| account.name.as_str()))
        };
        Self {
            id: post.id.to_string(),
            accounts: post.account_ids.iter().map(named).collect(),
            status: post.status.as_deref().map(line),
            kind: post.kind.as_deref().map(line),
            text: post.text.as_deref().map(|text| Untrusted::new(excerpt(text, TEXT_LENGTH_MAX), "social post")),
            media: post.media_count,
            at: post.published_at.clone().or_else(|| post.shown_at.clone()),
            error: post.error.as_deref().map(|error| Untrusted::new(excerpt(error, TEXT_LENGTH_MAX), "social network")),
            likes: post.likes,
            comments: post.comments,
            shares: post.shares,
        }
    }
}
