//! `ghl://{location}/events`: what happened in a location lately, as its records tell: who came, what was said, which deals
//! moved, and what this server has changed.

use std::time::Duration;

use common::completion::Blank;
use common::error::Result;
use common::resource::{Listed, Resource, Variables};
use common::tool::Call;
use jiff::Timestamp;
use serde::Serialize;

use super::{location_ids, per_location};
use crate::answer::contact::reference;
use crate::answer::conversation::instant;
use crate::answer::opportunity::place_names;
use crate::answer::{LocationAnswer, RecordRef, line};
use crate::client::{ContactQuery, ConversationQuery, OpportunityQuery, Order};
use crate::contact::Contact;
use crate::conversation::{Conversation, Direction};
use crate::deps::Deps;
use crate::journal::Noted;
use crate::opportunity::Opportunity;
use crate::pipeline::Pipeline;
use crate::readable::readable;
use crate::store::journal::Filter;
use crate::timeline::{Entry, cut};
use crate::tools::toolset;

pub(crate) struct EventsResource;

/// The latest of each kind that are looked at.
const EACH_MAX: u32 = 20;

/// Events shown, newest first.
const SHOWN_MAX: usize = 40;

#[derive(Debug, Serialize)]
pub(crate) struct Output {
    location: LocationAnswer,
    events: Vec<EventAnswer>,
    /// What the connection's token may not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<Source>,
}

/// Where events are read of. What this server has changed is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    Contacts,
    Conversations,
    Opportunities,
}

#[derive(Debug, Serialize)]
struct EventAnswer {
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    kind: EventKind,
    /// What it is about.
    record: RecordRef,
    /// What became of it, on one plain line.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum EventKind {
    ContactAdded,
    /// The latest message of a conversation, from the contact.
    MessageReceived,
    /// The latest message of a conversation, to the contact.
    MessageSent,
    OpportunityAdded,
    /// It came into the stage where it stands.
    OpportunityMoved,
    /// A tool of this server changed something.
    Changed,
}

struct Event {
    kind: EventKind,
    record: RecordRef,
    detail: Option<String>,
}

/// What the sources tell, and which of them tell nothing.
#[derive(Default)]
struct Told {
    entries: Vec<Entry<Event>>,
    unreadable: Vec<Source>,
}

impl Told {
    fn add<T>(&mut self, source: Source, read: Option<T>, entries: impl FnOnce(&T) -> Vec<Entry<Event>>) {
        match read {
            Some(read) => self.entries.extend(entries(&read)),
            None => self.unreadable.push(source),
        }
    }
}

impl Resource for EventsResource {
    type Deps = Deps;
    type Output = Output;

    const TEMPLATE: &'static str = "ghl://{location}/events";
    const NAME: &'static str = "events";
    const TITLE: &'static str = "Latest events";
    const DESCRIPTION: &'static str =
        "What happened lately in a location: new contacts, messages, deals that came or moved, changes made here.";
    // Read from the vendor each time.
    const TOOLSET: &'static str = toolset::CORE;
    const FRESH_FOR: Duration = Duration::ZERO;

    async fn read(deps: &Deps, call: &Call, variables: &Variables) -> Result<Output> {
        let site = deps.directory.site(call, Some(variables.get("location")?)).await?;
        let (people, talks) = (ContactQuery::default(), ConversationQuery::default());
        let deals = OpportunityQuery { order: Order::Newest, ..OpportunityQuery::default() };
        let changes = Filter { location_id: Some(site.location.id.to_string()), ..Filter::default() };
        // A deal's stage has no name without the pipelines.
        let placed = async {
            tokio::try_join!(
                deps.client.search_opportunities(&site, &deals, None, EACH_MAX),
                deps.directory.pipelines(&site)
            )
        };
        let (contacts, conversations, deals, changes) = tokio::try_join!(
            readable(deps.client.search_contacts(&site, &people, None, EACH_MAX)),
            readable(deps.client.search_conversations(&site, &talks, None, EACH_MAX)),
            readable(placed),
            deps.journal.list(call, changes, EACH_MAX),
        )?;
        let mut told = Told::default();
        told.add(Source::Contacts, contacts, |contacts| contacts.records.iter().filter_map(of_contact).collect());
        told.add(Source::Conversations, conversations, |conversations| {
            conversations.records.iter().filter_map(of_conversation).collect()
        });
        told.add(Source::Opportunities, deals, |(deals, pipelines)| {
            deals.records.iter().flat_map(|deal| of_deal(deal, pipelines)).collect()
        });
        told.entries.extend(changes.iter().map(of_change));
        let events =
            cut(told.entries, None, (None, None), SHOWN_MAX).entries.into_iter().map(EventAnswer::of).collect();
        Ok(Output { location: LocationAnswer::of(&site), events, unreadable: told.unreadable })
    }

