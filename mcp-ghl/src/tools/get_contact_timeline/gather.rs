//! Reads what there is of a contact, all kinds at once.

use common::error::{Error, ErrorCode, Result};
use jiff::{Timestamp, ToSpan};

use super::Source;
use crate::answer::opportunity::place_names;
use crate::calendar::Appointment;
use crate::client::{ConversationQuery, OpportunityQuery, Site, SubmissionQuery};
use crate::conversation::Message;
use crate::cursor::{Position, SortValue};
use crate::deps::Deps;
use crate::form::{FormKind, Submission};
use crate::note::Note;
use crate::opportunity::Opportunity;
use crate::readable::readable;
use crate::record_id::RecordId;
use crate::task::Task;
use crate::timeline::Entry;

/// Messages asked for at once.
const MESSAGES: u32 = 100;

/// Most requests for messages in one call.
const MESSAGE_PAGES_MAX: usize = 3;

/// Most opportunities, and most submissions, of one contact looked at.
const OTHERS_MAX: u32 = 100;

/// How far back forms are looked for where no `since` is given, in hours: two years.
const FORMS_HOURS: i64 = 2 * 365 * 24;

/// What is to be read.
pub(super) struct Wanted<'a> {
    pub(super) contact_id: &'a RecordId,
    /// All, if empty.
    pub(super) kinds: &'a [Source],
    pub(super) since: Option<Timestamp>,
    /// The message behind which messages are read.
    pub(super) anchor: Option<&'a RecordId>,
    pub(super) limit: u32,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) entries: Vec<Entry<What>>,
    /// The ids of messages in the vendor's order.
    pub(super) messages: Vec<RecordId>,
    /// Older messages were not read.
    pub(super) horizon_ms: Option<i64>,
    pub(super) unreadable: Vec<Source>,
}

/// What happened.
#[derive(Debug)]
pub(super) enum What {
    Message(Box<Message>),
    Note(Note),
    /// It stands at the time when it is due.
    Task(Task),
    /// With the name of its calendar. It stands at its beginning.
    Appointment(Appointment, Option<String>),
    /// With the name of its pipeline.
    Created(Box<Opportunity>, String),
    /// It came into the stage where it stands; with the names of pipeline and stage.
    Moved(Box<Opportunity>, String, String),
    /// With the name of the form.
    Form(Submission, Option<String>),
}

impl What {
    pub(super) fn message(&self) -> Option<&Message> {
        match self {
            Self::Message(message) => Some(message),
            Self::Note(_)
            | Self::Task(_)
            | Self::Appointment(..)
            | Self::Created(..)
            | Self::Moved(..)
            | Self::Form(..) => None,
        }
    }

    pub(super) fn message_id(&self) -> Option<&RecordId> {
        self.message().map(|message| &message.id)
    }

    /// Adds what an email says to the thread that stands for it.
    pub(super) fn tell(&mut self, email: Message) {
        if let Self::Message(message) = self {
            message.subject = email.subject;
            message.text = email.text;
        }
    }

    /// Who did it, or has to.
    pub(super) fn user_id(&self) -> Option<&String> {
        match self {
            Self::Message(message) => message.user_id.as_ref(),
            Self::Note(note) => note.author_id.as_ref(),
            Self::Task(task) => task.owner_id.as_ref(),
            Self::Appointment(appointment, _) => appointment.owner_id.as_ref(),
            Self::Created(opportunity, ..) | Self::Moved(opportunity, ..) => opportunity.owner_id.as_ref(),
            Self::Form(..) => None,
        }
    }
}

/// Whether what was asked for is gone, or not for this token to read.
pub(super) fn is_not_for_us(error: &Error) -> bool {
    matches!(error.code(), ErrorCode::NotFound | ErrorCode::PermissionDenied)
}

