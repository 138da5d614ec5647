//! What can be said of a post, and what is wrong with it before anything is looked up.

use common::error::{Error, Fault, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::social::{Media, PostKind, TiktokAudience};
use crate::trigger_link::web_address;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    pub(super) location: Option<String>,
    /// Account, group or platform names, or ids.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub(super) accounts: Vec<String>,
    /// What it says.
    #[schemars(length(max = 65_000))]
    pub(super) text: Option<String>,
    /// Pictures or films.
    #[serde(default)]
    #[schemars(length(max = 10))]
    pub(super) media_urls: Vec<String>,
    /// A reel is one film.
    #[serde(default)]
    pub(super) kind: PostKind,
    /// Published: at once.
    pub(super) status: PostStatus,
    /// Local time or RFC 3339 instant, for a scheduled one.
    pub(super) send_at: Option<String>,
    /// Under it, by the account.
    pub(super) first_comment: Option<String>,
    /// Needed for a `tiktok` account.
    pub(super) tiktok_audience: Option<TiktokAudience>,
    /// Id of the unpublished one it replaces.
    pub(super) post: Option<String>,
    /// Who posts: user name, email or id.
    pub(super) user: Option<String>,
}

impl Args {
    /// What needs no look-up, every fault at once; returns what the addresses lead to.
    pub(super) fn check(&self) -> Result<Vec<Media>> {
        let mut faults = Vec::new();
        let is_draft = self.status == PostStatus::Draft;
        match (self.status, &self.send_at) {
            (PostStatus::Scheduled, None) => {
                faults.push(Fault::of_argument(
                    "send_at",
                    "is missing",
                    "when it goes out",
                    Some("\"2026-11-24T09:00\""),
                ));
            }
            (PostStatus::Draft | PostStatus::Published, Some(_)) => {
                faults.push(Fault::of_argument(
                    "send_at",
                    "is for scheduled posts",
                    "`status`: scheduled, or no time",
                    None,
                ));
            }
            (PostStatus::Scheduled, Some(_)) | (PostStatus::Draft | PostStatus::Published, None) => {}
        }
        if self.accounts.is_empty() && !is_draft {
            faults.push(Fault::of_argument("accounts", "is empty", "where it goes", Some("[\"facebook\"]")));
        }
        let says_nothing = self.text.as_ref().is_none_or(|text| text.trim().is_empty());
        if says_nothing && self.media_urls.is_empty() {
            faults.push(Fault::of_argument(
                "text",
                "says nothing, and there are no `media_urls`",
                "one of the two",
                Some("\"We are hiring\""),
            ));
        }
        let mut media = Vec::new();
        for (position, text) in self.media_urls.iter().enumerate() {
            match web_address("media_urls", text).ok().as_ref().and_then(Media::at) {
                Some(one) => media.push(one),
                None => faults.push(Fault::of_argument(
                    &format!("media_urls/{position}"),
                    "is no address of a picture or film",
                    "one that ends in jpg, png, gif, mp4, mov or webm",
                    Some("\"https://example.com/photo.jpg\""),
                )),
            }
        }
        let is_one_film = matches!(media.as_slice(), [only] if only.is_video());
        if self.kind == PostKind::Reel && !is_draft && faults.is_empty() && !is_one_film {
            faults.push(Fault::of_argument(
                "media_urls",
                "is not exactly one film",
                "one film for a reel",
                Some("[\"https://example.com/a.mp4\"]"),
            ));
        }
        if faults.is_empty() { Ok(media) } else { Err(Error::invalid_arguments(faults)) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PostStatus {
    Draft,
    Scheduled,
    Published,
}

impl PostStatus {
    /// The vendor's word.
    pub(super) const fn asked(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
        }
    }
}
