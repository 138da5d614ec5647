//! Writes a social post: a draft, one that waits, or one that goes out at once.

mod args;

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, Plan, ReadBack, Tool, one_line};
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::social::PostAnswer;
use crate::answer::{LocationAnswer, line};
use crate::client::{PostQuery, PostWrite, Site, reversals};
use crate::deps::Deps;
use crate::directory::social::social_accounts_called;
use crate::journal::{Change, ChangeId, Undo};
use crate::read_back::is_since;
use crate::record_id::RecordId;
use crate::send_time::SendTime;
use crate::social::{SocialAccount, SocialPost};
use crate::tools::toolset;
use args::{Args, PostStatus};

pub(crate) struct SaveSocialPost;

/// Longest beginning of a text shown in a plan, in characters.
const PLAN_LENGTH_MAX: usize = 160;

/// How many of the latest posts are looked at for one whose answer was lost.
const READ_BACK_POSTS: u32 = 50;

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    post: PostAnswer,
    /// False if it replaced another.
    created: bool,
    /// When it goes out, RFC 3339, on the location's clock; absent unless scheduled.
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SaveSocialPost {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "save_social_post";
    const TITLE: &'static str = "Save social post";
    const DESCRIPTION: &'static str =
        "Draft, schedule or publish a post on social accounts, or replace an unpublished one.";
    const ACCESS: Access = Access::Send;
    const TOOLSET: &'static str = toolset::CONTENT;

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let posting = Posting::prepare(deps, call, args).await?;
        Ok(Plan {
            summary: posting.sentence(),
            targets: posting.accounts.iter().map(named).collect(),
            count: u32::try_from(posting.accounts.len()).unwrap_or(u32::MAX).max(1),
            is_reversible: args.status != PostStatus::Published
                && (args.post.is_none() || args.first_comment.is_none()),
            cost: None,
        })
    }

    /// A post on record that says the same on the same accounts and was written since then.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let posting = Posting::prepare(deps, call, args).await?;
        match (posting.find(deps, since_ms).await?, args.status) {
            (Some(post), _) => posting.output(deps, &post).await.map(ReadBack::Done),
            // A network may take its time to show what was published.
            (None, PostStatus::Published) => Ok(ReadBack::Unknown),
            (None, PostStatus::Draft | PostStatus::Scheduled) => Ok(ReadBack::NotDone),
        }
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let posting = Posting::prepare(deps, call, &args).await?;
        let (post, undo) = posting.carry_out(deps).await?;
        let done = match args.status {
            PostStatus::Draft => "drafted",
            PostStatus::Scheduled => "scheduled",
            PostStatus::Published => "published",
        };
        let summary = format!("{done} a social post");
        let record = ("social post", post.id.to_string());
        let change_id = deps.journal.note(call, &posting.site, Change::of(Self::NAME, summary, record, undo)).await;
        Ok(Output { change_id, ..posting.output(deps, &post).await? })
    }
}

/// A post with everything that it takes to write it.
struct Posting {
    site: Site,
    accounts: Vec<SocialAccount>,
    write: PostWrite,
    send_at: Option<SendTime>,
    replaced: Option<RecordId>,
}

impl Posting {
    async fn prepare(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let media = args.check()?;
        let replaced = args.post.as_deref().map(post_id).transpose()?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let zone = site.location.timezone.as_deref();
        let read = |text| SendTime::parse(text, None, zone, deps.clock.now_ms());
        let send_at = args.send_at.as_deref().map(read).transpose()?;
        let all = deps.directory.social_accounts(&site).await?;
        let accounts = social_accounts_called(&all, &args.accounts)?;
        check_accounts(args, &accounts)?;
        if let Some(id) = &replaced {
            let post = deps.client.social_post(&site, id).await?;
            if post.status.as_deref() == Some("published") {
                return Err(Error::new(ErrorCode::FailedPrecondition, "this post has been published")
                    .with_hint("leave `post` out to write another one"));
            }
        }
        let write = PostWrite {
            user_id: deps.directory.acting_user(&site, args.user.as_deref()).await?,
            account_ids: accounts.iter().map(|account| account.id.clone()).collect(),
            text: args.text.as_deref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
            media,
            kind: args.kind,
            status: args.status.asked(),
            send_at: send_at.as_ref().map(|time| time.instant().to_string()),
            first_comment: args.first_comment.clone(),
            tiktok: args.tiktok_audience,
        };
        Ok(Self { site, accounts, write, send_at, replaced })
    }

