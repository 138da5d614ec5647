//! What social accounts have brought in a range of days, by platform, and how that differs from the days before.

use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, line};
use crate::deps::Deps;
use crate::directory::social::social_accounts_called;
use crate::references::days::{Days, Usual};
use crate::social::{Figure, PlatformStats, SocialAccount};
use crate::tools::toolset;

pub(crate) struct GetSocialStats;

/// Without days: the last seven, without today, as the vendor counts.
const USUAL: Usual = Usual { ahead: -1, back: 6 };

/// Most accounts of one question (specification of `profileIds`).
const ACCOUNTS_MAX: usize = 100;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Account, group or platform names, or ids; default all.
    #[serde(default)]
    #[schemars(length(max = 50))]
    accounts: Vec<String>,
    /// First day; default 6 days before `to`.
    from: Option<String>,
    /// Last day; default yesterday.
    to: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// First day counted.
    from: String,
    /// Last day counted.
    to: String,
    /// Posts published.
    posts: FigureAnswer,
    /// Times shown.
    impressions: FigureAnswer,
    /// People reached.
    reach: FigureAnswer,
    /// Reactions.
    likes: f64,
    /// Comments.
    comments: f64,
    /// Followers at the end.
    followers: f64,
    /// One by one.
    platforms: Vec<PlatformRow>,
}

/// A figure against as many days before.
#[derive(Debug, Serialize, JsonSchema)]
struct FigureAnswer {
    /// In these days.
    value: f64,
    /// In percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<f64>,
}

/// What one platform has brought.
#[derive(Debug, Serialize, JsonSchema)]
struct PlatformRow {
    /// Network.
    platform: String,
    /// Posts published.
    #[serde(skip_serializing_if = "Option::is_none")]
    posts: Option<FigureAnswer>,
    /// Times shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    impressions: Option<FigureAnswer>,
    /// People reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<FigureAnswer>,
    /// Reactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    likes: Option<f64>,
    /// Comments.
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<f64>,
    /// Shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    shares: Option<f64>,
    /// Followers at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    followers: Option<f64>,
}

impl Tool for GetSocialStats {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_social_stats";
    const TITLE: &'static str = "Get social stats";
    const DESCRIPTION: &'static str =
        "Social results by platform: posts, impressions, reach, likes, comments, followers, and change.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTENT;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let days = Days::of(deps, &site, (args.from.as_deref(), args.to.as_deref()), USUAL)?;
        let all = deps.directory.social_accounts(&site).await?;
        let accounts =
            if args.accounts.is_empty() { all.accounts.clone() } else { social_accounts_called(&all, &args.accounts)? };
        let profiles: Vec<String> = accounts.into_iter().filter_map(measured).take(ACCOUNTS_MAX).collect();
        if profiles.is_empty() {
            return Err(Error::new(ErrorCode::FailedPrecondition, "no account of which GoHighLevel keeps figures")
                .with_hint(
                    "call `list_social_accounts`; it keeps figures of Facebook, Instagram, LinkedIn pages, Google, \
                    Pinterest, YouTube and TikTok business accounts",
                ));
        }
        let (first, last) = days.instants(&site);
        let stats = deps.client.social_stats(&site, &profiles, (&first, &last)).await?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            from: days.from.to_string(),
            to: days.to.to_string(),
            posts: stats.posts.into(),
            impressions: stats.impressions.into(),
            reach: stats.reach.into(),
            likes: stats.likes,
            comments: stats.comments,
            followers: stats.followers,
            platforms: stats.platforms.into_iter().map(PlatformRow::from).collect(),
        })
    }
}

/// What figures of the account are asked for by; `None` where the vendor keeps none (description of `platforms`).
fn measured(account: SocialAccount) -> Option<String> {
    match (account.platform.as_str(), account.kind.as_deref()) {
        ("facebook" | "instagram" | "google" | "pinterest" | "youtube", _)
        | ("linkedin", Some("page") | None)
        | ("tiktok", Some("business") | None) => account.profile_id,
        _ => None,
    }
}

impl From<Figure> for FigureAnswer {
    fn from(figure: Figure) -> Self {
        Self { value: figure.value, change: figure.change }
    }
}

impl From<PlatformStats> for PlatformRow {
    fn from(stats: PlatformStats) -> Self {
        Self {
            platform: line(&stats.platform),
            posts: stats.posts.map(FigureAnswer::from),
            impressions: stats.impressions.map(FigureAnswer::from),
            reach: stats.reach.map(FigureAnswer::from),
            likes: stats.likes,
            comments: stats.comments,
            shares: stats.shares,
            followers: stats.followers,
        }
    }
}
