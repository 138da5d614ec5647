//! `POST /social-media-posting/statistics`: figures of accounts over a range of days, made up from their ids, so that the
//! same question has the same answer.

use std::collections::{BTreeMap, HashMap};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Query, State};
use axum::routing::post;
use serde_json::{Map, Value, json};

use crate::sandbox::body::Body;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids::{self, Scramble};
use crate::sandbox::routes::social_records::ACCOUNT;
use crate::sandbox::routes::{Answer, CallOf, Params, created, json};
use crate::sandbox::store;
use crate::sandbox::store::documents;
use crate::sandbox::version::Generation;
use crate::sandbox::{Sandbox, instants};

const DAY_MS: i64 = 86_400_000;

/// Without a range: the last seven days, without today.
const DEFAULT_DAYS: i64 = 7;

/// Most accounts of one question (specification of `profileIds`).
const PROFILES_MAX: usize = 100;

const PLATFORMS: [&str; 7] = ["facebook", "instagram", "linkedin", "google", "pinterest", "youtube", "tiktok"];

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/social-media-posting/statistics", post(statistics))
}

/// What one account has achieved.
#[derive(Debug, Default, Clone, Copy)]
struct Figures {
    posts: u64,
    likes: u64,
    comments: u64,
    shares: u64,
    impressions: u64,
    reach: u64,
    followers: u64,
}

async fn statistics(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    query: Query<HashMap<String, String>>,
    bytes: Bytes,
) -> Answer {
    let params = Params::of(query);
    let location_id = params.location(&call)?;
    let mut body = Body::parse(&bytes)?;
    let profiles = body.texts("profileIds").unwrap_or_default();
    if profiles.is_empty() || profiles.len() > PROFILES_MAX {
        body.fault("profileIds", "must contain 1 to 100 elements");
    }
    let wanted = body.texts("platforms");
    if wanted.iter().flatten().any(|platform| !PLATFORMS.contains(&platform.as_str())) {
        body.fault("platforms", "each value must be a known platform");
    }
    let today_ms = sandbox.now_ms() - sandbox.now_ms().rem_euclid(DAY_MS);
    let (from_ms, to_ms) = range(&mut body, "currentRange").unwrap_or((today_ms - DEFAULT_DAYS * DAY_MS, today_ms - 1));
    let before = range(&mut body, "prevRange").unwrap_or((from_ms - (to_ms - from_ms), from_ms));
    body.finish()?;
    let mut connection = store::read(sandbox.db()).await?;
    let accounts = documents::list(&mut connection, location_id, ACCOUNT.name).await?;
    let mut of_platform: BTreeMap<String, (Figures, Figures)> = BTreeMap::new();
    for id in &profiles {
        let account = accounts.iter().find(|account| account.text("profileId") == Some(id.as_str()));
        let account = account.ok_or_else(|| Refusal::no_such("Profile", id))?;
        let platform = account.text("platform").unwrap_or_default();
        if wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one == platform)) {
            let (now, earlier) = of_platform.entry(platform.to_owned()).or_default();
            now.add(Figures::of(id, from_ms, to_ms));
            earlier.add(Figures::of(id, before.0, before.1));
        }
    }
    let answer = json!({
        "results": results(&of_platform), "message": "Analytics Built Successfully", "traceId": ids::trace(),
    });
    Ok(match call.generation {
        Generation::V2 => created(answer),
        Generation::V3 => json(answer),
    })
}

fn range(body: &mut Body, name: &str) -> Option<(i64, i64)> {
    let read = body.object(name, |range| {
        let mut at = |name: &str| {
            let text = range.required_text(name);
            let at_ms = instants::parse(&text);
            if at_ms.is_none() {
                range.fault(name, "must be a valid ISO 8601 date string");
            }
            at_ms.unwrap_or_default()
        };
        (at("startDate"), at("endDate"))
    });
    if read.is_some_and(|(from_ms, to_ms)| from_ms >= to_ms) {
        body.fault(name, "endDate must be after startDate");
    }
    read
}

impl Figures {
    /// About one post in three days.
    fn of(profile_id: &str, from_ms: i64, to_ms: i64) -> Self {
        let days = u64::try_from((to_ms - from_ms) / DAY_MS + 1).unwrap_or(1);
        let mut draw = Scramble::of(&format!("{profile_id}/{}/{}", from_ms / DAY_MS, to_ms / DAY_MS));
        let posts = days / 3 + draw.below(2);
        let impressions = posts * (80 + draw.below(120)) + days * 4;
        let likes = impressions / (18 + draw.below(12));
        Self {
            posts,
            likes,
            comments: likes / 6,
            shares: likes / 11,
            impressions,
            reach: impressions * 7 / 10,
            followers: 300 + Scramble::of(profile_id).below(900),
        }
    }

    fn add(&mut self, other: Self) {
        self.posts += other.posts;
        self.likes += other.likes;
        self.comments += other.comments;
        self.shares += other.shares;
        self.impressions += other.impressions;
        self.reach += other.reach;
        self.followers += other.followers;
    }
}

fn results(of_platform: &BTreeMap<String, (Figures, Figures)>) -> Value {
    let (mut all, mut before) = (Figures::default(), Figures::default());
    for (now, earlier) in of_platform.values() {
        all.add(*now);
        before.add(*earlier);
    }
    let part = |figure: fn(&Figures) -> u64| {
        let platforms: Map<String, Value> = of_platform
            .iter()
            .map(|(name, (now, earlier))| {
                (name.clone(), json!({"value": figure(now), "change": change(figure(now), figure(earlier))}))
            })
            .collect();
        json!({"total": figure(&all), "totalChange": change(figure(&all), figure(&before)), "platforms": platforms})
    };
    let engagement: Map<String, Value> = of_platform
        .iter()
        .map(|(name, (now, earlier))| {
            let of = |one: &Figures| one.likes + one.comments + one.shares;
            let change = change(of(now), of(earlier));
            let figures = json!({"likes": now.likes, "comments": now.comments, "shares": now.shares, "change": change});
            (name.clone(), figures)
        })
        .collect();
    let followers: Map<String, Value> = of_platform
        .iter()
        .map(|(name, (now, _))| (name.clone(), json!({"total": now.followers, "series": []})))
        .collect();
    json!({
        "totals": {
            "posts": all.posts, "likes": all.likes, "followers": all.followers, "impressions": all.impressions,
            "comments": all.comments,
        },
        "breakdowns": {
            "posts": part(|figures| figures.posts), "impressions": part(|figures| figures.impressions),
            "reach": part(|figures| figures.reach), "engagement": engagement,
        },
        "platformTotals": {"followers": followers},
    })
}

/// In percent; 0 where there was nothing before.
fn change(now: u64, before: u64) -> f64 {
    let as_number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if before == 0 { 0.0 } else { ((as_number(now) / as_number(before) - 1.0) * 10_000.0).round() / 100.0 }
}
