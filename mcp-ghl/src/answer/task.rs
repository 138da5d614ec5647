//! What is shown of a task.

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use super::{line, owner};
use crate::local_time::written;
use crate::task::Task;
use crate::user::User;

/// A task of a contact.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TaskAnswer {
    /// Opaque id.
    pub(crate) id: String,
    /// What is to be done.
    pub(crate) title: String,
    /// RFC 3339, on the location's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<String>,
    /// Name of the user in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
    /// Whether it is done.
    pub(crate) completed: bool,
}

impl TaskAnswer {
    pub(crate) fn of(task: &Task, zone: Option<&TimeZone>, users: Option<&[User]>) -> Self {
        Self {
            id: task.id.to_string(),
            title: line(&task.title),
            due: task.due_at.map(|due_at| written(due_at, zone)),
            owner: task.owner_id.as_deref().map(|id| owner(users, id)),
            completed: task.is_completed,
        }
    }
}
