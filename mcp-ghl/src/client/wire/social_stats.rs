//! What social accounts have achieved, on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::social::{Figure, PlatformStats, SocialStats};

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