pub(super) async fn gather(deps: &Deps, site: &Site, wanted: &Wanted<'_>) -> Result<Gathered> {
    let read = Reading { deps, site, wanted };
    let (messages, notes, tasks, appointments, opportunities, forms) = tokio::try_join!(
        asked(wanted, Source::Messages, read.messages()),
        asked(wanted, Source::Notes, read.notes()),
        asked(wanted, Source::Tasks, read.tasks()),
        asked(wanted, Source::Appointments, read.appointments()),
        asked(wanted, Source::Opportunities, read.opportunities()),
        asked(wanted, Source::Forms, read.forms()),
    )?;
    let mut gathered = Gathered::default();
    let sources = [
        (Source::Messages, messages),
        (Source::Notes, notes),
        (Source::Tasks, tasks),
        (Source::Appointments, appointments),
        (Source::Opportunities, opportunities),
        (Source::Forms, forms),
    ];
    for (source, read) in sources {
        let Some(read) = read else {
            gathered.unreadable.push(source);
            continue;
        };
        gathered.entries.extend(read.entries);
        gathered.messages.extend(read.messages);
        gathered.horizon_ms = gathered.horizon_ms.or(read.horizon_ms);
    }
    Ok(gathered)
}

/// What a source holds: nothing where it is not wanted, `None` where the token may not read it.
async fn asked(
    wanted: &Wanted<'_>,
    source: Source,
    read: impl Future<Output = Result<Gathered>>,
) -> Result<Option<Gathered>> {
    if !wanted.kinds.is_empty() && !wanted.kinds.contains(&source) {
        return Ok(Some(Gathered::default()));
    }
    readable(read).await
}

struct Reading<'a> {
    deps: &'a Deps,
    site: &'a Site,
    wanted: &'a Wanted<'a>,
}

