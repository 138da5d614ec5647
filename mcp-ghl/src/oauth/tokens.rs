//! The tokens of one login, and how they are kept.

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::record_id::RecordId;

/// Whose tokens they are, in the vendor's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum UserType {
    /// An agency.
    Company,
    Location,
}

impl UserType {
    /// The value of `user_type`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Company => "Company",
            Self::Location => "Location",
        }
    }
}

/// What the vendor has issued.
#[derive(Debug, Clone)]
pub(crate) struct TokenSet {
    pub(crate) access_token: SecretString,
    /// Absent for a location's token that was made from its agency's: a new one is made in the same way.
    pub(crate) refresh_token: Option<SecretString>,
    pub(crate) expires_at_ms: UnixMillis,
    pub(crate) scopes: Vec<String>,
    pub(crate) user_type: UserType,
    pub(crate) company_id: Option<RecordId>,
    pub(crate) location_id: Option<RecordId>,
}

/// As it lies in the secret store.
#[derive(Serialize, Deserialize)]
struct Written {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    expires_at_ms: UnixMillis,
    scopes: Vec<String>,
    user_type: UserType,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<RecordId>,
}

impl TokenSet {
    /// The text that the secret store keeps.
    ///
    /// # Errors
    /// `internal` if it cannot be written as JSON.
    pub(crate) fn to_secret(&self) -> Result<SecretString> {
        let written = Written {
            access_token: self.access_token.expose_secret().to_owned(),
            refresh_token: self.refresh_token.as_ref().map(|token| token.expose_secret().to_owned()),
            expires_at_ms: self.expires_at_ms,
            scopes: self.scopes.clone(),
            user_type: self.user_type,
            company_id: self.company_id.clone(),
            location_id: self.location_id.clone(),
        };
        let text = serde_json::to_string(&written);
        text.map(SecretString::from).map_err(|source| Error::internal("a login could not be written", source))
    }

    /// Reads what [`TokenSet::to_secret`] wrote.
    ///
    /// # Errors
    /// `failed_precondition` if it is anything else. The cause is not kept: it could quote a token.
    pub(crate) fn from_secret(secret: &SecretString) -> Result<Self> {
        let written: Written = serde_json::from_str(secret.expose_secret()).map_err(|_| {
            Error::new(ErrorCode::FailedPrecondition, "the stored GoHighLevel login cannot be read")
                .with_hint("log in again: `mcp-ghl login`")
        })?;
        Ok(Self {
            access_token: written.access_token.into(),
            refresh_token: written.refresh_token.map(SecretString::from),
            expires_at_ms: written.expires_at_ms,
            scopes: written.scopes,
            user_type: written.user_type,
            company_id: written.company_id,
            location_id: written.location_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> TokenSet {
        TokenSet {
            access_token: "top-secret-1".into(),
            refresh_token: Some("top-secret-2".into()),
            expires_at_ms: 86_399_000,
            scopes: vec!["contacts.readonly".to_owned()],
            user_type: UserType::Company,
            company_id: Some("agency1".parse().unwrap()),
            location_id: None,
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        let read = TokenSet::from_secret(&tokens().to_secret().unwrap()).unwrap();
        assert_eq!(read.access_token.expose_secret(), "top-secret-1");
        assert_eq!(read.refresh_token.unwrap().expose_secret(), "top-secret-2");
        assert_eq!((read.expires_at_ms, read.user_type), (86_399_000, UserType::Company));
        assert_eq!((read.company_id, read.location_id), (tokens().company_id, None));
    }

    #[test]
    fn tokens_do_not_show() {
        let shown = format!("{:?} {:?}", tokens(), tokens().to_secret());
        let broken = TokenSet::from_secret(&r#"{"access_token": "top-secret-1", "scopes": "top-secret-2"}"#.into());
        let shown = format!("{shown} {:?}", broken.unwrap_err());
        assert!(!shown.contains("top-secret"), "{shown}");
    }
}
