//! A task in answers.

use serde::Serialize;

use crate::sandbox::instants::iso;
use crate::sandbox::store::tasks::Task;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskAnswer {
    id: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<String>,
    due_date: String,
    completed: bool,
    contact_id: String,
}

impl From<Task> for TaskAnswer {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            title: task.title,
            body: task.body,
            assigned_to: task.assigned_to,
            due_date: iso(task.due_at_ms),
            completed: task.is_completed != 0,
            contact_id: task.contact_id,
        }
    }
}
