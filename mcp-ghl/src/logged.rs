//! Messages and calls that took place elsewhere and are written down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::conversation::Kind;

/// What took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoggedKind {
    Call,
    Sms,
    Email,
    Whatsapp,
    Facebook,
    Instagram,
    LiveChat,
    GoogleBusiness,
}

impl LoggedKind {
    /// What the vendor calls it in a request.
    #[must_use]
    pub const fn vendor_word(self) -> &'static str {
        match self {
            Self::Call => "Call",
            Self::Sms => "SMS",
            Self::Email => "Email",
            Self::Whatsapp => "WhatsApp",
            Self::Facebook => "FB",
            Self::Instagram => "IG",
            Self::LiveChat => "Live_Chat",
            Self::GoogleBusiness => "GMB",
        }
    }
}

impl From<LoggedKind> for Kind {
    fn from(kind: LoggedKind) -> Self {
        match kind {
            LoggedKind::Call => Self::Call,
            LoggedKind::Sms => Self::Sms,
            LoggedKind::Email => Self::Email,
            LoggedKind::Whatsapp => Self::Whatsapp,
            LoggedKind::Facebook => Self::Facebook,
            LoggedKind::Instagram => Self::Instagram,
            LoggedKind::LiveChat => Self::LiveChat,
            LoggedKind::GoogleBusiness => Self::GoogleBusiness,
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallEnding {
    Completed,
    NoAnswer,
    Busy,
    Failed,
    Voicemail,
}

impl CallEnding {
    /// What the vendor calls it.
    #[must_use]
    pub const fn vendor_word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NoAnswer => "no-answer",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::Voicemail => "voicemail",
        }
    }
}
