//! A note in answers.

use serde::Serialize;

use crate::sandbox::instants::iso;
use crate::sandbox::store::notes::Note;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoteAnswer {
    id: String,
    body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    date_added: String,
    contact_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<String>,
    pinned: bool,
}

impl From<Note> for NoteAnswer {
    fn from(note: Note) -> Self {
        Self {
            id: note.id,
            body: note.body,
            user_id: note.user_id,
            date_added: iso(note.added_at_ms),
            contact_id: note.contact_id,
            title: note.title,
            color: note.color,
            pinned: note.is_pinned != 0,
        }
    }
}