    /// Writes the post; says what takes that back.
    async fn carry_out(&self, deps: &Deps) -> Result<(SocialPost, Undo)> {
        let Self { site, write, .. } = self;
        let location_id = &site.location.id;
        let goes_out = write.status == PostStatus::Published.asked();
        let Some(id) = &self.replaced else {
            let post = deps.client.create_social_post(site, write).await?;
            let undo = vec![reversals::post_creation(location_id, &post)];
            return Ok((post, if goes_out { Err(reversals::GONE_OUT) } else { Ok(undo) }));
        };
        let read = reversals::post(location_id, id);
        let before = deps.client.look(site, &read).await?.unwrap_or_default();
        deps.client.update_social_post(site, id, write).await?;
        let post = deps.client.social_post(site, id).await?;
        let undo = match (goes_out, &write.first_comment) {
            (true, _) => Err(reversals::GONE_OUT),
            (false, Some(_)) => Err(reversals::FORMER_COMMENT),
            (false, None) => {
                let after = deps.client.look(site, &read).await?.unwrap_or_default();
                let undo = reversals::post_update(location_id, (id, &write.user_id), &before, &after);
                undo.map(|undo| vec![undo]).ok_or(reversals::FORMER_STATUS)
            }
        };
        Ok((post, undo))
    }

    /// `publish at once on Brightside (facebook): “We are hiring”`
    fn sentence(&self) -> String {
        let accounts: Vec<String> = self.accounts.iter().map(named).collect();
        let place = if accounts.is_empty() { String::new() } else { format!(" on {}", accounts.join(", ")) };
        let act = match (self.write.status, &self.send_at) {
            ("draft", _) => format!("save a draft, which nobody sees,{place}"),
            (_, Some(time)) => format!("publish at {}{place}", time.as_str()),
            (_, None) => format!("publish at once{place}"),
        };
        let text = self.write.text.as_deref().unwrap_or_default();
        let media = match self.write.media.len() {
            0 => String::new(),
            count => format!(" with {count} picture(s) or film(s)"),
        };
        format!("{act}: “{}”{media}", one_line(text, PLAN_LENGTH_MAX))
    }

    async fn find(&self, deps: &Deps, since_ms: UnixMillis) -> Result<Option<SocialPost>> {
        let is_same = |post: &SocialPost| {
            let is_new = is_since(post.updated_at.as_deref(), since_ms);
            let is_there = self.write.account_ids.iter().all(|id| post.account_ids.contains(id));
            is_new && is_there && post.text == self.write.text
        };
        if let Some(id) = &self.replaced {
            return Ok(Some(deps.client.social_post(&self.site, id).await?).filter(is_same));
        }
        let since = Timestamp::from_millisecond(since_ms).unwrap_or_default();
        let around = self.send_at.as_ref().map_or(since, SendTime::instant);
        let day = |instant: Timestamp, hours: i64| instant.checked_add(hours.hours()).unwrap_or(instant).to_string();
        let query = PostQuery { status: None, account_ids: Vec::new(), from: day(since, -24), to: day(around, 24) };
        let found = deps.client.social_posts(&self.site, &query, None, READ_BACK_POSTS).await?;
        Ok(found.records.into_iter().find(is_same))
    }

    async fn output(&self, deps: &Deps, post: &SocialPost) -> Result<Output> {
        let all = deps.directory.social_accounts(&self.site).await?;
        Ok(Output {
            location: LocationAnswer::of(&self.site),
            post: PostAnswer::of(post, &all),
            created: self.replaced.is_none(),
            scheduled_for: self.send_at.as_ref().map(|time| time.as_str().to_owned()),
            change_id: None,
        })
    }
}

/// `Brightside Dental Group (facebook)`
fn named(account: &SocialAccount) -> String {
    format!("{} ({})", line(&account.name), line(&account.platform))
}

/// What the accounts ask of it.
fn check_accounts(args: &Args, accounts: &[SocialAccount]) -> Result<()> {
    let is_on_tiktok = accounts.iter().any(|account| account.platform == "tiktok");
    if is_on_tiktok && args.tiktok_audience.is_none() && args.status != PostStatus::Draft {
        let expected = "who may see it on TikTok: everyone, friends or only_me";
        return Err(Error::invalid_argument("tiktok_audience", "is missing", expected, Some("\"everyone\"")));
    }
    if !is_on_tiktok && args.tiktok_audience.is_some() {
        let expected = "nothing: no TikTok account is among `accounts`";
        return Err(Error::invalid_argument("tiktok_audience", "is for TikTok only", expected, None));
    }
    let expired = accounts.iter().find(|account| account.is_expired && args.status != PostStatus::Draft);
    expired.map_or(Ok(()), |account| {
        let message = format!("{} has to be connected anew: nothing can go out there", named(account));
        Err(Error::new(ErrorCode::FailedPrecondition, message)
            .with_hint("reconnect it in GoHighLevel (Marketing, Social Planner), or leave it out of `accounts`"))
    })
}

fn post_id(text: &str) -> Result<RecordId> {
    text.trim().parse().map_err(|_| {
        Error::invalid_argument("post", "is not an id", "the id of a post", None).with_hint("call `list_social_posts`")
    })
}
