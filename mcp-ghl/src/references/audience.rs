//! To whom a campaign goes: contacts, everybody with a tag, or one of the vendor's segments.

use common::error::{Error, ErrorCode, Result};
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{RecordRef, line};
use crate::client::{Audience, ContactQuery, Site};
use crate::deps::Deps;
use crate::message::{Channel, address};
use crate::names::{Wanted, find};
use crate::record_id::RecordId;
use crate::references::contact;
use crate::tag::Tag;

/// Longest list of names in one sentence.
const NAMED_MAX: usize = 5;

/// The vendor's ready-made audiences (specification of `schedule-campaign`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub(crate) enum Segment {
    #[serde(rename = "engaged_last_7_days")]
    EngagedLast7Days,
    #[serde(rename = "engaged_last_30_days")]
    EngagedLast30Days,
    #[serde(rename = "engaged_last_60_days")]
    EngagedLast60Days,
    #[serde(rename = "engaged_last_5_campaigns")]
    EngagedLast5Campaigns,
    #[serde(rename = "unengaged_last_5_campaigns")]
    UnengagedLast5Campaigns,
}

impl Segment {
    const fn as_str(self) -> &'static str {
        match self {
            Self::EngagedLast7Days => "engaged_last_7_days",
            Self::EngagedLast30Days => "engaged_last_30_days",
            Self::EngagedLast60Days => "engaged_last_60_days",
            Self::EngagedLast5Campaigns => "engaged_last_5_campaigns",
            Self::UnengagedLast5Campaigns => "unengaged_last_5_campaigns",
        }
    }
}

/// Who they are, and how many at most.
#[derive(Debug)]
pub(crate) struct Recipients {
    who: Who,
    /// As people call them.
    pub(crate) words: Vec<String>,
    /// At most so many people: whoever has two of the tags counts twice, and of a segment the vendor tells no size, so
    /// that everybody counts.
    pub(crate) people_max: u64,
    /// Contacts that refuse emails or have no address: left out.
    pub(crate) left_out: Vec<RecordRef>,
}

#[derive(Debug)]
enum Who {
    Contacts(Vec<RecordId>),
    Tags(Vec<RecordId>),
    Segment(Segment),
}

impl Recipients {
    pub(crate) fn audience(&self) -> Audience {
        match &self.who {
            Who::Contacts(ids) => Audience::Contacts(ids.clone()),
            Who::Tags(ids) => Audience::Tags(ids.clone()),
            Who::Segment(segment) => Audience::Segment(segment.as_str()),
        }
    }

    /// `tag vip (34 contacts), tag lead (8 contacts)`
    pub(crate) fn sentence(&self) -> String {
        let named: Vec<&str> = self.words.iter().take(NAMED_MAX).map(String::as_str).collect();
        let rest = self.words.len().saturating_sub(NAMED_MAX);
        let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        let left_out = match self.left_out.len() {
            0 => String::new(),
            count => format!(", without {count} who refuse emails or have no address,"),
        };
        format!("{}{rest}{left_out}", named.join(", "))
    }
}

/// Reads the arguments `contacts`, `tags` and `segment`, of which one is given.
///
/// # Errors
/// `invalid_argument` or `not_found` with candidates; `failed_precondition` if nobody is left.
pub(crate) async fn recipients(
    deps: &Deps,
    site: &Site,
    wanted: (&[String], &[String], Option<Segment>),
) -> Result<Recipients> {
    match wanted {
        (contacts, [], None) if !contacts.is_empty() => of_contacts(deps, site, contacts).await,
        ([], tags, None) if !tags.is_empty() => of_tags(deps, site, tags).await,
        ([], [], Some(segment)) => {
            let words = vec![format!("the segment {}", segment.as_str())];
            let people_max = how_many(deps, site, Vec::new()).await?;
            Ok(Recipients { who: Who::Segment(segment), words, people_max, left_out: Vec::new() })
        }
        ([], [], None) => Err(wrong("is missing, and so are `contacts` and `segment`")),
        _ => Err(wrong("was given together with `contacts` or `segment`, or these two together")),
    }
}

async fn of_contacts(deps: &Deps, site: &Site, texts: &[String]) -> Result<Recipients> {
    let found = try_join_all(texts.iter().map(|text| contact(deps, site, text))).await?;
    let (mut ids, mut words, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for contact in found {
        if ids.contains(&contact.id) {
            continue;
        }
        if address(&contact, Channel::Email).is_err() {
            left_out.push(reference(&contact));
            continue;
        }
        words.push(line(contact.label()));
        ids.push(contact.id);
    }
    if ids.is_empty() {
        return Err(Error::new(ErrorCode::FailedPrecondition, "nobody is left: all refuse emails or have no address")
            .with_hint("call `get_contact` to see what each refuses"));
    }
    let people_max = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    Ok(Recipients { who: Who::Contacts(ids), words, people_max, left_out })
}

async fn of_tags(deps: &Deps, site: &Site, texts: &[String]) -> Result<Recipients> {
    let all = deps.directory.tags(site).await?;
    let (mut ids, mut words, mut people_max) = (Vec::new(), Vec::new(), 0_u64);
    for text in texts {
        let tag = find(Wanted { noun: "tag", text }, &all)?;
        if ids.contains(&tag.id) {
            continue;
        }
        let count = how_many(deps, site, vec![Tag::on_record(&tag.name)]).await?;
        words.push(format!("tag {} ({count} contacts)", line(&tag.name)));
        people_max = people_max.saturating_add(count);
        ids.push(tag.id.clone());
    }
    Ok(Recipients { who: Who::Tags(ids), words, people_max, left_out: Vec::new() })
}

/// How many contacts have all of the tags; a total that the vendor does not tell counts as its most.
async fn how_many(deps: &Deps, site: &Site, tags: Vec<Tag>) -> Result<u64> {
    let query = ContactQuery { tags, ..ContactQuery::default() };
    let found = deps.client.search_contacts(site, &query, None, 1).await?;
    Ok(found.total.unwrap_or(u64::MAX))
}

fn wrong(problem: &str) -> Error {
    Error::invalid_argument("tags", problem, "one of `tags`, `contacts` and `segment`", Some("[\"newsletter\"]"))
}
