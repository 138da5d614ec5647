//! Social accounts, posts and their figures.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;
use serde::de::IgnoredAny;

use super::operation::Operation;
use super::request::Request;
use super::wire::social::{
    AskPosts, MediaItem, ReadAccounts, ReadPost, ReadPosts, TiktokDetails, WritePost, WrittenPost,
};
use super::wire::social_stats::{AskStats, Range, ReadStats};
use super::{Client, Site, Slice};
use crate::cursor::Position;
use crate::record_id::RecordId;
use crate::social::{Media, PostKind, SocialAccounts, SocialPost, SocialStats, TiktokAudience};

pub(super) static ACCOUNTS: Operation =
    Operation::read(Method::GET, "/social-media-posting/{}/accounts", "socialplanner/account.readonly");
pub(super) static POSTS: Operation =
    Operation::read(Method::POST, "/social-media-posting/{}/posts/list", "socialplanner/post.readonly");
pub(super) static GET: Operation =
    Operation::read(Method::GET, "/social-media-posting/{}/posts/{}", "socialplanner/post.readonly").on("social post");
// Never repeated blindly: the second one would be another post.
pub(super) static CREATE: Operation =
    Operation::write(Method::POST, "/social-media-posting/{}/posts", "socialplanner/post.write", Repeat::Never);
pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/social-media-posting/{}/posts/{}", "socialplanner/post.write", Repeat::Never)
        .on("social post");
pub(super) static STATS: Operation =
    Operation::read(Method::POST, "/social-media-posting/statistics", "socialplanner/statistics.readonly")
        // v2 takes no range of days.
        .only_v3();

/// Which posts are looked for; everything given must hold.
#[derive(Debug)]
pub(crate) struct PostQuery {
    /// In the vendor's word.
    pub(crate) status: Option<&'static str>,
    /// Empty: all accounts.
    pub(crate) account_ids: Vec<String>,
    /// RFC 3339.
    pub(crate) from: String,
    /// RFC 3339.
    pub(crate) to: String,
}

/// What is written to a post. A change takes the place of the whole post.
#[derive(Debug, Clone)]
pub(crate) struct PostWrite {
    pub(crate) user_id: RecordId,
    pub(crate) account_ids: Vec<String>,
    pub(crate) text: Option<String>,
    pub(crate) media: Vec<Media>,
    pub(crate) kind: PostKind,
    /// `draft`, `scheduled` or `published`.
    pub(crate) status: &'static str,
    /// RFC 3339, in UTC.
    pub(crate) send_at: Option<String>,
    pub(crate) first_comment: Option<String>,
    pub(crate) tiktok: Option<TiktokAudience>,
}

impl Client {
    /// All accounts and groups that a location can post to.
    pub(crate) async fn social_accounts(&self, site: &Site) -> Result<SocialAccounts> {
        let read: ReadAccounts = self.send(&site.session, &ACCOUNTS, &Request::of(&[&site.location.id])).await?;
        Ok(read.into_accounts())
    }

    /// Posts, latest first.
    pub(crate) async fn social_posts(
        &self,
        site: &Site,
        query: &PostQuery,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<SocialPost>> {
        let skip = Position::skipped(position)?;
        let body = AskPosts {
            kind: query.status.unwrap_or("all"),
            accounts: Some(query.account_ids.join(",")).filter(|ids| !ids.is_empty()),
            skip: skip.to_string(),
            limit: limit.to_string(),
            from_date: &query.from,
            to_date: &query.to,
            include_users: "false",
        };
        let ids = [&site.location.id];
        let read: ReadPosts = self.send(&site.session, &POSTS, &Request::of(&ids).with_body(&body)?).await?;
        let (posts, total) = (read.results.posts, read.results.count);
        let received = posts.len();
        let records = posts.into_iter().filter_map(ReadPost::into_post).collect();
        Ok(Slice::behind(skip, received, total, records))
    }

    /// One post.
    pub(crate) async fn social_post(&self, site: &Site, id: &RecordId) -> Result<SocialPost> {
        let read: WrittenPost = self.send(&site.session, &GET, &Request::of(&[&site.location.id, id])).await?;
        read.results.post.and_then(ReadPost::into_post).ok_or_else(unreadable)
    }

    /// Makes a post: a draft, one that waits, or one that goes out at once.
    pub(crate) async fn create_social_post(&self, site: &Site, write: &PostWrite) -> Result<SocialPost> {
        let ids = [&site.location.id];
        let request = Request::of(&ids).with_body(&write.body())?;
        let read: WrittenPost = self.send(&site.session, &CREATE, &request).await?;
        read.results.post.and_then(ReadPost::into_post).ok_or_else(unreadable)
    }

    /// Changes a post that has not gone out. The vendor's answer does not hold it.
    pub(crate) async fn update_social_post(&self, site: &Site, id: &RecordId, write: &PostWrite) -> Result<()> {
        let ids = [&site.location.id, id];
        let request = Request::of(&ids).with_body(&write.body())?;
        let _: IgnoredAny = self.send(&site.session, &UPDATE, &request).await?;
        Ok(())
    }

    /// What accounts have brought between two instants (RFC 3339), and how that differs from as many days before.
    pub(crate) async fn social_stats(
        &self,
        site: &Site,
        profile_ids: &[String],
        range: (&str, &str),
    ) -> Result<SocialStats> {
        let body = AskStats { profile_ids, current_range: Range { start_date: range.0, end_date: range.1 } };
        let query = [("locationId", site.location.id.as_str())];
        let request = Request::default().with_query(&query).with_body(&body)?;
        let read: ReadStats = self.send(&site.session, &STATS, &request).await?;
        Ok(read.into_stats())
    }
}

impl PostWrite {
    fn body(&self) -> WritePost<'_> {
        WritePost {
            account_ids: &self.account_ids,
            summary: self.text.as_deref(),
            media: self.media.iter().map(|media| MediaItem { url: &media.address, kind: media.kind }).collect(),
            status: self.status,
            schedule_date: self.send_at.as_deref(),
            follow_up_comment: self.first_comment.as_deref(),
            kind: self.kind,
            user_id: &self.user_id,
            tiktok_post_details: self.tiktok.map(|audience| TiktokDetails {
                privacy_level: match audience {
                    TiktokAudience::Everyone => "PUBLIC_TO_EVERYONE",
                    TiktokAudience::Friends => "MUTUAL_FOLLOW_FRIENDS",
                    TiktokAudience::OnlyMe => "SELF_ONLY",
                },
            }),
        }
    }
}

fn unreadable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the social post")
        .with_hint("call `list_social_posts` before repeating: it may have been written")
}
