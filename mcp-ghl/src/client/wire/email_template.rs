//! Email templates on the wire.

use serde::{Deserialize, Serialize};

use super::{Instant, rfc3339, said};
use crate::email_template::{Editor, EmailTemplate};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) items: Vec<Read>,
    pub(in crate::client) total: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    name: Option<String>,
    /// `template` or `folder`; absent outside of lists.
    #[serde(rename = "type")]
    kind: Option<String>,
    editor_type: Option<String>,
    /// One template's own answer calls it `subject`.
    #[serde(alias = "subject")]
    subject_line: Option<String>,
    preview_text: Option<String>,
    from_name: Option<String>,
    from_email: Option<String>,
    updated_at: Option<Instant>,
    preview_url: Option<String>,
}

impl Read {
    /// Our template; `None` without an id, and for a folder.
    pub(in crate::client) fn into_template(self) -> Option<EmailTemplate> {
        if self.kind.as_deref() == Some("folder") {
            return None;
        }
        Some(EmailTemplate {
            id: self.id?,
            name: said(self.name).unwrap_or_default(),
            editor: self.editor_type.as_deref().and_then(editor),
            subject: said(self.subject_line),
            preview_text: said(self.preview_text),
            from_name: said(self.from_name),
            from_email: said(self.from_email),
            updated_at: rfc3339(self.updated_at),
            preview: said(self.preview_url),
        })
    }
}

fn editor(text: &str) -> Option<Editor> {
    match text {
        "html" => Some(Editor::Html),
        "text" => Some(Editor::Text),
        "builder" => Some(Editor::Builder),
        _ => None,
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Write<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) editor_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) editor_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) subject_line: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) preview_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) from_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) from_email: Option<&'a str>,
}