impl Reading<'_> {
    /// Messages from the anchor on, as many as the page can hold.
    async fn messages(&self) -> Result<Gathered> {
        let Self { deps, site, wanted } = self;
        let query = ConversationQuery { contact_id: Some(wanted.contact_id.clone()), ..ConversationQuery::default() };
        let found = deps.client.search_conversations(site, &query, None, 1).await?;
        let Some(conversation) = found.records.into_iter().next() else { return Ok(Gathered::default()) };
        let mut gathered = Gathered::default();
        let behind = |id: &RecordId| Position::After(vec![SortValue::Text(id.to_string())]);
        let mut position = wanted.anchor.map(behind);
        for _ in 0..MESSAGE_PAGES_MAX {
            let slice = deps.client.messages(site, &conversation.id, position.as_ref(), MESSAGES).await?;
            let oldest_ms = slice.records.iter().filter_map(|message| message.at_ms).min();
            gathered.messages.extend(slice.records.iter().map(|message| message.id.clone()));
            let entries = slice.records.into_iter().filter_map(|message| {
                let key = format!("message/{}", message.id);
                Some(Entry { at_ms: message.at_ms?, key, what: What::Message(Box::new(message)) })
            });
            gathered.entries.extend(entries);
            position = slice.next;
            let is_old = |since: Timestamp| oldest_ms.is_some_and(|oldest_ms| oldest_ms < since.as_millisecond());
            let is_enough = gathered.entries.len() > usize::try_from(wanted.limit).unwrap_or(usize::MAX);
            if position.is_none() || is_enough || wanted.since.is_some_and(is_old) {
                break;
            }
        }
        if position.is_some() {
            gathered.horizon_ms = gathered.entries.iter().map(|entry| entry.at_ms).min();
        }
        Ok(gathered)
    }

    async fn notes(&self) -> Result<Gathered> {
        let notes = self.deps.client.notes(self.site, self.wanted.contact_id).await?;
        Ok(of(notes.into_iter().filter_map(|note| {
            let at_ms = millis(note.written_at.as_deref())?;
            Some(Entry { at_ms, key: format!("note/{}", note.id), what: What::Note(note) })
        })))
    }

    async fn tasks(&self) -> Result<Gathered> {
        let tasks = self.deps.client.tasks(self.site, self.wanted.contact_id).await?;
        Ok(of(tasks.into_iter().filter_map(|task| {
            let at_ms = task.due_at?.as_millisecond();
            Some(Entry { at_ms, key: format!("task/{}", task.id), what: What::Task(task) })
        })))
    }

    async fn appointments(&self) -> Result<Gathered> {
        let appointments = self.deps.client.appointments(self.site, self.wanted.contact_id).await?;
        if appointments.is_empty() {
            return Ok(Gathered::default());
        }
        let calendars = match self.deps.directory.calendars(self.site).await {
            Err(error) if is_not_for_us(&error) => None,
            read => Some(read?),
        };
        let name = |id: &str| {
            let calendar = calendars.as_ref()?.iter().find(|calendar| calendar.id.as_str() == id)?;
            Some(calendar.name.clone())
        };
        Ok(of(appointments.into_iter().filter_map(|appointment| {
            let (at_ms, calendar) = (appointment.starts_at?.as_millisecond(), name(&appointment.calendar_id));
            let key = format!("appointment/{}", appointment.id);
            Some(Entry { at_ms, key, what: What::Appointment(appointment, calendar) })
        })))
    }

    async fn opportunities(&self) -> Result<Gathered> {
        let query =
            OpportunityQuery { contact_id: Some(self.wanted.contact_id.clone()), ..OpportunityQuery::default() };
        let (slice, pipelines) = tokio::try_join!(
            self.deps.client.search_opportunities(self.site, &query, None, OTHERS_MAX),
            self.deps.directory.pipelines(self.site),
        )?;
        let mut entries = Vec::new();
        for opportunity in slice.records {
            let (pipeline, stage) = place_names(&pipelines, &opportunity.pipeline_id, &opportunity.stage_id);
            let (created_ms, moved_ms) =
                (millis(opportunity.created_at.as_deref()), millis(opportunity.stage_since.as_deref()));
            let key = |verb: &str| format!("opportunity/{}/{verb}", opportunity.id);
            if let Some(at_ms) = moved_ms.filter(|moved_ms| created_ms.is_none_or(|created_ms| *moved_ms > created_ms))
            {
                let what = What::Moved(Box::new(opportunity.clone()), pipeline.clone(), stage);
                entries.push(Entry { at_ms, key: key("moved"), what });
            }
            if let Some(at_ms) = created_ms {
                let key = key("created");
                entries.push(Entry { at_ms, key, what: What::Created(Box::new(opportunity), pipeline) });
            }
        }
        Ok(of(entries))
    }

    async fn forms(&self) -> Result<Gathered> {
        let now = Timestamp::from_millisecond(self.deps.clock.now_ms())
            .map_err(|source| Error::internal("the clock is out of range", source))?;
        let day = |instant: Timestamp| instant.strftime("%Y-%m-%d").to_string();
        let from = self.wanted.since.or_else(|| now.checked_sub(FORMS_HOURS.hours()).ok()).unwrap_or(now);
        let query = SubmissionQuery {
            kind: FormKind::Form,
            form_id: None,
            text: Some(self.wanted.contact_id.to_string()),
            from: day(from.checked_sub(24.hours()).unwrap_or(from)),
            to: day(now.checked_add(24.hours()).unwrap_or(now)),
        };
        let slice = self.deps.client.submissions(self.site, &query, None, OTHERS_MAX).await?;
        let is_theirs = |submission: &Submission| submission.contact_id.as_ref() == Some(self.wanted.contact_id);
        let submissions: Vec<Submission> = slice.records.into_iter().filter(is_theirs).collect();
        if submissions.is_empty() {
            return Ok(Gathered::default());
        }
        let forms = self.deps.directory.forms(self.site, FormKind::Form).await?;
        let name = |submission: &Submission| {
            let form = forms.iter().find(|form| submission.form_id.as_deref() == Some(form.id.as_str()))?;
            Some(form.name.clone())
        };
        Ok(of(submissions.into_iter().filter_map(|submission| {
            let (at_ms, form) = (millis(submission.submitted_at.as_deref())?, name(&submission));
            Some(Entry { at_ms, key: format!("form/{}", submission.id), what: What::Form(submission, form) })
        })))
    }
}

fn of(entries: impl IntoIterator<Item = Entry<What>>) -> Gathered {
    Gathered { entries: entries.into_iter().collect(), ..Gathered::default() }
}

fn millis(instant: Option<&str>) -> Option<i64> {
    instant?.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}
