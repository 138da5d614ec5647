//! What is shown of a user.

use schemars::JsonSchema;
use serde::Serialize;

use super::line;
use crate::user::User;

/// Somebody who works in a location.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct UserRow {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call them.
    pub(crate) name: String,
    /// Email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// Phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    /// GoHighLevel's word, such as admin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
}

impl UserRow {
    pub(crate) fn of(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            name: line(&user.name),
            email: user.email.as_deref().map(line),
            phone: user.phone.as_deref().map(line),
            role: user.role.as_deref().map(line),
        }
    }
}
