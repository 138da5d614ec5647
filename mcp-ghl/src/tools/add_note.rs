//! Writes a note on a contact.

use common::clock::UnixMillis;
use common::error::{Error, Result};
use common::tool::{Access, Call, ReadBack, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef, contact_link, contact_uri, line};
use crate::client::{Site, reversals};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::note::Note;
use crate::read_back::is_since;
use crate::references;
use crate::tools::toolset;

pub(crate) struct AddNote;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// What the note says.
    #[schemars(length(min = 1, max = 5000))]
    text: String,
    /// Headline.
    #[schemars(length(min = 1, max = 100))]
    title: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// The contact.
    contact: RecordRef,
    /// Id of the new note.
    note_id: String,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    written_at: Option<String>,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for AddNote {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "add_note";
    const TITLE: &'static str = "Add note";
    const DESCRIPTION: &'static str = "Write a note on a contact. Each call writes another one.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONTACTS;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        if args.text.trim().is_empty() {
            return Err(Error::invalid_argument("text", "is blank", "what the note says", Some("\"Called back\"")));
        }
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let contact = references::contact(deps, &site, &args.contact).await?;
        let note = deps.client.add_note(&site, &contact.id, &args.text, args.title.as_deref()).await?;
        deps.changes.announce(call.tenant(), contact_uri(&site, &contact.id));
        Ok(answer(deps, call, &site, (&contact, note)).await)
    }

    async fn read_back(deps: &Deps, call: &Call, args: &Args, since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let contact = references::contact(deps, &site, &args.contact).await?;
        let notes = deps.client.notes(&site, &contact.id).await?;
        let written = notes.into_iter().find(|note| {
            let is_same = note.text == args.text && note.title == args.title;
            is_same && is_since(note.written_at.as_deref(), since_ms)
        });
        Ok(match written {
            Some(note) => ReadBack::Done(answer(deps, call, &site, (&contact, note)).await),
            None => ReadBack::NotDone,
        })
    }
}

/// Notes what was written, and answers.
async fn answer(deps: &Deps, call: &Call, site: &Site, (contact, note): (&Contact, Note)) -> Output {
    let change = Change {
        tool: AddNote::NAME,
        summary: format!("added a note to {}", line(contact.label())),
        record: ("note".into(), note.id.to_string()),
        contact: Some(contact.id.clone()),
        undo: vec![reversals::note(&contact.id, &note)],
    };
    Output {
        change_id: deps.journal.note(call, site, change).await,
        location: LocationAnswer::of(site),
        contact: reference(contact),
        note_id: note.id.to_string(),
        written_at: note.written_at,
        link: contact_link(site, &contact.id),
    }
}