    async fn list(deps: &Deps, call: &Call) -> Result<Vec<Listed>> {
        per_location(deps, call, "events").await
    }

    async fn complete(deps: &Deps, call: &Call, blank: Blank<'_>) -> Result<Vec<String>> {
        location_ids(deps, call, blank.typed).await
    }
}

impl EventAnswer {
    fn of(entry: Entry<Event>) -> Self {
        let Event { kind, record, detail } = entry.what;
        Self { at: instant(Some(entry.at_ms)), kind, record, detail }
    }
}

/// Nothing for what says no time.
fn entry(at: Option<&str>, kind: &str, event: Event) -> Option<Entry<Event>> {
    let at_ms = at?.parse::<Timestamp>().ok()?.as_millisecond();
    Some(Entry { at_ms, key: format!("{kind} {}", event.record.id), what: event })
}

fn of_contact(contact: &Contact) -> Option<Entry<Event>> {
    let detail = contact.source.as_deref().map(|source| format!("from {}", line(source)));
    let event = Event { kind: EventKind::ContactAdded, record: reference(contact), detail };
    entry(contact.added_at.as_deref(), "contact", event)
}

fn of_conversation(conversation: &Conversation) -> Option<Entry<Event>> {
    let last = conversation.last.as_ref()?;
    let kind = match last.direction {
        Some(Direction::Outbound) => EventKind::MessageSent,
        Some(Direction::Inbound) | None => EventKind::MessageReceived,
    };
    let name = conversation.contact_name.as_deref().unwrap_or("somebody");
    let record = RecordRef::new(&conversation.id, name);
    let detail = (conversation.unread_count > 0).then(|| format!("{} unread", conversation.unread_count));
    let key = format!("conversation {}", conversation.id);
    Some(Entry { at_ms: last.at_ms?, key, what: Event { kind, record, detail } })
}

/// That it came, and that it moved since.
fn of_deal(deal: &Opportunity, pipelines: &[Pipeline]) -> impl Iterator<Item = Entry<Event>> + use<> {
    let (pipeline, stage) = place_names(pipelines, &deal.pipeline_id, &deal.stage_id);
    let event = |kind| Event {
        kind,
        record: RecordRef::new(&deal.id, deal.name.as_deref().unwrap_or(deal.id.as_str())),
        detail: Some(format!("{stage} in {pipeline}")),
    };
    let moved_at = deal.stage_since.as_deref().filter(|at| deal.created_at.as_deref() != Some(at));
    let added = entry(deal.created_at.as_deref(), "opportunity", event(EventKind::OpportunityAdded));
    let moved = entry(moved_at, "stage", event(EventKind::OpportunityMoved));
    added.into_iter().chain(moved)
}

fn of_change(noted: &Noted) -> Entry<Event> {
    let row = &noted.row;
    let record = RecordRef { id: row.record_id.clone(), name: line(&row.record_kind) };
    let detail = Some(format!("{} ({}, {})", line(&row.summary), row.tool, noted.id));
    Entry {
        at_ms: row.at_ms,
        key: format!("change {}", noted.id),
        what: Event { kind: EventKind::Changed, record, detail },
    }
}
