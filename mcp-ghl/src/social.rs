//! Social accounts, posts, and what became of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record_id::RecordId;

/// An account that posts can go to. Its ids are longer than other records', and only ever stand in bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialAccount {
    pub id: String,
    pub name: String,
    /// `facebook`, `instagram` and so on, in the vendor's words.
    pub platform: String,
    /// Page, profile, location and so on.
    pub kind: Option<String>,
    /// What figures are asked for by.
    pub profile_id: Option<String>,
    /// Whether it has to be connected anew before anything can go out.
    pub is_expired: bool,
}

/// Accounts under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialGroup {
    pub id: String,
    pub name: String,
    pub account_ids: Vec<String>,
}

/// All that a location can post to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SocialAccounts {
    pub accounts: Vec<SocialAccount>,
    pub groups: Vec<SocialGroup>,
}

/// What kind of post.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    #[default]
    Post,
    Story,
    Reel,
}

/// Who may see a post on `TikTok`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TiktokAudience {
    Everyone,
    Friends,
    OnlyMe,
}

/// A picture or film on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    pub address: String,
    /// MIME type, one of the vendor's.
    pub kind: &'static str,
}

impl Media {
    /// Of an address whose ending says what it is; `None` for any that the vendor does not take
    /// (specification of `PostMediaSchema`).
    #[must_use]
    pub fn at(address: &url::Url) -> Option<Self> {
        let (_, ending) = address.path().rsplit_once('.')?;
        let kind = match ending.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" => "image/jpeg",
            "png" => "image/png",
            "gif" => "image/gif",
            "mp4" => "video/mp4",
            "mov" => "video/mov",
            "webm" => "video/webm",
            _ => return None,
        };
        Some(Self { address: address.to_string(), kind })
    }

    #[must_use]
    pub fn is_video(&self) -> bool {
        self.kind.starts_with("video/")
    }
}

/// A post. Its text was written by somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct SocialPost {
    pub id: RecordId,
    pub platform: Option<String>,
    pub account_ids: Vec<String>,
    /// In the vendor's words: draft, scheduled, published, failed and so on.
    pub status: Option<String>,
    pub kind: Option<String>,
    pub text: Option<String>,
    pub media_count: usize,
    /// When it goes or went out, RFC 3339.
    pub shown_at: Option<String>,
    /// RFC 3339.
    pub published_at: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    pub likes: Option<f64>,
    pub comments: Option<f64>,
    pub shares: Option<f64>,
}

/// A figure, and by how much it differs from the days before, in percent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figure {
    pub value: f64,
    pub change: Option<f64>,
}

/// What one platform has brought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlatformStats {
    pub platform: String,
    pub posts: Option<Figure>,
    pub impressions: Option<Figure>,
    pub reach: Option<Figure>,
    pub likes: Option<f64>,
    pub comments: Option<f64>,
    pub shares: Option<f64>,
    pub followers: Option<f64>,
}

/// What all of them have brought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SocialStats {
    pub posts: Figure,
    pub impressions: Figure,
    pub reach: Figure,
    pub likes: f64,
    pub comments: f64,
    pub followers: f64,
    pub platforms: Vec<PlatformStats>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_what_it_is() {
        let kind = |text: &str| Media::at(&text.parse().unwrap()).map(|media| media.kind);
        assert_eq!(kind("https://example.com/a.b/photo.JPG?size=2"), Some("image/jpeg"));
        assert_eq!(kind("https://example.com/film.mp4"), Some("video/mp4"));
        assert_eq!((kind("https://example.com/file.pdf"), kind("https://example.com/photo")), (None, None));
    }
}
