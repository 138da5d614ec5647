//! How an entry is shown. What people wrote is fenced.

use common::tool::{Untrusted, one_line};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use super::gather::What;
use crate::answer::{excerpt, line, owner};
use crate::conversation::{Direction, Kind, Message};
use crate::custom_field::FieldValue;
use crate::form::{Submission, label};
use crate::html;
use crate::local_time::written;
use crate::timeline::Entry;
use crate::user::User;

/// Longest text of one entry shown, in characters; `get_conversation` and `get_contact` show more.
const TEXT_LENGTH_MAX: usize = 300;

/// Longest subject and longest answer shown, in characters.
const LINE_LENGTH_MAX: usize = 120;

/// Most answers of one form shown.
const ANSWERS_MAX: usize = 12;

/// One thing that happened.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Row {
    /// RFC 3339, on the location's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// What it was.
    kind: RowKind,
    /// Opaque id of the record.
    id: String,
    /// In words.
    what: String,
    /// How it stands, or what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// Name of the user who did it, or is in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// What was written, or how it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Untrusted>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RowKind {
    Message,
    Email,
    Call,
    Note,
    Task,
    Appointment,
    Opportunity,
    Form,
    /// What the vendor itself notes.
    Activity,
}

impl Row {
    pub(super) fn of(entry: &Entry<What>, zone: Option<&TimeZone>, users: Option<&[User]>) -> Self {
        let at = Timestamp::from_millisecond(entry.at_ms).ok();
        let at = at.and_then(|at| Timestamp::from_second(at.as_second()).ok());
        Self {
            at: at.map(|at| written(at, zone)),
            by: entry.what.user_id().map(|id| owner(users, id)),
            ..Self::bare(&entry.what)
        }
    }

    fn new(kind: RowKind, id: &impl ToString, what: impl Into<String>) -> Self {
        Self { at: None, kind, id: id.to_string(), what: what.into(), status: None, by: None, text: None }
    }

    fn with(self, status: Option<&str>, text: Option<Untrusted>) -> Self {
        Self { status: status.map(line), text, ..self }
    }

    fn bare(what: &What) -> Self {
        let deal = |name: Option<&str>| name.map_or_else(|| "deal".to_owned(), |name| format!("deal “{}”", line(name)));
        match what {
            What::Message(message) => {
                let row = Self::new(kind(message), &message.id, in_words(message));
                row.with(message.status.as_deref(), said(message))
            }
            What::Note(note) => {
                let title =
                    note.title.as_deref().map_or_else(|| "note".to_owned(), |title| format!("note: {}", line(title)));
                let text = Untrusted::new(excerpt(&note.text, TEXT_LENGTH_MAX), "note");
                Self::new(RowKind::Note, &note.id, title).with(None, Some(text))
            }
            What::Task(task) => {
                let status = if task.is_completed { "done" } else { "open" };
                let text = task.text.as_deref().map(|text| Untrusted::new(excerpt(text, TEXT_LENGTH_MAX), "task"));
                Self::new(RowKind::Task, &task.id, format!("task due: {}", line(&task.title))).with(Some(status), text)
            }
            What::Appointment(appointment, calendar) => {
                let calendar = calendar.as_deref().map_or_else(String::new, |name| format!(" in {}", line(name)));
                let title = appointment.title.as_deref().map_or_else(String::new, |title| format!(": {}", line(title)));
                let what = format!("appointment{calendar}{title}");
                Self::new(RowKind::Appointment, &appointment.id, what).with(appointment.status.as_deref(), None)
            }
            What::Created(opportunity, pipeline) => {
                let what = format!("{} created in {pipeline}", deal(opportunity.name.as_deref()));
                let status = opportunity.status.map(crate::opportunity::Status::as_str);
                Self::new(RowKind::Opportunity, &opportunity.id, what).with(status, None)
            }
            What::Moved(opportunity, pipeline, stage) => {
                let what = format!("{} came to {stage} in {pipeline}", deal(opportunity.name.as_deref()));
                let status = opportunity.status.map(crate::opportunity::Status::as_str);
                Self::new(RowKind::Opportunity, &opportunity.id, what).with(status, None)
            }
            What::Form(submission, form) => {
                let name = form.as_deref().map_or_else(|| "form".to_owned(), |name| format!("form {}", line(name)));
                Self::new(RowKind::Form, &line(&submission.id), format!("{name} filled in"))
                    .with(None, answers(submission))
            }
        }
    }
}

fn kind(message: &Message) -> RowKind {
    match message.kind {
        Kind::Email => RowKind::Email,
        Kind::Call | Kind::Voicemail => RowKind::Call,
        Kind::FormSubmission => RowKind::Form,
        Kind::Activity => RowKind::Activity,
        Kind::Sms
        | Kind::Whatsapp
        | Kind::Rcs
        | Kind::Facebook
        | Kind::Instagram
        | Kind::LiveChat
        | Kind::Tiktok
        | Kind::GoogleBusiness
        | Kind::Review
        | Kind::InternalComment
        | Kind::Other => RowKind::Message,
    }
}

/// `SMS from the contact`
fn in_words(message: &Message) -> String {
    let noun = match message.kind {
        Kind::Sms => "SMS",
        Kind::Email if message.email_ids.len() > 1 => {
            return format!("{} emails in one thread", message.email_ids.len());
        }
        Kind::Email => "email",
        Kind::Whatsapp => "WhatsApp message",
        Kind::Rcs => "RCS message",
        Kind::Facebook => "Facebook message",
        Kind::Instagram => "Instagram message",
        Kind::LiveChat => "live chat message",
        Kind::Tiktok => "TikTok message",
        Kind::GoogleBusiness => "Google Business message",
        Kind::Call => "call",
        Kind::Voicemail => "voicemail",
        Kind::Review => "review",
        Kind::FormSubmission => "form filled in",
        Kind::InternalComment => return "comment between users".to_owned(),
        Kind::Activity => return "activity".to_owned(),
        Kind::Other => "message",
    };
    match message.direction {
        Some(Direction::Inbound) => format!("{noun} from the contact"),
        Some(Direction::Outbound) => format!("{noun} to the contact"),
        None => noun.to_owned(),
    }
}

/// An email's subject stands before its text.
fn said(message: &Message) -> Option<Untrusted> {
    let text = message.text.as_deref().map(|text| match message.kind {
        Kind::Email => html::to_text(text),
        _ => text.to_owned(),
    });
    let subject = message.subject.as_deref().map(|subject| one_line(subject, LINE_LENGTH_MAX));
    let whole = [subject, text].into_iter().flatten().collect::<Vec<_>>().join("\n");
    let source = if message.kind == Kind::Email { "email" } else { "message" };
    (!whole.is_empty()).then(|| Untrusted::new(excerpt(&whole, TEXT_LENGTH_MAX), source))
}

/// `Preferred time: mornings`, a line each.
fn answers(submission: &Submission) -> Option<Untrusted> {
    let answer = |(key, value): &(String, FieldValue)| {
        let value = match value {
            FieldValue::Text(text) => text.clone(),
            FieldValue::Number(number) => number.to_string(),
            FieldValue::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            FieldValue::List(items) => items.join(", "),
            FieldValue::Opaque => return None,
        };
        Some(format!("{}: {}", label(key), one_line(&value, LINE_LENGTH_MAX))).filter(|_| !value.trim().is_empty())
    };
    let lines: Vec<String> = submission.answers.iter().filter_map(answer).take(ANSWERS_MAX).collect();
    (!lines.is_empty()).then(|| Untrusted::new(lines.join("\n"), "form answer"))
}
