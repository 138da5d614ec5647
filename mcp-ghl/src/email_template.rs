//! Email templates, and what emails to many say.

use common::error::{Error, Result};
use schemars::JsonSchema;
use serde::Serialize;

use crate::record_id::RecordId;

/// How a template was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Editor {
    Html,
    Text,
    /// By dragging, in the app; only there can it be changed.
    Builder,
}

/// A template, without what it says: the vendor keeps that elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailTemplate {
    pub id: RecordId,
    pub name: String,
    pub editor: Option<Editor>,
    /// Absent in lists, as the next three.
    pub subject: Option<String>,
    pub preview_text: Option<String>,
    pub from_name: Option<String>,
    pub from_email: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
    /// Where a person sees what it looks like.
    pub preview: Option<String>,
}

/// What an email says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailBody {
    Html(String),
    Text(String),
}

impl EmailBody {
    /// Reads the arguments `html` and `text`; `None` where neither says anything.
    ///
    /// # Errors
    /// `invalid_argument` if both were given.
    pub fn parse(html: Option<&str>, text: Option<&str>) -> Result<Option<Self>> {
        let said = |text: Option<&str>| text.filter(|text| !text.trim().is_empty()).map(str::to_owned);
        match (said(html), said(text)) {
            (Some(_), Some(_)) => {
                Err(Error::invalid_argument("html", "was given together with `text`", "one of the two", None))
            }
            (Some(html), None) => Ok(Some(Self::Html(html))),
            (None, Some(text)) => Ok(Some(Self::Text(text))),
            (None, None) => Ok(None),
        }
    }

    /// What it is, in the vendor's word for its editor.
    #[must_use]
    pub const fn editor(&self) -> &'static str {
        match self {
            Self::Html(_) => "html",
            Self::Text(_) => "text",
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Html(text) | Self::Text(text) => text,
        }
    }
}

/// What is written to a template; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateWrite {
    pub name: Option<String>,
    pub body: Option<EmailBody>,
    pub subject: Option<String>,
    pub preview_text: Option<String>,
    pub from_name: Option<String>,
    pub from_email: Option<String>,
}
